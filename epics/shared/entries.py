"""The bytes that an entry of the log is: who did what, and as whose how-manieth action. Pure functions."""

import json
from typing import Any, NamedTuple, cast

from pydantic_core import from_json, to_json

LARGEST = 900_000  # bytes of an entry: NATS takes a megabyte by default


class Entry(NamedTuple):
    """An action in the log.

    Attributes:
        author: the node that dispatched it, in one of its lives.
        nth: that it is so manieth of its author, from 1. What is not the next of its author counts as not there.
        version: of the state's shape, as its author has it.
        action: as `serialize` gives it.
    """

    author: str
    nth: int
    version: int
    action: dict[str, Any]


def encode(author: str, count: int, attempt: int, version: int, action: bytes) -> bytes:
    """The bytes of an entry.

    Each attempt to append one has bytes of its own: so two histories that have the same entry at the same
    place are the same up to there.

    Examples:
        >>> encode("ada", 3, 1, 1, b'{"type":"todos/add","text":"milk"}')
        b'{"by":"ada","n":3,"t":1,"v":1,"do":{"type":"todos/add","text":"milk"}}'
    """
    return b'{"by":"%b","n":%d,"t":%d,"v":%d,"do":%b}' % (author.encode(), count, attempt, version, action)


def decode(content: bytes) -> Entry | None:
    """The entry that these bytes are; None where they are none of ours.

    Examples:
        >>> decode(b'{"by":"ada","n":3,"t":1,"v":1,"do":{"type":"todos/add"}}')
        Entry(author='ada', nth=3, version=1, action={'type': 'todos/add'})
        >>> decode(b"hello"), decode(b"[1]"), decode(b'{"by":"ada","n":true}')
        (None, None, None)
    """
    try:
        found = _read(content)
        author, count, version, action = found["by"], found["n"], found["v"], found["do"]
        kind = action["type"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    if type(author) is str and type(count) is int and type(version) is int and type(kind) is str:
        return Entry(author, count, version, cast("dict[str, Any]", action))
    return None


def write_action(action: dict[str, Any]) -> bytes:
    """A serialised action as JSON.

    Raises:
        ValueError: for text that is no Unicode.
    """
    try:
        return to_json(action)
    except ValueError:
        return json.dumps(action, ensure_ascii=False, separators=(",", ":")).encode()


def _read(content: bytes) -> Any:
    """As `json` reads it, in a third of the time; what is nested deeper than 200 is left to it."""
    try:
        return from_json(content)
    except ValueError:
        return json.loads(content)
