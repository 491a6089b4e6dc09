"""A draft is what it stands for, in all that it can be asked; the result holds none."""

import copy
import dataclasses
import gc
import heapq
import json
import pickle
from collections import Counter, OrderedDict, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import immutables
import pytest
from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

from rxdux import (
    EntityAdapter,
    EntityState,
    Reducer,
    State,
    combine_reducers,
    current,
    is_draft,
    original,
    produce,
    selector,
)


class Todo(State):
    id: int = 0
    text: str = ""
    done: bool = False
    tags: list[Any] = Field(default_factory=list)

    LIMIT: ClassVar[int] = 5

    @property
    def loud(self) -> str:
        return self.text.upper()

    @cached_property
    def label(self) -> str:
        return f"{'x' if self.done else ' '} {self.text}"

    @staticmethod
    def twice(number: int) -> int:
        return number * 2

    @classmethod
    def of(cls, text: str) -> "Todo":
        return cls(text=text)

    def finish(self) -> None:
        self.done = True  # pyright: ignore


class Page(State):
    todos: tuple[Todo, ...] = (Todo(id=1, text="milk"), Todo(id=2, text="bread"))
    tags: frozenset[str] = frozenset({"a"})
    table: immutables.Map[str, Any] = immutables.Map()
    rows: list[Any] = Field(default_factory=lambda: [[1], [2]])
    settings: dict[Any, Any] = Field(default_factory=lambda: {"sizes": [1, 2]})
    place: tuple[int, int] = (1, 2)
    maybe: tuple[int, ...] | None = None
    anything: Any = ()


@dataclass(frozen=True)
class Point:
    x: int = 0
    inner: list[Any] = field(default_factory=list)
    steps: tuple[int, ...] = ()
    total: int = field(init=False, default=9)


@dataclass(frozen=True, slots=True)
class Slotted:
    parts: list[Any] = field(default_factory=list)
    number: int = 0


class Pair(NamedTuple):
    left: list[Any]
    right: int

    def sum(self) -> int:
        return sum(self.left) + self.right


class Loose(BaseModel):
    model_config = ConfigDict(extra="allow", frozen=True)
    a: int = 0
    _kept: list[Any] = PrivateAttr(default_factory=list)


class Box:
    """An object of one's own, which anybody can change."""

    def __init__(self) -> None:
        self.items: list[Any] = []


def drafts_in(value: Any) -> list[Any]:
    """All drafts that can be reached from a value."""
    found, seen, left = [], set[int](), [value]
    while left:
        each = left.pop()
        if id(each) in seen or isinstance(each, type):
            continue
        seen.add(id(each))
        if is_draft(each):
            found.append(each)
        left.extend(part for part in gc.get_referents(each) if not isinstance(part, type) and not callable(part))
    return found


def safely(state: Any, recipe: Callable[[Any], object]) -> Any:
    """What `produce` gives, after a look whether the original is as before and the result free of drafts."""
    before = pickle.dumps(state)
    after = produce(state, recipe)
    assert pickle.dumps(state) == before
    assert drafts_in(after) == []
    return after


def test_a_draft_is_an_instance_of_what_it_stands_for() -> None:
    """Also of the tuple, the frozenset and the map, which it can change."""

    def recipe(draft: Any) -> None:
        parts = {name: getattr(draft, name) for name in Page.model_fields}
        for name, cls in {"todos": tuple, "tags": frozenset, "table": immutables.Map, "rows": list}.items():
            assert isinstance(parts[name], cls)
            assert parts[name].__class__ is cls
            assert is_draft(parts[name])
        assert isinstance(draft, Page)
        assert isinstance(draft.todos[0], Todo)
        assert isinstance(draft.todos, list)

    assert safely(page := Page(), recipe) is page


