"""How the demo signs in: with a password, with a code on another device, or in a browser; one session, whichever way."""

from collections.abc import Callable

import httpx

from rxdux import Action, Login, PasswordBackend, SignIn, TokenSet
from rxdux.oauth import OAuthBackend

from .actions import SignedInAs, SignInByBrowser
from .clients import CLIENT_ID


class WaysIn(PasswordBackend):
    """Refreshes and revokes as `PasswordBackend` does: a token is a token, however its user came in.

    Args:
        url: of the server, which issues its tokens itself.
        client: that of the API, left open.
    """

    def __init__(self, url: str, client: httpx.AsyncClient) -> None:
        super().__init__()
        self._url = url.rstrip("/")
        self._http = client

    async def sign_in(self, action: SignIn, tell: Callable[[Action], object]) -> TokenSet:
        """With the name and the password of a `Login`, in a browser for a `SignInByBrowser`; by device code for any other `SignIn`."""
        if isinstance(action, Login):
            return await super().sign_in(action, tell)
        flow = "browser" if isinstance(action, SignInByBrowser) else "device"
        backend = OAuthBackend(issuer=self._url, client_id=CLIENT_ID, flow=flow, client=self._http)
        tokens = await backend.sign_in(action, tell)
        tell(SignedInAs(name=str(tokens.extra.get("username", ""))))
        return tokens
