"""One session for several processes: they share one rotating refresh token."""

from typing import TYPE_CHECKING

from ....lazy_names import hand_on

if TYPE_CHECKING:
    from .nats_sessions import NatsSessions
    from .redis_sessions import RedisSessions
    from .shared_session import SharedSession
    from .stored_session import SessionStorage, SessionStorageUnavailable, SharedSessionError, StoredSession

__all__ = [
    "NatsSessions",
    "RedisSessions",
    "SessionStorage",
    "SessionStorageUnavailable",
    "SharedSession",
    "SharedSessionError",
    "StoredSession",
]

hand_on(
    __name__,
    {
        ".nats_sessions": "NatsSessions",
        ".redis_sessions": "RedisSessions",
        ".shared_session": "SharedSession",
        ".stored_session": "SessionStorage SessionStorageUnavailable SharedSessionError StoredSession",
    },
)
