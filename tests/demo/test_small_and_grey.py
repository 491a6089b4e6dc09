"""What a terminal may lack: room, colours, a mouse."""

from typing import Any

import pytest
from rich.color import Color

from rxdux.demo.people_table import SearchBox
from rxdux.demo.server import DemoServer

from ..quick_keys import press_at_once
from .driver import SMALL, Driver

TINY = (40, 10)
READABLE = 3.0  # the contrast of large letters, WCAG 2.2, success criterion 1.4.3


async def test_the_dialog_fits_a_tiny_screen(server: DemoServer, drive: Any) -> None:
    """Both fields, and what the keys do."""
    async with drive(server.url, TINY) as demo:
        await demo.press("s")
        await demo.pilot.pause()
        assert all(words in demo.screen() for words in ("ada", "•••", "Enter signs in", "grace/hopper"))


@pytest.mark.slow
@pytest.mark.parametrize("size", [TINY, SMALL])
async def test_the_dialog_for_a_name_fits_any_screen(server: DemoServer, drive: Any, size: tuple[int, int]) -> None:
    """The name, and all that is said of it."""
    async with drive(server.url, size) as demo:
        await demo.sign_in()
        await demo.press("f", "enter")
        words = " ".join(demo.screen().replace("│", " ").split())
        assert "Ken Lamport" in words
        assert all(each in words for each in ("Enter saves", "j has the server", "refuse it."))


@pytest.mark.slow
async def test_a_tiny_screen_has_all_parts_by_keys(server: DemoServer, drive: Any) -> None:
    """One after the other, in the same place."""
    async with drive(server.url, TINY) as demo:
        await demo.sign_in()
        await demo.press("e", "f")
        assert "Ken Lamport" in demo.screen()
        await demo.press("v")
        await demo.pilot.pause()
        assert "1 request, 1 refresh" in demo.screen()
        await demo.press("v")
        await demo.pilot.pause()
        assert "api/people/succeeded" in demo.screen()
        await demo.press("v")
        await demo.pilot.pause()
        assert "Ken Lamport" in demo.screen()


def weak_words(demo: Driver) -> list[str]:
    """The words on the screen that are not grey, or hard to tell from their background."""
    found: list[str] = []
    for strip in demo.app.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style
            if style is None or not any(letter.isalnum() for letter in segment.text):
                continue
            front, back = rgb(style.color), rgb(style.bgcolor)
            is_grey = len({*front}) == len({*back}) == 1
            if not is_grey or contrast(front[0], back[0]) < READABLE:
                found.append(f"{segment.text!r} {front} on {back}")
    return found


def rgb(color: Color | None) -> tuple[int, int, int]:
    assert color is not None
    return color.get_truecolor()


def contrast(front: int, back: int) -> float:
    """Of two greys."""
    lighter, darker = sorted((luminance(front), luminance(back)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(grey: int) -> float:
    share = grey / 255
    return share / 12.92 if share <= 0.04045 else ((share + 0.055) / 1.055) ** 2.4


@pytest.mark.slow
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
async def test_without_colours_every_word_can_be_read(
    server: DemoServer, drive: Any, monkeypatch: pytest.MonkeyPatch, theme: str
) -> None:
    """NO_COLOR: in the rows, in the log, in what is said, in the story."""
    monkeypatch.setenv("NO_COLOR", "1")
    async with drive(server.url, (120, 40)) as demo:
        demo.app.theme = theme
        await demo.sign_in()
        await demo.press("f")
        assert weak_words(demo) == []
        await demo.press("t", "e", "m", "h")
        assert "taken for theft" in demo.screen()
        assert weak_words(demo) == []
        await demo.press("i")
        await demo.pilot.pause()
        assert "REQUEST_REJECTED" in demo.screen() or "NAIVE" in demo.screen()
        assert weak_words(demo) == []


async def test_the_keys_do_all_that_the_mouse_does(server: DemoServer, drive: Any) -> None:
    """The focus goes round by Tab: the rows, the log, the timeline; `/` goes to the search."""
    async with drive(server.url, SMALL) as demo:
        names: set[str] = set()
        for _ in range(3):
            await demo.press("tab")
            focused = demo.app.focused
            assert focused is not None
            names.add(type(focused).__name__)
        assert names == {"Rows", "LogView", "Lanes"}


@pytest.mark.parametrize(
    "keys",
    [
        ("s", "enter", "enter", "enter"),
        ("s", "escape", "escape"),
        ("enter", "s"),
        ("enter", "enter"),
        ("enter", "f", "right"),
        ("w", "w", "w"),
        ("w", "full_stop", "enter", "escape", "escape"),
        ("d", "full_stop", "escape", "escape"),
        ("i", "i", "c", "x"),
    ],
)
async def test_quick_keys_end_nothing(server: DemoServer, drive: Any, keys: tuple[str, ...]) -> None:
    """Held down, or typed before a screen is there: whatever has come of them, Escape leads back to all that can be done."""
    async with drive(server.url, SMALL) as demo:
        await demo.sign_in()
        await press_at_once(demo.pilot, *keys)
        for _ in range(5):
            await demo.press("escape")
        assert len(demo.app.screen_stack) == 1
        await demo.press("h")
        assert "Before: sign in" in demo.screen()


async def test_a_command_reaches_the_people_from_any_screen(server: DemoServer, drive: Any) -> None:
    """The palette opens over every screen, and its commands are for the window beneath."""
    async with drive(server.url, SMALL) as demo:
        await demo.sign_in()
        await demo.press("s")
        for title in ("Fetch", "Next page", "Search"):
            command = next(each for each in demo.app.get_system_commands(demo.app.screen) if each.title == title)
            command.callback()
        await demo.press("escape")
        assert demo.table().get_row_at(0)[0].plain == "7"
        assert isinstance(demo.app.focused, SearchBox)
