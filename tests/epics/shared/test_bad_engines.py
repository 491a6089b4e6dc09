"""What an engine may be or do that it should not: said in words, and nothing lost that is promised to be kept."""

import asyncio
import secrets
import sqlite3
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nats
import pytest
from nats.js.errors import ServiceUnavailableError
from redis.asyncio import Redis

from rxdux.shared import Log, LogRefused, LogUnavailable, NatsLog, RedisLog, SqliteLog

from .engines import NatsServer, RedisServer
from .processes import Start, note, until


class TestAnotherApplication:
    async def test_its_key(self, start: Start, redis_server: RedisServer, tmp_path: Path) -> None:
        """Another type under it, or under the one beside it, or entries that are not ours: refused, and not touched."""
        client = Redis.from_url(redis_server.url)
        string, stream, beside = (f"{tmp_path.name}-{kind}" for kind in ("string", "stream", "beside"))
        try:
            await client.set(string, "theirs")
            await client.set(f"{{{beside}}}:snapshot", "theirs")
            await client.xadd(stream, {"a": "b"})
            for key in (string, stream, beside):
                one = await start(RedisLog(redis_server.url, key), ready=False)
                with pytest.raises(LogRefused, match="another application"):
                    await one.shared.ready(20)
            assert await client.get(string) == await client.get(f"{{{beside}}}:snapshot") == b"theirs"
            assert await client.xlen(stream) == 1
        finally:
            await client.aclose()

    async def test_its_stream(self, start: Start, nats_server: NatsServer) -> None:
        """The same with NATS."""
        name = secrets.token_hex(8)
        client = await nats.connect(nats_server.url)
        try:
            jetstream = client.jetstream()
            await jetstream.add_stream(name=f"RXDUX_{name}", subjects=[f"{name}.>"])
            await jetstream.publish(f"{name}.x", b"theirs")
            one = await start(NatsLog(nats_server.url, name), ready=False)
            with pytest.raises(LogRefused, match="another application"):
                await one.shared.ready(20)
            assert (await jetstream.stream_info(f"RXDUX_{name}")).state.messages == 1
        finally:
            await client.close()

    async def test_its_file(self, start: Start, tmp_path: Path) -> None:
        """A database of somebody else's, and a file that is none."""
        with sqlite3.connect(tmp_path / "theirs.sqlite") as database:
            database.execute("CREATE TABLE theirs (a)")
        database.close()
        text = tmp_path / "notes.txt"
        text.write_text("milk, bread\n" * 100)
        for path, words in ((tmp_path / "theirs.sqlite", "another application"), (text, "no log")):
            had = path.read_bytes()
            one = await start(SqliteLog(path), ready=False)
            with pytest.raises(LogRefused, match=words):
                await one.shared.ready(20)
            assert path.read_bytes() == had


class TestThatRefuses:
    async def test_a_wrong_password(self, start: Start, tmp_path: Path) -> None:
        """Said in words, without any password; `ready` raises it."""
        redis = RedisServer(tmp_path / "redis", "--requirepass", "r1ght")
        nats = NatsServer(tmp_path / "nats", "--user", "ada", "--pass", "r1ght", "-js", "-sd", str(tmp_path / "data"))
        logs: list[tuple[Any, Callable[[str], Log]]] = [
            (redis, lambda url: RedisLog(url.replace("://", "://:wr0ng@"), "x")),
            (nats, lambda url: NatsLog(url.replace("://", "://ada:wr0ng@"), "x")),
        ]
        for server, open_log in logs:
            server.start()
            try:
                one = await start(open_log(server.url), ready=False)
                with pytest.raises(LogRefused, match="let us in") as refused:
                    await one.shared.ready(20)
                assert "wr0ng" not in f"{refused.value}{one.errors}{one.shared}"
                await one.shared.close()
            finally:
                server.stop()

    async def test_a_nats_server_without_streams(self, start: Start, tmp_path: Path) -> None:
        """Said, with what to do."""
        server = NatsServer(tmp_path / "nats", "-l", str(tmp_path / "nats.log"))
        server.start()
        try:
            one = await start(NatsLog(server.url, "x"), ready=False)
            with pytest.raises(LogRefused, match="-js"):
                await one.shared.ready(20)
        finally:
            server.stop()

    async def test_a_redis_server_without_streams(self, start: Start, tmp_path: Path) -> None:
        """One before version 5 does not know their commands."""
        commands = ("XADD", "XREAD", "XRANGE", "XREVRANGE")
        server = RedisServer(
            tmp_path / "redis", *(word for each in commands for word in ("--rename-command", each, ""))
        )
        server.start()
        try:
            one = await start(RedisLog(server.url, "x"), ready=False)
            with pytest.raises(LogRefused, match="needs streams"):
                await one.shared.ready(20)
        finally:
            server.stop()


