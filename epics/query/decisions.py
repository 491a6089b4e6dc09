"""When to ask the server again: pure decisions."""

from .result import Result

LONGEST_PAUSE = 10  # times `every`, after failures in a row
STREAM_PAUSE, LONGEST_STREAM_PAUSE = 0.2, 10.0  # seconds before a stream that ended is started again


def is_fresh(result: Result[object], stale_after: float | None, now: float) -> bool:
    """Whether data need not be fetched: a success that is not invalidated, and not too old.

    Args:
        stale_after: in seconds; None for as long as nobody invalidates it.
        now: in seconds since 1970. Data of the future are not fresh: the clock was put back.

    Examples:
        >>> is_fresh(Result(status="success", fetched_at=100.0), 10.0, 105.0)
        True
        >>> is_fresh(Result(status="success", fetched_at=100.0), 10.0, 99.0)
        False
    """
    if result.status != "success" or result.invalidated or result.fetched_at is None:
        return False
    return stale_after is None or 0 <= now - result.fetched_at < stale_after


def poll_pause(every: float, failures: int) -> float:
    """Seconds from an answer to the next call: after failures in a row it doubles, to ten-fold.

    Examples:
        >>> [poll_pause(2.0, failures) for failures in range(6)]
        [2.0, 4.0, 8.0, 16.0, 20.0, 20.0]
    """
    return every * min(2 ** min(failures, LONGEST_PAUSE), LONGEST_PAUSE)


def stream_pause(ends: int) -> float:
    """Seconds before a stream that has ended so often in a row is started again.

    Examples:
        >>> stream_pause(1), stream_pause(3), stream_pause(100)
        (0.2, 0.8, 10.0)
    """
    return min(STREAM_PAUSE * 2 ** min(ends - 1, 20), LONGEST_STREAM_PAUSE)
