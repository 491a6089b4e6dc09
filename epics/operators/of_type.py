"""The operator that picks actions by class."""

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable
from reactivex import operators as ops

from ...actions import Action
from ...actions.registry import is_of
from ...reducers.action_class import HasActionClass, action_classes
from ...store import ActionStream

A = TypeVar("A", bound=Action)


def of_type(*actions: type[A] | HasActionClass[A]) -> Callable[[Observable[Action]], Observable[A]]:
    """Pass on actions of these classes and their subclasses; a slice's action stands for its class.

    Straight on the action stream it subscribes through an index, and other actions cost nothing.
    Elsewhere it is a filter.

    Raises:
        TypeError: for no class, or for what is no action class.

    See https://redux-observable.js.org/docs/api/ofType.html

    Examples:
        >>> import reactivex as rx
        >>> from rxdux import Action, of_type
        >>> class Ping(Action): ...
        >>> class Pong(Action): ...
        >>> _ = rx.of(Ping(), Pong()).pipe(of_type(Pong)).subscribe(lambda action: print(action.type))
        PONG
    """
    classes = action_classes("of_type()", actions)

    def pick(source: Observable[Action]) -> Observable[A]:
        if isinstance(source, ActionStream):
            return source.of_classes(*classes)

        def is_wanted(action: Any) -> bool:
            return is_of(action, classes)

        return source.pipe(ops.filter(is_wanted))

    return pick
