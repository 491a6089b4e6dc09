"""Keys and values of a state as JSON: the parts of a JSON Pointer, and what a patch puts somewhere."""

import json
from collections.abc import Mapping
from typing import Any, cast

import immutables
from pydantic_core import to_jsonable_python

from ..containers import StateMapping
from ..entity_state import EntityState


def plain(value: Any) -> Any:
    """A value as JSON, by the names of fields: in the shape in which the types of a state read it.

    Raises:
        ValueError: for what cannot be written.
    """
    return to_jsonable_python(value, by_alias=False, fallback=_known_here)


def _known_here(value: Any) -> Any:
    if isinstance(value, immutables.Map | StateMapping):
        return dict(value)  # pyright: ignore[reportUnknownArgumentType] -- of any keys
    if isinstance(value, EntityState):
        return [[id, value[id]] for id in cast("EntityState[Any, Any]", value).ids]
    msg = f"there is no JSON for a {type(value).__name__}"
    raise ValueError(msg)


def token(key: Any) -> str:
    """A key as a part of a JSON Pointer: a text as it is, anything else as its JSON.

    Examples:
        >>> token("a/b"), token(7), token((1, True))
        ('a~1b', '7', '[1,true]')
    """
    return _text(key).replace("~", "~0").replace("/", "~1")


def _text(key: Any) -> str:
    if type(key) is str:
        return key
    try:
        written = plain(key)
    except ValueError:  # nothing but the key itself leads there
        return str(key)
    return written if isinstance(written, str) else json.dumps(written, separators=(",", ":"), ensure_ascii=False)


def tokens(path: str) -> tuple[str, ...]:
    """The parts of a JSON Pointer."""
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in path.split("/")[1:])


def is_text_of(text: str, key: Any) -> bool:
    """Whether a part of a JSON Pointer stands for this key."""
    return _text(key) == text


def is_same(one: Any, other: Any) -> bool:
    """Whether two values are equal in JSON: numbers by their value, and True is none; what sort of list does not matter.

    See RFC 6902, section 4.6.
    """
    if isinstance(one, Mapping | immutables.Map) and isinstance(other, Mapping | immutables.Map):
        ours, theirs = cast("Mapping[Any, Any]", one), cast("Mapping[Any, Any]", other)
        return len(ours) == len(theirs) and all(
            key in theirs and is_same(part, theirs[key]) for key, part in ours.items()
        )
    if isinstance(one, list | tuple) and isinstance(other, list | tuple):
        parts = zip(cast("list[Any]", one), cast("list[Any]", other), strict=False)
        return len(one) == len(other) and all(is_same(part, its) for part, its in parts)  # pyright: ignore[reportUnknownArgumentType]
    return bool(one == other) and isinstance(one, bool) is isinstance(other, bool)
