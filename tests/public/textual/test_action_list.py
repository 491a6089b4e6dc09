"""The list of actions: what it draws, counted. Ten thousand scroll as ten do."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from textual.app import App, ComposeResult

from rxdux import Action, Entry
from rxdux.textual.action_list import ActionList
from rxdux.textual.entry_filter import EntryFilter

MANY = 10_000
HEIGHT = 20


class Said(Action, type="list/said"):
    text: str


def entries_of(count: int, first: int = 0) -> list[Entry[int]]:
    return [Entry(Said(text=f"word {number}"), number, 1.0, id=number + 1) for number in range(first, first + count)]


class Counted:
    """A hook that counts what it is asked for."""

    def __init__(self) -> None:
        self.calls = 0

    def __call__(self, action: Said) -> str:
        self.calls += 1
        return action.text

    def since(self) -> int:
        calls, self.calls = self.calls, 0
        return calls


class Listing(App[None]):
    def __init__(self, describe: Any) -> None:
        super().__init__()
        self.list = ActionList(describe)
        self.selected: list[int] = []

    def compose(self) -> ComposeResult:
        yield self.list

    def on_action_list_selected(self, event: ActionList.Selected) -> None:
        self.selected.append(event.entry.id - 1)


@asynccontextmanager
async def listing(describe: Any) -> AsyncIterator[tuple[ActionList, Any]]:
    app = Listing(describe)
    async with app.run_test(size=(60, HEIGHT)) as pilot:
        app.list.focus()
        await pilot.pause()
        yield app.list, pilot


def lines(rows: ActionList) -> list[str]:
    return [rows.render_line(y).text.rstrip() for y in range(rows.scrollable_content_region.height)]


async def test_only_what_is_on_the_screen_is_looked_at() -> None:
    """To show ten thousand, to scroll, to append: never more than some screens, whatever there is beside."""
    counted = Counted()
    async with listing(counted) as (rows, pilot):
        entries = entries_of(MANY)
        rows.show(entries)
        await pilot.pause()
        assert counted.since() <= 3 * HEIGHT
        assert "word 9999" in lines(rows)[-1]
        counted.since()
        for keys in (("up",), ("pageup",), ("home",), ("down", "down"), ("end",)):
            await pilot.press(*keys)
        assert counted.since() <= 12 * HEIGHT
        rows.show([*entries, *entries_of(1, MANY)])
        await pilot.pause()
        assert counted.since() <= 3 * HEIGHT
        assert "word 10000" in lines(rows)[-1]


async def test_what_is_known_is_not_filtered_again() -> None:
    """What is appended alone is asked, also where the oldest are forgotten."""
    asked: list[Any] = []
    async with listing(Counted()) as (rows, _):
        entries = entries_of(MANY)
        rows.show(entries)
        rows.filter(lambda entry: not asked.append(entry) and entry.state % 2 == 0)  # pyright: ignore[reportUnknownLambdaType, reportUnknownMemberType]
        assert (len(asked), rows.row_count) == (MANY, MANY // 2)
        asked.clear()
        for number in range(MANY, MANY + 10):
            entries = [*entries[1:], *entries_of(1, number)]
            rows.show(entries)
        assert (len(asked), rows.row_count, rows.numbers[-1]) == (10, MANY // 2, MANY - 2)


async def test_the_cursor_stays_on_its_entry() -> None:
    """While others come, and others go; at the end it stays at the end."""
    async with listing(Counted()) as (rows, pilot):
        entries = entries_of(10)
        rows.show(entries)
        await pilot.press("up", "up")
        assert (rows.chosen, rows.is_at_end) == (7, False)
        rows.show([*entries[2:], *entries_of(2, 10)])
        assert (rows.chosen, rows.row_count) == (5, 10)
        await pilot.press("end")
        rows.show([*entries[2:], *entries_of(3, 10)])
        assert rows.chosen == 10
        rows.show(entries_of(3))
        assert (rows.chosen, rows.row_count) == (2, 3)
        rows.show([])
        assert (rows.chosen, rows.row_count) == (None, 0)


async def test_a_click_chooses_and_a_second_one_selects() -> None:
    """As Enter does."""
    async with listing(Counted()) as (rows, pilot):
        rows.show(entries_of(5))
        await pilot.click(rows, offset=(5, 2))
        assert (rows.chosen, pilot.app.selected) == (1, [])
        await pilot.click(rows, offset=(5, 2))
        await pilot.press("down", "enter")
        assert pilot.app.selected == [1, 2]
        await pilot.click(rows, offset=(5, 12))
        assert rows.chosen == 2


@pytest.mark.parametrize(
    ("action", "shown"),
    [
        (Said(text="[bold]\x1b[31m\n'); drop"), "list/said [bold]·[31m·'); drop"),
        (Said(text="raise"), "list/said (describe failed: ZeroDivisionError: division by zero)"),
    ],
)
async def test_whatever_a_hook_says_is_one_plain_line(action: Said, shown: str) -> None:
    """Markup is text, control characters are dots, and its mistakes are told."""

    def describe(action: Said) -> str:
        return str(1 / 0) if action.text == "raise" else action.text

    async with listing(describe) as (rows, _):
        rows.show([Entry(action, 0, 1.0)])
        assert lines(rows)[0][8:].strip().rstrip("…") == shown[:49]


async def test_a_line_says_by_whom_and_what_became_of_it() -> None:
    """The source at the right, the mark of the shown state and of the thread at the left, a cross for a reducer that failed."""
    async with listing(Counted()) as (rows, pilot):
        one, two, three = entries_of(3)
        failed = Entry(two.action, 1, 1.0, "an_epic_with_a_long_name", error="ZeroDivisionError", id=2)
        rows.show([one, failed, three], position=2)
        rows.mark([1, 2])
        await pilot.pause()
        clock = time.strftime("%S", time.localtime(1.0))
        assert [line.split() for line in lines(rows)[:3]] == [
            [f"{clock}.000", "list/said", "word", "0"],
            [f"│{clock}.000", "✗", "list/said", "word", "1", "an_epic_with_a_lo…"],
            [f"▶{clock}.000", "list/said", "word", "2"],
        ]


def test_the_text_of_an_entry_is_made_once() -> None:
    """However often the filter changes."""
    counted = Counted()
    filters = EntryFilter(counted)
    entries = entries_of(100)
    for typed in ("word", "word 9", "list/said word 9"):
        found = [entry for entry in entries if filters.of(typed)(entry)]
    assert (len(found), counted.calls) == (19, 100)
