"""Drafts: what a recipe changes in place of the state. Each looks like the value that it stands for.

A draft makes a shallow working copy of its value when it is first written to, or when a part of it
that could be written to is first read; what is below comes as drafts of its own.
"""

import copy
from collections.abc import Callable, Iterable, Iterator, MutableMapping, MutableSequence, MutableSet
from functools import lru_cache
from typing import Any, Protocol

from .draft_kinds import LISTS, MAPPINGS, RECORDS, SETS, Kind, kind_for, record_fields


class Scope(Protocol):
    """The one call of `produce` that drafts belong to."""

    active: bool

    def draft_of(self, value: Any) -> Any: ...


class Draft:
    """What all drafts have in common: a value, and a working copy of it, None until it is needed."""

    __slots__ = ("_scope", "_value", "_work")

    def __init__(self, scope: Scope, value: Any) -> None:
        object.__setattr__(self, "_scope", scope)
        object.__setattr__(self, "_value", value)
        object.__setattr__(self, "_work", None)

    def __repr__(self) -> str:
        return f"<draft of {current_of(self)!r}>" if scope_of(self).active else "<draft after its recipe>"

    def __eq__(self, other: object) -> bool:
        return current_of(self) == (current_of(other) if isinstance(other, Draft) else other)

    __hash__ = None  # pyright: ignore[reportAssignmentType] -- it changes

    def __copy__(self) -> Any:
        return current_of(self)

    def __deepcopy__(self, memo: dict[int, Any]) -> Any:
        return copy.deepcopy(current_of(self), memo)

    def __reduce__(self) -> Any:
        msg = "A draft cannot be pickled. Take what produce() returns."
        raise TypeError(msg)


def scope_of(draft: Draft) -> Scope:
    return object.__getattribute__(draft, "_scope")


def value_of(draft: Draft) -> Any:
    """What the draft stands for, as it was before the recipe."""
    return object.__getattribute__(draft, "_value")


def work_of(draft: Draft) -> Any:
    """The working copy; None when the draft was never written to, nor read deeply."""
    return object.__getattribute__(draft, "_work")


def _writable(draft: Draft) -> Any:
    _check_active(draft)
    work = work_of(draft)
    if work is None:
        work = kind_of(draft).open(value_of(draft))
        object.__setattr__(draft, "_work", work)
    return work


def _readable(draft: Draft) -> Any:
    """The working copy, or the untouched parts."""
    _check_active(draft)
    work = work_of(draft)
    return kind_of(draft).look(value_of(draft)) if work is None else work


def _read(draft: Draft, key: Any) -> Any:
    """A part of a draft, as a draft of its own where it can be written to."""
    part = _readable(draft)[key]
    return _as_draft(draft, key, part)


def _as_draft(draft: Draft, key: Any, part: Any) -> Any:
    child = scope_of(draft).draft_of(part)
    if child is not part:
        _writable(draft)[key] = child
    return child


def _check_active(draft: Draft) -> None:
    if not scope_of(draft).active:
        msg = f"A draft of {type(value_of(draft)).__name__} was used after its recipe. Take what produce() returns."
        raise RuntimeError(msg)


