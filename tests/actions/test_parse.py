"""Actions on their way out and in again: serialize and parse, pickle and copy."""

import copy
import gc
import itertools
import pickle
import sys
import textwrap
import threading
import types
import weakref
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, ClassVar, Generic, TypeVar

import immutables
import pytest
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PlainSerializer,
    PlainValidator,
    SecretStr,
    ValidationError,
    field_serializer,
    field_validator,
)

from rxdux import Action, Login, Logout, Reducer, Slice, State, Store, TokenSet, of_type


class Shape(State):
    name: str = ""


class Circle(Shape):
    radius: float = 0.0


class Handle:
    def __init__(self, number: int) -> None:
        self.number = number

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Handle) and other.number == self.number

    __hash__ = None  # pyright: ignore[reportAssignmentType]


class Everything(Action, type="parse/everything"):
    user_name: str = Field("", alias="userName")
    both: int = Field(0, validation_alias="in", serialization_alias="out")
    hidden: int = Field(0, exclude=True)
    blob: bytes = b""
    shape: Shape = Shape()
    shapes: tuple[Shape, ...] = ()
    board: dict[tuple[int, int], str] = Field(default_factory=dict[tuple[int, int], str])
    value: Any = None


NUMBERS = itertools.count()
CIRCLE = Circle(name="c", radius=2.0)
ACTIONS = [
    Everything(userName="ada"),  # pyright: ignore[reportCallIssue]
    Everything(**{"in": 3}),  # pyright: ignore[reportArgumentType]
    Everything(hidden=3),
    Everything(blob=b"\x89PNG"),
    Everything(shape=CIRCLE),
    Everything(shapes=(Shape(), CIRCLE)),
    Everything(board={(1, 2): "x"}),
    Everything(value={1: (datetime(2024, 1, 1), b"x", float("inf"))}),
]


@pytest.mark.parametrize("action", ACTIONS)
def test_parse_makes_what_serialize_was_given(action: Everything) -> None:
    """Aliases, hidden fields, bytes, subclasses, keys of any type, anything in Any; pickle and copy likewise."""
    for again in (
        Action.parse(action.serialize()),
        pickle.loads(pickle.dumps(action)),
        copy.copy(action),
        copy.deepcopy(action),
    ):
        assert again == action
        assert type(again.shape) is type(action.shape)


def test_the_fields_of_a_subclass_are_written_as_they_are() -> None:
    """What JSON does not tell stands beside them."""
    data = Everything(shape=CIRCLE).serialize()
    assert data["shape"] == {"name": "c", "radius": 2.0}
    assert data["@types"] == {"/shape": f"{__name__}:Circle"}


def test_what_others_wrote_by_alias_is_understood() -> None:
    """Fields come by name or by alias."""
    assert Action.parse({"type": "parse/everything", "userName": "ada", "in": 2}).serialize()["user_name"] == "ada"


def test_a_value_that_would_not_come_back_is_refused_by_name() -> None:
    """The error names the type and the field."""
    with pytest.raises(TypeError, match=r"parse/everything.value.0 is a object"):
        Everything(value=(object(),)).serialize()


def test_secrets_stay_masked_beside_what_is_told() -> None:
    """Stars come back as stars."""

    class Signed(Action, type="parse/signed"):
        token: SecretStr = Field(min_length=20)
        tokens: TokenSet | None = None
        value: Any = None

    action = Signed(token=SecretStr("S3CRET" * 9), value=(1,))
    assert "S3CRET" not in repr(action.serialize())
    login = Login(username="ada", password="S3CRET")
    assert Action.parse(login.serialize()).serialize() == login.serialize()


