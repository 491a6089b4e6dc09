"""A log in memory, for tests: the nodes of one process that are given the same one share it."""

import asyncio
import time
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from threading import RLock

from .errors import not_begun
from .log import StoredSnapshot


class MemoryLog:
    """Keeps the log in this process; give the same one to each `share` of a test.

    Examples:
        >>> import asyncio
        >>> log = MemoryLog()
        >>> asyncio.run(log.begin(b"the beginning"))
        True
        >>> asyncio.run(log.append([b"first", b"second"]))
        >>> asyncio.run(log.read(1, limit=10, wait=0))
        [(2, b'second')]
    """

    def __init__(self) -> None:
        self._numbers: list[int] = []
        self._entries: list[bytes] = []
        self._last = 0
        self._snapshot: StoredSnapshot | None = None
        self._nodes: dict[str, tuple[float, bytes]] = {}
        self._waiting: set[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = set()
        self._lock = RLock()  # nodes may live on the loops of several threads

    async def append(self, entries: Sequence[bytes]) -> None:
        with self._lock:
            if self._snapshot is None:
                raise not_begun(repr(self))
            for entry in entries:
                self._last += 1
                self._numbers.append(self._last)
                self._entries.append(entry)
            waiting = list(self._waiting)
        for loop, event in waiting:
            loop.call_soon_threadsafe(event.set)

    async def read(self, after: int, limit: int, wait: float) -> Sequence[tuple[int, bytes]]:
        come = (asyncio.get_running_loop(), asyncio.Event())
        with self._lock:
            found = self._after(after, limit)
            if found or wait <= 0:
                return found
            self._waiting.add(come)
        try:
            async with asyncio.timeout(wait):
                await come[1].wait()
        except TimeoutError:
            return []
        finally:
            with self._lock:
                self._waiting.discard(come)
        with self._lock:
            return self._after(after, limit)

    def _after(self, after: int, limit: int) -> list[tuple[int, bytes]]:
        first = bisect_right(self._numbers, after)
        places = slice(first, first + limit)
        return list(zip(self._numbers[places], self._entries[places], strict=True))

    async def last(self) -> int:
        return self._last

    async def at(self, number: int) -> bytes | None:
        with self._lock:
            found = self._after(number - 1, 1)
            return found[0][1] if found and found[0][0] == number else None

    async def begin(self, content: bytes) -> bool:
        with self._lock:
            if self._last or self._snapshot is not None:
                return False
            self._snapshot = StoredSnapshot(0, content)
            return True

    async def snapshot(self) -> StoredSnapshot | None:
        return self._snapshot

    async def save_snapshot(self, number: int, entry: bytes, content: bytes, keep: int) -> bool:
        with self._lock:
            is_older = self._snapshot is not None and self._snapshot.number > number
            if is_older or await self.at(number) != entry:
                return False
            self._snapshot = StoredSnapshot(number, content)
            cut = bisect_left(self._numbers, number - keep)
            del self._numbers[:cut], self._entries[:cut]
            return True

    async def beat(self, node: str, words: bytes | None, life: float) -> dict[str, bytes]:
        now = time.monotonic()
        with self._lock:
            if words is None:
                self._nodes.pop(node, None)
            else:
                self._nodes[node] = (now, words)
            self._nodes = {name: said for name, said in self._nodes.items() if now - said[0] <= life}
            return {name: said for name, (_, said) in self._nodes.items()}

    async def close(self) -> None:
        pass

    def __repr__(self) -> str:
        return f"MemoryLog({self._last} entries)"
