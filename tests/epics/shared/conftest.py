"""The engines that the tests of shared state run on, and the processes that share."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from rxdux.shared import Log, NatsLog, RedisLog, SqliteLog

from .engines import NatsServer, RedisServer
from .processes import Process, Start


@pytest.fixture(scope="module")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """One for all tests of a module, which take keys of their own."""
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def nats_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path_factory.mktemp("nats"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def private_redis(tmp_path: Path) -> Iterator[RedisServer]:
    """One that the test may stop, kill and empty."""
    server = RedisServer(tmp_path / "redis")
    server.start()
    yield server
    server.stop()


@pytest.fixture
def private_nats(tmp_path: Path) -> Iterator[NatsServer]:
    server = NatsServer(tmp_path / "nats")
    server.start()
    yield server
    server.stop()


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Makes one more process on a log, and waits until it is ready. All end with the test."""
    async with AsyncExitStack() as stack:

        async def make(log: Log, *, ready: bool = True, **options: Any) -> Process:
            process = Process(log, **options)
            stack.push_async_callback(process.shared.close)
            stack.callback(process.store.close)
            if ready:
                await process.shared.ready(20)
            return process

        yield make


@pytest.fixture(params=["redis", "nats", "sqlite"])
def open_log(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], Log]:
    """Opens one more log object on the same log, of each engine."""
    match request.param:
        case "redis":
            server: RedisServer = request.getfixturevalue("redis_server")
            return lambda: RedisLog(server.url, tmp_path.name)
        case "nats":
            nats: NatsServer = request.getfixturevalue("nats_server")
            return lambda: NatsLog(nats.url, "".join(c if c.isalnum() else "_" for c in tmp_path.name))
        case _:
            return lambda: SqliteLog(tmp_path / "log.sqlite")
