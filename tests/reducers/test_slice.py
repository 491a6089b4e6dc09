"""Slices: reducers that make their actions."""

import copy
import pickle
from typing import Annotated, Any
from uuid import UUID, uuid4

import pytest
import reactivex as rx
from pydantic import Field, ValidationError
from reactivex import Observable
from reactivex import operators as ops

from rxdux import (
    Action,
    ActionStream,
    Logout,
    Reducer,
    Slice,
    State,
    Store,
    combine_reducers,
    concat_map,
    exhaust_map,
    merge_map,
    of_type,
    switch_map,
    thunk,
)


class Todo(State):
    text: str
    done: bool = False


Todos = tuple[Todo, ...]
todos = Slice[Todos]("chores", initial=())


@todos.action
def add(state: Todos, text: str, *, done: bool = False) -> Todos:
    """Add a todo at the end."""
    return (*state, Todo(text=text, done=done))


@todos.action
def clear(state: Todos) -> Todos:
    return ()


def test_an_action_is_made_and_handled() -> None:
    """Its type, its fields, its class, its words."""
    action = add("milk")
    assert (action.type, add.type) == ("chores/add", "chores/add")
    assert action.serialize() == {"type": "chores/add", "text": "milk", "done": False}
    assert type(action) is add.action_class
    assert add.__doc__ == "Add a todo at the end."
    assert repr(action) == "add(text='milk', done=False)"
    store = Store(todos)
    store.dispatch(add("milk"))
    store.dispatch(add("bread", done=True))
    assert store.state == (Todo(text="milk"), Todo(text="bread", done=True))
    store.dispatch(todos.actions.clear())
    assert store.state == ()


def test_wrong_arguments_are_named() -> None:
    """Names and numbers by the signature, types by pydantic."""
    with pytest.raises(TypeError, match=r"add\(text: str, \*, done: bool = False\): .*'text'"):
        add()  # pyright: ignore
    with pytest.raises(TypeError, match="unexpected keyword argument 'txt'"):
        add("milk", txt="milk")  # pyright: ignore
    with pytest.raises(TypeError, match="too many positional"):
        add("milk", True)  # pyright: ignore
    with pytest.raises(ValidationError):
        add(5)  # pyright: ignore


def test_actions_are_values() -> None:
    """Equal, copied, pickled, parsed."""
    action = add("milk")
    assert action == add(text="milk") != add("bread")
    assert copy.deepcopy(action) == pickle.loads(pickle.dumps(action)) == Action.parse(action.serialize()) == action
    assert type(pickle.loads(pickle.dumps(action))) is add.action_class


def test_a_slice_is_a_reducer() -> None:
    """It handles other actions as well, its own have an index, and it can be combined."""

    @todos.on(Logout)
    def _(state: Todos, action: Logout) -> Todos:
        return ()

    assert {add.action_class, clear.action_class, Logout} <= todos.handles
    store = Store(combine_reducers({"todos": todos, "count": Reducer(0)}))
    store.dispatch(add("milk"))
    store.dispatch(Logout())
    assert store.state["todos"] == ()


def test_creators_stand_for_their_class() -> None:
    """In `of_type` and in `on`."""
    count = Reducer(0)
    count.on(add, clear)(lambda state, action: state + 1)
    seen: list[str] = []

    def epic(actions: Any) -> Any:
        return actions.pipe(of_type(add), ops.do_action(lambda action: seen.append(action.text)), ops.ignore_elements())

    store = Store(count, epics=[epic])
    store.dispatch(add("milk"))
    store.dispatch(clear())
    assert (store.state, seen) == (2, ["milk"])


def varied(state: int, *names: str) -> int:
    return state


def keyed(state: int, **names: str) -> int:
    return state


def positional(state: int, name: str, /) -> int:
    return state


def colliding(state: int, copy: str) -> int:
    return state


def model_like(state: int, model_fields: str) -> int:
    return state


def typed(state: int, type: str) -> int:
    return state


def private(state: int, _name: str) -> int:
    return state


async def asynchronous(state: int) -> int:
    return state


@pytest.mark.parametrize("handler", [varied, keyed, positional, colliding, model_like, typed, private, asynchronous])
def test_a_parameter_that_cannot_be_a_field_is_named(handler: Any) -> None:
    """When the action is made, not when it is dispatched."""
    with pytest.raises(TypeError, match=r"slice|The action s/"):
        Slice("s", 0).action(handler)


