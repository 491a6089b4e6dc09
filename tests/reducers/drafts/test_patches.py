"""Patches: what a recipe changed, as JSON Patch, there and back."""

import json
import random
from collections import OrderedDict
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any
from uuid import UUID

import immutables
import pytest
from pydantic import ConfigDict, Field, SecretStr

from rxdux import EntityAdapter, EntityState, JsonPatch, PatchError, State, apply_patches, produce_with_patches

from .scripts import Script, is_inner, make


class Todo(State):
    id: int
    text: str = ""
    done: bool = False


@dataclass(frozen=True)
class Note:
    text: str
    marks: tuple[int, ...] = ()
    length: int = field(init=False, default=0)


NUMBER = UUID("12345678-1234-5678-1234-567812345678")


class Page(State):
    todos: tuple[Todo, ...] = (Todo(id=1, text="milk"), Todo(id=2, text="bread"), Todo(id=3, text="tea"))
    notes: immutables.Map[UUID, Note] = immutables.Map({NUMBER: Note("first")})
    rows: dict[int, list[int]] = Field(default_factory=lambda: {7: [1, 2]})
    tags: frozenset[str] = frozenset({"a"})
    place: tuple[int, str] | None = (1, "x")
    books: EntityState[int, Todo] = Field(
        default_factory=lambda: books.add_many(books.empty(), [Todo(id=5), Todo(id=6)])
    )
    count: int = Field(default=0, ge=0)
    secret: SecretStr = SecretStr("s3cret")


books = EntityAdapter[int, Todo](lambda todo: todo.id)


def change_todo(draft: Any) -> None:
    draft.todos[1].done = True


def remove_todo(draft: Any) -> None:
    del draft.todos[0]


@pytest.mark.parametrize(
    ("recipe", "expected"),
    [
        (change_todo, [{"op": "replace", "path": "/todos/1/done", "value": True}]),
        (remove_todo, [{"op": "remove", "path": "/todos/0"}]),
        (
            lambda d: d.todos.insert(1, Todo(id=9)),
            [{"op": "add", "path": "/todos/1", "value": {"id": 9, "text": "", "done": False}}],
        ),
        (
            lambda d: setattr(d.notes[NUMBER], "text", "new"),
            [{"op": "replace", "path": f"/notes/{NUMBER}/text", "value": "new"}],
        ),
        (
            lambda d: setattr(d.notes[NUMBER], "length", 3),
            [{"op": "replace", "path": f"/notes/{NUMBER}/length", "value": 3}],
        ),
        (lambda d: d.notes.pop(NUMBER), [{"op": "remove", "path": f"/notes/{NUMBER}"}]),
        (lambda d: d.rows[7].append(3), [{"op": "add", "path": "/rows/7/2", "value": 3}]),
        (lambda d: d.rows.update({8: [1]}), [{"op": "add", "path": "/rows/8", "value": [1]}]),
        (lambda d: d.tags.discard("a"), [{"op": "replace", "path": "/tags", "value": []}]),
        (lambda d: setattr(d, "place", None), [{"op": "replace", "path": "/place", "value": None}]),
        (lambda d: setattr(d.books[6], "done", True), [{"op": "replace", "path": "/books/6/done", "value": True}]),
        (lambda d: setattr(d, "books", books.remove_one(d.books, 6)), [{"op": "remove", "path": "/books/6"}]),
        (lambda d: None, []),
    ],
)
def test_a_change_becomes_patches_that_lead_there_and_back(recipe: Any, expected: Any) -> None:
    """As they are, and through JSON."""
    page = Page()
    after, patches, inverse = produce_with_patches(page, recipe)
    written = [patch.model_dump(mode="json") for patch in patches]
    assert json.loads(json.dumps(written)) == expected
    assert apply_patches(page, patches) == after
    assert apply_patches(after, inverse) == page
    assert apply_patches(page, json.loads(json.dumps(written))) == after
    assert apply_patches(after, inverse).books.ids == page.books.ids