def test_a_class_works_on_its_draft() -> None:
    """Properties, cached ones without their cache, methods, static ones, class ones, class variables."""

    def recipe(draft: Any) -> None:
        todo = draft.todos[0]
        assert (todo.LIMIT, todo.twice(4), todo.loud, todo.label) == (5, 8, "MILK", "  milk")
        todo.finish()
        assert todo.label == "x milk"
        assert type(todo.of("new")) is Todo
        assert (todo == Todo(id=1, text="milk", done=True), f"{todo}") == (
            True,
            f"{Todo(id=1, text='milk', done=True)}",
        )

    after = safely(Page(), recipe)
    assert [todo.done for todo in after.todos] == [True, False]
    assert after.todos[0].label == "x milk"


def test_the_operators_of_lists_dicts_and_sets() -> None:
    """In place, on either side, and by the methods."""

    def recipe(draft: Any) -> None:
        draft.rows = [0] + draft.rows + [3]  # noqa: RUF005 -- `+` is what is tried
        draft.rows[1].append("first")
        draft.rows += draft.rows.copy()[:1] * 2
        draft.settings |= {"a": 1}
        draft.settings = {"before": 0} | draft.settings | {"b": draft.rows[1]}
        draft.tags |= {"b"}
        draft.settings["union"] = sorted({"z"}.union(draft.tags))
        draft.todos += (Todo(id=3),)
        draft.settings["ids"] = [todo.id for todo in sorted(draft.todos, key=lambda todo: -todo.id)]
        draft.settings["text"] = json.dumps([draft.rows, draft.place])

    after = safely(Page(), recipe)
    assert after.rows == [0, [1, "first"], [2], 3, 0, 0]
    assert list(after.settings) == ["before", "sizes", "a", "b", "union", "ids", "text"]
    assert after.settings["b"] is after.rows[1]
    assert (after.tags, type(after.tags)) == (frozenset("ab"), frozenset)
    assert (after.settings["union"], after.settings["ids"]) == (["a", "b", "z"], [3, 2, 1])
    assert after.settings["text"] == '[[0, [1, "first"], [2], 3, 0, 0], [1, 2]]'


def test_a_tuple_is_a_key() -> None:
    """And stays one when its draft changes."""

    def recipe(draft: Any) -> None:
        draft.settings[draft.place] = "here"
        draft.place[0] = 7
        assert draft.settings[1, 2] == "here"
        draft.settings[draft.place] = "there"
        draft.anything = {draft.place, (draft.place, 1)}

    after = safely(Page(), recipe)
    assert list(after.settings)[1:] == [(1, 2), (7, 2)]
    assert after.anything == {(7, 2), ((7, 2), 1)}


def test_copies_are_values_that_share_their_parts() -> None:
    """As copies of the value would be: a part that is changed is changed in both."""

    def recipe(draft: Any) -> None:
        todo = draft.todos[0]
        copies = [
            copy.copy(todo),
            todo.model_copy(update={"text": "copied"}),
            todo.replace(text=draft.todos[1].text),
            copy.deepcopy(todo),
            pickle.loads(pickle.dumps(todo)),
        ]
        assert [each for each in copies if is_draft(each)] == []
        draft.anything = copies
        todo.tags.append("late")

    after = safely(Page(), recipe)
    assert [each.text for each in after.anything] == ["milk", "copied", "bread", "milk", "milk"]
    assert [each.tags for each in after.anything] == [["late"], ["late"], ["late"], [], []]
    assert {type(each) for each in after.anything} == {Todo}


def test_models_made_from_drafts() -> None:
    """By pydantic, which reads them in Rust, and by dataclasses."""

    class Copy(BaseModel):
        rows: list[Any]
        todo: Todo
        place: tuple[int, int]

    def recipe(draft: Any) -> None:
        made = Copy(rows=draft.rows, todo=draft.todos[0], place=draft.place)
        draft.settings = {"made": made, "point": dataclasses.replace(draft.settings["point"], x=5)}
        draft.todos[0].done = True
        assert draft.model_dump()["place"] == (1, 2)

    after = safely(Page(settings={"point": Point(inner=[1])}), recipe)
    assert after.settings["made"] == Copy(rows=[[1], [2]], todo=after.todos[0], place=(1, 2))
    assert after.settings["point"] == Point(x=5, inner=[1])


