"""A lease: waited for, renewed while its holder lives, given back at the end."""

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Protocol

from ...engines.ending import ended
from .stored_session import SessionStorageUnavailable, SharedSessionError

PAUSE = 0.05  # seconds between two tries to get the lease, with jitter
PATIENCE = 3  # leases: so long it is waited for


class Leasing(Protocol):
    """What an engine does for a lease, each in one atomic step."""

    async def take(self, holder: str) -> bool:
        """Take it, if nobody holds it, or this holder does."""
        ...

    async def renew(self, holder: str) -> bool:
        """Hold it for longer, if it is still this holder's."""
        ...

    async def give_back(self, holder: str) -> None:
        """End it, if it is still this holder's."""
        ...


class Lease:
    """One process's way to the lease.

    Args:
        life: in seconds, after which it ends where nobody renews it.
        who: whom errors name.
    """

    def __init__(self, engine: Leasing, life: float, who: str) -> None:
        self._engine = engine
        self._life = life
        self._who = who
        self._holder = secrets.token_hex(8)
        self._here = asyncio.Lock()
        self._is_in_doubt = False

    @asynccontextmanager
    async def held(self) -> AsyncGenerator[None]:
        """Hold the lease while in it.

        Raises:
            SessionStorageUnavailable: where the engine does not answer, or others hold it for too long.
        """
        async with self._here:
            await self._wait()
            renewing = asyncio.create_task(self._renew(), name="rxdux lease")
            try:
                yield
            finally:
                await ended(renewing)
                self._is_in_doubt = True
                with contextlib.suppress(SharedSessionError):
                    await self._engine.give_back(self._holder)
                    self._is_in_doubt = False

    async def settle(self) -> None:
        """Give back what an engine that did not answer may have given all the same, for nobody."""
        if self._is_in_doubt and not self._here.locked():
            await self._engine.give_back(self._holder)
            self._is_in_doubt = False

    async def _wait(self) -> None:
        self._is_in_doubt = True
        try:
            async with asyncio.timeout(max(10.0, PATIENCE * self._life)):
                while not await self._engine.take(self._holder):  # noqa: ASYNC110 -- the engine tells nobody when a lease ends
                    await asyncio.sleep(PAUSE * random.uniform(0.5, 1.5))
                return
        except TimeoutError:
            msg = f"Another process holds the lease of {self._who}, and does not finish its token refresh."
        raise SessionStorageUnavailable(msg)

    async def _renew(self) -> None:
        """What cannot be renewed is lost: then the serial says whose tokens count."""
        while True:
            await asyncio.sleep(self._life / 3)
            with contextlib.suppress(SharedSessionError):
                if not await self._engine.renew(self._holder):
                    return
