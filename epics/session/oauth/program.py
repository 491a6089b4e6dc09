"""The program as the authorization server knows it: a client, and how it proves that."""

from typing import Literal, get_args

from pydantic import SecretStr

from .library import client_credentials, read_key
from .server import AuthorizationServer
from .wire import Form

AuthMethod = Literal["none", "client_secret_basic", "client_secret_post", "private_key_jwt"]
"""How a client says who it is (OpenID Connect Core, section 9; RFC 8414, `token_endpoint_auth_methods_supported`)."""


class Program:
    """An OAuth client, in the words of RFC 6749 section 2.

    Args:
        client_id: as it is registered.
        client_secret: None for a public client; for `private_key_jwt` the key.
        auth_method: None takes what the server supports.

    Raises:
        ValueError: for a method without its secret, a secret without its method, or a key that is none.
    """

    def __init__(
        self, client_id: str, client_secret: str | SecretStr | None = None, auth_method: AuthMethod | None = None
    ) -> None:
        if auth_method is not None and auth_method not in get_args(AuthMethod):
            msg = f"auth_method must be one of {', '.join(get_args(AuthMethod))}, not {auth_method!r}."
            raise ValueError(msg)
        if not client_id:
            msg = "client_id must be the name under which the program is registered at the server, not empty."
            raise ValueError(msg)
        has_secret = bool(_text_of(client_secret))
        if has_secret and auth_method == "none":
            msg = "auth_method='none' is for a program without client_secret. Leave one of the two out."
            raise ValueError(msg)
        if has_secret and auth_method != "private_key_jwt" and "PRIVATE KEY-----" in _text_of(client_secret):
            msg = "client_secret is a private key, which must not be sent anywhere. Give auth_method='private_key_jwt'."
            raise ValueError(msg)
        if not has_secret and auth_method not in (None, "none"):
            msg = f"auth_method={auth_method!r} needs client_secret."
            raise ValueError(msg)
        self.client_id = client_id
        self._secret = SecretStr(client_secret) if isinstance(client_secret, str) else client_secret
        self._method: AuthMethod | None = auth_method
        self._key = None
        if auth_method == "private_key_jwt" and self._secret is not None:
            self._key = read_key(self._secret.get_secret_value())

    @property
    def is_confidential(self) -> bool:
        """Whether it has a secret."""
        return self._secret is not None and bool(self._secret.get_secret_value())

    @property
    def hidden(self) -> tuple[SecretStr, ...]:
        """What no error may show."""
        return () if self._secret is None else (self._secret,)

    def method_for(self, server: AuthorizationServer) -> AuthMethod:
        """What was asked for; else Basic, which every server has to support (RFC 6749, section 2.3.1), unless it says that it does not."""
        if self._method is not None:
            return self._method
        if not self.is_confidential:
            return "none"
        supported = server.token_endpoint_auth_methods_supported
        only_post = "client_secret_post" in supported and "client_secret_basic" not in supported
        return "client_secret_post" if only_post else "client_secret_basic"

    def credentials(self, server: AuthorizationServer) -> tuple[dict[str, SecretStr], Form]:
        """What says who asks: headers and fields of a form."""
        secret = None if self._secret is None else self._secret.get_secret_value()
        return client_credentials(self.method_for(server), self.client_id, secret, self._key, server.token_endpoint)


def _text_of(secret: str | SecretStr | None) -> str:
    return (secret.get_secret_value() if isinstance(secret, SecretStr) else secret) or ""
