"""What is known of a query and of a mutation, as values."""

from collections.abc import Iterator
from typing import Any, Generic, Literal, TypeVar

from ...actions import ApiError
from ...reducers import State

T = TypeVar("T")

ResultStatus = Literal["idle", "loading", "success", "failure"]
RunStatus = Literal["idle", "loading", "paused", "success", "failure"]


class Result(State, Generic[T], defer_build=True):
    """What is known of a query.

    Attributes:
        status: `idle` before it is asked; `loading` while there is nothing to show yet.
        data: the last answer; it stays through refetches and failures.
        error: why the last call failed; None when it succeeded.
        fetching: whether a call is under way.
        fetched_at: when the data came, in seconds since 1970.
        invalidated: whether something has changed since that makes the data old.

    Examples:
        >>> Result().data_or("nothing yet")
        'nothing yet'
    """

    status: ResultStatus = "idle"
    data: T | None = None
    error: ApiError | None = None
    fetching: bool = False
    fetched_at: float | None = None
    invalidated: bool = False

    def data_or(self, default: Any) -> Any:
        """The data, or `default` where none came yet."""
        return default if self.fetched_at is None else self.data


class Pages(State, Generic[T], defer_build=True):
    """The answer of an infinite query.

    Attributes:
        pages: as far as they were asked for, in their order.
        has_next: whether there is one after the last.
        has_previous: whether there is one before the first.
        parameters: what each page was asked with.
    """

    pages: tuple[T, ...] = ()
    has_next: bool = False
    has_previous: bool = False
    parameters: tuple[Any, ...] = ()

    def __len__(self) -> int:
        return len(self.pages)

    def each(self) -> Iterator[T]:
        """The pages, one after the other."""
        return iter(self.pages)


class Run(State, Generic[T], defer_build=True):
    """One run of a mutation.

    Attributes:
        status: `paused` while it waits to be online.
        data: what the server answered.
        error: why it failed.
        run_id: tells it from others; None where there was none yet.
        mutation: what was asked.
    """

    status: RunStatus = "idle"
    data: T | None = None
    error: ApiError | None = None
    run_id: str | None = None
    mutation: Any = None
    order: int = 0
    keys: tuple[str, ...] = ()


IDLE: Result[Any] = Result()
NO_RUN: Run[Any] = Run()
