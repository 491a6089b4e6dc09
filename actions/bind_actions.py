"""Action creators bound to a dispatch function."""

from collections.abc import Callable
from typing import Any, Generic, TypeVar

from .action import Action, screaming_snake_case

R = TypeVar("R")


class BoundActions(Generic[R]):
    """What `bind_actions` returns: one method for each action class, in snake_case."""

    def __init__(self, creators: dict[str, Callable[..., R]]) -> None:
        self.__dict__.update(creators)

    def __getattr__(self, name: str) -> Callable[..., R]:
        msg = f"No action is bound as {name!r}. Bound are: {', '.join(self.__dict__)}."
        raise AttributeError(msg)


def bind_actions(dispatch: Callable[[Any], R], *classes: type[Action]) -> BoundActions[R]:
    """Bind action classes to `dispatch`, so that one call creates and dispatches.

    Args:
        dispatch: usually `store.dispatch`.
        classes: action classes; `AddTodo` becomes the method `add_todo`.

    Raises:
        TypeError: when one of them is not an action class.
        ValueError: when two would get the same name.

    See https://redux.js.org/api/bindactioncreators

    Examples:
        >>> class Add(Action):
        ...     amount: int = 1
        >>> bound = bind_actions(print, Add)
        >>> bound.add(amount=2)
        amount=2
    """
    creators: dict[str, Callable[..., R]] = {}
    for cls in classes:
        if not (isinstance(cls, type) and issubclass(cls, Action)):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"bind_actions takes action classes, not {cls!r}. Pass the class, as in bind_actions(store.dispatch, Increment)."
            raise TypeError(msg)
        name = screaming_snake_case(cls.__name__).lower()
        if name in creators:
            msg = f"Two action classes would be bound as {name!r}. Bind them in two calls."
            raise ValueError(msg)
        creators[name] = _bind(dispatch, cls)
    return BoundActions(creators)


def _bind(dispatch: Callable[[Any], R], cls: type[Action]) -> Callable[..., R]:
    def create_and_dispatch(*args: Any, **fields: Any) -> R:
        return dispatch(cls(*args, **fields))

    create_and_dispatch.__name__ = create_and_dispatch.__qualname__ = cls.__name__
    return create_and_dispatch
