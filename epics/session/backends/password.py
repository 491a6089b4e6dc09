"""OAuth 2 with the resource owner's password: what rxdux speaks where nothing else is said."""

import asyncio
import contextlib
import time
from collections.abc import Callable, Mapping
from typing import Any

import httpx
from pydantic import SecretStr

from ....actions import Action, Login, SignIn, TokenSet
from ..token_answers import tokens_of
from .backend import SessionRefused, SessionUnavailable
from .http import HttpBackend, basic_authorization


class PasswordBackend(HttpBackend):
    """Sign-in by the password grant, refresh by the refresh token (RFC 6749, sections 4.3 and 6), revocation (RFC 7009).

    Args:
        token_path: the token endpoint, below the base URL.
        revoke_path: the revocation endpoint; None for a server without.
        client_id: sent to the token endpoint.
        client_secret: of a confidential client; it goes into the Authorization header (RFC 6749, section 2.3.1).
        base_url: by default that of the API.
        client: as for `HttpBackend`.

    Raises:
        ValueError: for a secret without a client id.

    Examples:
        >>> PasswordBackend(token_path="/oauth/token", client_id="my-app")
        <PasswordBackend /oauth/token>
    """

    def __init__(
        self,
        token_path: str = "/token",
        revoke_path: str | None = "/revoke",
        client_id: str | None = None,
        client_secret: str | SecretStr | None = None,
        *,
        base_url: str | None = None,
        client: httpx.AsyncClient | None = None,
    ) -> None:
        super().__init__(base_url, client)
        if client_secret is not None and client_id is None:
            msg = "A client_secret belongs to a client. Give its client_id as well."
            raise ValueError(msg)
        self._token_path = token_path
        self._revoke_path = revoke_path
        self._client_id = client_id
        self._secret = SecretStr(client_secret) if isinstance(client_secret, str) else client_secret

    def __repr__(self) -> str:
        return f"<PasswordBackend {self._token_path}>"

    async def sign_in(self, action: SignIn, tell: Callable[[Action], object]) -> TokenSet:
        """Get tokens with the name and the password of a `Login`.

        Who is cancelled meanwhile revokes what comes all the same: the server may have issued it already.
        """
        if not isinstance(action, Login):
            msg = f"PasswordBackend signs in with Login(username=..., password=...), not with {action.type}."
            raise SessionUnavailable(msg, kind="client", code="unsupported_grant_type")
        form = {"grant_type": "password", "username": action.username, "password": action.password}
        asking = asyncio.ensure_future(self._ask(form))
        try:
            return await asyncio.shield(asking)
        except asyncio.CancelledError:
            await self._undo(asking)
            raise

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """Get new tokens with the refresh token."""
        if tokens.refresh_token is None:
            raise SessionRefused
        return await self._ask({"grant_type": "refresh_token", "refresh_token": tokens.refresh_token})

    async def revoke(self, tokens: TokenSet) -> None:
        """Revoke the refresh token; with it the server drops the access tokens that came of it."""
        if self._revoke_path is not None and tokens.refresh_token is not None:
            form = {"token": tokens.refresh_token, "token_type_hint": "refresh_token"}
            await self.post(self._revoke_path, **self._as_client(form))

    async def _ask(self, form: Mapping[str, str | SecretStr]) -> TokenSet:
        answer = await self.post(self._token_path, **self._as_client(form))
        tokens = tokens_of(answer, time.time())
        if tokens is None:
            answer["access_token"]  # says what is missing
            msg = "The server sent an answer that makes no sense here. (no usable access token)"
            raise SessionRefused(msg, status=answer.status)
        return tokens

    def _as_client(self, form: Mapping[str, str | SecretStr]) -> dict[str, Any]:
        if self._client_id is None:
            return {"data": form}
        if self._secret is None:
            return {"data": {**form, "client_id": self._client_id}}
        return {"data": form, "headers": {"Authorization": basic_authorization(self._client_id, self._secret)}}

    async def _undo(self, asking: "asyncio.Task[TokenSet]") -> None:
        with contextlib.suppress(SessionRefused, SessionUnavailable):  # nobody signed in, or the token dies of age
            await self.revoke(await asking)