def test_what_patches_do_not_touch_is_shared() -> None:
    """As with produce."""
    page = Page()
    after = apply_patches(page, [{"op": "replace", "path": "/todos/1/text", "value": "new"}])
    assert after.todos[0] is page.todos[0]
    assert after.rows is page.rows
    assert page.todos[1].text == "bread"


def test_entities_that_come_back_have_their_place_again() -> None:
    """Where an id alone would not say it, the entities are put back as a whole."""
    page = Page()
    after, patches, inverse = produce_with_patches(
        page, lambda draft: setattr(draft, "books", books.remove_one(draft.books, 5))
    )
    assert [patch.op for patch in patches + inverse] == ["remove", "replace"]
    assert apply_patches(after, inverse).books.ids == (5, 6)


def test_sorted_entities_of_one_key_come_back_in_their_order() -> None:
    """Of equal keys the one that was added first comes first: who comes back has lost that place."""
    shelf = EntityAdapter[int, Todo](sort_key=lambda todo: todo.text)
    state = {"books": shelf.add_many(shelf.empty(), [Todo(id=1), Todo(id=2), Todo(id=3, text="z")])}
    for id in (1, 2, 3):
        after, patches, inverse = produce_with_patches(
            state, lambda draft, gone=id: draft.update(books=shelf.remove_one(draft["books"], gone))
        )
        assert apply_patches(state, patches) == after
        assert apply_patches(after, inverse) == state


class Shade(IntEnum):
    DARK = 1
    LIGHT = 2


class Cell(State):
    model_config = ConfigDict(arbitrary_types_allowed=True)

    marks: immutables.Map[int, tuple[int, ...]] = immutables.Map({1: (2,)})
    name: str = Field(default="", alias="called")
    below: tuple["Cell", ...] = ()


class Sheet(State):
    cells: dict[tuple[int, int], Cell] = Field(default_factory=dict)
    shades: dict[Shade, int] = Field(default_factory=dict)
    seen: immutables.Map[bytes, bool] = immutables.Map()
    flags: dict[bool | None, int] = Field(default_factory=dict)
    either: immutables.Map[int, str] | dict[str, int] | None = None
    books: EntityState[int, Cell] = Field(
        default_factory=lambda: EntityAdapter[int, Cell](lambda cell: len(cell.name)).empty()
    )
    anything: dict[Any, Any] = Field(default_factory=lambda: {Shade.LIGHT: 5, (1, 2): 6})


@pytest.mark.parametrize(
    "recipe",
    [
        lambda d: d.cells.update({(1, 2): Cell(called="x", below=(Cell(),))}),
        lambda d: d.shades.update({Shade.LIGHT: 5}),
        lambda d: d.seen.update({b"x": True}),
        lambda d: d.flags.update({True: 1, None: 2}),
        lambda d: setattr(d, "seen", immutables.Map({b"y": False})),
        lambda d: setattr(d, "books", cells.add_many(cells.empty(), [Cell(called="ab"), Cell(called="a")])),
        lambda d: d.anything.update({(1, 2): 7}),
        lambda d: setattr(d, "either", immutables.Map({1: "x"})),
        lambda d: setattr(d, "either", {"a": 1}),
    ],
)
def test_keys_and_values_of_any_type_go_through_json(recipe: Any) -> None:
    """What the types of the state tell need not be in the JSON."""
    sheet = Sheet()
    after, patches, inverse = produce_with_patches(sheet, recipe)
    there, back = (
        json.loads(json.dumps([each.model_dump(mode="json") for each in both])) for both in (patches, inverse)
    )
    assert apply_patches(sheet, there) == after
    assert apply_patches(after, back) == sheet


cells = EntityAdapter[int, Cell](lambda cell: len(cell.name))


def test_a_value_for_which_there_is_no_json_is_named() -> None:
    """By its patch."""
    _, patches, _ = produce_with_patches({"a": 1}, lambda draft: draft.update(a=object()))
    with pytest.raises(ValueError, match="'replace /a' cannot be written as JSON.* no JSON for a object"):
        patches[0].model_dump(mode="json")


