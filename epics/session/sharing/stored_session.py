"""What is stored of a session that processes share, and what a place for it has to do."""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from ....actions import RxduxError, TokenSet
from ...engines.failure import Failure


class SharedSessionError(RxduxError):
    """The stored session cannot be used, or a library for it is missing."""


class SessionStorageUnavailable(SharedSessionError):  # noqa: N818 -- it says what is the case
    """The storage does not answer, or not now. It may pass."""


@dataclass(frozen=True)
class StoredSession:
    """Tokens, a number that grows with each new set, and one that grows with each login. No tokens: somebody signed out."""

    serial: int = 0
    login: int = 0
    tokens: TokenSet | None = None

    @property
    def age(self) -> tuple[int, int]:
        """Grows with each change: the newest counts."""
        return self.login, self.serial


@runtime_checkable
class SessionStorage(Protocol):
    """A place that processes of any machines reach, with one session in it.

    Its methods raise `SessionStorageUnavailable` within a second or two where the engine does not answer,
    and another `SharedSessionError` where it refuses.
    """

    async def read(self) -> StoredSession | None:
        """What is stored; None where there is nothing, which is not a sign-out. Only the primary is asked."""
        ...

    async def write(self, new: StoredSession, *, after: int | None) -> bool:
        """Store a session, if the stored serial is still `after`: the *fencing token*. None or 0 stands for nothing stored.

        All at once, or not at all. False where another came first.
        """
        ...

    def leased(self) -> AbstractAsyncContextManager[None]:
        """Hold the lease while in it: one process at a time. It is waited for, and renewed; it ends by itself when its holder dies."""
        ...

    def changes(self) -> AsyncIterator[StoredSession | None]:
        """What is stored now, then each time that it is another: pushed, and looked at where the push is lost."""
        ...

    async def close(self) -> None:
        """End the connections. What is stored stays."""
        ...


async def each_change(
    read: Callable[[], Awaitable[StoredSession | None]], wait: Callable[[], Awaitable[object]]
) -> AsyncGenerator[StoredSession | None]:
    """What is stored, then what is stored when it is another, looked at after each `wait`."""
    stored = await read()
    yield stored
    while True:
        await wait()
        last, stored = stored, await read()
        if stored != last:
            yield stored


def of_failure(failure: Failure) -> SharedSessionError:
    """The error that a storage raises for an engine's failure."""
    return SessionStorageUnavailable(failure.words) if failure.passes else SharedSessionError(failure.words)


def reveal(tokens: TokenSet) -> dict[str, Any]:
    """The tokens in clear: for the one place that is made for them."""
    refresh_token = tokens.refresh_token
    return {
        **tokens.model_dump(mode="json"),
        "access_token": tokens.access_token.get_secret_value(),
        "refresh_token": None if refresh_token is None else refresh_token.get_secret_value(),
        "others": {name: value.get_secret_value() for name, value in tokens.others.items()},
    }