class TestFieldsThatNoDataCanStandFor:
    @pytest.mark.parametrize("kind", [Callable[[], None], type[int], Path.__class__, Iterator[int]])
    def test_they_are_refused_when_the_class_is_made(self, kind: Any) -> None:
        """By the name of the field."""
        with pytest.raises(TypeError, match=r"Wrong.what cannot be written"):

            class Wrong(Action):
                model_config = ConfigDict(arbitrary_types_allowed=True)
                fine: int
                what: kind

    @pytest.mark.parametrize("kind", [Handle, "Handle", list[Handle], threading.Lock, threading.Event])
    def test_the_error_is_ours_where_pydantic_knows_no_schema(self, kind: Any) -> None:
        """Pydantic's own names no field."""
        with pytest.raises(TypeError, match=r"Wrong.what cannot be written"):

            class Wrong(Action):
                kinds: ClassVar[list[Handle]]
                fine: int
                what: kind

    def test_they_are_found_in_the_models_of_fields(self) -> None:
        """With the way there."""

        class Job(State):
            run: Callable[[], None]

        with pytest.raises(TypeError, match=r"Wrong.job.run cannot be written"):

            class Wrong(Action):
                job: dict[str, Job]

    def test_a_parameter_of_a_slice_is_one(self) -> None:
        """The handler's name stands for the class."""
        jobs = Slice("parse-jobs", initial=0)

        def run(state: int, work: Callable[[], None]) -> int:
            return state

        with pytest.raises(TypeError, match=r"run.work cannot be written"):
            jobs.action(run)

    def test_what_says_by_itself_how_it_is_written_may_be_one(self) -> None:
        """Pydantic's annotations tell the way of any object."""

        def read(value: Any) -> Handle:
            return value if isinstance(value, Handle) else Handle(value)

        def write(value: Handle) -> int:
            return value.number

        class Opened(Action, type="parse/opened"):
            handle: Annotated[Any, PlainValidator(read), PlainSerializer(write)]

        class Written(Action, type="parse/written", arbitrary_types_allowed=True):
            handle: Handle

            @field_serializer("handle")
            def write(self, handle: Handle) -> int:
                return handle.number

            @field_validator("handle", mode="before")
            @classmethod
            def read(cls, value: Any) -> Handle:
                return read(value)

        assert Action.parse(Written(handle=Handle(3)).serialize()) == Written(handle=Handle(3))
        action = Opened(handle=Handle(3))
        assert action.serialize() == {"type": "parse/opened", "handle": 3}
        assert Action.parse(action.serialize()) == action

    def test_a_map_may_be_one(self) -> None:
        """immutables.Map, with keys of any type."""

        class Placed(Action, type="parse/placed"):
            model_config = ConfigDict(arbitrary_types_allowed=True)
            places: immutables.Map[tuple[int, int], Shape]

        action = Placed(places=immutables.Map({(1, 2): CIRCLE}))
        assert Action.parse(action.serialize()) == action


todos = Slice[tuple[str, ...]]("parse-todos", initial=())


@todos.action
def add(state: tuple[str, ...], text: str) -> tuple[str, ...]:
    return (*state, text)


@todos.on(Logout)
def forget(state: tuple[str, ...], action: Logout) -> tuple[str, ...]:
    return ()


class TestAmong:
    def test_only_these_come_of_what_a_client_sends(self) -> None:
        """Classes, creators, and the actions that slices made; not those that they only handle."""
        among = [todos, Login]
        assert Action.parse({"type": "parse-todos/add", "text": "x"}, among=among) == add("x")
        assert Action.parse({"type": "LOGIN", "username": "a", "password": "b"}, among=among).type == "LOGIN"
        assert Action.parse({"type": "parse-todos/add", "text": "x"}, among=[add]) == add("x")
        with pytest.raises(ValueError, match="'LOGOUT' is known.*LOGIN"):
            Action.parse({"type": "LOGOUT"}, among=among)
        with pytest.raises(ValueError, match="Known are: none"):
            Action.parse({"type": "LOGOUT"}, among=[])

    def test_what_is_neither_class_nor_slice_is_refused(self) -> None:
        """It is the program's mistake, and not the client's."""
        with pytest.raises(TypeError, match="takes action classes and slices, not 5"):
            Action.parse({"type": "LOGOUT"}, among=[5])
        for alone in (todos, Login):
            with pytest.raises(TypeError, match="takes a list of action classes and slices"):
                Action.parse({"type": "LOGOUT"}, among=alone)  # pyright: ignore

    @pytest.mark.parametrize(
        "sent",
        [
            {"type": "parse/everything", "value": "os", "@types": {"/value": "os:system"}},
            {"type": "parse/everything", "value": [], "@types": {"/value": f"{__name__}:TestAmong"}},
            {"type": "parse/everything", "shape": {"name": 5}, "@types": {"/shape": f"{__name__}:Circle"}},
            {"type": "parse/everything", "@types": {"/nowhere": "tuple"}},
            {"type": "parse/everything", "@types": 5},
            {"type": "parse/everything", "@types": {"/value": 5}},
            {"type": "parse/everything", "blob": 5},
        ],
    )
    def test_whatever_a_client_sends_is_an_action_or_a_value_error(self, sent: dict[str, Any]) -> None:
        """It names no class that the fields' types do not lead to."""
        with pytest.raises(ValueError, match="fit|under '@types'|valid bytes"):
            Action.parse(sent, among=[Everything])

    def test_wrong_fields_are_pydantics_error(self) -> None:
        """With all that pydantic tells."""
        with pytest.raises(ValidationError, match="Extra inputs"):
            Action.parse({"type": "parse-todos/add", "text": "x", "more": 1}, among=[todos])


