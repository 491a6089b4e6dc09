"""What the log of any engine must do. Derive a test class from `LogContract`, and say how one is opened."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest

from rxdux.shared import Log, LogUnavailable, StoredSnapshot

Entries = list[tuple[int, bytes]]


class LogContract:
    """The rules of `rxdux.shared.Log`. `open_log` gives one more log object on the same, at first empty, log."""

    @pytest.fixture
    def open_log(self) -> Callable[[], Log]:
        raise NotImplementedError

    @pytest.fixture
    async def logs(self, open_log: Callable[[], Log]) -> AsyncIterator[tuple[Log, Log]]:
        async with AsyncExitStack() as stack:
            pair = open_log(), open_log()
            for log in pair:
                stack.push_async_callback(log.close)
            yield pair

    @pytest.fixture
    async def begun(self, logs: tuple[Log, Log]) -> tuple[Log, Log]:
        assert await logs[0].begin(b"")
        return logs

    async def test_it_is_a_log(self, logs: tuple[Log, Log]) -> None:
        """It has the methods of the protocol."""
        assert isinstance(logs[0], Log)

    async def test_an_empty_log_has_nothing(self, logs: tuple[Log, Log]) -> None:
        """No entry, no snapshot; and it says so at once."""
        log, _ = logs
        assert await log.last() == 0
        assert await log.at(1) is None
        assert await log.snapshot() is None
        assert list(await log.read(0, 10, 0)) == []

    async def test_entries_are_numbered_densely_from_1(self, begun: tuple[Log, Log]) -> None:
        """In the order in which they were appended; any bytes will do."""
        one, other = begun
        odd = bytes(range(256))
        await one.append([b"a", odd])
        await other.append([b"c"])
        assert await self.read_until(other, 0, 3) == [(1, b"a"), (2, odd), (3, b"c")]
        assert list(await one.read(1, 1, 1)) == [(2, odd)]
        assert (await one.last(), await one.at(3), await one.at(4), await one.at(0)) == (3, b"c", None, None)

    async def test_a_read_waits_for_the_first_entry(self, begun: tuple[Log, Log]) -> None:
        """And no longer than it is told to."""
        one, other = begun
        assert list(await asyncio.wait_for(other.read(0, 10, 0.2), 20)) == []
        waiting = asyncio.create_task(self.read_until(other, 0, 1))
        await one.append([b"a"])
        assert await asyncio.wait_for(waiting, 20) == [(1, b"a")]

    async def test_a_read_that_was_given_up_does_no_harm(self, begun: tuple[Log, Log]) -> None:
        """The next one gets all."""
        one, other = begun
        waiting = asyncio.create_task(other.read(0, 10, 5))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await one.append([b"a"])
        assert await self.read_until(other, 0, 1) == [(1, b"a")]

    async def test_appends_from_two_sides_keep_each_sides_order(self, begun: tuple[Log, Log]) -> None:
        """Nothing is lost, nothing is there twice, no number is left out."""

        async def append(log: Log, name: str) -> None:
            for batch in range(10):
                await log.append([f"{name}{batch * 20 + n:04}".encode() for n in range(20)])

        await asyncio.gather(append(begun[0], "a"), append(begun[1], "b"))
        found = await self.read_until(begun[0], 0, 400)
        assert [number for number, _ in found] == list(range(1, 401))
        for name in (b"a", b"b"):
            mine = [entry for _, entry in found if entry.startswith(name)]
            assert mine == sorted(mine)
            assert len(set(mine)) == 200

    async def test_one_begins_it(self, logs: tuple[Log, Log]) -> None:
        """Of two who try at once; and nobody once it has begun, or has entries."""
        begun = await asyncio.gather(logs[0].begin(b"mine"), logs[1].begin(b"yours"))
        assert sorted(begun) == [False, True]
        content = b"mine" if begun[0] else b"yours"
        assert await logs[1].snapshot() == StoredSnapshot(0, content)
        assert not await logs[0].begin(b"again")
        await logs[0].append([b"a"])
        assert (await logs[1].last(), await logs[1].snapshot()) == (1, StoredSnapshot(0, content))

    async def test_nothing_is_appended_before_it_has_begun(self, logs: tuple[Log, Log]) -> None:
        """An engine that lost everything looks so: what came into it would stand on nothing."""
        with pytest.raises(LogUnavailable, match="has not begun"):
            await logs[0].append([b"a"])
        assert await logs[1].begin(b"")
        await logs[0].append([b"a"])
        assert await logs[1].last() == 1

    async def test_a_snapshot_is_kept_and_the_log_cut(self, logs: tuple[Log, Log]) -> None:
        """To so many entries before it; numbers go on as they were."""
        one, other = logs
        await one.begin(b"")
        await one.append([b"%d" % n for n in range(1, 11)])
        assert await other.save_snapshot(8, b"8", b"state", 3)
        assert await one.snapshot() == StoredSnapshot(8, b"state")
        assert [number for number, _ in await self.read_until(one, 0, 6)] == [5, 6, 7, 8, 9, 10]
        assert (await one.at(4), await one.at(5), await one.last()) == (None, b"5", 10)
        await other.append([b"11"])
        assert await self.read_until(one, 10, 1) == [(11, b"11")]
        assert await one.save_snapshot(11, b"11", b"later", 1000)
        assert await other.at(5) == b"5"

    async def test_a_snapshot_never_takes_the_place_of_a_later_one(self, logs: tuple[Log, Log]) -> None:
        """Nor is one kept of a history that is not the log's."""
        log, _ = logs
        await log.begin(b"")
        await log.append([b"1", b"2", b"3"])
        assert await log.save_snapshot(2, b"2", b"two", 10)
        assert not await log.save_snapshot(1, b"1", b"one", 10)
        assert not await log.save_snapshot(3, b"another 3", b"three", 10)
        assert not await log.save_snapshot(4, b"4", b"four", 10)
        assert await log.snapshot() == StoredSnapshot(2, b"two")
        assert await log.save_snapshot(2, b"2", b"two, mended", 10)
        assert await log.snapshot() == StoredSnapshot(2, b"two, mended")

    async def test_a_large_snapshot(self, logs: tuple[Log, Log]) -> None:
        """Of megabytes, as a whole."""
        content = bytes(range(256)) * 20_000
        await logs[0].begin(content)
        found = await logs[1].snapshot()
        assert found is not None
        assert found.content == content

    async def test_an_entry_as_large_as_a_node_sends(self, begun: tuple[Log, Log]) -> None:
        """900 kB."""
        entry = b"x" * 900_000
        await begun[0].append([entry])
        assert await self.read_until(begun[1], 0, 1) == [(1, entry)]

    async def test_who_is_there(self, logs: tuple[Log, Log]) -> None:
        """With the last words of each; not who left, nor who has said nothing for longer than a life."""
        one, other = logs
        await other.beat("b", b"at first", 10)
        assert (await one.beat("a", b"|hello|", 10))["a"] == b"|hello|"
        await self.until(
            lambda: other.beat("b", b"", 10), {"a": b"|hello|", "b": b""}, lambda: one.beat("a", b"|hello|", 10)
        )
        await one.beat("a", None, 10)
        await self.until(lambda: other.beat("b", b"1", 10), {"b": b"1"})
        await self.until(lambda: one.beat("c", b"2", 0.3), {"c": b"2"})

    async def test_it_can_be_used_again_after_close(self, begun: tuple[Log, Log]) -> None:
        """It connects anew; a second close does nothing."""
        log, other = begun
        await log.append([b"a"])
        await log.close()
        await log.close()
        assert await log.at(1) == b"a"
        await other.append([b"b"])
        assert await self.read_until(log, 0, 2) == [(1, b"a"), (2, b"b")]

    async def test_it_says_where_it_is(self, logs: tuple[Log, Log]) -> None:
        """In a repr that helps."""
        assert "Log(" in repr(logs[0])

    @staticmethod
    async def read_until(log: Log, after: int, count: int) -> Entries:
        """So many entries, however many a read gives."""
        found: Entries = []
        deadline = time.monotonic() + 20
        while len(found) < count and time.monotonic() < deadline:
            found.extend(await log.read(found[-1][0] if found else after, 500, 1))
        return found

    @staticmethod
    async def until(say: Callable[[], Any], expected: dict[str, bytes], *beside: Callable[[], Any]) -> None:
        deadline = time.monotonic() + 20
        while (said := await say()) != expected:
            assert time.monotonic() < deadline, said
            for each in beside:
                await each()
            await asyncio.sleep(0.02)
