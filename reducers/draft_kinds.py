"""How each kind of value is opened for a recipe to work on, and closed again."""

import copy
import dataclasses
from collections.abc import Iterable
from functools import lru_cache
from typing import Any, Protocol, TypeGuard, cast

import immutables
from pydantic import BaseModel

from .containers import StateMapping
from .state import change_of, field_names, is_named_tuple

_ABSENT = object()


class Kind(Protocol):
    """How a kind of draft opens its value for work, looks at it, and closes it again."""

    def open(self, value: Any) -> Any: ...
    def look(self, value: Any) -> Any: ...
    def parts(self, work: Any) -> Iterable[tuple[Any, Any]]: ...
    def news(self, value: Any, work: Any) -> Iterable[tuple[Any, Any]]: ...
    def is_same(self, value: Any, work: Any) -> bool: ...
    def close(self, value: Any, work: Any) -> Any: ...


class _Records:
    def open(self, value: Any) -> dict[str, Any]:
        return {name: getattr(value, name) for name in record_fields(value.__class__)}

    look = open

    def parts(self, work: dict[str, Any]) -> Iterable[tuple[Any, Any]]:
        return list(work.items())

    def news(self, value: Any, work: dict[str, Any]) -> Iterable[tuple[Any, Any]]:
        return [(name, part) for name, part in work.items() if getattr(value, name) is not part]

    def is_same(self, value: Any, work: dict[str, Any]) -> bool:
        return not self.news(value, work)

    def close(self, value: Any, work: dict[str, Any]) -> Any:
        return change_of(value.__class__)(value, dict(self.news(value, work)))


class _Mappings:
    def open(self, value: Any) -> dict[Any, Any]:
        return dict(value)

    def look(self, value: Any) -> Any:
        return value

    def parts(self, work: dict[Any, Any]) -> Iterable[tuple[Any, Any]]:
        return list(work.items())

    def news(self, value: Any, work: dict[Any, Any]) -> Iterable[tuple[Any, Any]]:
        return [(key, part) for key, part in work.items() if value.get(key, _ABSENT) is not part]

    def is_same(self, value: Any, work: dict[Any, Any]) -> bool:
        is_ordered = isinstance(value, dict)
        same_parts = len(value) == len(work) and all(key in value and value[key] is part for key, part in work.items())
        return same_parts and (not is_ordered or list(cast("Any", value)) == list(work))

    def close(self, value: Any, work: dict[Any, Any]) -> Any:
        if isinstance(value, StateMapping):
            return value.with_slices({key: part for key, part in work.items() if value[key] is not part})
        if _is_map(value):
            return _changed_map(value, work)
        if type(value) is dict:
            return dict(work)
        same_kind = copy.copy(value)
        same_kind.clear()
        same_kind.update(work)
        return same_kind


class _Lists:
    def open(self, value: Any) -> list[Any]:
        return list(value)

    def look(self, value: Any) -> Any:
        return value

    def parts(self, work: list[Any]) -> Iterable[tuple[Any, Any]]:
        return list(enumerate(work))

    def news(self, value: Any, work: list[Any]) -> Iterable[tuple[Any, Any]]:
        known = len(value)
        return [(at, part) for at, part in enumerate(work) if at >= known or value[at] is not part]

    def is_same(self, value: Any, work: list[Any]) -> bool:
        return len(value) == len(work) and all(one is other for one, other in zip(value, work, strict=True))

    def close(self, value: Any, work: list[Any]) -> Any:
        return list(work) if type(value) is list else type(value)(work)


class _Sets:
    def open(self, value: Any) -> set[Any]:
        return set(value)

    def look(self, value: Any) -> Any:
        return value

    def parts(self, work: set[Any]) -> Iterable[tuple[Any, Any]]:
        return ()

    def news(self, value: Any, work: set[Any]) -> Iterable[tuple[Any, Any]]:
        return ()

    def is_same(self, value: Any, work: set[Any]) -> bool:
        return value == work

    def close(self, value: Any, work: set[Any]) -> Any:
        return type(value)(work)


RECORDS, MAPPINGS, LISTS, SETS = _Records(), _Mappings(), _Lists(), _Sets()


@lru_cache(maxsize=4096)
def kind_for(cls: type[Any]) -> Kind | None:
    """How values of a class are worked on; None for those that are changed as a whole."""
    if issubclass(cls, BaseModel) or dataclasses.is_dataclass(cls) or is_named_tuple(cls):
        return RECORDS
    if issubclass(cls, dict | StateMapping | immutables.Map):
        return MAPPINGS
    if issubclass(cls, list | tuple):
        return LISTS
    return SETS if issubclass(cls, set | frozenset) else None


@lru_cache(maxsize=4096)
def record_fields(cls: type[Any]) -> tuple[str, ...]:
    return cls._fields if is_named_tuple(cls) else tuple(field_names(cls))


def _is_map(value: Any) -> "TypeGuard[immutables.Map[Any, Any]]":
    return isinstance(value, immutables.Map)


def _changed_map(value: "immutables.Map[Any, Any]", work: dict[Any, Any]) -> "immutables.Map[Any, Any]":
    """A map with what has changed, which shares the rest."""
    mutation = value.mutate()
    for key in [key for key in value if key not in work]:
        del mutation[key]
    for key, part in work.items():
        if key not in value or value[key] is not part:
            mutation[key] = part
    return mutation.finish()