class TestThatIsFull:
    async def test_memory(self, start: Start, private_redis: RedisServer) -> None:
        """OOM: offline, own actions pend, and go when there is room."""
        one = await start(RedisLog(private_redis.url, "x"))
        client = Redis.from_url(private_redis.url)
        try:
            await client.config_set("maxmemory", "1")
            one.store.dispatch(note("kept"))
            await until(lambda: one.shared.status == "offline")
            assert (one.notes, one.shared.pending) == (("kept",), 1)
            assert "takes nothing" in str(one.errors[0])
            await client.config_set("maxmemory", "0")
            await one.shared.settled(timeout=20)
            assert len(one.errors) == 1
        finally:
            await client.aclose()

    async def test_disk(self, start: Start, private_redis: RedisServer) -> None:
        """MISCONF, as Redis says when it could not save: the same."""
        one = await start(RedisLog(private_redis.url, "x"))
        client = Redis.from_url(private_redis.url)
        in_the_way = private_redis.folder / "dump.rdb"
        in_the_way.mkdir()
        try:
            await client.config_set("save", "3600 1")
            await save(client, "err")
            one.store.dispatch(note("kept"))
            await until(lambda: one.shared.status == "offline")
            assert (one.notes, one.shared.pending) == (("kept",), 1)
            assert "MISCONF" in str(one.errors[0])
            in_the_way.rmdir()
            await save(client, "ok")
            await one.shared.settled(timeout=20)
            assert len(one.errors) == 1
        finally:
            await client.aclose()

    async def test_a_nats_server(self, start: Start, tmp_path: Path) -> None:
        """Its store is full: offline, in words; own actions pend, others are not concerned, and all goes on when there is room."""
        limits = tmp_path / "limits.conf"
        limits.write_text(f'jetstream {{ store_dir: "{tmp_path}/data", max_file_store: 2MB }}')
        server = NatsServer(tmp_path / "nats", "-js", "-c", str(limits))
        server.start()
        client = await nats.connect(server.url)
        try:
            jetstream = client.jetstream()
            await jetstream.add_stream(name="theirs", subjects=["theirs"])
            one, other = await start(NatsLog(server.url, "x")), await start(NatsLog(server.url, "x"))
            one.store.dispatch(note("before"))
            await one.shared.settled(timeout=20)
            with pytest.raises(ServiceUnavailableError):
                await asyncio.gather(*(jetstream.publish("theirs", b"x" * 100_000) for _ in range(30)))
            kept = [f"kept {number}" for number in range(5)]
            for each in kept:
                one.store.dispatch(note(each))
            await until(lambda: one.shared.status == "offline")
            assert (one.notes, one.shared.pending) == (("before", *kept), 5)
            assert "takes nothing just now: insufficient resources" in str(one.errors[0])
            await jetstream.purge_stream("theirs")
            await one.shared.settled(timeout=20)
            await until(lambda: other.shared.position == 6)
            assert one.notes == other.notes == ("before", *kept)
            assert (len(one.errors), other.errors) == (1, [])
        finally:
            await client.close()
            server.stop()

    async def test_a_file(self, tmp_path: Path) -> None:
        """SQLite's disk is full: unavailable, and all as it was; it goes on when there is room."""
        log = SqliteLog(tmp_path / "log.sqlite")

        def limit(pages: int) -> Any:
            return log._do(lambda database: database.execute(f"PRAGMA max_page_count = {pages}").fetchone())

        await log.begin(b"")
        await log.append([b"a"])
        await limit(1)
        with pytest.raises(LogUnavailable, match="full"):
            await log.append([b"b", b"x" * 100_000])
        assert (await log.last(), await log.at(1)) == (1, b"a")
        await log.append([b"b", b"x" * 100_000])  # it has connected anew, without the limit
        assert await log.last() == 3
        await log.close()


async def save(client: Redis, outcome: str) -> None:
    """Have Redis save, and wait for this outcome."""
    await client.bgsave()
    deadline = time.monotonic() + 20
    while True:
        found = await client.info("persistence")
        if not found["rdb_bgsave_in_progress"] and found["rdb_last_bgsave_status"] == outcome:
            return
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


class TestClocks:
    @pytest.mark.parametrize("jump", [-3600.0, 3600.0])
    async def test_one_that_jumps(
        self, start: Start, open_log: Callable[[], Log], jump: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """An hour back or forth: the log's order is none of a clock, and who is there is heard again."""
        one, other = await start(open_log()), await start(open_log())
        one.store.dispatch(note("before"))
        await one.shared.settled(timeout=20)
        real = time.time
        monkeypatch.setattr(time, "time", lambda: real() + jump)
        other.store.dispatch(note("after"))
        other.shared.announce({"name": "Ada"})
        one.store.dispatch(note("then"))
        await until(lambda: one.shared.position == other.shared.position == 3)
        assert one.notes == other.notes
        await until(lambda: other.shared.present.get(other.shared.node) == {"name": "Ada"})
        one.shared.announce({"name": "Bob"})  # and hears at once what others say
        await until(lambda: one.shared.present.get(other.shared.node) == {"name": "Ada"})
        assert not one.errors + other.errors

    async def test_an_engine_whose_clock_was_set_back(self, redis_server: RedisServer, tmp_path: Path) -> None:
        """Who spoke in what is the future now is not taken for present for ever."""
        log, client = RedisLog(redis_server.url, tmp_path.name), Redis.from_url(redis_server.url)
        try:
            await client.hset(f"{{{tmp_path.name}}}:nodes", "gone", f"{time.time() + 3600:.3f}|hello")
            assert await log.beat("here", b"", 10) == {"here": b""}
        finally:
            await log.close()
            await client.aclose()
