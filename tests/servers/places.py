"""A place to sign in at: a server, and what a store has to be told about it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from rxdux import StoreError, create_api_store

from ..conftest import PATIENCE, Session
from .dialects import made_of
from .running import RunningServer


@dataclass(frozen=True)
class Place:
    """A server, and how a store reaches it.

    Attributes:
        options: for `create_api_store`; plain, so that another process can be told.
        oauth: for an `OAuthBackend`; a secret is the server's to say.
        dialect: what the server speaks instead of OAuth 2; one of `dialects.DIALECTS`.
        has_leeway: a refresh token that was used is good for a little longer.
    """

    server: RunningServer
    options: dict[str, Any] = field(default_factory=dict)
    oauth: dict[str, Any] | None = None
    dialect: str | None = None
    has_leeway: bool = False

    @property
    def backend_options(self) -> dict[str, Any] | None:
        """Of the backend, as plain as `options`; None for one that `create_api_store` makes itself."""
        if self.oauth is None:
            return None
        secrets = self.server.facts.get("secrets", {})
        secret = secrets.get(self.oauth["client_id"])
        return {"issuer": self.server.url, "flow": "password", "client_secret": secret, **self.oauth}

    @asynccontextmanager
    async def session(self, **more: Any) -> AsyncIterator[Session]:
        """A store that is signed in, with an empty log, and the server's counts at zero."""
        errors: list[StoreError] = []
        options = {**self.options, **made_of(self.dialect, self.backend_options), **more}
        async with create_api_store(self.server.url, on_error=errors.append, **options) as store:
            session = Session(store)
            if store.state.auth.status == "signed_out":
                await session.sign_in()
            session.log.clear()
            self.server.reset()
            yield session
        assert not errors


async def until(is_so: Callable[[], bool]) -> None:
    """Wait for what another process does."""
    async with asyncio.timeout(PATIENCE):
        while not is_so():
            await asyncio.sleep(0.02)
