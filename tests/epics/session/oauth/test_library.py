"""How a program says who it is."""

import json
from base64 import b64decode
from collections.abc import Callable

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey

from rxdux.epics.session.oauth.library import client_credentials, metadata_urls, read_key


def test_basic_is_encoded_as_a_form() -> None:
    """A colon in the name does not split it (RFC 6749, section 2.3.1)."""
    headers, fields = client_credentials("client_secret_basic", "a:b", "c d%ü", None, "")
    assert b64decode(headers["Authorization"].get_secret_value().removeprefix("Basic ")) == b"a%3Ab:c+d%25%C3%BC"
    assert fields == {}


KEYS: dict[str, Callable[[], Key]] = {
    "RS256": lambda: RSAKey.generate_key(2048),
    "ES256": lambda: ECKey.generate_key("P-256"),
    "ES384": lambda: ECKey.generate_key("P-384"),
    "ES512": lambda: ECKey.generate_key("P-521"),
    "Ed25519": lambda: OKPKey.generate_key("Ed25519"),
}


@pytest.mark.parametrize("algorithm", KEYS)
@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_a_key_signs_for_the_token_endpoint(algorithm: str, form: str) -> None:
    """For a minute, once, with the algorithm of its kind; a JWK adds its name (RFC 7523, section 3)."""
    key = KEYS[algorithm]()
    if form == "pem":
        text, name = key.as_pem(private=True).decode(), None
    else:
        text, name = json.dumps({**key.as_dict(private=True), "kid": "my key"}), "my key"
    _, fields = client_credentials("private_key_jwt", "my-app", None, read_key(text), "https://id/token")
    assertion = fields["client_assertion"].get_secret_value()
    token = jwt.decode(assertion, key, algorithms=[algorithm])
    assert (token.header["alg"], token.header.get("kid")) == (algorithm, name)
    claims = token.claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("my-app", "my-app", "https://id/token")
    assert claims["exp"] - claims["iat"] == 60
    _, others = client_credentials("private_key_jwt", "my-app", None, read_key(text), "https://id/token")
    assert (
        jwt.decode(others["client_assertion"].get_secret_value(), key, algorithms=[algorithm]).claims["jti"]
        != claims["jti"]
    )


def test_a_jwk_may_name_its_algorithm() -> None:
    """Such as PS256 for an RSA key."""
    key = RSAKey.generate_key(2048)
    text = json.dumps({**key.as_dict(private=True), "alg": "PS256"})
    _, fields = client_credentials("private_key_jwt", "my-app", None, read_key(text), "https://id/token")
    assert jwt.decode(fields["client_assertion"].get_secret_value(), key, algorithms=["PS256"]).header["alg"] == "PS256"


@pytest.mark.parametrize(
    "make",
    [
        lambda: "",
        lambda: "{",
        lambda: '{"kty": "RSA"}',
        lambda: json.dumps(RSAKey.generate_key(2048).as_dict(private=False)),
        lambda: RSAKey.generate_key(2048).as_pem(private=False).decode(),
        lambda: "-----BEGIN PRIVATE KEY-----\nsecret\n-----END PRIVATE KEY-----",
    ],
    ids=["nothing", "a brace", "a kind", "public jwk", "public pem", "nonsense"],
)
def test_what_is_no_private_key_is_refused(make: Callable[[], str]) -> None:
    """Without showing it, not even in the error's cause or context."""
    text = make()
    with pytest.raises(ValueError, match="needs a private key as client_secret") as caught:
        read_key(text)
    assert caught.value.__cause__ is None
    assert caught.value.__context__ is None


def test_where_a_server_describes_itself() -> None:
    """OpenID Connect appends, RFC 8414 inserts; a slash at the end makes no difference."""
    assert metadata_urls("https://id.test/") == (
        "https://id.test/.well-known/openid-configuration",
        "https://id.test/.well-known/oauth-authorization-server",
    )
