"""What all drafts have in common, and how a class gets the class of its drafts.

A *draft* is an instance of the class that it stands for, made when that place in the state is first
read. It holds a copy, one level deep: its parts become drafts in their turn when they are read. So
what reads it past its methods, as C code does, finds the right parts in it, and nothing that is
written there reaches the original.
"""

from abc import ABCMeta
from collections import deque
from collections.abc import Callable
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Protocol

ABSENT: Any = object()
"""Stands where there is no value."""

type_of: Callable[[Any], type[Any]] = type
"""The class of an object; of a draft its own, not that which it stands for."""

DEAD = "<draft after its recipe>"

AList: Any = list
ATuple: Any = tuple
ADict: Any = dict
ASet: Any = set
AFrozenSet: Any = frozenset
ADeque: Any = deque
"""The containers' own methods, called past those of a draft: they reach the parts as they lie there."""

SLOTS = ("_draft_scope", "_draft_original", "_draft_fresh")


class Scope(Protocol):
    """The one call of `produce` that a draft belongs to."""

    active: bool

    def child(self, owner: "Draft", part: Any, before: Any) -> Any:
        """A part as the recipe may have it: a draft, or itself where it may be changed as it is."""
        ...

    def settled(self, value: Any) -> Any:
        """The value of a draft as it is now."""
        ...

    def refuse(self, value: Any, reason: str) -> Exception:
        """The error for a value of which there is no draft; it names the path."""
        ...


class Draft:
    """Knows the value that it stands for, and the recipe that it belongs to."""

    __slots__ = ()

    if TYPE_CHECKING:
        _draft_scope: Scope
        _draft_original: Any
        _draft_fresh: bool  # it stands for a value that came with the recipe, not with the state

    def __init_subclass__(cls, **options: Any) -> None:
        """Say nothing to the class that is stood for: to its author this is no subclass."""

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        from copy import deepcopy  # noqa: PLC0415 -- of the name that this method has

        return deepcopy(value_now(self), memo)

    def __reduce_ex__(self, protocol: Any) -> Any:
        return value_now(self).__reduce_ex__(protocol)


def check_active(draft: Draft) -> Scope:
    """Refuse a draft that outlived its recipe.

    Raises:
        RuntimeError: after the recipe.
    """
    scope = draft._draft_scope  # pyright: ignore[reportPrivateUsage] -- of this wing
    if not scope.active:
        msg = f"A draft of {class_of(draft).__name__} was used after its recipe. Take what produce() returns."
        raise RuntimeError(msg)
    return scope


def class_of(draft: Draft) -> type[Any]:
    """The class of the value that a draft stands for."""
    return type_of(original_of(draft))


def original_of(draft: Draft) -> Any:
    """The value that a draft stands for, as it was before the recipe."""
    return draft._draft_original  # pyright: ignore[reportPrivateUsage] -- of this wing


def value_now(draft: Draft) -> Any:
    """The value as it would be if the recipe ended now."""
    return check_active(draft).settled(draft)


def child_of(draft: Draft, part: Any, before: Any) -> Any:
    """A part of a draft, as the recipe may have it. `before` stood at this place in the original."""
    return check_active(draft).child(draft, part, before)


def plain_key(key: Any) -> Any:
    """A key or an element of a set: its value, since it must not change."""
    return value_now(key) if isinstance(key, Draft) else key


@lru_cache(maxsize=256)
def _meta(meta: type[type]) -> type[type]:
    return type(f"{meta.__name__}OfDrafts", (meta,), {"__call__": _make_value})


def _make_value(cls: Any, *args: Any, **kwargs: Any) -> Any:
    """What a method makes by `type(self)(...)` is no draft."""
    return cls.__dict__["_draft_class"](*args, **kwargs)


Stamp = Callable[[Any, Scope, Any, bool], None]


def stand_in(cls: type[Any], bases: tuple[type[Any], ...], namespace: dict[str, Any]) -> tuple[type[Any], Stamp]:
    """The class of the drafts of a class, and what tells a new draft where it belongs.

    It is made past the metaclass: a model is not built anew, and no table of subclasses hears of it.
    """
    meta = _meta(type(bases[-1]))
    body = {
        "__slots__": SLOTS,
        "__class__": property(lambda _: cls),
        "__module__": cls.__module__,
        "__qualname__": f"{cls.__qualname__}Draft",
        "__doc__": cls.__doc__,
        "_draft_class": cls,
        **namespace,
    }
    make: Any = ABCMeta.__new__ if issubclass(meta, ABCMeta) else type.__new__
    made = make(meta, f"{cls.__name__}Draft", bases, body)
    set_scope, set_original, set_fresh = (made.__dict__[name].__set__ for name in SLOTS)

    def stamp(draft: Any, scope: Scope, original: Any, fresh: bool) -> None:
        set_scope(draft, scope)
        set_original(draft, original)
        set_fresh(draft, fresh)

    return made, stamp


_next: Callable[[type[Any], Any], Any] = super


def checked(cls: type[Any], name: str) -> Callable[..., Any]:
    """A method that is the value's own, for as long as the recipe runs."""

    def method(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        check_active(self)
        return getattr(_next(cls, self), name)(*args, **kwargs)

    method.__name__ = name
    return method


def opened(cls: type[Any], name: str) -> Callable[..., Any]:
    """A method that gives parts away: all parts are drafts before it does."""

    def method(self: Any, /, *args: Any, **kwargs: Any) -> Any:
        check_active(self)
        self._draft_open()
        return getattr(_next(cls, self), name)(*args, **kwargs)

    method.__name__ = name
    return method


def guard(cls: type[Any], how: Callable[[type[Any], str], Callable[..., Any]], names: str) -> None:
    """Give a class of drafts these methods of the value's."""
    for name in names.split():
        setattr(cls, name, how(cls, name))