# --- defined anew --------------------------------------------------------------------------------


@pytest.fixture
def module() -> Iterator[Callable[[str], Callable[[str], None]]]:
    """Makes a module of a text; what it gives runs further cells in it."""
    made = list[str]()

    def make(text: str) -> Any:
        name = f"cells_{next(NUMBERS)}"
        made.append(name)
        module = sys.modules[name] = types.ModuleType(name)

        def run(cell: str) -> None:
            exec(compile(textwrap.dedent(cell), f"cell {next(NUMBERS)}", "exec"), module.__dict__)

        run("from rxdux import *")
        run(text)
        module.__dict__["run"] = run
        return module

    yield make  # pyright: ignore[reportReturnType]
    for name in made:
        del sys.modules[name]


CELL = "class Add(Action, type='cell/add'):\n    n: int = 1"


class TestDefinedAnew:
    def test_handlers_and_epics_of_the_old_one_get_the_new_one(self, module: Any) -> None:
        """A warning says so, once."""
        cell = module(f"{CELL}\ncount = Reducer(0)\ncount.on(Add)(lambda state, action: state + action.n)")
        seen, filtered = list[Action](), list[Action]()
        store = Store(cell.count)
        store.actions.pipe(of_type(cell.Add)).subscribe(seen.append)
        import reactivex as rx

        with pytest.warns(UserWarning, match=r"Add \('cell/add'\) was defined anew") as told:
            cell.run(CELL)
        store.dispatch(cell.Add())
        cell.run(CELL)
        store.dispatch(cell.Add(n=10))
        rx.of(cell.Add()).pipe(of_type(type(seen[0]))).subscribe(filtered.append)

        assert store.state == 11
        assert seen == [seen[0], cell.Add(n=10)]
        assert len(filtered) == 1
        assert len(told) == 1
        assert type(Action.parse({"type": "cell/add"})) is cell.Add

    def test_a_handler_of_its_own_comes_first(self, module: Any) -> None:
        """The cell that registers the handler was run again as well."""
        cell = module(f"{CELL}\ncount = Reducer(0)\ncount.on(Add)(lambda state, action: state + 1)")
        old = cell.Add
        with pytest.warns(UserWarning, match="anew"):
            cell.run(CELL)
        cell.run("count.on(Add)(lambda state, action: state + 100)")
        assert (cell.count(0, cell.Add()), cell.count(0, old())) == (100, 1)

    def test_another_type_is_another_action(self, module: Any) -> None:
        """It takes no place."""
        cell = module(f"{CELL}\ncount = Reducer(0)\ncount.on(Add)(lambda state, action: state + 1)")
        cell.run(CELL.replace("cell/add", "cell/other"))
        assert cell.count(0, cell.Add()) == 0

    def test_a_slices_action_may_be_defined_anew(self, module: Any) -> None:
        """The cell of the handler alone, or with its slice."""
        handler = "@counter.action\ndef add(state: int, n: int) -> int:\n    return state + n"
        cell = module(f"counter = Slice('cell-counter', initial=0)\n{handler}")
        store, old = Store(cell.counter), cell.add
        with pytest.warns(UserWarning, match="anew"):
            cell.run(handler.replace("+ n", "- n"))
        store.dispatch(cell.add(2))
        assert store.state == -2
        store.dispatch(old(2))
        assert store.state == -4
        cell.run(f"counter = Slice('cell-counter', initial=0)\n{handler}")
        store.dispatch(cell.add(2))
        assert store.state == -6

    def test_two_actions_of_one_slice_are_a_mistake_where_nothing_tells_them_apart(self) -> None:
        """Functions of a function all differ."""
        counter = Slice("parse-counter", initial=0)

        def make() -> Callable[[int], int]:
            def step(state: int) -> int:
                return state

            return step

        counter.action(make())
        with pytest.raises(ValueError, match="has an action 'step' already"):
            counter.action(make())


