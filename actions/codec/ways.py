"""Kinds of values that JSON has no word for, and what each is made of.

Each is told by its exact class, and goes by a name of its own. What is not here needs a class that
the declared types lead to.
"""

import base64
from collections import Counter, OrderedDict, deque
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import immutables

BASES: tuple[type[Any], ...] = (str, int, float, bytes, tuple, list, set, frozenset, dict)
"""Builtin classes of which others may be derived."""

JSON = "json"  # the name of what JSON has words for, where it must be said


class Way(NamedTuple):
    """How values of one class are taken apart, and put together again.

    Attributes:
        name: by which data call them.
        parts: a value's text, or a list of what it holds; that may be anything in turn.
        made: the value of such parts. Raises for others.
        holds: classes that such a value may hold, beside the arguments of its type.
    """

    name: str
    parts: Callable[[Any], Any]
    made: Callable[[Any], Any]
    holds: tuple[type[Any], ...] = ()


WAYS: dict[type[Any], Way] = {}
BY_NAME: dict[str, Way] = {}


def register(kind: type[Any], way: Way) -> None:
    """Tell of a class that pydantic cannot look into.

    Examples:
        >>> register(range, Way("range", lambda value: [value.start, value.stop, value.step], lambda parts: range(*parts)))
        >>> BY_NAME["range"].made(WAYS[range].parts(range(3)))
        range(0, 3)
    """
    WAYS[kind] = BY_NAME[way.name] = way


def _pairs(mapping: Any) -> list[list[Any]]:
    return [[key, value] for key, value in mapping.items()]


def _mapping(kind: Callable[[dict[Any, Any]], Any]) -> Callable[[Iterable[Any]], Any]:
    return lambda pairs: kind({key: value for key, value in pairs})  # noqa: C416 -- each pair is two, or an error


def _decoded(text: str) -> bytes:
    return base64.b64decode(text.encode("ascii"), validate=True)


def _encoded(value: bytes | bytearray) -> str:
    return base64.b64encode(value).decode("ascii")


def _deque(parts: list[Any]) -> deque[Any]:
    maxlen, items = parts
    return deque(items, maxlen)


def _ends(value: deque[Any]) -> list[Any]:
    return [value.maxlen, list(value)]


def _days(value: timedelta) -> list[int]:
    return [value.days, value.seconds, value.microseconds]


def _timedelta(parts: list[int]) -> timedelta:
    return timedelta(*parts)


def _same(value: Any) -> Any:
    return value


def _zoned(value: datetime) -> str:
    """With the name of its zone, where it has one (RFC 9557)."""
    key = getattr(value.tzinfo, "key", None)
    return value.isoformat() if key is None else f"{value.isoformat()}[{key}]"


def _datetime(text: str) -> datetime:
    text, _, key = text.removesuffix("]").partition("[")
    value = datetime.fromisoformat(text)
    if not key:
        return value
    there = value.replace(tzinfo=ZoneInfo(key))
    later = there.replace(fold=1)  # of two moments that the clock shows alike
    return later if there.utcoffset() != value.utcoffset() == later.utcoffset() else there


def _text(kind: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Makes a value of its text, and of nothing else."""

    def made(text: Any) -> Any:
        if type(text) is not str:
            msg = f"text is wanted, not {type(text).__name__}"
            raise TypeError(msg)
        return kind(text)

    return made


for _kind, _way in (
    (int, Way("int", hex, _text(lambda text: int(text, 16)))),  # of more digits than Python reads
    (float, Way("float", repr, _text(float))),  # what JSON has no number for
    (complex, Way("complex", str, _text(complex))),
    (bytes, Way("bytes", _encoded, _text(_decoded))),
    (bytearray, Way("bytearray", _encoded, _text(lambda text: bytearray(_decoded(text))))),
    (Decimal, Way("Decimal", str, _text(Decimal))),
    (Fraction, Way("Fraction", str, _text(Fraction))),
    (UUID, Way("UUID", str, _text(UUID))),
    (datetime, Way("datetime", _zoned, _text(_datetime))),
    (date, Way("date", date.isoformat, _text(date.fromisoformat))),
    (time, Way("time", time.isoformat, _text(time.fromisoformat))),
    (
        timedelta,
        Way("timedelta", _days, _timedelta),
    ),
    (type(Path()), Way("Path", str, _text(Path))),
    (PurePosixPath, Way("PurePosixPath", str, _text(PurePosixPath))),
    (PureWindowsPath, Way("PureWindowsPath", str, _text(PureWindowsPath))),
    (tuple, Way("tuple", list, tuple)),
    (set, Way("set", list, set)),
    (frozenset, Way("frozenset", list, frozenset)),
    (deque, Way("deque", _ends, _deque)),
    (dict, Way("dict", _pairs, _mapping(dict))),  # whose keys are more than text
    (OrderedDict, Way("OrderedDict", _pairs, _mapping(OrderedDict))),
    (Counter, Way("Counter", _pairs, _mapping(Counter))),
    (immutables.Map, Way("Map", _pairs, _mapping(immutables.Map))),
):
    register(_kind, _way)
BY_NAME[JSON] = Way(JSON, _same, _same)
