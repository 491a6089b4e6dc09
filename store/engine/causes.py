"""What an action comes of: noted in the context in which all that follows from it runs."""

from contextvars import ContextVar
from typing import NamedTuple, TypeVar

from reactivex import Observable, abc

from ...actions import Action

T = TypeVar("T")


class Cause(NamedTuple):
    """The action that is answered, and the one that the answer waited for, where it did."""

    action: Action
    awaited: Action | None = None


CAUSE: ContextVar[Cause | None] = ContextVar("rxdux_cause", default=None)
"""Set where somebody traces causes, else None."""


def answering(cause: Cause | None, awaited: Action, stream: Observable[T]) -> Observable[T]:
    """The stream, as an answer to what was asked before this action was awaited. Untraced (None), it stays as it is."""
    if cause is None:
        return stream

    def subscribe(observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None = None) -> abc.DisposableBase:
        before = CAUSE.set(Cause(cause.action, awaited))
        try:
            return stream.subscribe(observer, scheduler=scheduler)
        finally:
            CAUSE.reset(before)

    return Observable(subscribe)
