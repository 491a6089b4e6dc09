"""Drafts: what a recipe changes, and a deep copy that must agree."""

import copy
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import immutables
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import Field

from rxdux import Action, EntityAdapter, EntityState, Reducer, Slice, State, Store, combine_reducers, produce


class Todo(State):
    text: str
    done: bool = False

    @property
    def label(self) -> str:
        return f"{'x' if self.done else ' '} {self.text}"


class Page(State):
    todos: tuple[Todo, ...] = (Todo(text="milk"), Todo(text="bread"))
    tags: frozenset[str] = frozenset({"a"})
    settings: dict[str, Any] = Field(default_factory=lambda: {"theme": {"dark": True}, "sizes": [1, 2]})
    count: int = 0


@dataclass(frozen=True)
class Point:
    x: int = 0
    inner: list[int] = field(default_factory=list)


class Pair(NamedTuple):
    left: list[int]
    right: int


def test_a_nested_change_shares_the_rest() -> None:
    """The original is not touched; what did not change is the same object."""
    page = Page()

    def recipe(draft: Any) -> None:
        draft.todos[0].done = True
        draft.settings["theme"]["dark"] = False

    after = produce(page, recipe)
    assert after.todos == (Todo(text="milk", done=True), Todo(text="bread"))
    assert after.settings == {"theme": {"dark": False}, "sizes": [1, 2]}
    assert page == Page()
    assert after.todos[1] is page.todos[1]
    assert after.settings["sizes"] is page.settings["sizes"]
    assert after.tags is page.tags


@pytest.mark.parametrize(
    "recipe",
    [
        lambda draft: None,
        lambda draft: draft.todos[0],
        lambda draft: [todo.done for todo in draft.todos],
        lambda draft: setattr(draft, "count", 0),
        lambda draft: draft.settings["theme"].update(dark=True),
        lambda draft: (draft.todos.append(1), draft.todos.pop()),
        lambda draft: (draft.tags.add("b"), draft.tags.discard("b")),
    ],
)
def test_no_change_gives_the_same_object(recipe: Any) -> None:
    """Neither reading nor changing there and back is a change."""
    page = Page()
    assert produce(page, recipe) is page


@pytest.mark.parametrize(
    ("state", "recipe", "expected"),
    [
        ([1, 2], lambda d: d.append(3), [1, 2, 3]),
        ((1, 2), lambda d: d.insert(0, 0), (0, 1, 2)),
        ([3, 1, 2], lambda d: d.sort(reverse=True), [3, 2, 1]),
        ([1, 2, 3], lambda d: d.__delitem__(slice(0, 2)), [3]),
        ({"a": 1}, lambda d: d.pop("a"), {}),
        ({"a": [1]}, lambda d: d["a"].extend([2]), {"a": [1, 2]}),
        ({"a": 1, "b": 2}, lambda d: d.update(b=d.pop("a")), {"b": 1}),
        ({1, 2}, lambda d: d.remove(1), {2}),
        (frozenset({1}), lambda d: d.update({2}), frozenset({1, 2})),
        (immutables.Map({"a": (1,)}), lambda d: d["a"].append(2), immutables.Map({"a": (1, 2)})),
        (immutables.Map({"a": 1, "b": 2}), lambda d: d.pop("a"), immutables.Map({"b": 2})),
        (Point(inner=[1]), lambda d: d.inner.append(2), Point(inner=[1, 2])),
        (Pair([1], 2), lambda d: (d.left.append(2), setattr(d, "right", 3)), Pair([1, 2], 3)),
        (OrderedDict(a=1), lambda d: d.update(b=2), OrderedDict(a=1, b=2)),
    ],
)
def test_each_kind_of_value_has_its_draft(state: Any, recipe: Any, expected: Any) -> None:
    """And comes back as what it was."""
    before = copy.deepcopy(state) if not isinstance(state, immutables.Map) else state
    after = produce(state, recipe)
    assert after == expected
    assert type(after) is type(state)
    assert state == before


