"""The Inspector: any app may look into its own store."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from reactivex import operators as ops
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.widgets import Input, Label, Static, TabbedContent, TextArea, Tree
from textual.widgets.tree import TreeNode

from rxdux import (
    Action,
    ActionStream,
    EntityAdapter,
    EntityState,
    History,
    LoginSuccess,
    Slice,
    State,
    Store,
    TokenSet,
    combine_reducers,
    of_type,
)
from rxdux.textual import Inspector, StoreApp, TimeSlider, bind
from rxdux.textual.action_list import ActionList
from rxdux.textual.inspector import StateTree
from rxdux.textual.parts import differences, parts_of

from ...key_pages import pages_shown
from ...quick_keys import press_at_once


class Thing(State):
    id: int
    size: int = 0


class Ask(Action, type="inspector/ask"):
    pass


class Answer(Action, type="inspector/answer"):
    pass


def answer_epic(actions: ActionStream) -> Any:
    return actions.pipe(of_type(Ask), ops.map(lambda _: Answer()))


class Workshop(State):
    count: int
    things: EntityState[int, Thing]
    note: str


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


note = Slice("inspector-note", initial="")


@note.action
def fill(state: str, text: str) -> str:
    return text


class Shop(StoreApp[Workshop]):
    def compose(self) -> ComposeResult:
        yield bind(Label(), update=lambda state: f"count {state.count}")


def open_nodes(node: TreeNode[Any]) -> Iterator[TreeNode[Any]]:
    yield node
    if node.is_expanded:
        for child in node.children:
            yield from open_nodes(child)


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

    @property
    def rows(self) -> ActionList:
        return self.screen.query_one("#actions", ActionList)

    def actions(self) -> list[str]:
        entries = self.history.entries
        return [entries[number].action.type for number in self.rows.numbers]

    async def open(self, tab: str) -> None:
        self.screen.query_one(TabbedContent).active = tab
        await self.pilot.pause()

    def shown(self, what: str) -> str:
        """The open lines of a tree."""
        tree = self.screen.query_one(f"#{what}", Tree)
        return "\n".join(str(node.label) for node in open_nodes(tree.root) if node.is_root is False or tree.show_root)

    def text(self) -> str:
        lines = self.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines)


@pytest.fixture
def inspect() -> Any:
    @asynccontextmanager
    async def inspecting(size: tuple[int, int] = (100, 30)) -> AsyncIterator[Driver]:
        with (
            Store(combine_reducers(Workshop, count=count, things=things, note=note), epics=[answer_epic]) as store,
            History(store) as history,
        ):
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
        await driver.open("action")
        assert driver.shown("payload").splitlines() == ["inspector-things/put", "id 7", "by the app"]
        await driver.open("state")
        labels = [str(node.label) for node in driver.screen.query_one(StateTree).root.children]
        assert labels == ["count 1", "things EntityState (1)", "note ''"]


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
        assert "paused" in str(driver.rows.border_title)
        await driver.press("p", "c")
        store.dispatch(add(100))
        await driver.press()
        assert driver.actions() == ["inspector-count/add"]
        await driver.press("b")
        assert (store.state.count, driver.actions()) == (9, [])


async def test_it_filters_by_type_text_and_source(inspect: Any) -> None:
    """An action has all the words: of its type, of who dispatched it, or anywhere."""
    wanted = {
        "grow 7": ["inspector-things/grow"],
        "type:things": ["inspector-things/put", "inspector-things/grow"],
        "type:7": [],
        "type:things 7 by:app": ["inspector-things/put", "inspector-things/grow"],
        "by:refresh": [],
        "app": [],
    }
    shown: dict[str, list[str]] = {}
    async with inspect() as driver:
        for words in wanted:
            driver.screen.query_one(Input).value = words
            await driver.press()
            shown[words] = driver.actions()
    assert shown == wanted


@pytest.mark.parametrize(
    "keys",
    [
        ("c", "t"),
        ("c", "up", "enter"),
        ("c", "home", "down"),
        ("c", "x"),
        ("c", "f"),
        ("b", "left_square_bracket", "right_square_bracket", "g"),
        ("b", "t", "enter", "w"),
        ("c", "b", "v", "v", "v", "v", "v"),
    ],
)
async def test_an_action_that_has_just_been_forgotten_is_left_alone(inspect: Any, keys: tuple[str, ...]) -> None:
    """Keys that come before the list is drawn anew are for what it showed: nothing else is travelled to or taken out."""
    async with inspect() as driver:
        await press_at_once(driver.pilot, *keys)
        assert isinstance(driver.pilot.app.screen, Inspector)
        driver.history.store.dispatch(add(1))
        await driver.press("end")
        assert driver.actions() == ["inspector-count/add"]
        assert not driver.history.is_travelling


async def test_a_key_is_for_the_action_that_was_shown(inspect: Any) -> None:
    """Others may come, and push the oldest out, before the list is drawn anew."""
    async with inspect() as driver:
        with History(driver.history.store, limit=3) as short:
            for amount in (1, 2, 3):
                driver.history.store.dispatch(add(amount))
            screen = Inspector(short)
            await driver.pilot.app.push_screen(screen)
            await driver.pilot.pause()
            await driver.pilot.press("up")
            driver.history.store.dispatch(add(4))
            screen.action_skip()
            assert [(entry.action.amount, entry.skipped) for entry in short.entries] == [
                (2, True),
                (3, False),
                (4, False),
            ]


async def test_keys_before_it_is_there_do_nothing(inspect: Any) -> None:
    """It takes a moment to come. What is pressed meanwhile is not for the store."""
    async with inspect() as driver:
        screen = Inspector(driver.history)
        driver.pilot.app.push_screen(screen)
        for action in ("commit", "skip", "cause", "test", "thread", "undo", "view"):
            await driver.pilot.app.run_action(action, screen)
        assert [entry.skipped for entry in driver.history.entries] == [False] * 3
        await driver.pilot.pause()
        await driver.press("c")
        assert driver.history.entries == []


async def test_a_thread_that_is_shown_alone_grows_and_goes(inspect: Any) -> None:
    """What has come of it since is shown, what others do is not, though the oldest are forgotten; without it all are shown."""
    async with inspect() as driver:
        store = driver.history.store
        store.dispatch(add(5))
        with History(store, limit=3) as short:
            await driver.pilot.app.push_screen(Inspector(short))
            await driver.pilot.pause()
            driver.screen, driver.history = driver.pilot.app.screen, short
            ask = Ask()
            store.dispatch(add(1))
            store.dispatch(ask)
            await driver.press()
            await driver.press("f")
            assert driver.actions() == ["inspector/ask", "inspector/answer"]
            store.dispatch(add(2))
            await driver.press()
            assert driver.actions() == ["inspector/ask", "inspector/answer"]
            store.dispatch(add(3))
            await driver.press()
            assert driver.actions() == ["inspector/answer"]
            store.dispatch(add(4))
            store.dispatch(add(5))
            await driver.press()
            assert driver.actions() == ["inspector-count/add"] * 3
            assert "one thread" not in str(driver.rows.border_title)


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


async def test_it_goes_to_what_caused_an_action(inspect: Any) -> None:
    """And says so where nothing did; a filter that hides the cause is taken away."""
    async with inspect() as driver:
        driver.pilot.app.store.dispatch(Ask())
        await driver.press("end")
        assert driver.actions()[-2:] == ["inspector/ask", "inspector/answer"]
        await driver.open("action")
        assert driver.shown("payload").splitlines()[1:] == ["by answer_epic", "answers inspector/ask"]
        driver.screen.query_one(Input).value = "type:answer"
        await driver.press()
        assert driver.actions() == ["inspector/answer"]
        await driver.press("w")
        assert (len(driver.actions()), driver.rows.chosen) == (5, 3)
        await driver.press("w")
        assert driver.rows.chosen == 3
        assert "the app dispatched it" in driver.text()


async def test_it_shows_one_thread_alone(inspect: Any) -> None:
    """In the list, and beside it with the time since it began; from there Enter goes to the entry."""
    async with inspect() as driver:
        driver.pilot.app.store.dispatch(Ask())
        driver.pilot.app.store.dispatch(add(1))
        await driver.press("end", "up", "f")
        assert driver.actions() == ["inspector/ask", "inspector/answer"]
        assert "of one thread" in str(driver.rows.border_title)
        await driver.press("f")
        assert len(driver.actions()) == 6
        await driver.press("v", "v", "v")
        parts = driver.screen.query_one("#parts", ActionList)
        assert (parts.has_focus, parts.numbers) == (True, [3, 4])
        assert "+0.000 inspector/ask" in driver.text()
        await driver.press("up", "enter")
        assert (driver.rows.has_focus, driver.rows.chosen) == (True, 3)


@pytest.mark.slow
async def test_it_writes_a_thread_as_a_test(inspect: Any, tmp_path: Path) -> None:
    """Into a new file; one that is there is left as it is. Where there is nothing to test it says so."""
    async with inspect() as driver:
        await driver.press("x")
        assert "No epic answered in the thread of inspector-things/grow" in driver.text()
        driver.pilot.app.store.dispatch(Ask())
        await driver.press("end", "x")
        assert "def test_answer_epic(" in driver.pilot.app.screen.query_one(TextArea).text
        file = tmp_path / "test_it.py"
        driver.pilot.app.screen.query_one(Input).value = str(file)
        await driver.pilot.press("enter")
        assert "def test_answer_epic(" in file.read_text()
        file.write_text("mine")
        await driver.press("x")
        driver.pilot.app.screen.query_one(Input).value = str(file)
        await driver.pilot.press("enter")
        assert "it is there already" in str(driver.pilot.app.screen.query_one("#said", Static).render())
        assert file.read_text() == "mine"
        await driver.press("escape")
        assert isinstance(driver.pilot.app.screen, Inspector)


async def test_a_row_says_which_as_the_app_wants_it() -> None:
    """By a hook; what it says can be searched as well."""
    with Store(count) as store, History(store) as history:
        async with StoreApp(store).run_test(size=(100, 20)) as pilot:
            store.dispatch(add(1))
            store.dispatch(add(20))
            await pilot.app.push_screen(Inspector(history, lambda action: f"plus {action.amount}!"))
            await pilot.pause()
            driver = Driver(pilot, history)
            assert "inspector-count/add plus 20!" in driver.text()
            driver.screen.query_one(Input).value = "plus 20!"
            await driver.press()
            assert driver.rows.numbers == [1]


@pytest.mark.parametrize(("size", "pages"), [((40, 10), 5), ((80, 24), 2), ((120, 40), 1), ((200, 50), 1)])
async def test_every_key_is_in_the_footer(inspect: Any, size: tuple[int, int], pages: int) -> None:
    """On its pages; and beside it there is room for the list."""
    async with inspect(size) as driver:
        shown = await pages_shown(driver.pilot)
        keys = "⏎ Show,[ Back,] On,g Present,w Why,f Thread,/ Filter,v View,x Test,t Toggle,p Pause,c Commit,b Rollback,esc Close"
        assert [each for each in keys.split(",") if each not in " ".join(shown)] == []
        assert len(shown) == pages
        assert driver.rows.scrollable_content_region.height >= 7


async def test_the_footer_of_the_filter(inspect: Any) -> None:
    """Has what its keys do while something is typed, and a `.` is typed as any other letter."""
    async with inspect((80, 24)) as driver:
        await driver.press("slash", ".", "/")
        assert await pages_shown(driver.pilot) == ["⏎ Find esc Leave"]
        assert driver.screen.query_one(Input).value.startswith("./")


@pytest.mark.slow
async def test_a_tiny_screen_shows_one_part_at_a_time(inspect: Any) -> None:
    """The list, then by `v` each of the others, and back; Escape goes back at once."""
    async with inspect((40, 10)) as driver:
        assert "inspector-things/grow" in driver.text()
        assert "Difference" not in driver.text()
        await driver.press("v")
        await driver.pilot.pause()
        assert "things.7.size: 0 → 1" in driver.text()
        await driver.press("v", "v", "v")
        await driver.pilot.pause()
        assert "count 1" in driver.text()
        await driver.press("v")
        assert "inspector-things/grow" in driver.text()
        await driver.press("v", "escape")
        assert driver.rows.has_focus
        assert isinstance(driver.pilot.app.screen, Inspector)


async def test_without_colours_signs_and_marks_tell(inspect: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """NO_COLOR: nothing on the screen is known by a colour alone, and nothing is dim."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with inspect() as driver:
        await driver.press("up", "up", "t", "end")
        text = driver.text()
        assert "▶" in text
        assert "~ things.7.size: 0 → 1" in text
        segments = [segment for strip in driver.screen._compositor.render_strips() for segment in strip]
        assert [segment.text for segment in segments if segment.style is not None and segment.style.dim] == []
        struck = [segment.text for segment in segments if segment.style and segment.style.strike]
        assert any("inspector-count/add" in text for text in struck)


@pytest.mark.slow
async def test_a_state_of_50_mb_can_be_looked_into(inspect: Any) -> None:
    """By what is opened of it."""
    async with inspect() as driver:
        store = driver.pilot.app.store
        store.dispatch(fill("x" * 50_000_000))
        await driver.press("end")
        assert "note" in driver.shown("changes")
        for tab in ("action", "state", "thread", "difference"):
            await driver.open(tab)
        assert len(driver.text()) < 10_000


async def test_without_a_history_it_records_from_now_on() -> None:
    """Of the store of the app that pushes it."""
    with Store(count) as store:
        async with StoreApp(store).run_test() as pilot:
            await pilot.app.push_screen(Inspector())
            store.dispatch(add(1))
            pilot.app.screen._follow()
            await pilot.pause()
            assert pilot.app.screen.query_one("#actions", ActionList).row_count == 1
            await pilot.press("escape")
            assert store.core.index.owned(store.core.app) == []


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