def test_two_actions_of_one_name_are_refused() -> None:
    """One would hide the other."""
    part = Slice("part", 0)

    def twice(state: int) -> int:
        return state

    part.action(twice)
    with pytest.raises(ValueError, match="has an action 'twice' already"):
        part.action(twice)


class Saved(Action):
    text: str
    done: bool = False


class Titled(State):
    titles: tuple[str, ...] = ()


def test_another_slice_takes_what_an_action_was_made_with() -> None:
    """By name, defaults included; the handler comes back unchanged, and has an index as any other."""
    journal = Slice("journal", initial=Titled())

    @journal.when(add)
    def write(state: Titled, text: str, *, done: bool = False) -> Titled:
        return state.replace(titles=(*state.titles, f"{text} {done}"))

    @journal.when(clear)
    def _(state: Titled) -> Titled:
        return Titled()

    assert write(Titled(), "milk", done=True).titles == ("milk True",)
    assert journal.handles == {add.action_class, clear.action_class}
    store = Store(combine_reducers({"todos": todos, "journal": journal}))
    store.dispatch(add("milk"))
    store.dispatch(add("bread", done=True))
    assert store.state["journal"].titles == ("milk False", "bread True")
    store.dispatch(clear())
    assert store.state["journal"] == Titled()


def test_a_reducer_without_a_slice_takes_them_as_well() -> None:
    """Several actions with the same parameters; what is left over in the handler has its default."""
    part = Slice("part", 0)

    @part.action
    def up(state: int, by: int = 1) -> int:
        return state + by

    @part.action
    def down(state: int, by: int = 1) -> int:
        return state - by

    moves = Reducer[tuple[int, ...]](())

    @moves.when(up, down)
    def _(state: tuple[int, ...], by: int = 1, *rest: Any, factor: int = 10, **more: Any) -> tuple[int, ...]:
        return (*state, by * factor)

    state = moves(None, up())
    assert moves(state, down(by=3)) == (10, 30)


def test_what_cannot_take_the_parameters_is_told_where_it_stands() -> None:
    """What it is, where it is, and what it would be called with; when it is registered, not when it is called."""
    part = Reducer(0)

    def short(state: int, text: str) -> int:
        return state

    with pytest.raises(
        TypeError, match=r"when\('chores/add'\) got .*short\(.*test_slice.py, line \d+\).*'done'.*\(state, text, done\)"
    ):
        part.when(add)(short)  # pyright: ignore
    with pytest.raises(TypeError, match=r"when\('chores/clear'\) got "):
        part.when(add, clear)(lambda state, text, done: 0)  # pyright: ignore
    with pytest.raises(TypeError, match="coroutine function"):
        part.when(clear)(asynchronous)  # pyright: ignore
    with pytest.raises(TypeError, match="must be a function"):
        part.when(clear)(5)  # pyright: ignore
    assert part.handles == frozenset()
    part.when(clear)(lambda state: 0)
    with pytest.raises(ValueError, match="has a handler already"):
        part.when(clear)(lambda state: 1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (Logout, r"action of a slice.*Logout is none. Write on\(Logout\)"),
        (add("milk"), "not add"),
        ((lambda state: state), "takes action classes, not <function"),
        ("chores/add", "takes action classes, not 'chores/add'"),
    ],
)
def test_what_is_no_action_of_a_slice_has_no_parameters(given: Any, said: str) -> None:
    """A class is for `on`."""
    with pytest.raises(TypeError, match=said):
        Slice("other", 0).when(given)


async def save(text: str, *, done: bool = False) -> Saved:
    return Saved(text=text, done=done)


def answer(text: str, *, done: bool = False) -> Saved:
    return Saved(text=text, done=done)


def stream(text: str, *, done: bool = False) -> Observable[Saved]:
    return rx.of(Saved(text=text, done=done), Saved(text="again"))


