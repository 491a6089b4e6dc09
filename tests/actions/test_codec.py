"""The codec: what is written comes back as it was, or is refused by the name of its place."""

import dataclasses
import enum
import json
import math
import uuid
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Annotated, Any, Generic, Literal, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import immutables
import pytest
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, PrivateAttr, RootModel, SecretStr
from typing_extensions import TypedDict  # pydantic wants this one before Python 3.12

from rxdux import EntityAdapter, EntityState, State
from rxdux.actions.codec import CannotWriteError, Codec, FormatError, holds_secrets

T = TypeVar("T")


class Shape(State):
    name: str = ""


class Circle(Shape):
    radius: float = 0.0


class Colour(enum.Enum):
    RED = (255, 0, 0)


class Level(enum.IntEnum):
    LOW = 1


class Right(enum.Flag):
    READ = 1
    WRITE = 2


@dataclasses.dataclass(frozen=True)
class Drawing:
    shapes: tuple[Shape, ...]
    colour: Colour = Colour.RED


class Point(NamedTuple):
    x: int
    y: Any


class Named(TypedDict):
    name: str


class Aliased(State):
    one: int = Field(1, validation_alias="theOne")
    two: int = Field(2, serialization_alias="theTwo")
    three: int = Field(3, alias="theThree")


class Kept(State):
    x: int = 1
    cache: int = Field(exclude=True)


class Open(BaseModel):
    model_config = ConfigDict(extra="allow")


class Names(RootModel[list[Any]]):
    pass


class Strict(BaseModel):
    model_config = ConfigDict(strict=True)

    at: datetime
    ids: tuple[int, ...]


class Box(State, Generic[T]):
    content: T


class Mapped(State):
    by_place: immutables.Map[tuple[int, int], Shape]


class UserId(str):
    __slots__ = ()


class Customer(State):
    id: UserId


CIRCLE = Circle(name="c", radius=2.0)
STOCK = EntityAdapter[int, Shape](lambda shape: int(shape.name))

