"""JSON of a server, and no more of it than a state can hold: what is nested without end is not taken in."""

import json
import math
from itertools import accumulate
from typing import Any

DEEPEST = 100  # lists and objects within each other; what writes a state goes about twice as deep
_TOO_DEEP = f"JSON nested deeper than {DEEPEST}"
_BRACKETS = b"[]{}"
_OTHERS = bytes(set(range(256)) - set(_BRACKETS))
_STEPS = {bracket: 1 if bracket in b"[{" else -1 for bracket in _BRACKETS}


class UnreadableJsonError(ValueError):
    """What came is no JSON. Its text says what is wrong, and nothing of the content."""


class TooDeepError(UnreadableJsonError):
    """What came is JSON, and nested too deep."""


def read_json(body: bytes, *, only_finite: bool = False) -> Any:
    """What a server sent as JSON.

    Args:
        only_finite: whether a number beyond all floats, such as 1e999, is an error too.

    Raises:
        UnreadableJsonError: for anything else, and for what is nested deeper than `DEEPEST`. No other error is chained
            to it: that would hold the content.

    Examples:
        >>> read_json(b'{"a": 1}')
        {'a': 1}
        >>> read_json(b"[" * 101 + b"]" * 101)
        Traceback (most recent call last):
            ...
        rxdux.epics.session.json_answers.TooDeepError: JSON nested deeper than 100
    """
    found: Any = None
    error: UnreadableJsonError | None = None
    read_number = _finite if only_finite else None
    try:
        found = json.loads(body, parse_float=read_number, parse_constant=read_number)
        if _may_be_deep(body) and _is_deep(found):
            error = TooDeepError(_TOO_DEEP)
    except RecursionError:
        error = TooDeepError(_TOO_DEEP)
    except ValueError:
        error = UnreadableJsonError("no JSON")
    if error is not None:
        raise error
    return found


def parse_json(body: bytes) -> Any:
    """What a server sent as JSON; None for anything else, and for what no JSON of a server holds.

    Examples:
        >>> parse_json(b'{"a": 1}'), parse_json(b"<html>"), parse_json(b'{"a": 1e999}'), parse_json(b"[" * 100_000)
        ({'a': 1}, None, None, None)
    """
    try:
        return read_json(body, only_finite=True)
    except UnreadableJsonError:
        return None


def _may_be_deep(body: bytes) -> bool:
    """A quick look, a seventh of the time that parsing takes: brackets in texts are counted as well."""
    brackets = body.translate(None, _OTHERS)
    return len(brackets) > DEEPEST and max(accumulate(map(_STEPS.__getitem__, brackets))) > DEEPEST


def _is_deep(found: Any) -> bool:
    level: list[Any] = [found]
    for _ in range(DEEPEST + 1):
        level = [each for each in level if isinstance(each, dict | list)]
        if not level:
            return False
        level = [inner for each in level for inner in (each.values() if isinstance(each, dict) else each)]  # pyright: ignore[reportUnknownVariableType] -- JSON
    return True


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        msg = f"JSON has no {text}."
        raise ValueError(msg)
    return number
