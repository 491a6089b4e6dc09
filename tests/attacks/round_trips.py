"""Attacks what is written: it comes back as it was, or is refused by name.

Actions through serialize, pickle and copy; values of random types through the codec; states through persist and through the
export of a history that was paused, travelled and toggled.

python -m tests.attacks.round_trips 60 1
"""

import copy
import json
import pickle
import sys
from typing import Any

from hypothesis import strategies as st

from rxdux import Action, History, MemoryStorage, Slice, Store, combine_reducers, persist
from rxdux.actions.codec import CannotWriteError, Codec

from .properties import Property, attack_properties
from .values import Shape, anything, hashables, shapes, some_shapes, valued, word


class Anything(Action, type="attacks/anything"):
    value: Any = None
    shape: Shape = Shape()
    shapes: tuple[Shape, ...] = ()
    blob: bytes = b""
    names: frozenset[str] = frozenset()


def in_text(data: Any) -> Any:
    """After a way through JSON that any reader takes."""
    return json.loads(json.dumps(data, allow_nan=False))


def a_value_comes_back(typed_value: tuple[Any, Any]) -> None:
    kind, value = typed_value
    codec = Codec("it", kind)
    try:
        written = codec.dump(value)
    except CannotWriteError as refused:
        assert "it" in str(refused)
        assert may_be_refused(value), f"refused: {refused}"
        return
    again = codec.load(*in_text(written))
    assert word(again) == word(value), (kind, written)


def may_be_refused(value: Any) -> bool:
    """NaN is no key: it is not found again."""
    return "nan" in repr(word(value)).lower()


def an_action_comes_back(action: Anything) -> None:
    try:
        serialized = action.serialize()
    except TypeError as refused:
        assert "attacks/anything." in str(refused)
        assert may_be_refused(action), f"refused: {refused}"
    else:
        assert word(Action.parse(in_text(serialized), among=[Anything])) == word(action)
    assert word(pickle.loads(pickle.dumps(action))) == word(action)
    assert word(copy.deepcopy(action)) == word(copy.copy(action)) == word(action)


guessed = Slice("attacks-guessed", initial=0)
stated = Slice[tuple[Shape, ...]]("attacks-stated", initial=())
other = Slice("attacks-other", initial=0)
kept = combine_reducers({"guessed": guessed, "stated": stated, "other": other})


@guessed.action
def guess(state: Any, value: Any) -> Any:
    return value


@stated.action
def state(before: Any, value: tuple[Shape, ...]) -> Any:
    return value


@other.action
def add(count: int, amount: int) -> int:
    return count + amount


def a_state_comes_back(values: tuple[Any, tuple[Shape, ...], int]) -> None:
    """Each slice by itself: one that is refused costs no other."""
    if values[0] is None:
        return  # no state of a slice that began with something
    storage, told = MemoryStorage(), list[str]()
    for _ in range(2):
        with Store(kept, on_error=lambda error: told.append(str(error))) as store:
            persist(store, storage, key="attacks")
            if _ == 0:
                for action in (guess(values[0]), state(values[1]), add(values[2])):
                    store.dispatch(action)
            else:
                for name, value in zip(("guessed", "stated", "other"), values, strict=True):
                    if any(f"slice '{name}' cannot be written" in each for each in told):
                        assert may_be_refused(value), told
                    else:
                        assert word(store.state[name]) == word(value), told
    assert "cannot be used" not in "".join(told)


def a_history_comes_back(steps: list[tuple[str, Any]]) -> None:
    """With the states that it had, whatever went unrecorded."""
    store = Store(combine_reducers({"stated": stated, "other": other}))
    history = History(store, limit=6)
    for what, value in steps:
        match what:
            case "pause":
                history.pause()
            case "resume":
                history.resume()
            case "undo":
                history.undo()
            case "toggle" if history.entries:
                history.toggle(value % len(history.entries))
            case "add":
                store.dispatch(add(value))
            case "state":
                store.dispatch(state(value))
            case _:
                pass
    again = Store(combine_reducers({"stated": stated, "other": other}))
    loaded = History(again)
    try:
        text = history.export()
    except ValueError:
        assert may_be_refused(tuple(value for _, value in steps))
        return
    loaded.load(json.dumps(in_text(json.loads(text)), allow_nan=False))
    assert word(dict(again.state)) == word(dict(store.state)), text
    assert [word(dict(each.state)) for each in loaded.entries] == [word(dict(each.state)) for each in history.entries]
    assert [word(each.action) for each in loaded.entries] == [word(each.action) for each in history.entries]


actions = st.builds(
    Anything,
    value=anything,
    shape=shapes,
    shapes=st.lists(shapes, max_size=2).map(tuple),
    blob=st.binary(),
    names=st.frozensets(hashables[str], max_size=3),
)
steps = st.lists(
    st.one_of(
        st.tuples(st.just("add"), st.integers(-9, 9)),
        st.tuples(st.just("state"), some_shapes),
        st.tuples(st.sampled_from(["pause", "resume", "undo", "toggle"]), st.integers(0, 9)),
    ),
    max_size=12,
)
PROPERTIES: list[Property] = [
    (a_value_comes_back, valued),
    (an_action_comes_back, actions),
    (a_state_comes_back, st.tuples(anything, some_shapes, st.integers())),
    (a_history_comes_back, steps),
]


def attack(seconds: float, seed: int) -> tuple[int, int]:
    """Attack for so long; how many were tried, and how many survived."""
    return attack_properties(PROPERTIES, seconds, seed)


if __name__ == "__main__":
    print(*attack(float(sys.argv[1]), int(sys.argv[2])))
