"""State that many processes share, on one machine or on several: the log orders, each node reduces."""

from .errors import LogRefused, LogUnavailable, SharedError
from .log import Log, StoredSnapshot
from .memory_log import MemoryLog
from .nats_log import NatsLog
from .redis_log import RedisLog
from .share import Shared, share
from .sqlite_log import SqliteLog

__all__ = [
    "Log",
    "LogRefused",
    "LogUnavailable",
    "MemoryLog",
    "NatsLog",
    "RedisLog",
    "Shared",
    "SharedError",
    "SqliteLog",
    "StoredSnapshot",
    "share",
]
