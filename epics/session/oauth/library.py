"""What Authlib does for us, with types, which it does not have. Nothing of it is seen outside of this file.

Its parts without I/O are used, and not its HTTP clients: those refresh by themselves, read answers without bound, need
httpx2, and keep neither the status nor the Retry-After of a refusal.
"""

import json
from collections.abc import Mapping
from typing import cast
from urllib.parse import parse_qsl, quote_plus

from authlib.common.security import generate_token
from authlib.oauth2.auth import ClientAuth
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri  # pyright: ignore[reportUnknownVariableType]
from authlib.oauth2.rfc7523 import private_key_jwt_sign  # pyright: ignore[reportUnknownVariableType]
from authlib.oauth2.rfc7636 import create_s256_code_challenge  # pyright: ignore[reportUnknownVariableType]
from authlib.oauth2.rfc8414 import get_well_known_url
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, Key, OKPKey, RSAKey, import_key
from pydantic import SecretStr

_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"  # RFC 7523, section 2.2
_ASSERTION_LIFE = 60  # seconds; some servers take no longer one
_ALGORITHMS = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512", "secp256k1": "ES256K"}


def random_text() -> str:
    """For a `state` or a code verifier: 64 letters and digits (RFC 7636, section 4.1, wants 43 to 128)."""
    return str(generate_token(64))


def metadata_urls(issuer: str) -> tuple[str, str]:
    """Where a server describes itself: by OpenID Connect Discovery (section 4), and by RFC 8414 (section 3).

    Examples:
        >>> metadata_urls("https://id.example.com/realm")[1]
        'https://id.example.com/.well-known/oauth-authorization-server/realm'
    """
    path = issuer.rstrip("/")
    return f"{path}/.well-known/openid-configuration", get_well_known_url(path, external=True)


def authorization_url(
    endpoint: str, more: Mapping[str, str], *, client_id: str, redirect_uri: str, state: str, verifier: str
) -> str:
    """An authorization request with PKCE (RFC 6749, section 4.1.1; RFC 7636, section 4.3)."""
    challenge = cast("str", create_s256_code_challenge(verifier))
    fields = {**more, "code_challenge": challenge, "code_challenge_method": "S256"}
    return cast("str", prepare_grant_uri(endpoint, client_id, "code", redirect_uri, state=state, **fields))


def read_key(text: str) -> Key:
    """A private key out of its PEM (PKCS #8 and others) or out of the JSON of a JWK.

    Raises:
        ValueError: for anything else. It does not show the text.
    """
    key = _key_of_jwk(text) if text.lstrip().startswith("{") else _key_of_pem(text)
    if key is None or not key.is_private:
        msg = "auth_method='private_key_jwt' needs a private key as client_secret: the text of a PEM file, or a JWK as JSON."
        raise ValueError(msg)
    return key


def _key_of_jwk(text: str) -> Key | None:
    try:
        content = json.loads(text)
        return import_key(content) if content["kty"] in ("RSA", "EC", "OKP") else None
    except (ValueError, TypeError, KeyError, RecursionError, JoseError):
        return None


def _key_of_pem(text: str) -> Key | None:
    for kind in (RSAKey, ECKey, OKPKey):
        try:
            return kind.import_key(text)
        except (ValueError, TypeError, JoseError):
            continue
    return None


def client_credentials(
    method: str, client_id: str, secret: str | None, key: Key | None, token_endpoint: str
) -> tuple[dict[str, SecretStr], dict[str, str | SecretStr]]:
    """Headers and fields that say which program asks (RFC 6749, section 2.3.1; RFC 7523, section 2.2).

    Args:
        method: `none`, `client_secret_basic`, `client_secret_post` or `private_key_jwt`.
        secret: of the second and the third.
        key: of the last.
        token_endpoint: whom a signed assertion is for, whatever endpoint gets it.
    """
    if method == "private_key_jwt" and key is not None:
        assertion = SecretStr(_signed(client_id, key, token_endpoint))
        return {}, {"client_assertion_type": _ASSERTION_TYPE, "client_assertion": assertion}
    if method == "client_secret_basic":  # Authlib leaves the encoding of the two to its callers
        auth = ClientAuth(quote_plus(client_id), quote_plus(secret or ""), method)
    else:
        auth = ClientAuth(client_id, secret, method)
    prepared = cast("tuple[str, dict[str, str], str]", auth.prepare("POST", token_endpoint, {}, ""))  # pyright: ignore[reportUnknownMemberType]
    _, headers, body = prepared
    fields = {name: value if name == "client_id" else SecretStr(value) for name, value in parse_qsl(body)}
    return {name: SecretStr(value) for name, value in headers.items()}, fields


def _signed(client_id: str, key: Key, token_endpoint: str) -> str:
    header = {"kid": key.kid} if key.kid else {}
    token: str | bytes = private_key_jwt_sign(
        key, client_id, token_endpoint, alg=_algorithm_of(key), header=header, expires_in=_ASSERTION_LIFE
    )
    return token if isinstance(token, str) else token.decode()


def _algorithm_of(key: Key) -> str:
    """What a JWK names, or what is usual for such a key."""
    if key.alg:
        return key.alg
    if isinstance(key, ECKey):
        return _ALGORITHMS[key.curve_name]
    return "RS256" if isinstance(key, RSAKey) else "Ed25519"
