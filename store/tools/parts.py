"""The parts of any value, by name, and a value in a few words. Neither costs more than what is looked at."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import chain
from typing import Any, NamedTuple, cast

from pydantic import BaseModel

from ...reducers import EntityState

PIECE = 80  # characters of a line of a long text
DEEPEST = 20  # values in each other, of which some words are told
DIGITS = 100  # of a number that is shown whole


class Items(NamedTuple):
    """The parts of a value: how many there are, and the name and the value of each."""

    size: int
    at: Callable[[int], tuple[str, Any]]


def items_of(value: Any) -> Items | None:
    """The parts of a value; None for one that has none. Secrets have none, and show as stars."""
    if isinstance(value, BaseModel):
        return _named(value, list(type(value).model_fields))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _named(value, [field.name for field in dataclasses.fields(value)])
    if isinstance(value, EntityState):
        entities = cast("EntityState[Any, Any]", value)
        return _keyed(entities, list(entities.ids))
    if isinstance(value, Mapping):
        mapping = cast("Mapping[Any, Any]", value)
        return _keyed(mapping, list(mapping))
    if isinstance(value, set | frozenset):
        value = list(cast("set[Any]", value))
    if isinstance(value, list | tuple):
        listed = cast("list[Any]", value)
        return _computed(len(listed), lambda place: (str(place), listed[place]))
    return None


def pieces_of(value: Any, shown: int) -> Items | None:
    """A value without parts, that is longer than what is shown of it, line by line; None for one that is not."""
    if isinstance(value, str | bytes):
        text: str | bytes = value
        if len(text) < shown and len(repr(text)) <= shown:
            return None
    else:
        text = words_of(value, 2**63)
        if len(text) <= shown:
            return None
    return _computed(
        -(-len(text) // PIECE), lambda place: (str(place * PIECE), Line(text[place * PIECE : (place + 1) * PIECE]))
    )


class Line:
    """A piece of a long text."""

    def __init__(self, text: str | bytes) -> None:
        self._text = text

    def __repr__(self) -> str:
        return repr(self._text)


def parts_of(value: Any) -> dict[str, Any] | None:
    """The parts of a value by name; None for one that has none."""
    items = items_of(value)
    return None if items is None else dict(items.at(place) for place in range(items.size))


def _computed(size: int, at: Callable[[int], tuple[str, Any]]) -> Items:
    return Items(size, at)


def _named(value: Any, names: list[str]) -> Items:
    return _computed(len(names), lambda place: (names[place], getattr(value, names[place], None)))


def _keyed(value: Any, keys: list[Any]) -> Items:
    def at(place: int) -> tuple[str, Any]:
        key = keys[place]
        return key if isinstance(key, str) else words_of(key), value[key]

    return Items(len(keys), at)


def words_of(value: Any, most: int = 120) -> str:
    """A value in one line of so many characters at most.

    Examples:
        >>> words_of({"name": "Ada", "tags": ["a", "b"]}), words_of(list(range(1_000_000)), 20)
        ("{'name': 'Ada', 'tags': ['a', 'b']}", '[0, 1, 2, 3, 4, 5, …')
    """
    pieces: list[str] = []
    length = 0
    for piece in _words(value, most, 0):
        pieces.append(piece)
        length += len(piece)
        if length > most:
            return f"{''.join(pieces)[: most - 1]}…"
    return "".join(pieces)


def _words(value: Any, most: int, depth: int) -> Iterator[str]:
    if depth > DEEPEST:
        return iter("…")
    match value:
        case str() | bytes() | bytearray():
            return iter((repr(value[: most + 1] if len(value) > most else value),))
        case int() if value.bit_length() > DIGITS * 3:
            return iter((f"<an int of {value.bit_length()} bits>",))
        case BaseModel() if _says_its_fields(value):
            fields = {name: None for name, field in type(value).model_fields.items() if field.repr}
            return _call(value, [name for name in fields if hasattr(value, name)], most, depth)
        case EntityState() | Mapping():
            mapping = cast("Mapping[Any, Any]", value)
            keys: Iterable[Any] = cast("Any", value).ids if isinstance(value, EntityState) else mapping
            pairs = (
                chain(_words(key, most, depth + 1), (": ",), _words(mapping[key], most, depth + 1)) for key in keys
            )
            return chain("{", _joined(pairs), "}") if _is_plain(value, dict) else _safe(value)
        case list() | tuple() | set() | frozenset() if _is_plain(value, list, tuple, set, frozenset):
            opening, closing = (
                ("[", "]") if isinstance(value, list) else ("(", ")") if isinstance(value, tuple) else "{}"
            )
            listed = cast("list[Any]", value)
            return chain(opening, _joined(_words(each, most, depth + 1) for each in listed), closing)
        case _ if dataclasses.is_dataclass(value) and not isinstance(value, type) and _says_its_fields(value):
            return _call(value, [field.name for field in dataclasses.fields(value) if field.repr], most, depth)
        case _:
            return _safe(value)


def _says_its_fields(value: Any) -> bool:
    """Whether its `repr` is the one that it was made with: who writes another one may have something to hide."""
    written = type(value).__repr__
    return written is BaseModel.__repr__ or hasattr(written, "__wrapped__")


def _is_plain(value: Any, *kinds: type) -> bool:
    return isinstance(value, EntityState) or type(value).__repr__ in [kind.__repr__ for kind in kinds]


def _call(value: Any, names: list[str], most: int, depth: int) -> Iterator[str]:
    fields = (chain((f"{name}=",), _words(getattr(value, name, None), most, depth + 1)) for name in names)
    return chain((f"{type(value).__name__}(",), _joined(fields), ")")


def _joined(parts: Iterator[Iterator[str]]) -> Iterator[str]:
    for number, part in enumerate(parts):
        if number:
            yield ", "
        yield from part


def _safe(value: Any) -> Iterator[str]:
    try:
        yield repr(value)
    except Exception as error:
        yield f"<{type(value).__name__}, whose repr fails: {type(error).__name__}>"
