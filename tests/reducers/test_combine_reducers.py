"""Combined reducers: slices, identity, the index, bad input."""

import pickle
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from rxdux import Action, Reducer, ReducerError, State, Store, combine_reducers, undoable
from rxdux.actions.internal import Init


class Increment(Action):
    pass


class Rename(Action):
    name: str


class Noise(Action):
    pass


def make_counter() -> Reducer[int]:
    counter = Reducer(0)
    counter.on(Increment)(lambda count, action: count + 1)
    return counter


def make_name() -> Reducer[str]:
    name = Reducer("Ada")
    name.on(Rename)(lambda state, action: action.name)
    return name


class AppState(State):
    count: int
    name: str


@dataclass(frozen=True)
class AppData:
    count: int
    name: str


class Model(BaseModel, frozen=True):
    count: int
    name: str


def as_mapping() -> Any:
    return combine_reducers({"count": make_counter(), "name": make_name()})


def as_class(kind: type[Any]) -> Callable[[], Any]:
    return lambda: combine_reducers(kind, count=make_counter(), name=make_name())


SHAPES = {"mapping": as_mapping, "state": as_class(AppState), "dataclass": as_class(AppData), "model": as_class(Model)}


def read(state: Any, name: str) -> Any:
    return state[name] if hasattr(state, "keys") else getattr(state, name)


@pytest.mark.parametrize("combine", SHAPES.values(), ids=SHAPES)
def test_each_slice_has_its_reducer(combine: Callable[[], Any]) -> None:
    """Whatever the shape of the state."""
    reducer = combine()
    state = reducer(None, Init())
    assert (read(state, "count"), read(state, "name")) == (0, "Ada")
    state = reducer(reducer(state, Increment()), Rename(name="Grace"))
    assert (read(state, "count"), read(state, "name")) == (1, "Grace")


@pytest.mark.parametrize("combine", SHAPES.values(), ids=SHAPES)
def test_no_change_gives_the_same_object(combine: Callable[[], Any]) -> None:
    """Neither an unhandled action nor one that changes nothing makes a new state."""
    reducer = combine()
    state = reducer(None, Init())
    assert reducer(state, Noise()) is state
    assert reducer(state, Rename(name=state["name"] if hasattr(state, "keys") else state.name)) is state


def test_untouched_slices_keep_identity() -> None:
    """Only the slice that changed is another object."""
    lists = {name: Reducer[list[int]]([]) for name in "ab"}
    lists["a"].on(Increment)(lambda state, action: [*state, 1])
    reducer = combine_reducers(lists)
    before = reducer(None, Init())
    after = reducer(before, Increment())
    assert after["a"] is not before["a"]
    assert after["b"] is before["b"]
    assert before["a"] == []


def test_the_mapping_is_read_only_and_equals_a_dict() -> None:
    """A mapping state has the keys in their order, and nothing to change it by."""
    state = as_mapping()(None, Init())
    assert state == {"count": 0, "name": "Ada"}
    assert list(state) == ["count", "name"]
    assert len(state) == 2
    assert "count" in state
    assert pickle.loads(pickle.dumps(state)) == state
    with pytest.raises(TypeError):
        state["count"] = 1
    with pytest.raises(KeyError):
        state["other"]


def test_only_reducers_that_handle_the_action_are_called() -> None:
    """Plain functions are called for every action, in key order; `Reducer`s through the index."""
    called: list[str] = []

    def plain(name: str) -> Callable[[Any, Action], int]:
        def reduce(state: Any, action: Action) -> int:
            called.append(name)
            return 0

        return reduce

    handled = Reducer(0)
    handled.on(Increment)(lambda state, action: called.append("handled") or state)
    reducer = combine_reducers({"z": plain("z"), "handled": handled, "a": plain("a")})
    state = reducer(None, Init())
    called.clear()
    reducer(state, Noise())
    reducer(state, Increment())
    assert called == ["z", "a", "z", "handled", "a"]


def test_a_handler_added_later_counts() -> None:
    """However deep the reducer is combined, and whoever has it in use."""
    counter = make_counter()
    store = Store(combine_reducers({"outer": combine_reducers({"inner": counter})}))
    store.dispatch(Noise())
    counter.on(Noise)(lambda count, action: count + 10)
    store.dispatch(Noise())
    assert store.state["outer"]["inner"] == 10


def test_none_names_slice_and_action() -> None:
    """The error says where to look."""

    def forgetful(state: int | None, action: Action) -> int:
        return 0 if state is None else None  # pyright: ignore[reportReturnType]

    broken = Reducer(0)
    broken.on(Increment)(lambda state, action: None)  # pyright: ignore[reportArgumentType]
    for reducer in (forgetful, broken):
        store = Store(combine_reducers({"cart": reducer}))
        with pytest.raises(ReducerError, match="slice 'cart' returned None for 'INCREMENT'"):
            store.dispatch(Increment())
        assert store.state == {"cart": 0}


def test_a_slice_may_be_none_where_it_begins_as_none() -> None:
    """A preloaded value does not change what the slice may be."""

    def selected(state: str | None, action: Action) -> str | None:
        return action.name or None if isinstance(action, Rename) else state

    store = Store(combine_reducers({"selected": selected}), {"selected": "Ada"})
    store.dispatch(Rename(name=""))
    assert store.state["selected"] is None