def test_a_draft_looks_like_its_value() -> None:
    """Equal, iterable, with its properties."""

    def recipe(draft: Any) -> None:
        draft.todos[1].done = True
        assert draft.todos[1].label == "x bread"
        assert draft.todos == (Todo(text="milk"), Todo(text="bread", done=True))
        assert draft.todos[0] is draft.todos[0]
        assert len(draft.todos) == 2
        assert "dark" in draft.settings["theme"]
        assert draft.settings["sizes"][:1] == [1]
        assert repr(draft.settings["sizes"]) == "[1, 2]"

    produce(Page(), recipe)


def test_a_part_can_be_moved() -> None:
    """A draft that is put elsewhere becomes its value, also inside something new."""

    def recipe(draft: Any) -> None:
        draft.todos[0].done = True
        draft.settings = {"first": draft.todos[0], "both": [draft.todos[0], draft.todos[1]]}

    after = produce(Page(), recipe)
    assert after.settings["first"] is after.todos[0] is after.settings["both"][0]
    assert after.settings["both"][1] is after.todos[1]
    assert isinstance(after.settings["first"], Todo)


def test_a_draft_ends_with_its_recipe() -> None:
    """Whoever kept it is told; also when the recipe failed."""
    kept: list[Any] = []
    produce(Page(), lambda draft: kept.extend([draft, draft.todos]))

    def failing(draft: Any) -> None:
        kept.append(draft)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        produce(Page(), failing)
    uses = [
        lambda: kept[0].count,
        lambda: kept[1].append(1),
        lambda: len(kept[1]),
        lambda: setattr(kept[2], "count", 1),
    ]
    for use in uses:
        with pytest.raises(RuntimeError, match="used after its recipe"):
            use()
    assert repr(kept[0]) == "<draft after its recipe>"


class Shelf(State):
    pages: tuple[Page, ...] = (Page(),)
    marks: frozenset[int] = frozenset({1})
    numbers: set[int] = Field(default_factory=lambda: {1})
    books: EntityState[int, Todo] = Field(default_factory=lambda: by_text.add_one(by_text.empty(), Todo(text="x")))


by_text = EntityAdapter[int, Todo](lambda todo: len(todo.text))


@pytest.mark.parametrize(
    "use",
    [
        lambda shelf: shelf.replace(marks=frozenset()),
        lambda shelf: dict(shelf),
        lambda shelf: [*shelf],
        lambda shelf: shelf.model_copy(),
        lambda shelf: shelf.model_dump(),
        lambda shelf: copy.copy(shelf),
        lambda shelf: hash(shelf),
        lambda shelf: vars(shelf)["pages"][0].replace(count=1),
        lambda shelf: vars(shelf)["books"].ids,
        lambda shelf: vars(shelf)["books"].all,
        lambda shelf: vars(shelf)["numbers"].copy(),
        lambda shelf: vars(shelf)["numbers"] | {2},
        lambda shelf: hash(vars(shelf)["marks"]),
    ],
)
def test_nothing_is_made_of_a_draft_after_its_recipe(use: Any) -> None:
    """A record that is replaced, read as pairs or copied would have dead drafts in it."""
    kept: list[Any] = []

    def keep(draft: Any) -> None:
        kept.append(draft)
        draft.pages[0].replace(count=5)
        assert [name for name, _ in draft] == ["pages", "marks", "numbers", "books"]
        len(draft.marks | draft.numbers), draft.books.ids

    produce(Shelf(), keep)
    with pytest.raises(RuntimeError, match="used after its recipe"):
        use(kept[0])
    assert str(kept[0]) == "<draft after its recipe>"


def test_a_state_is_a_tree() -> None:
    """A cycle is refused, through drafts as through new values."""
    with pytest.raises(ValueError, match="put into itself"):
        produce({"a": {}}, lambda draft: draft["a"].update(self=draft["a"]))
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(ValueError, match="put into itself"):
        produce({"a": 1}, lambda draft: draft.update(a=loop))


def test_a_draft_that_outlived_its_recipe_is_refused() -> None:
    """In another recipe as anywhere."""
    kept: list[Any] = []
    produce([[1]], lambda draft: kept.append(draft[0]))
    with pytest.raises(ValueError, match="another recipe"):
        produce({"a": 1}, lambda draft: draft.update(a=kept[0]))


