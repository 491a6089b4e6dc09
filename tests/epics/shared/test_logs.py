"""Each engine's log does what a log must; and what only it can be asked."""

import secrets
from collections.abc import Callable
from pathlib import Path

import pytest

from rxdux.shared import Log, MemoryLog, NatsLog, RedisLog, SqliteLog

from ...log_contract import LogContract
from .engines import NatsServer, RedisServer


class TestMemoryLog(LogContract):
    @pytest.fixture
    def open_log(self) -> Callable[[], Log]:
        log = MemoryLog()
        return lambda: log


class TestSqliteLog(LogContract):
    @pytest.fixture
    def open_log(self, tmp_path: Path) -> Callable[[], Log]:
        return lambda: SqliteLog(tmp_path / "new" / "log.sqlite")


class TestRedisLog(LogContract):
    @pytest.fixture
    def open_log(self, redis_server: RedisServer) -> Callable[[], Log]:
        key = secrets.token_hex(8)
        return lambda: RedisLog(redis_server.url, key)


class TestNatsLog(LogContract):
    @pytest.fixture
    def open_log(self, nats_server: NatsServer) -> Callable[[], Log]:
        name = secrets.token_hex(8)
        return lambda: NatsLog(nats_server.url, name)
