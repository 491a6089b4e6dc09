"""How each kind of value is opened for a recipe to work on, and closed again."""

import copy
import dataclasses
from collections.abc import Iterable
from typing import Any, Protocol, TypeGuard, cast

import immutables
from pydantic import BaseModel

from .containers import StateMapping
from .state import field_names, replace_fields


class Kind(Protocol):
    """How a kind of draft opens its value for work, looks at it, and closes it again."""

    def open(self, value: Any) -> Any: ...
    def look(self, value: Any) -> Any: ...
    def parts(self, work: Any) -> Iterable[tuple[Any, Any]]: ...
    def is_same(self, value: Any, work: Any) -> bool: ...
    def close(self, value: Any, work: Any) -> Any: ...


class _Records:
    def open(self, value: Any) -> dict[str, Any]:
        return {name: getattr(value, name) for name in _field_names(value)}

    look = open

    def parts(self, work: dict[str, Any]) -> Iterable[tuple[Any, Any]]:
        return list(work.items())

    def is_same(self, value: Any, work: dict[str, Any]) -> bool:
        return all(getattr(value, name) is part for name, part in work.items())

    def close(self, value: Any, work: dict[str, Any]) -> Any:
        changes = {name: part for name, part in work.items() if getattr(value, name) is not part}
        if isinstance(value, BaseModel):
            return replace_fields(value, changes)
        return value._replace(**changes) if is_named_tuple(value) else dataclasses.replace(value, **changes)


class _Mappings:
    def open(self, value: Any) -> dict[Any, Any]:
        return dict(value)

    def look(self, value: Any) -> Any:
        return value

    def parts(self, work: dict[Any, Any]) -> Iterable[tuple[Any, Any]]:
        return list(work.items())

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

    def is_same(self, value: Any, work: set[Any]) -> bool:
        return value == work

    def close(self, value: Any, work: set[Any]) -> Any:
        return type(value)(work)


RECORDS, MAPPINGS, LISTS, SETS = _Records(), _Mappings(), _Lists(), _Sets()


def kind_for(value: Any) -> Kind | None:
    """How a value is worked on; None for one that is changed as a whole."""
    if isinstance(value, BaseModel) or is_named_tuple(value) or _is_dataclass_instance(value):
        return RECORDS
    if isinstance(value, dict | StateMapping) or _is_map(value):
        return MAPPINGS
    if isinstance(value, list | tuple):
        return LISTS
    return SETS if isinstance(value, set | frozenset) else None


def is_named_tuple(value: Any) -> bool:
    return isinstance(value, tuple) and hasattr(cast("Any", value), "_fields")


def _is_dataclass_instance(value: Any) -> bool:
    return dataclasses.is_dataclass(value) and not isinstance(value, type)


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


def _field_names(value: Any) -> Iterable[str]:
    return value._fields if is_named_tuple(value) else field_names(value.__class__)
