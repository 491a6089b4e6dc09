"""The parts of the demo's screen: focus, keys to scroll with, the whole screen for one of them."""

from typing import Any

import pytest
from textual.widgets import DataTable, Input

from rxdux.demo.log_view import LogView
from rxdux.demo.people_table import PeopleTable, SearchBox
from rxdux.demo.server import DemoServer
from rxdux.demo.timeline_view import Lanes, legend

from ..quick_keys import press_at_once
from .driver import LARGE, SMALL

SIZES = [(40, 10), SMALL, LARGE, (200, 50)]


@pytest.mark.parametrize(
    "size", [(40, 10), SMALL, *(pytest.param(size, marks=pytest.mark.slow) for size in (LARGE, (200, 50)))]
)
async def test_the_search_shows_what_is_typed_and_its_keys(
    server: DemoServer, drive: Any, size: tuple[int, int]
) -> None:
    """Enter and Escape leave it, and stand in the footer; what was typed stays."""
    async with drive(server.url, size) as demo:
        await demo.press("slash", *"tur/")
        assert "tur/" in demo.screen()
        footer = demo.screen().splitlines()[-1]
        assert "Find" in footer
        assert "esc Leave" in footer
        assert "Fetch" not in footer
        for key in ("escape", "enter"):
            await demo.press(key)
            assert isinstance(demo.app.focused, DataTable)
            assert "Fetch" in "\n".join(demo.screen().splitlines()[-2:]) or size == (40, 10)
            await demo.press("slash")
        assert demo.app.query_one("#search", Input).value == "tur/"


@pytest.mark.slow
async def test_a_hidden_search_takes_no_keys(server: DemoServer, drive: Any) -> None:
    """The first keys of a window are for its rows, however early they come."""
    async with drive(server.url) as demo:
        box = demo.app.query_one(SearchBox)
        assert not box.focusable
        box.focus()
        await press_at_once(demo.pilot, "s", "escape")
        assert box.value == ""
        await demo.press("slash", "a")
        assert (box.focusable, box.value) == (True, "a")


async def test_a_search_that_leaves_nothing_says_so(server: DemoServer, drive: Any) -> None:
    """With brackets, too: they are text."""
    async with drive(server.url, LARGE) as demo:
        await demo.sign_in()
        await demo.press("f", "slash", *("left_square_bracket", "b", "right_square_bracket"))
        assert demo.rows() == 0
        assert "0 match [b]" in demo.screen()
        await demo.press("backspace", "backspace", "backspace", *"turing")
        assert " match turing" in demo.screen()


@pytest.mark.slow
@pytest.mark.parametrize("size", SIZES)
async def test_each_part_can_be_focused_and_fill_the_screen(
    server: DemoServer, drive: Any, size: tuple[int, int]
) -> None:
    """`v` goes on to the next part, and shows it where it was hidden; `z` gives it the screen, and takes it again."""
    async with drive(server.url, size) as demo:
        await demo.sign_in()
        await demo.press("m")
        for part in (Lanes, LogView, DataTable):
            await demo.press("v")
            await demo.pilot.pause()
            assert isinstance(demo.app.focused, part)
            assert demo.app.focused.region.height > 0
            before = demo.app.focused.region.area
            await demo.press("z")
            await demo.pilot.pause()
            assert demo.app.focused.is_in_maximized_view
            assert demo.app.focused.region.area > before
            await demo.press("z")
            assert not demo.app.focused.is_in_maximized_view


async def test_the_people_fill_the_screen_where_nothing_has_the_focus(server: DemoServer, drive: Any) -> None:
    """As for a key that comes before the first focus."""
    async with drive(server.url) as demo:
        demo.app.screen.set_focus(None)
        await demo.press("z")
        assert isinstance(demo.app.screen.maximized, PeopleTable)


@pytest.mark.slow
async def test_the_legend_and_the_refreshes_stay(server: DemoServer, drive: Any) -> None:
    """While the lanes are scrolled by keys."""
    async with drive(server.url) as demo:
        await demo.sign_in()
        await demo.press("e", "m", "v")
        assert "page 1 " in demo.screen()
        await demo.press("end")
        await demo.pilot.pause(0.5)
        assert "page 1 " not in demo.screen()
        assert "page 50" in demo.screen()
        assert "▸request ✗401 ┄wait" in demo.screen()
        assert "refresh  " in demo.screen()


@pytest.mark.slow
async def test_the_log_follows_until_somebody_scrolls(server: DemoServer, drive: Any) -> None:
    """And again when its end is reached."""
    async with drive(server.url, LARGE) as demo:
        log = demo.app.query_one(LogView)
        await demo.sign_in()
        await demo.press("m", "v", "v")
        assert log.scroll_y == log.max_scroll_y > 0
        await demo.press("up", "up")
        await demo.press("f")
        assert log.scroll_y < log.max_scroll_y
        await demo.press("end")
        await demo.pilot.pause(0.5)
        await demo.press("f")
        assert log.scroll_y == log.max_scroll_y


def test_the_legend_explains_every_sign() -> None:
    """That a lane may show."""
    from rxdux.demo.timeline_view import LINES, MEANINGS, SIGNS

    words = legend().plain
    assert SIGNS.keys() == MEANINGS.keys()
    assert [sign for sign, _ in SIGNS.values() if sign not in words] == []
    assert LINES["rejected"][0] in words
