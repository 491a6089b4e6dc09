"""A map that says which of its keys have changed."""

import pickle
import weakref
from collections.abc import Mapping

import immutables
import pytest

from rxdux.reducers.persistent_map import PersistentMap


def test_it_is_a_mapping_and_never_changes() -> None:
    """Each change gives another one; no change gives the same."""
    before = PersistentMap({"a": 1, "b": 2})
    after = before.set("a", 3).update({"c": 4}).without(["b", "nobody"])
    assert (before, after) == ({"a": 1, "b": 2}, {"a": 3, "c": 4})
    assert isinstance(after, Mapping)
    assert (after["a"], after.get("b"), after.get("b", 0), "b" in after, len(after), set(after)) == (
        *(3, None, 0, False, 2),
        {"a", "c"},
    )
    assert before.set("a", 1) is before.update({}) is before.without(["nobody"]) is before
    with pytest.raises(KeyError):
        after["b"]


def test_it_says_what_was_touched_since_one_of_its_last_versions() -> None:
    """Of others, of later ones, and of what is long ago it is not known."""
    before = PersistentMap({"a": 1, "b": 2})
    after = before.set("a", 3)
    assert [*(after.touched_since(before) or ())] == ["a"]
    assert {*(after.set("c", 4).without(["b"]).touched_since(before) or ())} == {"a", "b", "c"}
    assert before.touched_since(after) is before.touched_since(before) is None
    assert after.touched_since(before.set("b", 3)) is after.touched_since({"a": 1}) is None
    assert after.touched_since(immutables.Map(a=1, b=2)) is None
    for number in range(8):
        after = after.set("a", number)
    assert after.touched_since(before) is None
    assert pickle.loads(pickle.dumps(after)).touched_since(before) is None


def test_nothing_old_is_kept_alive() -> None:
    """Neither the maps before it nor what was in them."""

    class Thing:
        pass

    before = PersistentMap({"a": Thing()})
    gone = weakref.ref(before["a"]), weakref.ref(before)
    after = before.set("a", Thing())
    del before
    assert [each() for each in gone] == [None, None]
    assert after.touched_since(after) is None


def test_equal_ones_are_equal_however_they_came_about() -> None:
    """Copies by pickle too."""
    one, other = PersistentMap({"a": 1, "b": 2}), PersistentMap({"b": 0}).set("a", 1).set("b", 2)
    assert one == other == pickle.loads(pickle.dumps(one))
    assert (hash(one), repr(one.without(["b"]))) == (hash(other), "PersistentMap({'a': 1})")
    assert one != PersistentMap({"a": 1})
