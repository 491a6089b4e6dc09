"""Whether a request's body can be sent again: each part is asked before the first send, and taken back before the next.

httpx itself sends nothing in place of a part that is used up. Its names for what a body is made of stand here alone.
"""

from typing import Any

import httpx

from ...actions import RxduxError


class BodyNotReplayableError(RxduxError):
    """A request has to be sent again, and its body is used up."""


class Body:
    """The body of a request, as it is before it is sent."""

    def __init__(self, request: httpx.Request) -> None:
        self._request = request
        self._starts = [(part, _place(part)) for part in _parts(request)]

    def rewind(self, name: str) -> None:
        """Make it ready to be sent again.

        Raises:
            BodyNotReplayableError: where a part is used up.
        """
        for part, start in self._starts:
            if not _rewinds(part, start):
                msg = (
                    f"{name} met a 401 and has to be sent again, but its body, a generator or a file that cannot seek, is "
                    "used up. Give the body as bytes, or send the request anew."
                )
                raise BodyNotReplayableError(msg)


def _parts(request: httpx.Request) -> list[Any]:
    """What a body is made of, as far as sending uses it up."""
    stream: Any = request.stream
    if isinstance(getattr(request, "_content", None), bytes):
        return []
    fields: Any = getattr(stream, "fields", None)
    if fields is not None:
        return [part.file for part in fields if hasattr(part, "file")]
    return [getattr(stream, "_stream", stream)]


def _place(part: Any) -> int | None:
    """Where a file stands; None for what has no place to go back to."""
    try:
        return part.tell() if part.seekable() else None
    except (AttributeError, OSError, ValueError):
        return None


def _rewinds(part: Any, start: int | None) -> bool:
    if isinstance(part, str | bytes):
        return True
    if hasattr(part, "read"):
        if start is None:
            return False
        part.seek(start)
        return True
    return not hasattr(part, "__next__") and not hasattr(part, "__anext__")
