"""Attacks what is read: texts that were cut, changed, or never ours. Each is used, or refused by a clear error, and costs nothing else.

`Action.parse`, `History.load`, and what `persist` finds in its storage.

python -m tests.attacks.texts 60 1
"""

import json
import sys
from typing import Any

from hypothesis import strategies as st

from rxdux import Action, History, MemoryStorage, Store, persist

from .properties import Property, attack_properties
from .round_trips import Anything, actions, add, kept, state, steps
from .values import some_shapes, word

SECRET = "S3CRET"  # no error shows it
odd = st.sampled_from([10**30, -1, SECRET, "@types", "tuple", "os:system"])
leaves = st.one_of(st.none(), st.booleans(), st.integers(), st.floats(), st.text(max_size=6), odd)
json_values: st.SearchStrategy[Any] = st.recursive(
    leaves,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.sampled_from(["type", "data"]), inner, max_size=3)
    ),
    max_leaves=6,
)


@st.composite
def changed(draw: st.DrawFn, data: Any) -> Any:
    """JSON data of which some nodes are others."""
    data = json.loads(json.dumps(data))
    for _ in range(draw(st.integers(0, 3))):
        node, parent, key = data, None, None
        while isinstance(node, dict | list) and node and draw(st.integers(0, 4)):
            parent = node
            key = draw(st.sampled_from(sorted(node))) if isinstance(node, dict) else draw(st.integers(0, len(node) - 1))
            node = node[key]  # pyright: ignore
        if parent is None:
            continue
        match draw(st.sampled_from(["put", "drop", "double", "nest"])):
            case "put":
                parent[key] = draw(json_values)
            case "drop":
                del parent[key]
            case "double" if isinstance(parent, list):
                parent.append(node)
            case _:
                parent[key] = [node]
    return data


@st.composite
def damaged(draw: st.DrawFn, text: str) -> str:
    """A text that was cut, or in which some characters are others."""
    match draw(st.sampled_from(["whole", "cut", "put", "deep", "garbage"])):
        case "cut":
            return text[: draw(st.integers(0, len(text)))]
        case "put":
            at = draw(st.integers(0, len(text)))
            return text[:at] + draw(st.text(max_size=4)) + text[at + draw(st.integers(0, 4)) :]
        case "deep":
            depth = draw(st.sampled_from([50, 3_000]))
            at = draw(st.integers(0, len(text)))
            return text[:at] + "[" * depth + "]" * depth + text[at:]
        case "garbage":
            return draw(st.text())
        case _:
            return text


def parse_makes_an_action_or_a_value_error(data: Any) -> None:
    try:
        action = Action.parse(data, among=[Anything, add])
    except ValueError as error:
        assert "takes action classes" not in str(error)
    else:
        assert isinstance(action, Anything | add.action_class)
        word(action)


def load_takes_a_recording_or_changes_nothing(text: str) -> None:
    store = Store(kept)
    history = History(store)
    store.dispatch(add(1))
    before, entries = store.state, history.entries
    try:
        history.load(text)
    except ValueError as error:
        assert SECRET not in str(error)
        assert store.state is before
        assert history.entries == entries
    count = store.core.state["other"]  # what is shown may be past
    assert type(count) is int
    store.dispatch(add(1))
    assert store.state["other"] == count + 1
    history.export()
    store.close()


def persist_uses_a_text_or_keeps_it_aside(text: str) -> None:
    storage = MemoryStorage()
    storage.texts["attacks"] = text
    first = _persisted(storage)
    if first is None:
        assert storage.texts == {"attacks": text}, "another key's text stays"
        return
    count, told = first
    assert bool(told) == any(key != "attacks" for key in storage.texts), told
    assert not told or text in [each for key, each in storage.texts.items() if key != "attacks"], "it is lost"
    assert SECRET not in "".join(told)
    assert _persisted(storage) == (count + 1, [])


def _persisted(storage: MemoryStorage) -> tuple[int, list[str]] | None:
    """The count that a store begins with, before it adds one, and what was reported; None for another key's storage."""
    told = list[str]()
    with Store(kept, on_error=lambda error: told.append(f"{error} {error.__cause__!r}")) as store:
        try:
            persist(store, storage, key="attacks")
        except ValueError as error:
            assert "not of 'attacks'" in str(error)
            return None
        count = store.state["other"]
        assert type(count) is int
        store.dispatch(add(1))
        return count, told


def history_text(taken: list[tuple[str, Any]]) -> str:
    store = Store(kept)
    history = History(store)
    for what, value in taken:
        if what in ("add", "state"):
            store.dispatch(add(value) if what == "add" else state(value))
        elif what == "pause":
            history.pause()
        else:
            history.resume()
    try:
        return history.export()
    except ValueError:
        return "[]"


def saved_text(values: tuple[int, Any]) -> str:
    storage = MemoryStorage()
    with Store(kept, on_error=lambda error: None) as store:
        persist(store, storage, key="attacks")
        store.dispatch(add(values[0]))
        store.dispatch(state(values[1]))
    return storage.texts["attacks"]


def serialized(action: Action) -> Any:
    try:
        return json.loads(json.dumps(action.serialize()))
    except TypeError:
        return {}


def spoilt(texts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        texts.flatmap(damaged), texts.flatmap(lambda text: changed(json.loads(text))).map(lambda data: json.dumps(data))
    )


PROPERTIES: list[Property] = [
    (parse_makes_an_action_or_a_value_error, actions.map(serialized).flatmap(changed) | json_values),
    (load_takes_a_recording_or_changes_nothing, spoilt(steps.map(history_text))),
    (persist_uses_a_text_or_keeps_it_aside, spoilt(st.tuples(st.integers(), some_shapes).map(saved_text))),
]


def attack(seconds: float, seed: int) -> tuple[int, int]:
    """Attack for so long; how many were tried, and how many survived."""
    return attack_properties(PROPERTIES, seconds, seed)


if __name__ == "__main__":
    print(*attack(float(sys.argv[1]), int(sys.argv[2])))