@pytest.mark.parametrize(
    ("state", "recipe", "expected"),
    [
        (deque([1, [2]], maxlen=3), lambda d: (d[1].append(9), d.appendleft(0)), deque([0, 1, [2, 9]], maxlen=3)),
        (deque([[1], [2]]), lambda d: (d.popleft().append(5), d.rotate(), d.extend([3])), deque([[2], 3])),
        (defaultdict(list, a=[1]), lambda d: (d["a"].append(2), d["b"].append(3)), {"a": [1, 2], "b": [3]}),
        (
            Counter("aab"),
            lambda d: (d.update("b"), d.subtract("a"), d.update(d + Counter("z"))),
            Counter(a=2, b=4, z=1),
        ),
        (OrderedDict(a=[1], b=2), lambda d: (d.move_to_end("a"), d["a"].append(2)), OrderedDict(b=2, a=[1, 2])),
        (immutables.Map(a=[1]), lambda d: (d["a"].append(2), d.update(b=3)), immutables.Map(a=[1, 2], b=3)),
        ({"m": immutables.Map(a=1)}, lambda d: d.update(m=d["m"].set("b", 2).delete("a")), {"m": immutables.Map(b=2)}),
        (Slotted([1]), lambda d: (d.parts.append(2), setattr(d, "number", 3)), Slotted([1, 2], 3)),
        (Pair([1], 2), lambda d: (d.left.append(2), setattr(d, "right", d.sum())), Pair([1, 2], 5)),
        ({"pair": Pair([1], 2)}, lambda d: d.update(pair=d["pair"]._replace(right=7)), {"pair": Pair([1], 7)}),
        ([3, 1, 2], heapq.heapify, [1, 3, 2]),
    ],
)
def test_each_kind_of_container(state: Any, recipe: Any, expected: Any) -> None:
    """The original stays, and the result is of its class."""
    after = safely(state, recipe)
    assert after == expected
    assert type(after) is type(state)


def test_what_a_class_keeps_beside_its_fields() -> None:
    """Private and extra attributes of models, fields of dataclasses that `__init__` does not take."""
    loose = Loose(a=1, more=[1])  # pyright: ignore
    loose._kept.append(1)

    def recipe(draft: Any) -> None:
        draft.more.append(2)
        draft._kept.append(2)
        draft.new = 3

    after: Any = produce(loose, recipe)
    assert (after.more, after._kept, after.new) == ([1, 2], [1, 2], 3)
    assert (loose.more, loose._kept) == ([1], [1])  # pyright: ignore
    assert produce(Point(), lambda draft: setattr(draft, "total", 1)).total == 1


def test_a_list_in_a_field_for_tuples_becomes_one() -> None:
    """Likewise a set for a frozenset, a dict for a map; where the type allows either it stays."""

    def recipe(draft: Any) -> None:
        draft.todos = [todo for todo in draft.todos if todo.id > 1]
        draft.todos[0].done = True
        draft.maybe, draft.tags, draft.table, draft.anything = [1], {"z"}, {"a": 1}, [1]

    after = safely(Page(), recipe)
    assert after.todos == (Todo(id=2, text="bread", done=True),)
    assert (after.maybe, after.tags, after.table, after.anything) == ((1,), frozenset("z"), immutables.Map(a=1), [1])
    assert produce(Point(), lambda draft: setattr(draft, "steps", [1])).steps == (1,)


