"""The trees of states and differences: all of it can be opened, and nothing is looked at before."""

from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from textual.app import App, ComposeResult
from textual.pilot import Pilot
from textual.widgets.tree import TreeNode

from rxdux import State
from rxdux.textual.parts import Change, differences, shown
from rxdux.textual.trees import ActionTree, DifferenceTree, StateTree


class Trees(App[None]):
    def compose(self) -> ComposeResult:
        yield StateTree()
        yield DifferenceTree()
        yield ActionTree()


@asynccontextmanager
async def trees() -> AsyncIterator[tuple[Trees, Pilot[None]]]:
    app = Trees()
    async with app.run_test(size=(80, 30)) as pilot:
        yield app, pilot


def labels(node: TreeNode[Any]) -> list[str]:
    return [str(child.label) for child in node.children]


async def open_node(pilot: Pilot[None], node: TreeNode[Any]) -> TreeNode[Any]:
    node.expand()
    await pilot.pause()
    return node


async def test_of_a_large_state_nothing_is_left_out() -> None:
    """A hundred thousand parts are groups of groups; the last one is there."""
    async with trees() as (app, pilot):
        tree = app.query_one(StateTree)
        tree.show({"numbers": list(range(100_000)), "none": [], "text": "x"})
        assert labels(tree.root) == ["numbers list (100000)", "none []", "text 'x'"]
        node = await open_node(pilot, tree.root.children[0])
        assert labels(node) == [f"{start} … {start + 9999}" for start in range(0, 100_000, 10_000)]
        node = await open_node(pilot, node.children[-1])
        node = await open_node(pilot, node.children[-1])
        assert labels(node)[-1] == "99999 99999"


async def test_a_long_text_opens_line_by_line() -> None:
    """All of it: put together the lines are the text."""
    text = "".join(f"[{number}] 'said'\n" for number in range(300))
    async with trees() as (app, pilot):
        tree = app.query_one(StateTree)
        tree.show({"text": text})
        node = await open_node(pilot, tree.root.children[0])
        lines = [eval(str(child.label).split(" ", 1)[1]) for child in node.children]
        assert "".join(lines) == text


async def test_a_state_of_50_mb_costs_what_is_opened() -> None:
    """Its parts are asked for when somebody opens them."""

    class Big(Mapping[str, Any]):
        read = 0

        def __getitem__(self, key: str) -> str:
            self.read += 1
            return "x" * 500

        def __iter__(self) -> Iterator[str]:
            return (f"key {number}" for number in range(100_000))

        def __len__(self) -> int:
            return 100_000

    big = Big()
    async with trees() as (app, pilot):
        tree = app.query_one(StateTree)
        tree.show({"big": big, "text": "x" * 50_000_000})
        assert big.read == 0
        node = await open_node(pilot, tree.root.children[0])
        node = await open_node(pilot, node.children[0])
        await open_node(pilot, node.children[0])
        assert big.read <= 1000
        app.query_one(DifferenceTree).show({"big": big, "count": 1}, {"big": big, "count": 2})
        assert labels(app.query_one(DifferenceTree).root) == ["~ count: 1 → 2"]
        assert big.read <= 1000


async def test_what_was_open_stays_open() -> None:
    """In the next state as well."""
    async with trees() as (app, pilot):
        tree = app.query_one(StateTree)
        tree.show({"a": {"b": {"c": 1}}})
        await open_node(pilot, tree.root.children[0])
        await open_node(pilot, tree.root.children[0].children[0])
        tree.show({"a": {"b": {"c": 2}}})
        assert labels(tree.root.children[0].children[0]) == ["c 2"]


async def test_a_difference_opens_as_far_as_it_fits() -> None:
    """One change in a way of its own; many below what they have in common; what came and went opens to its last part."""
    before = {"a": {"b": {"c": 1, "d": [1, 2]}}, "gone": {"x": {"y": 1}}, "same": 1, "text": "long " * 100}
    after = {"a": {"b": {"c": 2, "d": [1, 3]}}, "same": 1, "text": "longer " * 100, "new": [{"z": None}]}
    async with trees() as (app, pilot):
        tree = app.query_one(DifferenceTree)
        tree.show(before, after)
        assert [label[:24] for label in labels(tree.root)] == [
            "~ a.b",
            "- gone: {'x': {'y': 1}}",
            "~ text: 'long long long ",
            "+ new: [{'z': None}]",
        ]
        assert tree.root.children[0].is_expanded
        assert labels(tree.root.children[0]) == ["~ c: 1 → 2", "~ d.1: 2 → 3"]
        node = await open_node(pilot, tree.root.children[1])
        assert labels(node) == ["x dict (1)"]
        node = await open_node(pilot, tree.root.children[2])
        assert [label[:9] for label in labels(node)] == ["- before:", "+ after: "]
        assert len(labels(await open_node(pilot, node.children[1]))) == 9


async def test_of_many_differences_all_are_there() -> None:
    """In groups of a hundred; none is cut off."""
    async with trees() as (app, pilot):
        tree = app.query_one(DifferenceTree)
        tree.show(list(range(1000)), list(range(1, 1001)))
        assert len(labels(tree.root)) == 10
        node = await open_node(pilot, tree.root.children[-1])
        assert labels(node)[-1] == "~ 999: 999 → 1000"
        assert len(differences(list(range(1000)), list(range(1, 1001)))) == 1000


async def test_no_text_is_taken_for_markup() -> None:
    """Whatever a state or an action holds; control characters are dots."""
    async with trees() as (app, _):
        tree = app.query_one(StateTree)
        tree.show({"[red]\x1b[0m": "[/] __import__('os')"})
        assert labels(tree.root) == ["[red]·[0m \"[/] __import__('os')\""]


def test_a_value_of_another_type_is_another_value() -> None:
    """Whatever parts both have."""

    class One(State):
        size: int = 1

    class Other(State):
        size: int = 1

    assert [str(each) for each in differences(One(), Other())] == ["~ state: One(size=1) → Other(size=1)"]
    assert shown(One(), One()) == []
    assert shown(1, 2) == [Change("state", 1, 2)]
    assert [str(each) for each in differences(True, 1)] == ["~ state: True → 1"]


def test_a_comparison_that_fails_is_a_difference() -> None:
    """A mistake in an `__eq__` takes nobody along."""

    class Odd:
        def __ne__(self, other: object) -> bool:
            raise ZeroDivisionError

        def __repr__(self) -> str:
            return "odd"

    assert [str(each) for each in differences([Odd()], [Odd()])] == ["~ 0: odd → odd"]
