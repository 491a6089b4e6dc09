"""Reducers made of handlers."""

import pytest

from rxdux import Action, Reducer, ReducerError
from rxdux.actions.internal import Init, Replace


class Change(Action):
    by: int = 1


class Increment(Change):
    pass


class Decrement(Change):
    pass


class Noise(Action):
    pass


def test_one_handler_serves_several_classes_and_comes_back_unchanged() -> None:
    """`on` is a decorator that registers, and no more."""
    counter = Reducer(0)

    def change(count: int, action: Increment | Decrement) -> int:
        return count + action.by if isinstance(action, Increment) else count - action.by

    assert counter.on(Increment, Decrement)(change) is change
    assert counter(None, Increment(by=5)) == 5
    assert counter(5, Decrement()) == 4
    assert counter.handles == {Increment, Decrement}


def test_an_unhandled_action_gives_the_same_object_back() -> None:
    """Identity tells that nothing changed."""
    state: list[int] = []
    assert Reducer[list[int]]([1])(state, Noise()) is state


def test_the_most_specific_handler_runs_alone() -> None:
    """A handler of a base class gets the subclasses that have none of their own."""
    counter = Reducer("")

    @counter.on(Change)
    def _(state: str, action: Change) -> str:
        return state + "change "

    @counter.on(Increment)
    def _(state: str, action: Increment) -> str:
        return state + "increment "

    assert counter(counter("", Increment()), Decrement()) == "increment change "


@pytest.mark.parametrize("falsy", [0, "", (), False])
def test_a_falsy_state_is_a_state(falsy: object) -> None:
    """Only None asks for the initial state."""
    assert Reducer[object]("initial")(falsy, Noise()) is falsy


def test_none_from_a_handler_is_an_error() -> None:
    """A forgotten return does not wipe the state."""
    counter = Reducer(0)
    counter.on(Increment)(lambda count, action: None)  # pyright: ignore[reportArgumentType]
    with pytest.raises(ReducerError, match="None for 'INCREMENT'"):
        counter(1, Increment())


def test_none_is_a_state_where_the_initial_state_is_none() -> None:
    """Nothing selected is a state."""
    selected = Reducer[int | None](None)
    selected.on(Change)(lambda state, action: None if action.by == 0 else action.by)
    assert selected(selected(None, Change(by=2)), Change(by=0)) is None


def test_a_second_handler_for_a_class_is_refused() -> None:
    """Two handlers would hide each other."""
    counter = Reducer(0)
    counter.on(Increment)(lambda count, action: count + 1)
    with pytest.raises(ValueError, match="Increment has a handler already"):
        counter.on(Decrement, Increment)(lambda count, action: count)
    assert counter.handles == {Increment}


@pytest.mark.parametrize("wrong", [(), (int,), (Increment(),), ("INCREMENT",)])
def test_on_takes_action_classes(wrong: tuple[object, ...]) -> None:
    """Anything else is named."""
    with pytest.raises(TypeError, match=r"on\(\) takes"):
        Reducer(0).on(*wrong)  # pyright: ignore[reportArgumentType]


def test_handlers_never_see_internal_actions() -> None:
    """Not even one for every action."""
    counter = Reducer(0)
    counter.on(Action)(lambda count, action: count + 1)
    assert counter(None, Init()) == counter(0, Replace()) == 0
    assert counter(0, Noise()) == 1