def test_filtered_and_read_again() -> None:
    """What was put into the state is found there, and can be changed there."""

    def recipe(draft: Any) -> None:
        draft["items"] = [each for each in draft["items"] if each["n"] > 1]
        draft["items"][0]["n"] += 5
        draft["items"].append(Todo())
        draft["items"][-1].done = True

    assert safely({"items": [{"n": 1}, {"n": 2}]}, recipe) == {"items": [{"n": 7}, Todo(done=True)]}


def test_what_the_recipe_made_is_one_object_under_all_its_names() -> None:
    """As with plain mutation."""

    def recipe(draft: Any) -> None:
        new: list[Any] = []
        draft["a"] = draft["b"] = new
        draft["a"].append(draft["old"])
        new.append(2)
        draft["b"][0].append(9)

    assert safely({"old": [1]}, recipe) == {"old": [1, 9], "a": [[1, 9], 2], "b": [[1, 9], 2]}


def test_a_part_of_the_original_put_elsewhere_is_not_touched() -> None:
    """Though the recipe has it from `original`, or from outside."""
    state = {"a": [[0]]}

    def recipe(draft: Any) -> None:
        draft["b"] = original(draft)["a"]
        draft["b"][0].append(1)
        draft["c"] = [state["a"], Todo(tags=state["a"])]
        draft["c"][0].append(2)

    after = safely(state, recipe)
    assert after["b"] == [[0, 1]]


@pytest.mark.parametrize("key", [None, lambda todo: todo.text])
def test_entities_are_drafts(key: Any) -> None:
    """Read from an `EntityState`, changed, and given to the adapter, which takes the draft for the state."""
    adapter = EntityAdapter[int, Todo](lambda todo: todo.id, sort_key=key)
    todos = adapter.add_many(adapter.empty(), [Todo(id=1, text="b"), Todo(id=2, text="c")])

    def recipe(draft: Any) -> None:
        assert isinstance(draft["todos"], EntityState)
        draft["todos"][1].tags.append("changed")
        draft["todos"] = adapter.add_one(draft["todos"], Todo(id=3, text="a"))
        draft["todos"] = adapter.update_one(draft["todos"], 2, done=True)
        draft["todos"] = adapter.remove_one(adapter.add_many(draft["todos"], [Todo(id=4), Todo(id=5, text="z")]), 4)
        adapter.add_many(draft["todos"], [Todo(id=6), Todo(id=7)])
        draft["todos"][1].text = "zz"

    after = produce({"todos": todos}, recipe)["todos"]
    assert drafts_in(after) == []
    assert [todo.tags for todo in todos] == [[], []]
    assert after.ids == ((1, 2, 3, 5) if key is None else (3, 2, 5, 1))
    assert (after[1].tags, after[2].done) == (["changed"], True)
    assert produce({"todos": todos}, lambda draft: draft["todos"][1].done)["todos"] is todos


def test_a_combined_mapping_keeps_its_slices() -> None:
    """They can be changed and replaced, not added or removed."""
    state = combine_reducers({"a": Reducer[Any]([1]), "b": Reducer(0)})(None, None)  # pyright: ignore
    after = produce(state, lambda draft: (draft["a"].append(2), draft.update(b=5)))
    assert (dict(after), type(after)) == ({"a": [1, 2], "b": 5}, type(state))
    with pytest.raises(TypeError, match="add or remove slices: 'c'. The slices: a, b"):
        produce(state, lambda draft: draft.update(c=1))


def test_produce_within_produce() -> None:
    """Of a draft it takes the value as it is then, and gives a value; of another state too."""

    def recipe(draft: Any) -> None:
        draft["a"].append(2)
        inner = produce(draft["a"], lambda a: a.append(draft["b"]))
        assert (inner, drafts_in(inner)) == ([1, 2, [0]], [])
        draft["c"] = inner
        draft["b"].append(1)
        draft["d"] = produce(({},), lambda d: d[0].update(b=draft["b"]))
        produce(draft["a"], lambda a: a.append("forgotten"))

    assert safely({"a": [1], "b": [0]}, recipe) == {"a": [1, 2], "b": [0, 1], "c": [1, 2, [0]], "d": ({"b": [0, 1]},)}


