"""Structural sharing: what is equal stays the same object, and nothing is taken for equal that is not."""

import datetime
import math
from copy import deepcopy
from enum import IntEnum
from typing import Any, Literal

import pytest
from pydantic import BaseModel, ConfigDict

from rxdux.epics.query.structural_sharing import share


class Colour(IntEnum):
    RED = 1


class Plain(BaseModel):
    id: int
    words: list[str | None] = []
    kind: Literal["a", "b"] = "a"


class Dated(BaseModel):
    model_config = ConfigDict(extra="allow")
    id: int
    at: datetime.datetime = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
    inner: Plain | None = None


VALUES: list[Any] = [
    [{"id": 1, "name": "Ada", "tags": ["a", None], "rate": 0.5, "more": {"is": True}}],
    [Plain(id=1, words=["a", None]), Plain(id=2)],
    [Dated(id=1, inner=Plain(id=2)), {"at": datetime.date(2026, 1, 1)}],
    ({"red": Colour.RED}, frozenset({1, 2}), b"bytes"),
]


@pytest.mark.parametrize("old", VALUES)
def test_an_equal_answer_is_the_old_object(old: Any) -> None:
    """Whatever it is made of."""
    assert share(old, deepcopy(old)) is old


@pytest.mark.parametrize("old", VALUES)
def test_the_parts_that_are_equal_are_the_old_objects(old: Any) -> None:
    """In an answer that has something else as well."""
    new = share([old, 1], [deepcopy(old), 2])
    assert new == [old, 2]
    assert new[0] is old


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ([1], [True]),
        ([1], [1.0]),
        ([0.0], [-0.0]),
        ([math.nan], [math.inf]),
        ([1], [Colour.RED]),
        ([(1,)], [[1]]),
        ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
        (Plain(id=1), Plain.model_construct(id=True)),
        (Dated.model_validate({"id": 1, "more": 1}), Dated.model_validate({"id": 1, "more": 2})),
        ([{"a": [1, 2, 3]}], [{"a": [1, 2]}]),
    ],
)
def test_what_is_not_the_same_in_each_part_is_the_new_one(old: Any, new: Any) -> None:
    """The type of each part counts, the sign of nought, and the order of keys; `==` sees none of these."""
    assert repr(share(old, new)) == repr(new)
    assert repr(share([old], [new])) == repr([new])