class RecordDraft(Draft):
    """Of a pydantic model, a dataclass or a named tuple: fields are attributes."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        value = value_of(self)
        if name in record_fields(value.__class__):
            _check_active(self)
            work = work_of(self)
            return _as_draft(self, name, getattr(value, name) if work is None else work[name])
        found = getattr(value_of(self).__class__, name, None)
        if isinstance(found, property) and found.fget is not None:
            return found.fget(self)
        if callable(found):  # a method works on the draft as it would on the value
            return found.__get__(self) if hasattr(found, "__get__") else found
        msg = f"{type(value_of(self)).__name__} has no field {name!r}. Its fields: {', '.join(record_fields(value.__class__))}."
        raise AttributeError(msg)

    def __setattr__(self, name: str, value: Any) -> None:
        fields = record_fields(value_of(self).__class__)
        if name not in fields:
            msg = f"{type(value_of(self)).__name__} has no field {name!r}. Its fields: {', '.join(fields)}."
            raise AttributeError(msg)
        _writable(self)[name] = value

    def __delattr__(self, name: str) -> None:
        msg = f"A field cannot be deleted from a {type(value_of(self)).__name__}: {name!r}. Give it another value."
        raise AttributeError(msg)


class MappingDraft(Draft, MutableMapping[Any, Any]):
    """Of a dict or an `immutables.Map`."""

    __slots__ = ()

    def __getitem__(self, key: Any) -> Any:
        return _read(self, key)

    def __setitem__(self, key: Any, value: Any) -> None:
        _writable(self)[key] = value

    def __delitem__(self, key: Any) -> None:
        del _writable(self)[key]

    def __iter__(self) -> Iterator[Any]:
        return iter(_readable(self))

    def __len__(self) -> int:
        return len(_readable(self))

    def __contains__(self, key: object) -> bool:
        return key in _readable(self)

    __eq__ = Draft.__eq__
    __hash__ = None


class ListDraft(Draft, MutableSequence[Any]):
    """Of a list or a tuple; both look like lists."""

    __slots__ = ()

    def __getitem__(self, index: Any) -> Any:
        if isinstance(index, slice):
            return [self[each] for each in range(len(self))[index]]
        return _read(self, index)

    def __setitem__(self, index: Any, value: Any) -> None:
        _writable(self)[index] = value

    def __delitem__(self, index: Any) -> None:
        del _writable(self)[index]

    def __len__(self) -> int:
        return len(_readable(self))

    def insert(self, index: int, value: Any) -> None:
        _writable(self).insert(index, value)

    def sort(self, *, key: Callable[[Any], Any] | None = None, reverse: bool = False) -> None:
        _writable(self).sort(key=key, reverse=reverse)

    def __add__(self, other: Iterable[Any]) -> list[Any]:
        return [*self, *other]


class SetDraft(Draft, MutableSet[Any]):
    """Of a set or a frozenset. Its elements are values, not drafts."""

    __slots__ = ()

    def __contains__(self, value: object) -> bool:
        return value in _readable(self)

    def __iter__(self) -> Iterator[Any]:
        return iter(_readable(self))

    def __len__(self) -> int:
        return len(_readable(self))

    def add(self, value: Any) -> None:
        _writable(self).add(value)

    def discard(self, value: Any) -> None:
        _writable(self).discard(value)

    def update(self, *others: Iterable[Any]) -> None:
        _writable(self).update(*others)

    @classmethod
    def _from_iterable(cls, it: Iterable[Any]) -> Any:
        return set(it)

    __eq__ = Draft.__eq__
    __hash__ = None


_CLASSES: dict[Kind, type[Draft]] = {RECORDS: RecordDraft, MAPPINGS: MappingDraft, LISTS: ListDraft, SETS: SetDraft}
_KINDS: dict[type[Draft], Kind] = {cls: kind for kind, cls in _CLASSES.items()}


def kind_of(draft: Draft) -> Kind:
    return _KINDS[type(draft)]


@lru_cache(maxsize=4096)
def draft_class(cls: type[Any]) -> type[Draft] | None:
    """Which drafts values of a class get; None for those that are changed as a whole."""
    kind = kind_for(cls)
    return None if kind is None else _CLASSES[kind]


def current_of(draft: Draft) -> Any:
    """The value as it would be if the recipe ended now."""
    work = work_of(draft)
    if work is None:
        return value_of(draft)
    kind = kind_of(draft)
    plain = copy.copy(work)
    for key, part in kind.parts(work):
        if isinstance(part, Draft):
            plain[key] = current_of(part)
    return value_of(draft) if kind.is_same(value_of(draft), plain) else kind.close(value_of(draft), plain)
