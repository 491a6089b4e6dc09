"""Slices: reducers that make their actions."""

import copy
import pickle
from typing import Any

import pytest
from pydantic import ValidationError
from reactivex import operators as ops

from rxdux import Action, Logout, Reducer, Slice, State, Store, combine_reducers, of_type


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