class TestPickle:
    def test_two_slices_of_a_module_may_have_actions_of_one_name(self, module: Any) -> None:
        """Each comes back as its own."""
        slices = module(
            """
            counter, users = Slice("pickled-counter", initial=0), Slice("pickled-users", initial=())
            @counter.action
            def reset(state: int) -> int:
                return 0
            @users.action
            def reset(state: tuple) -> tuple:
                return ()
            """
        )
        for action in (slices.counter.actions.reset(), slices.users.actions.reset()):
            again = pickle.loads(pickle.dumps(action))
            assert again == action
            assert type(again) is type(action)

    def test_an_action_of_a_function_comes_back_while_its_class_lives(self) -> None:
        """And says so when it does not."""

        def make() -> bytes:
            class Local(Action, type="parse/local"):
                n: int = 1

            text = pickle.dumps(Local(n=2))
            assert pickle.loads(text) == Local(n=2)
            return text

        text = make()
        gc.collect()
        with pytest.raises(LookupError, match=r"Local of the type 'parse/local' is not there any more"):
            pickle.loads(text)

    def test_another_process_finds_the_class(self) -> None:
        """By importing its module, as pickle does."""
        import subprocess

        program = "import pickle, sys; print(repr(pickle.loads(sys.stdin.buffer.read())))"
        action = Logout(reason="late")
        result = subprocess.run(
            [sys.executable, "-c", program], input=pickle.dumps(action), capture_output=True, check=True, timeout=60
        )
        assert result.stdout.decode().strip() == repr(action)


@pytest.mark.parametrize("through", ["class", "slice"])
def test_a_class_made_at_run_time_is_gone_with_its_last_use(through: str) -> None:
    """Neither the registry nor its codec keeps it."""

    def make(number: int) -> "weakref.ref[type[Action]]":
        if through == "class":

            class Passing(Action, type=f"parse/passing-{number}"):
                n: int = 1

            kind: type[Action] = Passing
        else:
            passing = Slice(f"parse-passing-{number}", initial=0)

            def step(state: int) -> int:
                return state + 1

            kind = passing.action(step).action_class
            Reducer(0)(0, kind())
        assert Action.parse(kind().serialize()) == kind()
        return weakref.ref(kind)

    from rxdux.actions import registry

    before = len(registry._by_type.known())  # pyright: ignore[reportPrivateUsage]
    made = [make(number) for number in range(20)]
    gc.collect()
    assert [each() for each in made] == [None] * 20
    assert len(registry._by_type.known()) <= before  # pyright: ignore[reportPrivateUsage]


def test_reducers_let_go_of_classes_that_are_made_all_the_time() -> None:
    """What they prepare for a class is bounded."""
    reducer, made = Reducer(0), list[weakref.ref[type[Action]]]()
    for number in range(1100):
        kind = type(
            "Made", (Action,), {"__module__": __name__, "__qualname__": "<locals>.Made"}, type=f"parse/made-{number}"
        )
        reducer(0, kind())
        made.append(weakref.ref(kind))
    del kind
    gc.collect()
    assert sum(each() is not None for each in made) < 200


def test_a_model_of_the_state_may_be_a_field() -> None:
    """Pydantic models of any kind."""

    class Plain(BaseModel):
        n: int = 1

    class Held(Action, type="parse/held"):
        plain: Plain

    assert Action.parse(Held(plain=Plain()).serialize()) == Held(plain=Plain())


T = TypeVar("T")


class Loaded(Action, Generic[T], type="parse/loaded"):
    data: T


def test_a_parametrised_class_goes_by_its_class_and_parameters() -> None:
    """It has no name of its own."""
    action = Loaded[int](data=1)
    again = pickle.loads(pickle.dumps(action))
    assert again == action
    assert type(again) is Loaded[int]
    assert Action.parse(action.serialize(), among=[Loaded[int]]) == action
