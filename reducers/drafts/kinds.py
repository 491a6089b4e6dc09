"""Which classes have drafts, which are values that nothing can change, and of which there is no draft."""

import gc
import types
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from datetime import date, time, timedelta, tzinfo
from decimal import Decimal
from enum import Enum
from functools import lru_cache, partial
from pathlib import PurePath
from typing import Any, Protocol
from uuid import UUID

import immutables

from ..containers import StateMapping
from ..entity_state import EntityState
from .draft import Draft, Scope, original_of, type_of
from .maps import EntitiesKind, MapKind
from .records import RecordKind, is_record
from .sequences import DequeKind, ListKind, TupleKind, Walk
from .tables import DictKind, SetKind

_VALUES = (
    *(str, int, float, complex, bool, bytes, type(None), type, Enum, Decimal, UUID, PurePath, range, slice),
    *(date, time, timedelta, tzinfo, type(...), type(NotImplemented), types.GenericAlias, types.UnionType),
    *(types.FunctionType, types.BuiltinFunctionType, types.ModuleType),
)


class Kind(Protocol):
    """How values of a class are opened for a recipe, and settled when it is over."""

    mutable: bool
    """Whether a value can be changed where it is, also without a draft."""
    has_identity: bool
    """Whether one that a recipe puts in two places is one thing; equal tuples may be the same object by chance."""

    def open(self, scope: Scope, value: Any, fresh: bool) -> Any:
        """A draft of the value."""
        ...

    def steps(self, value: Any) -> Iterable[tuple[str, Any]]:
        """The parts of a value or a draft as they lie there, each with the step of the path that leads to it."""
        ...

    def settle(self, value: Any, base: Any, known: Any, walk: Walk) -> Any:
        """The value of a draft, or of what a recipe made: `base` itself where nothing changed.

        Args:
            known: what stood in this place in the original. No draft is in it.
            walk: settles a part.
        """
        ...


class _Own:
    """Of classes that are not known: values if they have a hash by value; else there is no draft of them."""

    mutable = False
    has_identity = False

    def open(self, scope: Scope, value: Any, fresh: bool) -> Any:
        if _is_value(value):
            return value
        raise scope.refuse(
            value, "there is no draft of it. Keep models, dataclasses, containers and values in the state"
        )

    def steps(self, value: Any) -> Iterator[tuple[str, Any]]:
        yield from ((f".{name}", part) for name, part in getattr(value, "__dict__", {}).items())
        for cls in type(value).__mro__:
            slots = cls.__dict__.get("__slots__", ())
            for name in (slots,) if isinstance(slots, str) else slots:
                part = getattr(value, name, None)
                if part is not None:
                    yield f".{name}", part
        if not type(value).__flags__ & _MADE_IN_PYTHON:  # an iterator, a view, a partial
            yield from (("", part) for part in gc.get_referents(value))

    def settle(self, value: Any, base: Any, known: Any, walk: Walk) -> Any:
        if type_of(value) is not _PARTIAL and type_of(value).__flags__ & _MADE_IN_PYTHON and _is_value(value):
            return value
        if _holds_draft(value, set()):
            msg = f"A recipe put a draft into a {type(value).__name__}, where it cannot be found again. Put a value there, as of current(draft)."
            raise TypeError(msg)
        return value


_PARTIAL: type[Any] = partial
_MADE_IN_PYTHON = 1 << 9  # Py_TPFLAGS_HEAPTYPE


def _is_value(value: Any) -> bool:
    """Whether an object of an unknown class promises that it does not change."""
    cls = type_of(value)
    if cls.__hash__ is None:  # of what is changed in place
        return False
    if cls.__hash__ is object.__hash__:
        return (
            not cls.__dictoffset__ and not any(base.__dict__.get("__slots__") for base in cls.__mro__)
        ) or cls is _PARTIAL
    try:
        hash(value)
    except TypeError:
        return False
    return True


def _holds_draft(value: Any, seen: set[int]) -> bool:
    if isinstance(value, Draft):
        return True
    kind = kind_of(type_of(value))
    if kind is None or id(value) in seen or len(seen) > _FAR:
        return False
    seen.add(id(value))
    return any(_holds_draft(part, seen) for _, part in kind.steps(value))


_FAR = 10_000  # objects that are looked through for drafts: more of them are no part of a state


class _Drafts:
    """Of drafts themselves: they are what a recipe has already."""

    mutable = False
    has_identity = False

    def open(self, scope: Scope, value: Any, fresh: bool) -> Any:
        return value

    def steps(self, value: Any) -> Iterable[tuple[str, Any]]:
        return kind_of_original(value).steps(value)

    def settle(self, value: Any, base: Any, known: Any, walk: Walk) -> Any:
        return kind_of_original(value).settle(value, base, known, walk)


OWN, DRAFTS, MAPS = _Own(), _Drafts(), MapKind()

_CONTAINERS: tuple[tuple[type[Any], Callable[[Any], Kind]], ...] = (
    (list, ListKind),
    (tuple, TupleKind),
    (deque, DequeKind),
    (dict, DictKind),
    (set, SetKind),
    (frozenset, SetKind),
)


@lru_cache(maxsize=4096)
def kind_of(cls: type[Any]) -> Kind | None:
    """How values of a class are worked on; None for those that nothing can change."""
    if issubclass(cls, Draft):
        return DRAFTS
    if is_record(cls):
        return RecordKind(cls)
    if issubclass(cls, immutables.Map | StateMapping):
        return MAPS
    if issubclass(cls, EntityState):
        return EntitiesKind(cls)  # pyright: ignore[reportUnknownArgumentType] -- of any entities
    for base, kind in _CONTAINERS:
        if issubclass(cls, base):
            return kind(cls) if not _has_attributes(cls, base) else OWN
    return None if issubclass(cls, _VALUES) else OWN


def kind_of_original(draft: Draft) -> Kind:
    """How the value of a draft is worked on."""
    return kind_of(type_of(original_of(draft))) or OWN


def _has_attributes(cls: type[Any], base: type[Any]) -> bool:
    """Whether a container of a derived class names attributes of its own, which a copy would not have."""
    for each in cls.__mro__:
        if each is base:
            return False
        if each.__dict__.get("__slots__") or (
            "__init__" in each.__dict__ and each.__module__ not in ("collections", "builtins")
        ):
            return True
    return False
