"""Values of all kinds, of which the attacks on what is written are made; and a word on each that tells two apart."""

import dataclasses
import enum
import typing
from collections import Counter, OrderedDict, deque
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any, NamedTuple
from uuid import UUID

import immutables
from hypothesis import strategies as st
from pydantic import BaseModel, Field

from rxdux import State

Strategy = st.SearchStrategy[Any]


class Colour(enum.Enum):
    RED = (255, 0, 0)
    GREEN = "green"


class Level(enum.IntEnum):
    LOW = 1
    HIGH = 2


class Right(enum.Flag):
    READ = 1
    WRITE = 2


class Shape(State):
    name: str = ""
    value: Any = None


class Circle(Shape):
    radius: float = 0.0
    hidden: int = Field(0, exclude=True)


class Aliased(Shape):
    one: int = Field(1, validation_alias="theOne")
    two: bytes = Field(b"", serialization_alias="theTwo")


class Point(NamedTuple):
    x: int
    y: Any


@dataclasses.dataclass(frozen=True)
class Drawing:
    shapes: tuple[Shape, ...]
    colour: Colour = Colour.RED


numbers = st.integers() | st.sampled_from([10**4250, -(10**4250)])
hashables: dict[Any, Strategy] = {
    int: numbers,
    str: st.text(),
    bytes: st.binary(),
    bool: st.booleans(),
    UUID: st.uuids(),
    date: st.dates(),
    tuple[int, str]: st.tuples(st.integers(), st.text()),
    Decimal: st.decimals(allow_nan=False, allow_infinity=False),
}
enums: dict[Any, Strategy] = {Colour: st.sampled_from(Colour), Level: st.sampled_from(Level)}
plain: Strategy = st.one_of(
    st.none(),
    *hashables.values(),
    st.floats(),
    st.complex_numbers(),
    st.text(st.characters(categories=["Cs", "L"])),  # halves of characters, too
    st.binary().map(bytearray),
    st.decimals(),
    st.fractions(),
    st.datetimes(timezones=st.timezones() | st.just(None)),  # pyright: ignore[reportArgumentType]
    st.times(),
    st.timedeltas(),
    st.text("ab/.", min_size=1).map(PurePosixPath),
)
keys = st.one_of(*hashables.values(), st.none(), st.tuples(st.integers(), st.none()), st.fractions())
anything: Strategy = st.recursive(
    plain,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(keys, inner, max_size=4),
        st.dictionaries(st.text(), inner, max_size=4),
        st.dictionaries(st.text(), inner, max_size=4).map(OrderedDict),
        st.dictionaries(keys, inner, max_size=4).map(immutables.Map),
        st.sets(keys, max_size=4),
        st.frozensets(keys, max_size=4),
        st.lists(keys, max_size=4).map(Counter),
        st.tuples(st.lists(inner, max_size=3), st.none() | st.integers(3, 5)).map(lambda made: deque(*made)),
    ),
    max_leaves=8,
)
shapes: Strategy = st.one_of(
    st.builds(Shape, name=st.text(), value=anything),
    st.builds(Circle, name=st.text(), value=anything, radius=st.floats(), hidden=st.integers()),
    st.builds(lambda one, two: Aliased(theOne=one, two=two), st.integers(), st.binary()),  # pyright: ignore[reportCallIssue]
)
some_shapes = st.lists(shapes, max_size=2).map(tuple)
LEAVES: list[tuple[Any, Strategy]] = [
    *hashables.items(),
    *enums.items(),
    (Any, anything),
    (float, st.floats()),
    (datetime, st.datetimes()),
    (time, st.times()),
    (timedelta, st.timedeltas()),
    (Fraction, st.fractions()),
    (Right, st.sampled_from([Right.READ, Right.WRITE, Right.READ | Right.WRITE])),
    (Shape, shapes),
    (Point, st.builds(Point, st.integers(), anything)),
    (Drawing, st.builds(Drawing, st.lists(shapes, max_size=2).map(tuple), st.sampled_from(Colour))),
]
Typed = tuple[Any, Strategy]


def _containers(inner: st.SearchStrategy[Typed]) -> st.SearchStrategy[Typed]:
    key = st.sampled_from([*hashables.items(), *enums.items()])
    return st.one_of(
        inner.map(lambda each: (list[each[0]], st.lists(each[1], max_size=3))),
        inner.map(lambda each: (tuple[each[0], ...], st.lists(each[1], max_size=3).map(tuple))),
        inner.map(lambda each: (deque[each[0]], st.lists(each[1], max_size=3).map(deque))),
        inner.map(lambda each: (typing.Optional[each[0]], st.none() | each[1])),  # noqa: UP045 -- of types that know no |
        st.tuples(inner, inner).map(lambda two: (typing.Union[two[0][0], two[1][0]], two[0][1] | two[1][1])),  # noqa: UP007
        st.tuples(inner, inner).map(lambda two: (tuple[two[0][0], two[1][0]], st.tuples(two[0][1], two[1][1]))),
        key.map(lambda each: (set[each[0]], st.sets(each[1], max_size=3))),
        key.map(lambda each: (frozenset[each[0]], st.frozensets(each[1], max_size=3))),
        st.tuples(key, inner).map(
            lambda two: (dict[two[0][0], two[1][0]], st.dictionaries(two[0][1], two[1][1], max_size=3))
        ),
        st.tuples(key, inner).map(
            lambda two: (
                immutables.Map[two[0][0], two[1][0]],
                st.dictionaries(two[0][1], two[1][1], max_size=3).map(immutables.Map),
            )
        ),
    )


typed: st.SearchStrategy[Typed] = st.recursive(st.sampled_from(LEAVES), _containers, max_leaves=4)
"""Declared types, each with the values that it may have."""

valued: st.SearchStrategy[tuple[Any, Any]] = typed.flatmap(lambda each: st.tuples(st.just(each[0]), each[1]))


def word(value: Any) -> Any:
    """What tells a value from others: its types all the way down, and its contents; written apart from the library's own."""
    kind: type[Any] = value.__class__
    name = kind.__qualname__
    if kind in (set, frozenset):
        return name, sorted(repr(word(each)) for each in value)
    if kind is immutables.Map:
        return name, sorted(repr((word(key), word(each))) for key, each in value.items())
    if issubclass(kind, dict):
        return name, [(word(key), word(each)) for key, each in value.items()]
    if issubclass(kind, deque):
        return name, value.maxlen, [word(each) for each in value]
    if issubclass(kind, list | tuple):
        return name, [word(each) for each in value]
    if issubclass(kind, BaseModel):
        return name, [(field, word(getattr(value, field))) for field in kind.model_fields]
    if dataclasses.is_dataclass(kind):
        return name, [word(getattr(value, each.name)) for each in dataclasses.fields(kind)]
    if issubclass(kind, datetime | time):
        return name, value.isoformat()
    return name, hex(value) if kind is int else repr(value)