@pytest.mark.parametrize("operator", [merge_map, switch_map, concat_map, exhaust_map])
async def test_an_effect_takes_what_an_action_was_made_with(operator: Any) -> None:
    """A coroutine function, one that gives an action, one that gives a stream."""
    seen: list[Action] = []

    def epic_of(effect: Any) -> Any:
        def epic(actions: ActionStream) -> Observable[Action]:
            return actions.pipe(of_type(add), operator(add.unpack(effect)))

        return epic

    with Store(todos, epics=[epic_of(save), epic_of(answer), epic_of(stream)]) as store:
        store.actions.pipe(of_type(Saved)).subscribe(seen.append)
        store.dispatch(add("milk", done=True))
        await store.idle(20)
    milk = Saved(text="milk", done=True)
    assert sorted(each.serialize()["text"] for each in seen) == ["again", "milk", "milk", "milk"]
    assert seen.count(milk) == 3


def test_what_cannot_be_unpacked_is_told_where_it_stands() -> None:
    """At once; and an action of another type when it comes."""

    async def wrong(words: str) -> Saved:
        return Saved(text=words)

    with pytest.raises(
        TypeError, match=r"add.unpack\(\) got .*wrong\(words: str\).*test_slice.py, line \d+.*\(text, done\)"
    ):
        add.unpack(wrong)  # pyright: ignore
    with pytest.raises(TypeError, match="takes a function, not 'save'"):
        add.unpack("save")  # pyright: ignore
    with pytest.raises(TypeError, match=r"add.unpack\(answer\) was called with clear\(\).*of_type\(add\)"):
        add.unpack(answer)(clear())


def test_a_slice_goes_back_to_its_initial_state() -> None:
    """On action classes and on other slices' actions; what has a handler of its own keeps it."""
    part = Slice("part", initial=(0,), reset_on=(Logout, clear))

    @part.action
    def put(state: tuple[int, ...], value: int) -> tuple[int, ...]:
        return (*state, value)

    for end in (Logout(reason="late"), clear()):
        assert part(part(None, put(5)), end) is part.initial
    with pytest.raises(ValueError, match="Logout has a handler already: .*reset_on of slice 'part'"):
        part.on(Logout)(lambda state, action: state)


def test_a_parameter_with_an_alias_is_called_by_its_name() -> None:
    """The alias is for data that come from elsewhere."""
    part = Slice("aliased", initial=0)

    @part.action
    def put(state: int, value: int = Field(alias="v"), more: int = Field(default=1, validation_alias="m")) -> int:
        return value + more

    action = put(5, more=7)
    assert part(0, action) == 12
    assert Action.parse(action.serialize()) == action
    assert Action.parse({"type": "aliased/put", "v": 5, "m": 7}) == action


@pytest.mark.parametrize("given", [Logout, add, 5, "Logout", (5,), (Logout(),), ("part/put",)])
def test_what_a_slice_cannot_be_reset_on_is_named(given: Any) -> None:
    """A tuple of action classes, or of slices' actions."""
    with pytest.raises(TypeError, match=r"Slice\(reset_on=...\) takes .*action classes.*, not "):
        Slice("part", initial=0, reset_on=given)


def test_a_default_is_made_anew_for_each_action_and_in_the_action() -> None:
    """So the reducer stays pure: the same action gives the same state, whenever it is reduced."""
    notes = Slice[tuple[tuple[UUID, str], ...]]("notes", initial=())

    @notes.action
    def note(
        state: tuple[tuple[UUID, str], ...],
        text: Annotated[str, Field(min_length=2)],
        *,
        id: UUID = Field(default_factory=uuid4),
        tags: Annotated[list[str], Field(default_factory=list)],
    ) -> tuple[tuple[UUID, str], ...]:
        return (*state, (id, text))

    one, two = note("milk"), note("milk")  # pyright: ignore[reportCallIssue]
    assert one != two
    assert notes(None, one) == notes(None, one) != notes(None, two)
    assert Action.parse(one.serialize()) == one
    fixed = uuid4()
    assert note("milk", id=fixed, tags=["a"]).serialize()["id"] == str(fixed)
    with pytest.raises(ValidationError):
        note("m", tags=[])
    with pytest.raises(
        TypeError, match=r"note\(text: str, \*, id: uuid.UUID = uuid4\(\), .*missing a required argument: 'text'"
    ):
        note()  # pyright: ignore


@pytest.mark.parametrize("middleware", [(), (thunk,)])
def test_an_action_that_was_not_called_is_told_so(middleware: Any) -> None:
    """It is no thunk, though it can be called."""
    with pytest.raises(TypeError, match=r"the action creator add\. Did you mean to call it: add\(\.\.\.\)\?"):
        Store(todos, middleware=middleware).dispatch(add)  # pyright: ignore


