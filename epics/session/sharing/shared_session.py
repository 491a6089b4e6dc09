"""One session for many processes: one rotating refresh token, one refresh."""

import os
from collections.abc import Awaitable, Callable
from typing import Protocol

import reactivex as rx
from reactivex import Observable, abc
from reactivex.disposable import Disposable
from reactivex.scheduler import ImmediateScheduler

from ....actions import TokenSet
from .file_session import FileSession, SecretStore
from .storage_session import StorageSession
from .stored_session import SessionStorage, StoredSession


class Place(Protocol):
    """Where the session is that processes share."""

    async def begin(self) -> None: ...
    async def end(self) -> None: ...
    def news(self) -> tuple[StoredSession, bool] | None: ...
    def on_push(self, tell: Callable[[], object]) -> Callable[[], object]: ...
    async def sign_in(self, tokens: TokenSet) -> None: ...
    async def sign_out(self) -> None: ...
    async def refresh(self, ask: Callable[[TokenSet], Awaitable[TokenSet]]) -> TokenSet: ...


class SharedSession:
    """A session that several processes share; give it to `create_api_store(..., session=...)`.

    In a file, for the processes of one machine: the tokens are kept in the keyring of the operating system;
    where there is none, in the file itself, which only its owner can read. Or in a storage such as
    `RedisSessions` or `NatsSessions`, for processes of any machines. Needs the extra `shared`.

    Args:
        path: of the file; beside it there will be one with `.lock` at its end, which stays.
        keyring: for the file: by default that of the operating system, if the package `keyring` finds one; None for none.
        storage: in place of a file; for this process alone.

    Raises:
        TypeError: for both or neither of path and storage, and for what is no storage.
        SharedSessionError: without the extra `shared`.
    """

    def __init__(
        self,
        path: str | os.PathLike[str] | None = None,
        *,
        keyring: "SecretStore | str | None" = "system",
        storage: SessionStorage | None = None,
    ) -> None:
        if (path is None) == (storage is None):
            msg = "SharedSession takes either the path of a file or storage=..., such as RedisSessions(url, name, secret=key)."
            raise TypeError(msg)
        if storage is not None and not isinstance(storage, SessionStorage):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"SharedSession(storage=...) takes RedisSessions, NatsSessions or an object with their methods, not {storage!r:.100}."
            raise TypeError(msg)
        self._place: Place
        if storage is not None:
            self._place = StorageSession(storage)
        elif path is not None:
            self._place = FileSession(path, keyring=keyring)

    async def begin(self) -> None:
        """Connect, and look at what is stored."""
        await self._place.begin()

    async def end(self) -> None:
        """End the connections."""
        await self._place.end()

    def news(self) -> tuple[StoredSession, bool] | None:
        """What another process has stored since this one last looked, and whether it is of the same login."""
        return self._place.news()

    @property
    def pushes(self) -> Observable[None]:
        """Tells when it is time to look, where the place says so."""

        def subscribe(
            observer: abc.ObserverBase[None], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            turn = scheduler or ImmediateScheduler.singleton()

            def look(_: abc.SchedulerBase, state: object = None) -> None:
                observer.on_next(None)

            def tell() -> None:
                turn.schedule(look)

            stop = self._place.on_push(tell)

            def end() -> None:
                stop()

            return Disposable(end)

        return rx.Observable(subscribe)

    async def sign_in(self, tokens: TokenSet) -> None:
        """Store the tokens of a new session."""
        await self._place.sign_in(tokens)

    async def sign_out(self) -> None:
        """End the session for all processes, if it is still this one's."""
        await self._place.sign_out()

    async def refresh(self, ask: Callable[[TokenSet], Awaitable[TokenSet]]) -> TokenSet:
        """New tokens: those that another process got, or those that `ask` gets with the stored refresh token.

        Raises:
            ApiCallError: when there are none.
        """
        return await self._place.refresh(ask)

    def __repr__(self) -> str:
        return f"SharedSession({self._place!r})"