def test_the_order_of_a_dict_that_has_one() -> None:
    """An OrderedDict is equal only in its order."""
    state = {"all": OrderedDict(a=1, b=2)}
    after, patches, inverse = produce_with_patches(state, lambda draft: draft["all"].move_to_end("a"))
    assert apply_patches(state, patches) == after
    assert apply_patches(after, inverse) == state


@pytest.mark.parametrize(
    ("patch", "expected"),
    [
        ({"op": "add", "path": "/foo/1", "value": "qux"}, {"foo": ["bar", "qux", "baz"], "a/b": 1, "m~n": 8}),
        ({"op": "add", "path": "/foo/-", "value": ["x"]}, {"foo": ["bar", "baz", ["x"]], "a/b": 1, "m~n": 8}),
        ({"op": "remove", "path": "/foo/0"}, {"foo": ["baz"], "a/b": 1, "m~n": 8}),
        ({"op": "replace", "path": "/a~1b", "value": 2}, {"foo": ["bar", "baz"], "a/b": 2, "m~n": 8}),
        ({"op": "move", "from": "/foo/0", "path": "/foo/1"}, {"foo": ["baz", "bar"], "a/b": 1, "m~n": 8}),
        ({"op": "move", "from": "/m~0n", "path": "/new"}, {"foo": ["bar", "baz"], "a/b": 1, "new": 8}),
        ({"op": "copy", "from": "/a~1b", "path": "/foo/0"}, {"foo": [1, "bar", "baz"], "a/b": 1, "m~n": 8}),
        ({"op": "test", "path": "/foo", "value": ["bar", "baz"]}, {"foo": ["bar", "baz"], "a/b": 1, "m~n": 8}),
        ({"op": "replace", "path": "", "value": {"all": "new"}}, {"all": "new"}),
        (
            {"op": "add", "path": "/child", "value": {"x": {}}, "unknown": 1},
            {"foo": ["bar", "baz"], "a/b": 1, "m~n": 8, "child": {"x": {}}},
        ),
    ],
)
def test_each_operation_of_the_rfc(patch: Any, expected: Any) -> None:
    """In the manner of RFC 6902, appendix A."""
    assert apply_patches({"foo": ["bar", "baz"], "a/b": 1, "m~n": 8}, [patch]) == expected


@pytest.mark.parametrize(
    ("patch", "said"),
    [
        ({"op": "remove", "path": "/todos/3"}, "remove /todos/3.* no 3 at '/todos', which has 3 parts"),
        ({"op": "replace", "path": "/todos/01/text", "value": ""}, "no 01 at '/todos'"),
        ({"op": "replace", "path": "/todos/-", "value": {}}, "/todos/-"),
        ({"op": "add", "path": "/todos/5", "value": {"id": 1}}, "no 5 at '/todos'"),
        ({"op": "replace", "path": "/todos/0/txt", "value": ""}, "Todo at '/todos/0' has no field 'txt'"),
        ({"op": "replace", "path": "/todos/0/text/0", "value": ""}, "a str is at '/todos/0/text'"),
        ({"op": "replace", "path": "/todos/0/done", "value": "perhaps"}, "replace /todos/0/done.*another type"),
        ({"op": "add", "path": "/todos/0", "value": {"text": "no id"}}, r"add /todos/0.*another type.*\(id\)"),
        ({"op": "replace", "path": "/count", "value": -1}, "replace /count.*greater than or equal"),
        ({"op": "remove", "path": "/count"}, "Page cannot do without 'count'"),
        ({"op": "remove", "path": ""}, "the whole state cannot be removed"),
        ({"op": "remove", "path": "/rows/9"}, "remove /rows/9.*there is no 9"),
        ({"op": "replace", "path": "/rows/x", "value": []}, "replace /rows/x"),
        ({"op": "test", "path": "/count", "value": 5}, "test /count.*another value is there"),
        ({"op": "move", "from": "/rows", "path": "/rows/7"}, "nothing can be moved into itself"),
        ({"op": "copy", "from": "/nothing", "path": "/count"}, "copy /count.*no field 'nothing'"),
        ({"op": "fly", "path": "/count"}, "no patch, at '/count'"),
        ({"op": "add", "path": "count", "value": 1}, "no patch, at 'count'.*JSON Pointer"),
        ({"op": "add", "path": "/count"}, "add needs a value"),
        ({"op": "move", "path": "/count"}, r"'/count': move needs from\.$"),
        ({"op": "remove", "path": "/todos/~2"}, "in which a tilde is written ~0"),
        ({"op": "remove", "path": "/todos/\u0661"}, "no \u0661 at '/todos'"),
        ({"op": "remove", "path": "/todos/" + "9" * 5000}, "no 9+ at '/todos'"),
        (5, "no patch"),
    ],
)
def test_a_patch_that_does_not_fit_is_refused_by_its_path(patch: Any, said: str) -> None:
    """And those before it have changed nothing."""
    page = Page()
    with pytest.raises(PatchError, match=said) as refused:
        apply_patches(page, [{"op": "replace", "path": "/count", "value": 3}, patch])
    assert page == Page()
    assert refused.value.patch is not None
    assert refused.value.__suppress_context__


