"""Shared slices over real engines: what only they can do wrong."""

import asyncio
import json
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from redis.asyncio import Redis

from rxdux import Store, combine_reducers
from rxdux.shared import Log, LogUnavailable, RedisLog, share

from .engines import RedisServer
from .processes import Start, note, notes, until


async def test_each_engine_carries_the_whole(start: Start, open_log: Callable[[], Log]) -> None:
    """Two nodes, a snapshot, a late joiner, a confirmation, presence."""
    one, other = await start(open_log(), snapshot_every=20), await start(open_log(), snapshot_every=20)
    for number in range(45):
        one.store.dispatch(note(f"a{number}"))
        other.store.dispatch(note(f"b{number}"))
        await asyncio.sleep(0)
    state = await one.shared.confirm(note("last"), 20)
    await until(lambda: one.shared.position == other.shared.position == 91)
    assert one.notes == other.notes
    assert state["notes"][-1] == "last"
    late = await start(open_log(), snapshot_every=20)
    assert late.notes == one.notes
    late.shared.announce({"name": "late"})
    await until(lambda: one.shared.present.get(late.shared.node) == {"name": "late"})
    errors = one.errors + other.errors + late.errors
    assert not [
        each for each in errors if not isinstance(each.__cause__, LogUnavailable)
    ]  # a busy machine answers late


@pytest.mark.slow
async def test_an_engine_that_stops_and_goes_on(start: Start, private_redis: RedisServer) -> None:
    """SIGSTOP: offline after the time of a request; all goes on after SIGCONT, in order, once."""
    one, other = await start(RedisLog(private_redis.url, "x")), await start(RedisLog(private_redis.url, "x"))
    private_redis.signal(signal.SIGSTOP)
    for number in range(20):
        one.store.dispatch(note(f"{number}"))
    await until(lambda: one.shared.status == "offline")
    private_redis.signal(signal.SIGCONT)
    await one.shared.settled(timeout=20)
    await until(lambda: other.notes == one.notes == tuple(f"{number}" for number in range(20)))


async def test_an_engine_restarted_without_its_data(start: Start, private_redis: RedisServer) -> None:
    """The survivors have it all, and a newcomer gets it from them."""
    one, other = await start(RedisLog(private_redis.url, "x")), await start(RedisLog(private_redis.url, "x"))
    for each in (one, other):
        for number in range(10):
            each.store.dispatch(note(f"{each.shared.node}{number}"))
    await until(lambda: one.shared.position == other.shared.position == 20)
    had = set(one.notes)
    private_redis.restart(lose=True)
    late = await start(RedisLog(private_redis.url, "x"))
    await until(lambda: set(late.notes) == set(one.notes) == set(other.notes) == had and late.notes == one.notes)
    assert len(late.notes) == 20


async def test_what_is_in_the_log_is_json(start: Start, redis_server: RedisServer, tmp_path: Path) -> None:
    """Readable by anybody, with its author, its number and its version."""
    one = await start(RedisLog(redis_server.url, tmp_path.name))
    one.store.dispatch(note("milk"))
    await one.shared.settled(timeout=20)
    client = Redis.from_url(redis_server.url)
    try:
        [(number, fields)] = await client.xrange(tmp_path.name)
        assert number == b"0-1"
        entry = json.loads(fields[b"e"])
        assert entry["by"] == one.shared.node
        assert entry["do"] == {"type": "engine-notes/note", "text": "milk"}
    finally:
        await client.aclose()


async def test_a_store_that_ends_at_once_leaves_nothing(open_log: Callable[[], Log]) -> None:
    """Also while connections are being made: clients swallow a cancellation then."""
    before = asyncio.all_tasks()
    for patience in (0.0, 0.001, 0.01, 0.05):
        async with asyncio.timeout(20), Store(combine_reducers({"notes": notes})) as store:
            share(store, open_log(), slices=["notes"])
            await asyncio.sleep(patience)
        assert asyncio.all_tasks() == before
