"""Sign-in in a browser on this machine: the authorization code grant with PKCE (RFC 6749, 7636, 8252, 9207)."""

import asyncio
import time
from collections.abc import Callable, Mapping
from hmac import compare_digest
from urllib.parse import SplitResult

from pydantic import SecretStr

from ....actions import Action, TokenSet
from ..backends import SessionRefused, SessionUnavailable
from ..shown_text import cleaned
from .library import authorization_url, random_text
from .loopback import Query, loopback
from .progress import BrowserWanted
from .server import AuthorizationServer
from .token_endpoint import Endpoints
from .wire import Form
from .words import refusal

_DONE = "You are signed in. You may close this window, and go back to the program."


def code_of(query: Query, state: str, server: AuthorizationServer) -> SecretStr:
    """The authorization code of an answer, if it is ours.

    Args:
        query: what the browser brought.
        state: what was sent along with the request.

    Raises:
        SessionRefused: for another state or issuer, a name that comes twice, and a refusal.
    """
    twice = sorted(name for name in ("code", "error", "state", "iss") if len(query.get(name, [])) > 1)
    if twice:
        msg = f"The browser brought an answer that makes no sense: {twice[0]} is in it twice. Please start again."
        raise SessionRefused(msg)
    if not compare_digest(query.get("state", [""])[0].encode(), state.encode()):
        msg = "The browser brought the answer to another sign-in: its state is wrong. Please start again."
        raise SessionRefused(msg)
    issuer = query["iss"][0] if "iss" in query else None
    missing = issuer is None and server.authorization_response_iss_parameter_supported
    if missing or issuer not in (None, server.issuer):
        msg = "The browser brought the answer of another server: its iss is wrong. Please start again."
        raise SessionRefused(msg)
    if "error" in query:
        code = cleaned(query["error"][0]) or "unknown"
        description = cleaned(query.get("error_description", [""])[0])
        raise SessionRefused(refusal(code, description, "The server refused the sign-in."), code=code)
    return SecretStr(query["code"][0])


async def sign_in_by_browser(
    endpoints: Endpoints,
    redirect: SplitResult,
    scope: Mapping[str, str],
    patience: float,
    tell: Callable[[Action], object],
) -> TokenSet:
    """Ask for a browser, wait until it comes back, and trade what it brings for tokens.

    Args:
        redirect: an address on this machine; without a port the first that is free.
        scope: fields of the request: `scope` and what else the server wants.
        patience: how long to wait for the user, in seconds.

    Raises:
        SessionRefused: when the user says no, nobody comes, or the answer is not for us.
    """
    server, program = endpoints.server, endpoints.program
    if server.authorization_endpoint is None:
        msg = "The authorization server has no sign-in by browser: it names no authorization_endpoint."
        raise SessionRefused(msg)
    state, verifier = random_text(), SecretStr(random_text())
    async with loopback(redirect) as waiting:
        url = authorization_url(
            server.authorization_endpoint,
            scope,
            client_id=program.client_id,
            redirect_uri=waiting.redirect_uri,
            state=state,
            verifier=verifier.get_secret_value(),
        )
        tell(BrowserWanted(url=url, expires_at=time.time() + patience))
        try:
            async with asyncio.timeout(patience):
                query = await waiting.answer()
        except TimeoutError:
            msg = f"Nobody signed in within {patience:g} s. Please start again."
            raise SessionRefused(msg) from None
        try:
            form: Form = {
                "grant_type": "authorization_code",
                "code": code_of(query, state, server),
                "redirect_uri": waiting.redirect_uri,
                "code_verifier": verifier,
            }
            tokens = await endpoints.first_tokens(
                form, "The server did not accept the browser's answer. Please start again."
            )
        except (SessionRefused, SessionUnavailable) as error:
            await waiting.show(400, str(error))
            raise
        try:
            await waiting.show(200, _DONE)
        except asyncio.CancelledError:
            await endpoints.undo(tokens)
            raise
        return tokens
