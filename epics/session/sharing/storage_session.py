"""A session in a storage that processes of any machines reach: who may refresh, and whose tokens count.

The lease lets one process refresh at a time. It can be lost while its holder is stopped; so what is written counts
only if the stored serial is still the one that was read.
"""

import asyncio
import contextlib
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable

from ....actions import ApiError, TokenSet
from ...engines.ending import ended
from ..answers import Meaning, describe
from ..errors import ApiCallError
from .stored_session import SessionStorage, SessionStorageUnavailable, SharedSessionError, StoredSession

BEGINNING = 2.5  # seconds that the start waits for the storage
AGAIN = 0.5  # seconds until a storage that did not answer is asked again
TRIES = 20  # to write over what others write at the same time

log = logging.getLogger("rxdux")


class StorageSession:
    """What one process knows of the session."""

    def __init__(self, storage: SessionStorage) -> None:
        self._storage = storage
        self._known = StoredSession()
        self._seen: StoredSession | None = None
        self._tell: dict[object, Callable[[], object]] = {}
        self._watching: asyncio.Task[None] | None = None
        self._is_told = False

    # --- following what others store -------------------------------------------------------------

    async def begin(self) -> None:
        """Look at what is stored, and follow it from here on. Without the engine: go on, until it is there."""
        first = asyncio.get_running_loop().create_future()
        self._watching = asyncio.create_task(self._watch(first), name="rxdux shared session")
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(BEGINNING):
                await first

    async def end(self) -> None:
        watching, self._watching = self._watching, None
        if watching is not None:
            await ended(watching)
        with contextlib.suppress(SharedSessionError):
            await self._storage.close()

    async def _watch(self, first: "asyncio.Future[None]") -> None:
        while True:
            try:
                changes = self._storage.changes()
                try:
                    async for stored in changes:
                        self._is_told = False
                        self._seen = await self._put_back(stored)
                        if not first.done():
                            first.set_result(None)
                        for tell in list(self._tell.values()):
                            tell()
                finally:
                    if isinstance(changes, AsyncGenerator):  # cancelled outside it: the storage stops watching now
                        await changes.aclose()
            except SharedSessionError as error:
                if not first.done():
                    first.set_result(None)
                self._warn(error)
            except Exception:
                log.exception("The storage of the shared session failed.")
            await asyncio.sleep(AGAIN)

    async def _put_back(self, stored: StoredSession | None) -> StoredSession | None:
        """An engine that forgot, or went back in time: who knows the newest session stores it again."""
        known = self._known
        if known.serial and (stored is None or stored.age < known.age):
            after = None if stored is None else stored.serial
            return known if await self._storage.write(known, after=after) else await self._storage.read()
        return stored

    def _warn(self, error: SharedSessionError) -> None:
        if not self._is_told:
            self._is_told = True
            log.warning("%s What this process knows of the session goes on; it is stored when it can be.", error)

    def news(self) -> tuple[StoredSession, bool] | None:
        stored, known = self._seen, self._known
        if stored is None or stored.age <= known.age:
            return None
        self._known = stored
        return stored, stored.login == known.login

    def on_push(self, tell: Callable[[], object]) -> Callable[[], object]:
        key = object()
        self._tell[key] = tell
        return lambda: self._tell.pop(key, None)

    # --- changing it -----------------------------------------------------------------------------

    async def sign_in(self, tokens: TokenSet) -> None:
        await self._change(lambda stored: StoredSession(stored.serial + 1, stored.login + 1, tokens))

    async def sign_out(self) -> None:
        await self._change(
            lambda stored: (
                StoredSession(stored.serial + 1, stored.login, None)
                if stored.age == self._known.age and stored.tokens is not None
                else None
            )
        )

    async def _change(self, change: Callable[[StoredSession], StoredSession | None]) -> None:
        """Store what follows the newest session. Where nobody answers it is known here, and stored when it can be."""
        new = change(self._known)
        try:
            for _ in range(TRIES):
                stored = await self._storage.read()
                newest = self._known if stored is None or stored.age < self._known.age else stored
                new = change(newest)
                if new is None:
                    return
                if await self._storage.write(new, after=None if stored is None else stored.serial):
                    break
        except SharedSessionError as error:
            self._warn(error)
        if new is not None:
            self._known = new

    async def refresh(self, ask: Callable[[TokenSet], Awaitable[TokenSet]]) -> TokenSet:
        """New tokens: those that another process got, or those that `ask` gets with the stored refresh token.

        Raises:
            ApiCallError: when there are none. It is a passing one where the storage does not answer.
        """
        try:
            async with self._storage.leased():
                stored = await self._put_back(await self._storage.read())
                if stored is None or stored.age != self._known.age:
                    return self._take_up(stored)
                if stored.tokens is None:
                    raise ApiCallError(describe("session_expired"), Meaning.SIGN_OUT)
                return await self._ask(ask, stored, stored.tokens)
        except SharedSessionError as error:
            failure = ApiCallError(_why(error))
        raise failure

    async def _ask(
        self, ask: Callable[[TokenSet], Awaitable[TokenSet]], stored: StoredSession, tokens: TokenSet
    ) -> TokenSet:
        try:
            new = await ask(tokens)
        except ApiCallError as error:
            if error.meaning is Meaning.SIGN_OUT:
                newer = await self._store(StoredSession(stored.serial + 1, stored.login, None), stored.serial)
                if newer is not None:
                    return self._take_up(newer)  # the refusal was for a token that others have replaced
            raise
        if new.refresh_token is None:  # RFC 6749 section 6: the old one stays valid
            new = new.model_copy(update={"refresh_token": tokens.refresh_token})
        newer = await self._store(StoredSession(stored.serial + 1, stored.login, new), stored.serial)
        return new if newer is None else self._take_up(newer)

    async def _store(self, new: StoredSession, after: int) -> StoredSession | None:
        """Store what the server said; None, or what another has stored meanwhile. Where nobody answers it is known here."""
        self._known = new
        try:
            if await self._storage.write(new, after=after):
                return None
            newer = await self._storage.read()
        except SharedSessionError as error:
            self._warn(error)
            return None
        if newer is None or newer.age < new.age:
            await self._put_back(newer)
            return None
        self._known = StoredSession(after, new.login)
        return newer

    def _take_up(self, stored: StoredSession | None) -> TokenSet:
        """What another process has stored takes the place of what was known, if it is of the same login."""
        if stored is None or stored.tokens is None or stored.login != self._known.login:
            raise ApiCallError(describe("session_expired"), Meaning.SIGN_OUT)
        self._known = stored
        return stored.tokens

    def __repr__(self) -> str:
        return f"storage={self._storage!r}"


def _why(error: SharedSessionError) -> ApiError:
    if isinstance(error, SessionStorageUnavailable):
        return describe("network", detail=f"({error})")
    return ApiError(kind="client", message=str(error))
