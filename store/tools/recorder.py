"""Keeps what was dispatched, for tests and tools."""

from collections import deque
from dataclasses import dataclass
from typing import Any, Generic, Self, TypeVar

from ...actions import Action
from ..store import Store
from ..subscription import Subscription

S = TypeVar("S")
A = TypeVar("A", bound=Action)


@dataclass(frozen=True)
class Record(Generic[S]):
    """One action, and the state before and after it."""

    action: Action
    before: S
    after: S


class Recorder(Generic[S]):
    """Keeps each action that a store applies, with the state before and after, in their order.

    Args:
        store: to be recorded from now on, until `stop()` or the end of a `with` block.
        limit: how many records are kept, the latest ones; None for all.

    Examples:
        >>> from rxdux import Action, Recorder, Reducer, Store
        >>> class Add(Action):
        ...     amount: int
        >>> counter = Reducer(0)
        >>> _ = counter.on(Add)(lambda count, action: count + action.amount)
        >>> store = Store(counter)
        >>> with Recorder(store) as recorder:
        ...     _ = store.dispatch(Add(amount=2))
        >>> recorder.records
        [Record(action=Add(amount=2), before=0, after=2)]
    """

    def __init__(self, store: Store[S], limit: int | None = None) -> None:
        if limit is not None and limit < 1:
            msg = f"Recorder(limit=...) must be 1 or more, not {limit}. None keeps all."
            raise ValueError(msg)
        self._records: deque[Record[S]] = deque(maxlen=limit)
        self._core = store.core
        self._last = store.state
        following = store.actions.subscribe(self._record)
        self._subscription = Subscription(following.dispose)

    def _record(self, action: Action) -> None:
        before, self._last = self._last, self._core.shown_state
        self._records.append(Record(action, before, self._last))

    @property
    def records(self) -> list[Record[S]]:
        """What was recorded so far."""
        return list(self._records)

    @property
    def actions(self) -> list[Action]:
        """The actions that were recorded so far."""
        return [record.action for record in self._records]

    def of(self, *classes: type[A]) -> list[A]:
        """The recorded actions of these classes."""
        return [record.action for record in self._records if isinstance(record.action, classes)]

    def clear(self) -> None:
        """Forget what was recorded."""
        self._records.clear()

    def stop(self) -> None:
        """Record no more. What was recorded stays."""
        self._subscription.unsubscribe()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: Any) -> None:
        self.stop()
