"""State that many processes share, on one machine or on several: the log orders, each node reduces."""

from .epics.shared import (
    Log,
    LogRefused,
    LogUnavailable,
    MemoryLog,
    NatsLog,
    RedisLog,
    Shared,
    SharedError,
    SqliteLog,
    StoredSnapshot,
    share,
)

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
