"""The Inspector: any app may look into its own store."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import DataTable, Input, Label, Static

from rxdux import EntityAdapter, EntityState, History, LoginSuccess, Slice, State, Store, TokenSet, combine_reducers
from rxdux.textual import Inspector, StoreApp, TimeSlider, bind
from rxdux.textual.inspector import StateTree
from rxdux.textual.parts import differences, parts_of


class Thing(State):
    id: int
    size: int = 0


class Workshop(State):
    count: int
    things: EntityState[int, Thing]


things_of = EntityAdapter[int, Thing](lambda thing: thing.id)
count = Slice("inspector-count", initial=0)
things = Slice("inspector-things", initial=things_of.empty())


@count.action
def add(state: int, amount: int) -> int:
    return state + amount


@things.action
def put(state: EntityState[int, Thing], id: int) -> EntityState[int, Thing]:
    return things_of.add_one(state, Thing(id=id))


@things.action
def grow(state: EntityState[int, Thing], id: int) -> EntityState[int, Thing]:
    return things_of.update_one(state, id, size=state[id].size + 1)


class Shop(StoreApp[Workshop]):
    def compose(self) -> ComposeResult:
        yield bind(Label(), update=lambda state: f"count {state.count}")


class Driver:
    """Reads what the inspector shows."""

    def __init__(self, pilot: Pilot[Any], history: History[Workshop]) -> None:
        self.pilot = pilot
        self.history = history
        self.screen = pilot.app.screen

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        self.screen._follow()
        await self.pilot.pause()

    def actions(self) -> list[str]:
        table = self.screen.query_one(DataTable)
        return [str(table.get_row_at(row)[1]) for row in range(table.row_count)]

    def shown(self, what: str) -> str:
        return str(self.screen.query_one(f"#{what}", Static).render())


@pytest.fixture
def inspect() -> Any:
    @asynccontextmanager
    async def inspecting(size: tuple[int, int] = (100, 30)) -> AsyncIterator[Driver]:
        with Store(combine_reducers(Workshop, count=count, things=things)) as store, History(store) as history:
            async with Shop(store).run_test(size=size) as pilot:
                for action in (add(1), put(7), grow(7)):
                    store.dispatch(action)
                await pilot.app.push_screen(Inspector(history))
                await pilot.pause()
                yield Driver(pilot, history)

    return inspecting


async def test_it_shows_actions_differences_and_the_state(inspect: Any) -> None:
    """Of the last action at first, then of the one that is chosen."""
    async with inspect() as driver:
        assert driver.actions() == ["inspector-count/add", "inspector-things/put", "inspector-things/grow"]
        assert driver.shown("changes") == "~ things.7.size: 0 → 1"
        await driver.press("up")
        assert driver.shown("changes") == "+ things.7: Thing(id=7, size=0)"
        assert "id: 7" in driver.shown("payload")
        labels = [str(node.label) for node in driver.screen.query_one(StateTree).root.children]
        assert labels == ["count 1", "things EntityState (1)"]


async def test_it_follows_the_store(inspect: Any) -> None:
    """As long as the cursor is at the end."""
    async with inspect() as driver:
        driver.pilot.app.store.dispatch(add(5))
        await driver.press()
        assert driver.actions()[-1] == "inspector-count/add"
        assert driver.shown("changes") == "~ count: 1 → 6"


async def test_it_travels_by_keys_and_enter(inspect: Any) -> None:
    """And the whole app with it."""
    async with inspect() as driver:
        store, history = driver.pilot.app.store, driver.history
        await driver.press("left_square_bracket", "left_square_bracket")
        assert (store.state.things.ids, history.position) == ((), 0)
        await driver.press("right_square_bracket")
        assert history.position == 1
        await driver.press("g")
        assert not history.is_travelling
        await driver.press("up", "up", "enter")
        assert history.position == 0
        assert driver.screen.query_one(TimeSlider).position == 0


async def test_it_takes_actions_out_pauses_commits_and_rolls_back(inspect: Any) -> None:
    """Each with its key; what was chosen stays chosen."""
    async with inspect() as driver:
        store = driver.pilot.app.store
        await driver.press("up", "up", "t")
        assert (store.state.count, driver.history.entries[0].skipped) == (0, True)
        assert driver.shown("changes") == "It changed nothing."
        await driver.press("p")
        store.dispatch(add(9))
        await driver.press()
        assert len(driver.actions()) == 3
        assert "paused" in str(driver.screen.query_one(DataTable).border_title)
        await driver.press("p", "c")
        store.dispatch(add(100))
        await driver.press()
        assert driver.actions() == ["inspector-count/add"]
        await driver.press("b")
        assert (store.state.count, driver.actions()) == (9, [])


async def test_it_filters(inspect: Any) -> None:
    """By the name of the action, its fields, or the epic."""
    async with inspect() as driver:
        await driver.press("slash", *"grow", "enter")
        assert driver.actions() == ["inspector-things/grow"]
        driver.screen.query_one(Input).value = "nothing like it"
        await driver.press()
        assert driver.actions() == []
        assert driver.shown("changes") == "No action yet."
        await driver.press("slash", "escape", "escape")
        assert not isinstance(driver.pilot.app.screen, Inspector)


async def test_without_a_history_it_records_from_now_on() -> None:
    """Of the store of the app that pushes it."""
    with Store(count) as store:
        async with StoreApp(store).run_test() as pilot:
            await pilot.app.push_screen(Inspector())
            store.dispatch(add(1))
            pilot.app.screen._follow()
            await pilot.pause()
            assert pilot.app.screen.query_one(DataTable).row_count == 1
            await pilot.press("escape")
            assert store.core.index.end_owned(store.core.app) == []


class TestDifferences:
    def test_parts_that_are_the_same_object_are_not_looked_at(self) -> None:
        """A state of many parts costs what has changed in it."""

        class Loud(State):  # noqa: PLW1641
            value: int = 0

            def __eq__(self, other: object) -> bool:
                raise AssertionError

        class Pair(State):
            loud: Loud
            count: int

        loud = Loud()
        assert [str(each) for each in differences(Pair(loud=loud, count=1), Pair(loud=loud, count=2))] == [
            "~ count: 1 → 2"
        ]

    def test_what_came_and_went_is_told(self) -> None:
        """In mappings and in sequences."""
        found = differences({"a": [1, 2], "b": 1}, {"a": [1], "c": 2})
        assert [str(each) for each in found] == ["- a.1: 2", "- b: 1", "+ c: 2"]

    def test_secrets_show_as_stars(self) -> None:
        """In differences and in parts."""
        action = LoginSuccess(tokens=TokenSet(access_token="s3cret", refresh_token="s3cret"))
        assert "s3cret" not in str(differences(None, action))
        assert parts_of(action.tokens.access_token) is None
        assert "s3cret" not in repr(parts_of(action))