ROUND_TRIPS: list[tuple[Any, Any]] = [
    (tuple[Shape, ...], (CIRCLE, Shape(name="s"))),
    (Shape | None, CIRCLE),
    (Drawing, Drawing((CIRCLE,))),
    (dict[str, Drawing], {"a/b~c": Drawing((CIRCLE,))}),
    (dict[tuple[int, int], str], {(1, 2): "x"}),
    (dict[int, str], {1: "x"}),
    (dict[Any, Any], {1: "x", "1": "y", (None,): 2.5}),
    (immutables.Map[str, int], immutables.Map({"a": 1})),
    (Mapped, Mapped(by_place=immutables.Map({(1, 2): CIRCLE}))),
    (Aliased, Aliased(theOne=5, two=6, theThree=7)),  # pyright: ignore[reportCallIssue]
    (list[Aliased], [Aliased(theOne=5)]),  # pyright: ignore[reportCallIssue]
    (Kept, Kept(x=2, cache=3)),
    (Open, Open(more=(1, 2))),  # pyright: ignore[reportCallIssue]
    (Names, Names([(1, 2)])),
    (Strict, Strict(at=datetime(2024, 1, 1), ids=(1,))),
    (Box[Shape], Box[Shape](content=CIRCLE)),
    (Box[Any], Box[Any](content=(1, b"\xff"))),
    (Customer, Customer(id=UserId("ada"))),
    (bytes, b"text"),
    (bytes, b"\x89PNG"),
    (list[bytes | str], [b"text", "text", b"\xff"]),
    (Colour, Colour.RED),
    (Level, Level.LOW),
    (list[Right], [Right.READ | Right.WRITE]),
    (Literal[Colour.RED, "red"], Colour.RED),
    (Point, Point(1, (2,))),
    (Named, {"name": "ada"}),
    (float, math.inf),
    (float, math.nan),
    (EntityState[int, Shape], STOCK.add_one(STOCK.empty(), Circle(name="1", radius=math.nan))),
    (EntityState[Any, Any], EntityAdapter[Any, Any](lambda each: each).add_many(STOCK.empty(), [(1,), "b"])),
    (deque[int], deque([1, 2], maxlen=3)),
    (Annotated[int, Field(gt=0)], 5),
    (Path, Path("/tmp/x")),
    (set[tuple[int, str]], {(1, "a")}),
    (str | int | datetime, "2024-01-01T00:00:00"),
    (str | int | datetime, datetime(2024, 1, 1)),
    (datetime, datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin"))),
    *(
        (Any, value)
        for value in (
            None,
            True,
            "\ud800",
            10**4250,
            -0.5,
            -math.inf,
            1 + 2j,
            b"\xff",
            bytearray(b"x"),
            (1, [2, (3,)]),
            [],
            {},
            {1, 2},
            frozenset({"a"}),
            deque(["a"]),
            OrderedDict({"b": 1, "a": 2}),
            Counter("aab"),
            {(1, 2): {3: None}},
            immutables.Map({1: (2,)}),
            Decimal("1.00"),
            Decimal("sNaN"),
            Fraction(1, 3),
            uuid.UUID(int=7),
            datetime(2024, 1, 1, tzinfo=UTC),
            datetime(2024, 10, 27, 2, 30, tzinfo=ZoneInfo("Europe/Berlin")),
            datetime(2024, 10, 27, 2, 30, fold=1, tzinfo=ZoneInfo("Europe/Berlin")),
            date(2024, 1, 1),
            time(12, 30),
            timedelta(days=-1, microseconds=3),
            PurePosixPath("a/b"),
            {"@types": 1, "": {"/": (1,)}},
        )
    ),
]


def told_in_json(codec: Codec, value: Any) -> Any:
    """The value after a way through text."""
    written = codec.dump(value)
    data, types = json.loads(json.dumps(written, allow_nan=False))
    return codec.load(data, types)


@pytest.mark.parametrize(("kind", "value"), ROUND_TRIPS, ids=range(len(ROUND_TRIPS)))
def test_what_is_written_comes_back_as_it_was(kind: Any, value: Any) -> None:
    """The same value, of the same type, through JSON that any reader takes."""
    again = told_in_json(Codec("it", kind), value)
    assert type(again) is type(value)
    assert repr(again) == repr(value) or again == value


@pytest.mark.parametrize(
    ("kind", "value", "data"),
    [
        (tuple[Shape, ...], (Shape(name="s"),), [{"name": "s"}]),
        (dict[int, tuple[int, ...]], {1: (2,)}, {"1": [2]}),
        (datetime, datetime(2024, 1, 1), "2024-01-01T00:00:00"),
        (set[int], {1}, [1]),
        (Decimal, Decimal("1.0"), "1.0"),
    ],
)
def test_what_the_type_tells_is_not_said_again(kind: Any, value: Any, data: Any) -> None:
    """The JSON is pydantic's own wherever that is enough."""
    assert Codec("it", kind).dump(value) == (data, {})


def test_of_a_model_only_what_needs_it_is_told() -> None:
    """The other fields stay as they were."""

    class Two(State):
        when: datetime
        shape: Shape

    written = Codec("two", Two).dump(Two(when=datetime(2024, 1, 1), shape=CIRCLE))
    assert written.data == {"when": "2024-01-01T00:00:00", "shape": {"name": "c", "radius": 2.0}}
    assert list(written.types) == ["/shape"]


def test_fields_are_read_by_name_and_by_alias() -> None:
    """A peer that knows the alias is understood as well."""
    assert Codec("it", Aliased).load({"theOne": 5, "theThree": 7}) == Aliased(theOne=5, theThree=7)  # pyright: ignore[reportCallIssue]


def test_a_guessed_type_does_not_bind() -> None:
    """An initial 0 does not say that there will never be 1.5, nor None that there will be nothing else."""
    for first, then in (
        (0, 1.5),
        (0, 2.0),
        (None, "ada"),
        ((), (datetime(2024, 1, 1),)),
        ({}, {1: "x"}),
        ([], [(1, 2)]),
    ):
        again = told_in_json(Codec("it", type(first), guessed=True), then)
        assert (again, type(again)) == (then, type(then))


class Loud(State):
    name: Annotated[str, AfterValidator(lambda name: f"{name}!")]


class Numbered(State):
    _number: int = PrivateAttr(0)

    def numbered(self, number: int) -> "Numbered":
        self._number = number
        return self


@pytest.mark.parametrize(
    ("kind", "value", "words"),
    [
        (Any, {"a": [object()]}, "it.a.0 is a object"),
        (dict[str, Any], {"a": CIRCLE}, "it.a is a Circle, and nothing says so"),
        (Any, SecretStr, "it is a"),
        (Loud, Loud(name="a"), "it.name would not come back"),
        (Numbered, Numbered().numbered(3), "it._number would not come back"),
        (Shape, Shape(name="a").replace(name=5), "it.name"),
    ],
)
def test_what_would_not_come_back_is_refused(kind: Any, value: Any, words: str) -> None:
    """The error is a TypeError and a ValueError, and names the place."""
    with pytest.raises(CannotWriteError, match=words) as refused:
        Codec("it", kind).dump(value)
    assert isinstance(refused.value, TypeError)
    assert isinstance(refused.value, ValueError)


def test_what_holds_itself_is_refused() -> None:
    """It has no JSON, and does not take the stack along."""
    items: list[Any] = []
    items.append(items)
    with pytest.raises(CannotWriteError, match="holds itself"):
        Codec("it", Any).dump(items)


@pytest.mark.parametrize("kind", [Callable[[], int], type[int], list[Callable[..., Any]], object.__init__.__class__])
def test_a_type_that_no_data_can_stand_for_is_refused(kind: Any) -> None:
    """When the codec is made, not when the first value comes."""
    with pytest.raises(CannotWriteError, match="it is a .* knows no JSON"):
        Codec("it", kind)


class Secretive(Shape):
    token: SecretStr


class TestSecrets:
    def test_they_are_masked(self) -> None:
        """Stars are all that is written."""
        written = Codec("it", Secretive).dump(Secretive(token=SecretStr("S3CRET")))
        assert written == ({"name": "", "token": "**********"}, {})

    @pytest.mark.parametrize("kind", [Secretive, tuple[Shape, ...], Any])
    def test_they_are_refused_where_they_do_not_belong(self, kind: Any) -> None:
        """Declared, in a subclass, or in Any."""
        value: Any = Secretive(token=SecretStr("S3CRET"))
        value = (value,) if kind is not Secretive else value
        value = (value[0].token,) if kind is Any else value
        with pytest.raises(CannotWriteError, match="secret") as refused:
            Codec("it", kind).dump(value, "refused")
        assert "S3CRET" not in str(refused.value)

    @pytest.mark.parametrize("kind", [Secretive, Shape])
    def test_they_come_back_where_they_may_be_written(self, kind: Any) -> None:
        """A storage for secrets gets them whole."""
        value = Secretive(token=SecretStr("S3CRET"))
        codec = Codec("it", kind)
        assert codec.load(*codec.dump(value, "revealed")) == value

    def test_they_are_found_at_any_depth(self) -> None:
        """In models, containers, and maps."""
        assert holds_secrets(dict[str, immutables.Map[str, tuple[Secretive, ...]]])
        assert not holds_secrets(Drawing)


@pytest.mark.parametrize(
    ("kind", "data", "types", "words"),
    [
        (Shape, {"name": "s"}, {"": "os:system"}, "names a class 'os:system'"),
        (Any, "x", {"": "tests.actions.test_codec:Circle"}, "names a class"),
        (Any, "xx", {"": "bytes"}, "it is no bytes"),
        (Any, 5, {"": "Decimal"}, "it is no Decimal"),
        (Any, [[1, 2, 3]], {"": "dict"}, "it is no dict"),
        (Any, [], {"/0": "tuple"}, "places that are not there"),
        (int, "S3CRET", {}, "it does not fit at it: "),
        (Shape, [{"name": 5}], {}, "does not fit at it"),
        (int, "S3CRET", {"": "json"}, "it does not fit at it: "),
        (Shape, {"name": "", "radius": "S3CRET"}, {"": f"{__name__}:Circle"}, "does not fit at it.radius"),
    ],
)
def test_data_that_do_not_fit_are_refused_by_place(kind: Any, data: Any, types: dict[str, str], words: str) -> None:
    """The error keeps the value to itself; nothing is imported that the type does not lead to."""
    with pytest.raises(FormatError, match=words) as refused:
        Codec("it", kind).load(data, types)
    assert "S3CRET" not in str(refused.value)


def test_a_class_that_moved_to_another_module_is_found_by_its_name() -> None:
    """As long as only one of the classes that the type leads to is called so."""
    assert Codec("it", Shape).load({"name": "c", "radius": 2.0}, {"": "__main__:Circle"}) == CIRCLE