def test_a_preloaded_mapping_is_completed() -> None:
    """Missing keys get their initial value, unknown ones are dropped with a warning."""
    with pytest.warns(UserWarning, match=r"no reducer for \['other'\]"):
        store = Store(as_mapping(), {"count": 7, "other": 1})
    assert store.state == {"count": 7, "name": "Ada"}
    assert Store(as_class(AppState)(), {"count": 7}).state == AppState(count=7, name="Ada")  # pyright: ignore[reportArgumentType]


def test_a_preloaded_model_is_kept() -> None:
    """Nothing is copied where nothing is missing."""
    state = AppState(count=3, name="Grace")
    assert Store(as_class(AppState)(), state).state is state


def test_a_state_of_the_wrong_kind_is_refused() -> None:
    """With what was wanted, and what came."""
    with pytest.raises(TypeError, match="takes a state of AppState or a mapping of slices, not int"):
        Store(as_class(AppState)(), 5)


def test_a_combined_reducer_takes_a_plain_dict() -> None:
    """And gives it back when nothing changed."""
    reducer = as_mapping()
    state = {"count": 1, "name": "Ada"}
    assert reducer(state, Noise()) is state
    assert reducer(state, Increment()) == {"count": 2, "name": "Ada"}
    assert state == {"count": 1, "name": "Ada"}


class Thawed(BaseModel):
    count: int


@dataclass
class ThawedData:
    count: int


@pytest.mark.parametrize(
    ("combine", "message"),
    [
        (lambda: combine_reducers(AppState, count=make_counter()), "AppState.name has no reducer"),
        (lambda: combine_reducers(AppState, count=make_counter(), name=make_name(), x=make_name()), "no field 'x'"),
        (lambda: combine_reducers({"count": 5}), "slice 'count' must be a function"),
        (lambda: combine_reducers(AppState, count=make_counter(), name=None), "slice 'name' must be a function"),
        (lambda: combine_reducers({}), "one reducer at least"),
        (lambda: combine_reducers(int, count=make_counter()), "takes a mapping, a frozen"),
        (lambda: combine_reducers(Thawed, count=make_counter()), "Thawed must be frozen"),
        (lambda: combine_reducers(ThawedData, count=make_counter()), "ThawedData must be frozen"),
        (lambda: combine_reducers({"count": make_counter()}, name=make_name()), "not both"),
    ],
)
def test_bad_input_is_named_when_combined(combine: Callable[[], Any], message: str) -> None:
    """Not at the first dispatch."""
    with pytest.raises(TypeError, match=message):
        combine()


async def later(state: int, action: Action) -> int:
    return state


def bit_by_bit(state: int, action: Action) -> Any:
    yield state


class Later:
    async def __call__(self, state: int, action: Action) -> int:
        return state


@pytest.mark.parametrize("reduce", [later, bit_by_bit, Later(), partial(later)])
def test_what_does_not_run_when_it_is_called_is_no_reducer(reduce: Any) -> None:
    """Its state would be a coroutine, or a generator."""
    for make in (
        lambda: Store(reduce),
        lambda: combine_reducers({"a": reduce}),
        lambda: Reducer(0).on(Action)(reduce),
        lambda: undoable(reduce),
        lambda: undoable(Reducer(0), group_by=reduce),
    ):
        with pytest.raises(TypeError, match="is a (coroutine|generator) function|not a (coroutine|generator) function"):
            make()


def test_state_replace_checks_names_and_keeps_the_rest() -> None:
    """A copy with changes; none at all gives the same object."""
    state = AppState(count=1, name="Ada")
    assert state.replace(count=2) == AppState(count=2, name="Ada")
    assert state.replace(count=2).name is state.name
    assert state.replace(count=1) is state
    with pytest.raises(TypeError, match=r"no field 'cuont'. Its fields: count, name"):
        state.replace(cuont=2)
    with pytest.raises(ValidationError, match="frozen"):
        state.count = 5  # pyright: ignore[reportAttributeAccessIssue]


def test_replace_leaves_cached_properties_behind() -> None:
    """They would be those of the old values."""
    from functools import cached_property

    class Cart(State):
        prices: tuple[int, ...] = ()

        @cached_property
        def total(self) -> int:
            return sum(self.prices)

    cart = Cart(prices=(1, 2))
    assert cart.total == 3
    assert cart.replace(prices=(5,)).total == 5


def test_a_state_of_a_subclass_keeps_its_class() -> None:
    """It has more than the slices, and a change of one slice loses nothing of it."""

    class Wide(AppState):
        extra: str = "kept"

    @dataclass(frozen=True)
    class WideData(AppData):
        extra: str = "kept"

    for kind, given in ((AppState, Wide(count=1, name="Ada")), (AppData, WideData(count=1, name="Ada"))):
        after = combine_reducers(kind, count=make_counter(), name=make_name())(given, Increment())
        assert (type(after), after.count, after.extra) == (type(given), 2, "kept")
