"""What an engine has to do to keep a shared state: the log, its snapshot, and who is there."""

from collections.abc import Sequence
from typing import NamedTuple, Protocol, runtime_checkable


class StoredSnapshot(NamedTuple):
    """A snapshot, and the number of the entry after which it was taken."""

    number: int
    content: bytes


@runtime_checkable
class Log(Protocol):
    """A *log* numbers entries densely, from 1, for all who append to it. Its order is the only order.

    An object of this kind belongs to one node: `close` ends its connections. What it keeps are bytes; it
    never looks into them. `tests/log_contract.py` checks an engine against what is written here.

    Each method raises `LogUnavailable` when the engine does not answer or has no space, which may pass,
    and `LogRefused` when it refuses for a reason that somebody has to put right. Nothing else.
    """

    async def append(self, entries: Sequence[bytes]) -> None:
        """Put entries at the end, in this order. Others' entries may come between them.

        When it raises, some of them may be in the log, or may still come into it. It never does it twice by itself.
        A log that has not begun takes none (`LogUnavailable`): it may be one that has lost everything.
        """
        ...

    async def read(self, after: int, limit: int, wait: float) -> Sequence[tuple[int, bytes]]:
        """The entries with their numbers that follow the number `after`: `limit` at most, or the first of them.

        Where there are none yet it waits for the first, `wait` seconds at most, and gives none then. Where the
        log was cut it begins with the first that is left: the caller sees the gap in the numbers.
        """
        ...

    async def last(self) -> int:
        """The number of the last entry; 0 for a log that has none."""
        ...

    async def at(self, number: int) -> bytes | None:
        """The entry of this number; None where it is not there: cut away, lost, or not there yet."""
        ...

    async def begin(self, content: bytes) -> bool:
        """Begin an empty log with the snapshot that its first entry will follow, whose number is 0.

        It happens at once, or not at all: of several who try, one succeeds. False where there is anything already.
        """
        ...

    async def snapshot(self) -> StoredSnapshot | None:
        """The latest snapshot; None where there is none."""
        ...

    async def save_snapshot(self, number: int, entry: bytes, content: bytes, keep: int) -> bool:
        """Keep the snapshot of the state after an entry, and cut the log to `keep` entries before that.

        It is kept only if the entry of this number is `entry`, and if no later snapshot is there: else False.
        """
        ...

    async def beat(self, node: str, words: bytes | None, life: float) -> dict[str, bytes]:
        """Say that this node is there, with some words; None says that it leaves.

        Returns:
            The words of all who said so in the last `life` seconds, by the engine's clock.
        """
        ...

    async def close(self) -> None:
        """End the connections. What is kept is kept."""
        ...
