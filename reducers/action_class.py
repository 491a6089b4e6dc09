"""Action classes, and what stands for one: an action creator that a slice made."""

from collections.abc import Iterable
from typing import Any, Protocol, TypeVar, runtime_checkable

from ..actions import Action

A_co = TypeVar("A_co", bound=Action, covariant=True)
A = TypeVar("A", bound=Action)


@runtime_checkable
class HasActionClass(Protocol[A_co]):
    """What makes actions of one class."""

    @property
    def action_class(self) -> type[A_co]: ...


def classes_in(option: str, example: str, given: Any) -> tuple[type[Any], ...]:
    """The action classes that an option lists; there may be none.

    Raises:
        TypeError: for what is no list, and for what is no action class in it, naming the option.
    """
    if isinstance(given, type | str) or not hasattr(given, "__iter__"):
        msg = f"{option} takes a tuple of action classes, as in {example}, not {given!r:.100}."
        raise TypeError(msg)
    listed = tuple(given)
    return action_classes(option, listed) if listed else ()


def action_classes(who: str, given: Iterable[Any]) -> tuple[type[Any], ...]:
    """The action classes that are given, or stood for.

    Raises:
        TypeError: for none at all, and for what is no action class, naming it.
    """
    classes = tuple(getattr(each, "action_class", each) for each in given)
    if not classes:
        msg = f"{who} takes one or more action classes, and got none."
        raise TypeError(msg)
    for cls in classes:
        if not (isinstance(cls, type) and issubclass(cls, Action)):
            hint = f" Did you mean {type(cls).__name__}?" if isinstance(cls, Action) else ""
            msg = f"{who} takes action classes, not {cls!r:.100}.{hint}"
            raise TypeError(msg)
    return classes
