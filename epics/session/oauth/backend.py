"""Sign-in, refresh and revocation at an OAuth 2 authorization server."""

from collections.abc import Callable, Mapping
from typing import Literal, get_args

import httpx
from pydantic import SecretStr

from ....actions import Action, Login, SignIn, TokenSet
from ..backends import HttpBackend, SessionRefused, SessionUnavailable
from .browser import sign_in_by_browser
from .device import sign_in_by_device
from .loopback import checked_redirect
from .program import AuthMethod, Program
from .server import AuthorizationServer, checked_endpoints, checked_issuer, server_at
from .token_endpoint import Endpoints
from .wire import Form, Wire
from .words import ENDED, WRONG_PASSWORD

Flow = Literal["device", "browser", "service", "password"]
"""How a user, or a program for itself, comes in."""


_REFUSED = "The server refused the program."
_OWN = frozenset(
    "client_id client_secret code code_challenge code_challenge_method code_verifier device_code grant_type password "
    "redirect_uri response_type scope state username".split()
)


class OAuthBackend(HttpBackend):
    """A session at an OAuth 2 authorization server, for `create_api_store(backend=...)`.

    The flows: `device` shows a code and an address, for any other device (RFC 8628); `browser` wants a
    browser on this machine, which comes back to a loopback address (RFC 8252, with PKCE, RFC 7636); `service`
    signs in the program itself, without a user, and asks anew instead of refreshing (RFC 6749, section 4.4);
    `password` takes `Login(username=..., password=...)` (section 4.3; OAuth 2.1 has dropped it). The first
    three begin with `SignIn()`.

    Args:
        issuer: whom the server says it is, such as `https://id.example.com/realms/main`. Its metadata is read
            from there (RFC 8414, OpenID Connect Discovery), and has to say the same.
        client_id: the name that the program is registered under.
        client_secret: of a confidential client; with `private_key_jwt` its private key: the text of a PEM file, or
            a JWK as JSON, whose `kid` and `alg` are then used.
        flow: one of the four.
        scope: names separated by spaces.
        auth_method: `client_secret_basic`, `client_secret_post`, `private_key_jwt` or `none`. By default what the
            server supports of the first two; `none` without a secret.
        parameters: what else the server wants in the request that begins a sign-in, such as `audience`.
        endpoints: what the server's metadata lacks: `device_authorization_endpoint`, `authorization_endpoint`,
            `revocation_endpoint`. With `token_endpoint` no metadata is asked for.
        redirect_uri: of the browser flow, on this machine. Without a port the first that is free; with one for
            servers that want the address exactly as it is registered.
        patience: how long the browser flow waits for the user, in seconds.
        client: an `httpx.AsyncClient` or one with its interface, left open. By default the backend makes its own.

    Raises:
        ValueError: for what cannot work: an issuer that is no URL, a method without its secret, a key that is none,
            a flow that does not exist.

    Examples:
        >>> OAuthBackend(issuer="https://id.example.com", client_id="my-app", flow="device", scope="openid offline_access")
        <OAuthBackend 'device' of 'my-app' at https://id.example.com>
    """

    def __init__(
        self,
        *,
        issuer: str,
        client_id: str,
        client_secret: str | SecretStr | None = None,
        flow: Flow,
        scope: str | None = None,
        auth_method: AuthMethod | None = None,
        parameters: Mapping[str, str] | None = None,
        endpoints: Mapping[str, str] | None = None,
        redirect_uri: str = "http://127.0.0.1/callback",
        patience: float = 600.0,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        if flow not in get_args(Flow):
            msg = f"flow must be one of {', '.join(get_args(Flow))}, not {flow!r}."
            raise ValueError(msg)
        if getattr(client, "auth", None) is not None:
            msg = "The client has an auth of its own, which would go in place of the program's. Give one without auth, and client_secret."
            raise ValueError(msg)
        self._issuer = checked_issuer(issuer)
        super().__init__(issuer, client)
        self._flow: Flow = flow
        self._program = Program(client_id, client_secret, auth_method)
        if flow == "service" and not self._program.is_confidential:
            msg = "flow='service' needs client_secret: the program proves that it is itself (RFC 6749, section 4.4)."
            raise ValueError(msg)
        if not patience > 0:
            msg = f"patience must be more than 0 seconds, not {patience}."
            raise ValueError(msg)
        own = sorted(_OWN & set(parameters or {}))
        if own:
            msg = f"parameters is for what the server wants beside; {own[0]!r} is not yours to give there."
            raise ValueError(msg)
        self._request = {**(parameters or {}), **({} if scope is None else {"scope": scope})}
        self._redirect = checked_redirect(redirect_uri)
        self._patience = patience
        self._given = checked_endpoints(endpoints or {})
        self._found: AuthorizationServer | None = None

    def __repr__(self) -> str:
        return f"<OAuthBackend {self._flow!r} of {self._program.client_id!r} at {self._issuer}>"

    @property
    def asks_anew(self) -> bool:
        """Whether a refresh needs no refresh token, and may be made ahead of the expiry without one."""
        return self._flow == "service"

    async def sign_in(self, action: SignIn, tell: Callable[[Action], object]) -> TokenSet:
        """Get the tokens of a new session by the flow. When it is cancelled, nothing of it goes on."""
        self._check(action)
        self._found = None  # the server may have moved
        endpoints = await self._endpoints()
        match self._flow:
            case "device":
                return await sign_in_by_device(endpoints, self._request, tell)
            case "browser":
                return await sign_in_by_browser(endpoints, self._redirect, self._request, self._patience, tell)
            case "service":
                return await endpoints.first_tokens(self._credentials, _REFUSED)
            case "password":
                assert isinstance(action, Login)  # noqa: S101 -- checked above
                form: Form = {
                    **self._request,
                    "grant_type": "password",
                    "username": action.username,
                    "password": action.password,
                }
                return await endpoints.first_tokens(form, WRONG_PASSWORD)

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """Get new tokens: with the refresh token, or where the program signed in itself by asking anew."""
        if self._flow == "service":
            return await (await self._endpoints()).tokens(self._credentials, _REFUSED)
        if tokens.refresh_token is None:
            raise SessionRefused(ENDED)
        form: Form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        return await (await self._endpoints()).tokens(form, ENDED)

    async def revoke(self, tokens: TokenSet) -> None:
        """Tell the server that the tokens are not needed any more (RFC 7009), if it wants to know."""
        await (await self._endpoints()).revoke(tokens)

    @property
    def _credentials(self) -> Form:
        return {**self._request, "grant_type": "client_credentials"}

    async def _endpoints(self) -> Endpoints:
        assert self._connection is not None  # noqa: S101 -- the issuer is its base URL
        wire = Wire(self._connection, self._policy)
        if self._found is None:
            self._found = await server_at(wire, self._issuer, self._given)
        return Endpoints(self._found, self._program, wire)

    def _check(self, action: SignIn) -> None:
        wants_login = self._flow == "password"
        if wants_login is not isinstance(action, Login):
            wanted = "Login(username=..., password=...)" if wants_login else "SignIn()"
            msg = f"OAuthBackend(flow={self._flow!r}) signs in with {wanted}, not with {action.type}."
            raise SessionUnavailable(msg, code="unsupported_grant_type", kind="client")