@pytest.mark.parametrize(("name", "error"), [("", ValueError), ("  ", ValueError), (None, TypeError), ((), TypeError)])
def test_a_slice_has_a_name(name: Any, error: type[Exception]) -> None:
    """Its actions' types begin with it."""
    with pytest.raises(error, match=r"slice|Slice"):
        Slice(name, initial=0)


def test_a_slice_says_what_it_is() -> None:
    """Its name, its actions, and how much it handles."""
    part = Slice("part", 0, reset_on=(Logout,))
    assert repr(part) == "<Slice 'part', actions: none, handlers: 1>"
    part.action(twice)
    assert repr(part) == "<Slice 'part', actions: twice, handlers: 2>"
    assert repr(add) == "<action creator chores/add(text: str, *, done: bool = False)>"


def twice(state: int) -> int:
    return state * 2


def nothing() -> int:
    return 0


@pytest.mark.parametrize("handler", [nothing, lambda state: state, lambda *state: 0])
def test_a_handler_has_a_name_and_takes_the_state(handler: Any) -> None:
    """An action is named after it."""
    with pytest.raises(TypeError, match="slice 's'|The action s/"):
        Slice("s", 0).action(handler)


@pytest.mark.filterwarnings("ignore:The action .* was defined anew")
class TestNotebooks:
    """A cell that is run again defines what is there already."""

    @staticmethod
    def run(cell: str, namespace: dict[str, Any], name: str) -> None:
        exec(compile(cell, name, "exec"), namespace)

    ACTION = """
@part.action
def more(state: int, by: int = {default}) -> int:
    return state + by
"""
    OTHER = """
@other.when(more)
def _(state: int, by: int = 1) -> int:
    return state + {factor} * by

@other.on(Logout)
def _(state: int, action: Logout) -> int:
    return {factor}
"""

    def test_an_action_is_defined_anew(self) -> None:
        """The slice and stores of it go by the latest edition, whether it changed or not."""
        namespace: dict[str, Any] = {"part": Slice("part", 0), "__name__": "notebook"}
        self.run(self.ACTION.format(default=1), namespace, "<cell 1>")
        with Store(namespace["part"]) as store:
            store.dispatch(namespace["more"]())
            self.run(self.ACTION.format(default=1), namespace, "<cell 1>")
            store.dispatch(namespace["more"]())
            self.run(self.ACTION.format(default=10), namespace, "<cell 2>")
            store.dispatch(namespace["more"]())
            assert store.state == 12
        assert repr(namespace["part"]) == "<Slice 'part', actions: more, handlers: 1>"
        assert namespace["part"].actions.more is namespace["more"]

    def test_a_handler_is_defined_anew(self) -> None:
        """Of `when`, and of `on`."""
        namespace: dict[str, Any] = {
            "part": Slice("part", 0),
            "other": Slice("other", 0),
            "Logout": Logout,
            "__name__": "notebook",
        }
        self.run(self.ACTION.format(default=1), namespace, "<cell 1>")
        for factor, name in ((2, "<cell 2>"), (2, "<cell 2>"), (3, "<cell 3>")):
            self.run(self.OTHER.format(factor=factor), namespace, name)
        assert namespace["other"](0, namespace["more"](by=5)) == 15
        assert namespace["other"](0, Logout()) == 3

    def test_two_in_one_cell_are_a_mistake(self) -> None:
        """As in a module."""
        namespace: dict[str, Any] = {"part": Slice("part", 0), "__name__": "notebook"}
        with pytest.raises(ValueError, match="has an action 'more' already"):
            self.run(self.ACTION.format(default=1) * 2, namespace, "<cell 1>")

    def test_a_slice_is_defined_anew(self) -> None:
        """With its actions; the types are those of before."""
        namespace: dict[str, Any] = {"Slice": Slice, "__name__": "notebook"}
        for _ in range(2):
            self.run('part = Slice("part", 0)' + self.ACTION.format(default=1), namespace, "<cell 1>")
        action = Action.parse({"type": "part/more", "by": 4})
        assert type(action) is namespace["more"].action_class
        assert namespace["part"](0, action) == 4