@pytest.mark.parametrize(
    ("there", "tested", "is_equal"),
    [
        (1, True, False),
        ([0], [False], False),
        ({"a": True}, {"a": 1}, False),
        (1, 1.0, True),
        ((1, 2), [1, 2], True),
        ({"a": (1,)}, {"a": [1]}, True),
        ([1], [1, 2], False),
        ("1", 1, False),
    ],
)
def test_what_is_equal_in_json(there: Any, tested: Any, is_equal: bool) -> None:
    """RFC 6902, section 4.6: a number is equal by its value, and no truth value is a number."""
    state = {"x": there}
    patch = {"op": "test", "path": "/x", "value": tested}
    if is_equal:
        assert apply_patches(state, [patch]) is state
    else:
        with pytest.raises(PatchError, match="another value is there"):
            apply_patches(state, [patch])


@pytest.mark.parametrize("given", [None, 5, {"op": "remove", "path": "/a"}, JsonPatch(op="remove", path="/a"), "[]"])
def test_what_is_no_list_of_patches_is_told(given: Any) -> None:
    """A single one is not taken for a list of its fields."""
    with pytest.raises(TypeError, match=rf"takes patches in a list.*not a {type(given).__name__}"):
        apply_patches({"a": 1}, given)


def test_a_refusal_does_not_repeat_the_value() -> None:
    """It may be a secret."""
    with pytest.raises(PatchError) as refused:
        apply_patches(Page(), [{"op": "replace", "path": "/count", "value": "hunter2"}])
    assert "hunter2" not in str(refused.value)
    _, patches, _ = produce_with_patches(Page(), lambda draft: setattr(draft, "secret", SecretStr("hunter2")))
    assert "hunter2" not in repr(patches) + json.dumps([patch.model_dump(mode="json") for patch in patches])


def test_a_patch_is_a_value() -> None:
    """It comes back from JSON as it was, and cannot be changed."""
    patch = JsonPatch.model_validate({"op": "move", "from": "/a", "path": "/b"})
    assert JsonPatch.model_validate(patch.model_dump(mode="json")) == patch
    with pytest.raises(ValueError, match="frozen"):
        patch.path = "/c"  # pyright: ignore


def test_random_recipes_lead_there_and_back() -> None:
    """Whatever a recipe does to whatever state."""
    wrong: list[int] = []
    for seed in range(500):
        rng = random.Random(seed)
        frozen = rng.random() < 0.5
        state = make(rng, 4, frozen)
        state = state if is_inner(state) else [state]
        after, patches, inverse = produce_with_patches(state, Script(rng.randrange(1 << 30), 6, frozen))
        if apply_patches(state, patches) != after or apply_patches(after, inverse) != state:
            wrong.append(seed)
    assert wrong == []
