"""What can go wrong with a shared state, and with the log under it."""

from ...actions import RxduxError
from ..engines.failure import Failure


class SharedError(RxduxError):
    """Something about the shared state that a person should know, or that cannot be done."""


class LogUnavailable(SharedError):  # noqa: N818 -- it says what is the case
    """The log does not answer, or not now: its engine is gone, loads its data, has no space. It may pass."""


class LogRefused(SharedError):  # noqa: N818
    """The engine answers, and will not do it: a wrong password, another application's data, an old version.

    It does not pass by itself: somebody has to put it right.
    """


def not_begun(who: str) -> LogUnavailable:
    """What `append` raises for a log without a beginning."""
    return LogUnavailable(f"{who} has not begun, or has lost everything: it takes no entries.")


def raised(failure: Failure) -> LogUnavailable | LogRefused:
    """The error that a log raises for an engine's failure."""
    return LogUnavailable(failure.words) if failure.passes else LogRefused(failure.words)
