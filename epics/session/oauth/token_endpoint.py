"""The endpoints of one authorization server, as one program calls them."""

import asyncio
import contextlib
from dataclasses import dataclass

from ....actions import TokenSet
from ..backends import SessionRefused, SessionUnavailable
from .program import Program
from .server import AuthorizationServer
from .wire import Form, Reply, Wire, refusal_of, tokens_in


@dataclass(frozen=True)
class Endpoints:
    """An authorization server, the program that asks it, and the wire between the two."""

    server: AuthorizationServer
    program: Program
    wire: Wire

    async def post(self, url: str, form: Form) -> Reply:
        """Send a form with the program's credentials."""
        headers, fields = self.program.credentials(self.server)
        return await self.wire.post(url, {**form, **fields}, headers, self.program.hidden)

    async def tokens(self, form: Form, refused: str) -> TokenSet:
        """Ask the token endpoint (RFC 6749, section 3.2).

        Args:
            refused: what to say when the server does not accept what the form brings.

        Raises:
            SessionRefused, SessionUnavailable: when there are no tokens.
        """
        reply = await self.post(self.server.token_endpoint, form)
        return tokens_in(reply, refused)

    async def first_tokens(self, form: Form, refused: str) -> TokenSet:
        """The tokens of a new session. As `tokens`; who is cancelled meanwhile revokes what comes all the same."""
        asking = asyncio.ensure_future(self.tokens(form, refused))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            with contextlib.suppress(SessionRefused, SessionUnavailable):  # nobody came in
                await self.undo(await asking)
            raise

    async def undo(self, tokens: TokenSet) -> None:
        """Revoke what nobody wants any more, if that works; else it dies of age."""
        with contextlib.suppress(SessionRefused, SessionUnavailable):
            await self.revoke(tokens)

    async def revoke(self, tokens: TokenSet) -> None:
        """Tell the server that tokens are not needed any more (RFC 7009). One without such an endpoint is not told.

        Raises:
            SessionRefused, SessionUnavailable: when it did not do so.
        """
        if self.server.revocation_endpoint is None:
            return
        kind, token = "refresh_token", tokens.refresh_token
        if token is None:
            kind, token = "access_token", tokens.access_token
        form: Form = {"token": token, "token_type_hint": kind}
        reply = await self.post(self.server.revocation_endpoint, form)
        if not 200 <= reply.status < 300:
            raise refusal_of(reply, "The server did not revoke the token.")
