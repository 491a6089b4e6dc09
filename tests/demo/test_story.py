"""The story: each step has a key that shows it happening, and the code that does it beside it."""

from types import FunctionType
from typing import Any

import pytest

from rxdux import RefreshToken, RequestRejected, RequestReplayed, refresh_on_unauthorized
from rxdux.demo.excerpt import excerpt
from rxdux.demo.keys import COMMANDS
from rxdux.demo.server import DemoServer
from rxdux.demo.story import STEPS, Step

from .driver import SMALL, Driver, recorded


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.title)
def test_each_step_shows_code_that_runs(step: Step) -> None:
    """It is found in the source, not typed twice; and its keys are keys of the app, or Enter."""
    assert step.code.strip()
    assert {*step.keys} <= {*(each.key for each in COMMANDS), "enter"}


def test_the_steps_are_those_of_the_article() -> None:
    """Five, each with the statement below its comment."""
    codes = [step.code for step in STEPS if step.title.startswith("Step ")]
    found = [words in code for words, code in zip(("defer", "catch", "ask", "on_first", "again"), codes, strict=True)]
    assert found == [True] * 5


def test_what_is_not_in_the_source_is_told() -> None:
    """So a renamed line does not go unnoticed."""
    assert isinstance(refresh_on_unauthorized, FunctionType)
    with pytest.raises(ValueError, match="'no such line' is not in the source of refresh_on_unauthorized"):
        excerpt(refresh_on_unauthorized, "no such line")


async def go_to(demo: Driver, title: str) -> None:
    await demo.press("h")
    while title not in demo.screen():
        await demo.press("h")


async def show(demo: Driver) -> None:
    await demo.press("space")
    await demo.app.workers.wait_for_complete()
    await demo.press()


@pytest.mark.slow
@pytest.mark.parametrize("size", [SMALL, (120, 40), (200, 50), (40, 10)])
async def test_every_step_is_readable(server: DemoServer, drive: Any, size: tuple[int, int]) -> None:
    """Its first words and the first line of its code; `h` goes on, and ends it; backspace goes back, Escape closes."""
    async with drive(server.url, size) as demo:
        for number, step in enumerate(STEPS, start=1):
            await demo.press("h")
            assert f"({number}/{len(STEPS)})" in demo.screen()
            assert step.words[:16] in demo.screen()
            if size[1] > 10:
                assert step.code.splitlines()[0][:40].strip() in demo.screen()
        await demo.press("backspace")
        assert f"({len(STEPS) - 1}/{len(STEPS)})" in demo.screen()
        await demo.press("h", "h")
        assert "/8)" not in demo.screen()
        await demo.press("h", "escape")
        assert "/8)" not in demo.screen()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("title", "moment", "words"),
    [
        ("Step 2 of 5", RequestRejected, "✗"),
        ("Step 3 of 5", RefreshToken, "ada, refreshing"),
        ("Step 4 of 5", RequestReplayed, "generation 2"),
    ],
)
async def test_space_stops_at_the_moment_of_the_step(
    server: DemoServer, drive: Any, title: str, moment: Any, words: str
) -> None:
    """The screen travels to it, from a user who has not even signed in."""
    async with drive(server.url) as demo:
        await go_to(demo, title)
        await show(demo)
        history = demo.app.history
        assert isinstance(history.entries[history.position].action, moment)
        assert words in demo.screen()
        assert "past" in demo.screen()


@pytest.mark.slow
async def test_space_shows_one_refresh_for_all_and_what_happens_without(server: DemoServer, drive: Any) -> None:
    """The last two steps; and the way back switches single flight on."""
    async with drive(server.url) as demo:
        await go_to(demo, "All at once")
        await show(demo)
        assert "50 requests, 1 refresh" in demo.screen()
        await demo.press("h")
        await show(demo)
        assert "taken for theft" in demo.screen()
        await demo.press("backspace")
        await show(demo)
        assert not demo.store.state.view.naive
        assert "50 fetched" in demo.screen()


@pytest.mark.slow
async def test_a_server_that_is_not_there_ends_no_step(drive: Any) -> None:
    """It is told as ever."""
    async with drive("http://127.0.0.1:9") as demo:
        await go_to(demo, "All at once")
        await show(demo)
        assert "50 failed" in demo.screen()


@pytest.mark.slow
async def test_a_recording_shows_the_steps_that_it_holds() -> None:
    """Without an effect."""
    async with recorded(SMALL) as demo:
        await go_to(demo, "Step 3 of 5")
        await demo.press("space")
        await demo.app.workers.wait_for_complete()
        assert "Step 3 of 5" in demo.screen()
