"""The parts of any state, by name: what a tree shows, and what a difference walks."""

import dataclasses
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple, cast

from pydantic import BaseModel

from ..reducers import EntityState

LONGEST = 120  # characters of a value
MOST = 200  # differences that are told


class Difference(NamedTuple):
    """A place, and what was there before and after; None for nothing."""

    path: str
    before: str | None
    after: str | None

    def __str__(self) -> str:
        match self:
            case (path, None, after):
                return f"+ {path}: {after}"
            case (path, before, None):
                return f"- {path}: {before}"
            case (path, before, after):
                return f"~ {path}: {before} → {after}"


def parts_of(value: Any) -> dict[str, Any] | None:
    """The parts of a value by name; None for one that has none. Secrets have none, and show as stars."""
    if isinstance(value, BaseModel):
        return {name: getattr(value, name) for name in type(value).model_fields}
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {field.name: getattr(value, field.name) for field in dataclasses.fields(value)}
    if isinstance(value, EntityState):
        entities = cast("EntityState[Any, Any]", value)
        return {str(id): entities[id] for id in entities.ids}
    if isinstance(value, Mapping):
        return {str(key): part for key, part in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return {str(number): part for number, part in enumerate(cast("list[Any]", value))}
    return None


def words_of(value: Any) -> str:
    """A value in one short line."""
    text = repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"


def differences(before: Any, after: Any) -> list[Difference]:
    """Where two states differ. Parts that are the same object are not looked at.

    Examples:
        >>> from rxdux import State
        >>> class Sum(State):
        ...     total: int
        ...     parts: tuple[int, ...]
        >>> for each in differences(Sum(total=1, parts=(1,)), Sum(total=3, parts=(1, 2))):
        ...     print(each)
        ~ total: 1 → 3
        + parts.1: 2
    """
    found: list[Difference] = []
    for each in _walk("", before, after):
        found.append(each)
        if len(found) == MOST:
            break
    return found


def _walk(path: str, before: Any, after: Any) -> Iterator[Difference]:
    if before is after:
        return
    old, new = parts_of(before), parts_of(after)
    if old is None or new is None or type(before) is not type(after):
        if before != after:
            yield Difference(path or "state", words_of(before), words_of(after))
        return
    for name, part in old.items():
        where = f"{path}.{name}" if path else name
        if name in new:
            yield from _walk(where, part, new[name])
        else:
            yield Difference(where, words_of(part), None)
    for name, part in new.items():
        if name not in old:
            yield Difference(f"{path}.{name}" if path else name, None, words_of(part))