def test_current_is_a_copy() -> None:
    """Of the draft as it is now: it does not change any more, and to change it changes nothing else."""

    def recipe(draft: Any) -> None:
        draft["a"].append(1)
        now = current(draft)
        draft["a"].append(2)
        assert (now, type(now), drafts_in(now)) == ({"a": [0, 1], "b": [[5]]}, dict, [])
        now["b"][0].append("x")
        assert original(draft["b"]) == [[5]]
        assert draft["b"] == [[5]]

    assert safely({"a": [0], "b": [[5]]}, recipe) == {"a": [0, 1, 2], "b": [[5]]}


def test_current_and_original_take_drafts() -> None:
    """Of a recipe that runs."""
    kept: list[Any] = []
    produce([1], kept.append)
    for ask in (current, original):
        with pytest.raises(TypeError, match="takes a draft"):
            ask([1])
        with pytest.raises(RuntimeError, match="used after its recipe"):
            ask(kept[0])
    assert (is_draft(kept[0]), is_draft([1])) == (True, False)


def test_what_cannot_be_drafted_is_refused_by_its_path() -> None:
    """When it is read; who does not read it does not care."""
    state = {"page": [{"box": Box(), "bytes": bytearray(), "n": 1}]}
    for name, cls in (("box", "Box"), ("bytes", "bytearray")):
        with pytest.raises(TypeError, match=rf"state\['page'\]\[0\]\['{name}'\] is a {cls}, and there is no draft"):
            produce(state, lambda draft, name=name: draft["page"][0][name])
    after = produce(state, lambda draft: draft["page"][0].update(n=2))
    assert after["page"][0]["box"] is state["page"][0]["box"]


@pytest.mark.parametrize("hide", [lambda part: iter(part), lambda part: {"a": part}.values(), lambda part: boxed(part)])
def test_a_draft_that_would_be_lost_in_the_result_is_refused(hide: Any) -> None:
    """In an iterator, a view, or an object of one's own."""
    with pytest.raises(TypeError, match="put a draft into a"):
        produce({"a": [1]}, lambda draft: draft.update(b=hide(draft["a"])))


def boxed(part: Any) -> Box:
    box = Box()
    box.items.append(part)
    return box


def test_a_selector_sees_the_draft_as_it_is() -> None:
    """It remembers nothing of a draft, which stays the same object when it changes."""

    @selector(lambda state: state["numbers"])
    def total(numbers: list[int]) -> int:
        return sum(numbers)

    def recipe(draft: Any) -> None:
        assert total(draft) == 1
        draft["numbers"].append(2)
        assert total(draft) == 3

    state = {"numbers": [1]}
    assert total(state) == 1
    assert total(safely(state, recipe)) == 3


def test_one_part_of_a_large_map_is_changed_alone() -> None:
    """The others are shared."""
    entities = immutables.Map({number: Todo(id=number) for number in range(10_000)})
    after = produce({"all": entities}, lambda draft: setattr(draft["all"][5], "done", True))
    assert after["all"][5].done
    assert sum(after["all"][number] is not entities[number] for number in range(10_000)) == 1


def test_what_is_stored_knows_nothing_of_the_classes_of_drafts() -> None:
    """A codec looks for the subclasses of a model: that of its drafts is none of them."""
    from rxdux.actions.codec.reachable import walk

    class Circle(Todo):
        radius: int = 1

    produce((Circle(),), lambda draft: setattr(draft[0], "radius", 2))
    assert {found.kind for found in walk(tuple[Todo, ...], subclasses=True)} >= {Todo, Circle}
    assert [
        found.kind for found in walk(tuple[Todo, ...], subclasses=True) if found.kind.__name__.endswith("Draft")
    ] == []