def test_bad_input_is_named() -> None:
    """No recipe, no draft, no such field."""

    with pytest.raises(TypeError, match="A recipe is a function"):
        produce(Page(), 5)  # pyright: ignore
    with pytest.raises(TypeError, match="no draft of a int"):
        produce(5, lambda draft: None)
    with pytest.raises(AttributeError, match="Todo has no field 'txt'. Its fields: text, done"):
        produce(Page(), lambda draft: setattr(draft.todos[0], "txt", "x"))
    with pytest.raises(AttributeError, match="has no field 'txt'"):
        produce(Page(), lambda draft: draft.todos[0].txt)


def test_a_recipe_that_has_not_run_is_told() -> None:
    """A coroutine or a generator that nobody takes further has changed nothing."""

    async def later(draft: Any) -> None:
        draft.title = "new"

    def bit_by_bit(draft: Any) -> Any:
        draft.title = "new"
        yield

    for recipe in (
        later,
        bit_by_bit,
        lambda draft: later(draft),
        lambda draft: (setattr(t, "done", True) for t in draft.todos),
    ):
        with pytest.raises(TypeError, match=r"The recipe .* gave a (coroutine|generator), so it has not run"):
            produce(Page(), recipe)


def test_a_slice_may_use_it() -> None:
    """As `return produce(state, recipe)`; and a combined mapping has drafts too."""
    page = Slice("page", initial=Page())

    @page.action
    def check(state: Page, index: int) -> Page:
        return produce(state, lambda draft: setattr(draft.todos[index], "done", True))

    store = Store(combine_reducers({"page": page, "other": Reducer(0)}))
    store.dispatch(check(1))
    assert store.state["page"].todos[1].done
    changed = produce(store.state, lambda draft: setattr(draft["page"], "count", 5))
    assert changed["page"].count == 5
    assert type(changed) is type(store.state)
    assert isinstance(check(0), Action)


# --- against a deep copy and plain mutation ------------------------------------------------------

LEAVES = st.integers(0, 3) | st.sampled_from("ab")
TREES = st.recursive(
    st.lists(LEAVES, max_size=4) | st.dictionaries(st.sampled_from("xyz"), LEAVES, max_size=3),
    lambda inner: (
        st.lists(LEAVES | inner, max_size=4) | st.dictionaries(st.sampled_from("xyz"), LEAVES | inner, max_size=3)
    ),
    max_leaves=12,
)
STEPS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 9), TREES | LEAVES), max_size=8)


def change(root: Any, steps: list[Any]) -> None:
    """Walk down by the numbers, and change what is there: the same for a draft as for a plain value."""
    for depth, number, value in steps:
        node = root
        for _ in range(depth):
            parts = list(node.values()) if hasattr(node, "values") else list(node)
            below = [part for part in parts if hasattr(part, "__len__") and not isinstance(part, str)]
            if not below:
                break
            node = below[number % len(below)]
        new = copy.deepcopy(value)
        if hasattr(node, "values"):
            if number % 3 == 0 and len(node):
                del node[list(node)[0]]  # noqa: RUF015 -- drafts and dicts alike
            else:
                node["xyz"[number % 3]] = new
        elif number % 4 == 0 and len(node):
            node.pop(number % len(node))
        elif number % 4 == 1 and len(node):
            node[number % len(node)] = new
        elif number % 4 == 2:
            node.reverse()
        else:
            node.append(new)


@given(TREES, STEPS)
@settings(max_examples=150, deadline=None)
def test_produce_agrees_with_a_deep_copy(tree: Any, steps: list[Any]) -> None:
    """Same result, original untouched, no draft left inside, nothing copied without need."""
    original, expected = copy.deepcopy(tree), copy.deepcopy(tree)
    change(expected, steps)
    after = produce(tree, lambda draft: change(draft, steps))
    assert after == expected
    assert tree == original
    assert "draft" not in repr(after)
    assert type(after) is type(tree)
    if not steps:
        assert after is tree


@given(TREES, st.integers(0, 9))
@settings(max_examples=200, deadline=None)
def test_what_is_not_on_the_way_is_shared(tree: Any, number: int) -> None:
    """One change at the root leaves every part below as it is."""

    def recipe(draft: Any) -> None:
        if hasattr(draft, "values"):
            draft["new"] = number
        else:
            draft.append(number)

    after = produce(tree, recipe)
    if isinstance(tree, dict):
        assert all(after[key] is tree[key] for key in tree)
    else:
        assert all(one is other for one, other in zip(tree, after, strict=False))
