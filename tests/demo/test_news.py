"""What the demo says: once, in a line of its own, out of the log."""

from typing import Any

import pytest

from rxdux import ApiError, History, Logout, Store
from rxdux.demo.actions import TroubleMade, TroubleRefused
from rxdux.demo.naive_client import ENDED
from rxdux.demo.news import WELCOME, News, news_of
from rxdux.demo.queries import people
from rxdux.demo.server import DemoServer
from rxdux.demo.state import DemoState, demo_reducer, switch
from rxdux.query import Failed, Started

from .driver import LARGE, SMALL

NO_SERVER = ApiError(kind="network", message="The server cannot be reached.")


def news_after(*actions: Any) -> News:
    with Store(demo_reducer) as store, History[DemoState](store) as history:
        for action in actions:
            store.dispatch(action)
        return news_of(reversed(history.entries))


def test_the_newest_word_counts() -> None:
    """Until the user does something else."""
    assert news_after() == WELCOME
    assert news_after(TroubleMade(words="Expired.")) == News("Expired.")
    assert news_after(TroubleMade(words="Expired."), TroubleRefused(words="No.")) == News("No.", "warning")
    assert news_after(TroubleMade(words="Expired."), people(1).refetch()) == News()
    assert news_after(switch("naive", True)).words.startswith("Single flight is off")


def test_failures_are_counted_and_have_one_cause() -> None:
    """That of the session where it ended, else that of the fetches."""
    fetches = [Started(query=people(page), request=1, at=0.0) for page in (1, 2)]
    failures = [Failed(query=people(page), request=1, error=NO_SERVER) for page in (1, 2)]
    assert news_after(*fetches, *failures) == News(f"2 failed: {NO_SERVER}", "bad")
    assert news_after(*fetches, Logout(reason="Theft."), *failures) == News("Theft.", "bad")


@pytest.mark.slow
@pytest.mark.parametrize("size", [SMALL, LARGE, (200, 50)])
async def test_the_lesson_is_readable_in_naive_mode(server: DemoServer, drive: Any, size: tuple[int, int]) -> None:
    """The cause stands once, whole, and nothing covers anything; fifty refreshes are seen as fifty."""
    async with drive(server.url, size) as demo:
        await demo.sign_in()
        await demo.press("t", "e", "m")
        screen = demo.screen()
        assert demo.news() == ENDED
        assert "Your session has ended" not in screen
        assert "50 requests, 50 refreshes" in screen
        head = "\n".join(str(line) for line in demo.app.query_one("#head").render().plain.splitlines()[1:])
        assert head.count("R") == 50
        assert len(demo.app.query("Toast")) == 0


async def test_what_is_said_covers_nothing_and_travels(server: DemoServer, drive: Any) -> None:
    """It has a line of its own, below the session."""
    async with drive(server.url) as demo:
        await demo.sign_in()
        await demo.press("e")
        assert "• The access token is expired now." in demo.screen().splitlines()[3]
        await demo.press("f")
        assert demo.news() == ""
        await demo.press(*["left_square_bracket"] * 8)
        assert demo.news() in ("", "The access token is expired now.")
        assert len(demo.app.query("Toast")) == 0


async def test_brackets_in_texts_are_text(server: DemoServer, drive: Any) -> None:
    """In what is said, in the rows, and in the log."""
    words = "[bold]no[/bold] [ ] [red"
    async with drive(server.url, LARGE) as demo:
        demo.store.dispatch(TroubleRefused(words=words))
        await demo.press()
        assert demo.screen().count(words) == 2
