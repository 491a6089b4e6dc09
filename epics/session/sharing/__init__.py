"""One session for several processes: they share one rotating refresh token."""

from .shared_session import SharedSession, SharedSessionError

__all__ = ["SharedSession", "SharedSessionError"]
