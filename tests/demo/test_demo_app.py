"""The demo app, driven by its keys, against the real server."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, Input

from rxdux import FetchSuccess, History, RefreshToken, Store, StoreError
from rxdux.demo.app import COMMANDS, MORE, DemoApp
from rxdux.demo.cli import replay
from rxdux.demo.help import HelpScreen
from rxdux.demo.open_store import open_store
from rxdux.demo.server import DemoServer
from rxdux.demo.state import DemoState
from rxdux.textual import Inspector, TimeSlider, wait_for_state

ROOT = Path(__file__).parents[2]
STORY = Path(__file__).with_name("story.json")
SMALL, LARGE = (80, 24), (120, 40)


class Driver:
    """Presses keys, and reads the screen as a person would."""

    def __init__(self, pilot: Pilot[None], app: DemoApp) -> None:
        self.pilot = pilot
        self.app = app
        self.store: Store[DemoState] = app.store

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await wait_for_state(self.pilot, timeout=20)
        self.app._follow()
        await self.pilot.pause()

    async def sign_in(self) -> None:
        await self.press("s", "enter")
        await wait_for_state(self.pilot, lambda state: state.auth.status == "signed_in")

    def screen(self) -> str:
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip).rstrip() for strip in lines)

    def table(self) -> Any:
        return self.app.query_one("PeopleTable DataTable", DataTable)

    def rows(self) -> int:
        return self.table().row_count

    def names(self) -> list[str]:
        return [self.table().get_row_at(row)[1] for row in range(self.rows())]


@pytest.fixture
def drive(quick: Any) -> Callable[..., Any]:
    @asynccontextmanager
    async def driven(url: str, size: tuple[int, int] = SMALL) -> AsyncIterator[Driver]:
        errors: list[StoreError] = []
        async with open_store(url, quick, errors) as store:
            app = DemoApp(store, History(store))
            async with app.run_test(size=size) as pilot:
                yield Driver(pilot, app)
        assert errors == []
        assert asyncio.all_tasks() == {asyncio.current_task()}

    return driven


class TestTheStory:
    @pytest.mark.parametrize("size", [SMALL, LARGE])
    async def test_an_expired_token_goes_unnoticed(self, server: DemoServer, drive: Any, size: tuple[int, int]) -> None:
        """Sign in, expire, fetch: the rows come, the timeline shows 401, wait, replay, success; no error is seen."""
        async with drive(server.url, size) as demo:
            await demo.sign_in()
            await demo.press("e")
            await demo.press("f")
            screen = demo.screen()
            assert demo.rows() == 6
            assert "ada, signed in" in screen
            assert "generation 2" in screen
            assert "1 request, 1 refresh" in screen
            [lane] = [line for line in screen.splitlines() if "page 1" in line and "▸" in line]
            marks = [lane.rindex(sign) for sign in "▸✗↻✓"]
            assert marks == sorted(marks)
            assert not [note for note in demo.app._notifications if note.severity == "error"]

    async def test_fifty_at_once_are_one_refresh(self, server: DemoServer, drive: Any) -> None:
        """Counted by the server, by the store and on the screen."""
        async with drive(server.url) as demo:
            await demo.sign_in()
            await demo.press("e")
            server.api.count.clear()
            await demo.press("m")
            actions = [entry.action for entry in demo.app.history.entries]
            assert server.api.count["refresh"] == 1
            assert sum(isinstance(action, RefreshToken) for action in actions) == 1
            assert sum(isinstance(action, FetchSuccess) for action in actions) == 50
            assert demo.rows() == 300
            assert "50 fetched" in demo.screen()

    @pytest.mark.slow
    async def test_without_single_flight_the_session_ends(self, server: DemoServer, drive: Any) -> None:
        """Fifty refreshes, the reuse is detected, the family revoked, and the user signed out."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            await demo.press("t")
            assert "naive" in demo.screen().splitlines()[1]
            await demo.press("e")
            server.api.count.clear()
            await demo.press("m")
            assert server.api.count["refresh"] == 50
            assert server.issuer.reuse_detected == 1
            assert "taken for theft" in demo.screen()
            assert "signed out" in demo.screen()
            assert "50 refreshes" in demo.screen()
            await demo.press("t")
            await demo.sign_in()
            await demo.press("e", "m")
            assert server.api.count["refresh"] == 51
            assert "50 fetched" in demo.screen()

    @pytest.mark.slow
    async def test_a_revoked_session_ends_in_words(self, server: DemoServer, drive: Any) -> None:
        """The user is told, and may sign in again."""
        async with drive(server.url) as demo:
            await demo.sign_in()
            await demo.press("r")
            await demo.press("e")
            await demo.press("f")
            assert "Your session has ended. Please sign in again." in demo.screen()
            await demo.sign_in()
            await demo.press("f")
            assert "ada, signed in" in demo.screen()


@pytest.mark.slow
class TestTroubles:
    @pytest.mark.parametrize(
        ("key", "words", "told"),
        [
            ("x", "server errors", "The server has a problem"),
            ("n", "offline", "The server cannot be reached"),
        ],
    )
    async def test_what_fails_is_told_in_words(
        self, server: DemoServer, drive: Any, key: str, words: str, told: str
    ) -> None:
        """On, a failed fetch in words; off, and all is well again."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            await demo.press(key)
            assert words in demo.screen()
            await demo.press("f")
            assert "1 failed" in demo.screen()
            assert told in demo.screen()
            await demo.press(key)
            demo.app.clear_notifications()
            await demo.press("m")
            assert "50 fetched" in demo.screen()

    async def test_a_slow_network_shows_progress(self, server: DemoServer, drive: Any) -> None:
        """How many of how many; `c` cancels."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            await demo.press("l")
            assert server.api.trouble.delay == 1.0
            await demo.pilot.press("m")
            await wait_for_state(demo.pilot, lambda state: len(state.data) == 50)
            assert "50 loading" in demo.screen()
            assert "0/50" in demo.screen()
            await demo.press("c")
            assert "loading" not in demo.screen()

    async def test_a_skewed_clock_changes_nothing(self, server: DemoServer, drive: Any) -> None:
        """The life of a token counts from its arrival, by the clock that is here."""
        async with drive(server.url, LARGE) as demo:
            await demo.press("k")
            assert server.issuer.skew == 3600 or demo.store.state.view.skewed
            await demo.sign_in()
            await demo.press("f")
            assert demo.rows() == 6
            assert "generation 1" in demo.screen()

    async def test_another_user_gets_nothing_of_the_first(self, server: DemoServer, drive: Any) -> None:
        """And back again."""
        async with drive(server.url) as demo:
            await demo.sign_in()
            await demo.press("f")
            await demo.press("u")
            assert "grace, signed in" in demo.screen()
            assert demo.rows() == 0
            await demo.press("u")
            assert "ada, signed in" in demo.screen()

    async def test_signing_out_clears_the_rows(self, server: DemoServer, drive: Any) -> None:
        """Nothing of the session stays on the screen."""
        async with drive(server.url) as demo:
            await demo.sign_in()
            await demo.press("f")
            await demo.press("o")
            assert demo.rows() == 0
            assert "signed out" in demo.screen()

    async def test_a_server_that_is_not_there(self, drive: Any) -> None:
        """Words on the screen, and no key that hangs."""
        async with drive("http://127.0.0.1:9") as demo:
            await demo.press("s", "enter")
            await demo.press("f", "m", "e", "r", "x", "l", "k", "u", "o")
            assert "signed out" in demo.screen()
            await demo.press("f")
            assert "failed" in demo.screen()

    async def test_quitting_in_the_middle_leaves_nothing(self, server: DemoServer, drive: Any) -> None:
        """Fifty fetches under way, and Ctrl+C."""
        async with drive(server.url) as demo:
            await demo.sign_in()
            server.api.trouble.delay = 5.0
            await demo.pilot.press("m", "ctrl+c")


@pytest.mark.slow
class TestTheTable:
    async def test_search_and_sort(self, server: DemoServer, drive: Any) -> None:
        """By the keys 1 to 4, twice turns the order round; the search is in name, role and city."""
        async with drive(server.url) as demo:
            await demo.sign_in()
            await demo.press("m")
            by_number = demo.names()
            await demo.press("2")
            assert demo.names() == sorted(by_number)
            await demo.press("2")
            assert demo.names() == sorted(by_number, reverse=True)
            await demo.press("slash", *"turing", "enter")
            assert demo.names() == sorted((name for name in by_number if "Turing" in name), reverse=True)

    async def test_a_click_on_a_heading_sorts(self, server: DemoServer, drive: Any) -> None:
        """The mouse does what the keys do."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            await demo.press("m")
            await demo.pilot.click("PeopleTable DataTable", offset=(8, 0))
            await demo.press()
            assert demo.names() == sorted(demo.names())

    async def test_a_paste_of_binary_is_no_harm(self, server: DemoServer, drive: Any) -> None:
        """What cannot be printed is left out."""
        async with drive(server.url) as demo:
            await demo.sign_in()
            await demo.press("f")
            demo.app.query_one("#search", Input).value = "\x00\x1b[31m\x07\udcffKen"
            await demo.press()
            assert demo.rows() == 0
            assert demo.store.state.view.search == "[31mKen"
            demo.app.query_one("#search", Input).value = ""
            await demo.press()
            assert demo.rows() == 6


@pytest.mark.slow
class TestTimeTravel:
    async def test_the_whole_screen_travels(self, server: DemoServer, drive: Any) -> None:
        """Back to before the sign-in, and on; the epics do not notice."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            await demo.press("f")
            calls = dict(server.api.count)
            steps = len(demo.app.history.entries)
            await demo.press(*["left_square_bracket"] * steps)
            assert "signed out" in demo.screen()
            assert (demo.rows(), "past" in demo.screen()) == (0, True)
            await demo.press(*["right_square_bracket"] * steps)
            assert "ada, signed in" in demo.screen()
            assert (demo.rows(), "past" in demo.screen()) == (6, False)
            assert dict(server.api.count) == calls

    async def test_the_slider_travels_by_the_mouse(self, server: DemoServer, drive: Any) -> None:
        """To its beginning."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            await demo.pilot.click(TimeSlider, offset=(1, 0))
            await demo.press()
            assert "signed out" in demo.screen()
            await demo.press("f")
            assert "ada, signed in" in demo.screen()

    async def test_the_inspector_is_the_one_of_the_binding(self, server: DemoServer, drive: Any) -> None:
        """It shows the same history."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            await demo.press("i")
            assert isinstance(demo.app.screen, Inspector)
            assert "LOGIN_SUCCESS" in demo.screen()
            assert "lovelace" not in demo.screen()
            await demo.press("escape")
            assert not isinstance(demo.app.screen, Inspector)


@pytest.mark.slow
class TestHelpAndKeys:
    async def test_the_login_dialog(self, server: DemoServer, drive: Any) -> None:
        """Escape goes back; a wrong password is told; a password is never on the screen."""
        async with drive(server.url) as demo:
            await demo.press("s", "escape")
            assert demo.store.state.auth.epoch == 0
            await demo.press("s", "end", "x")
            assert "lovelace" not in demo.screen().replace("ada/lovelace", "")
            await demo.press("enter")
            assert "The user name or the password is wrong." in demo.screen()

    async def test_the_help_tells_the_story(self, server: DemoServer, drive: Any) -> None:
        """In five steps."""
        async with drive(server.url, LARGE) as demo:
            await demo.press("h")
            assert isinstance(demo.app.screen, HelpScreen)
            await demo.pilot.pause(0.1)
            assert all(f"{step}. " in demo.screen() for step in range(1, 6))
            await demo.press("escape")
            assert not isinstance(demo.app.screen, HelpScreen)

    async def test_every_key_is_in_footer_or_help_and_in_the_palette(self, server: DemoServer, drive: Any) -> None:
        """At 80 columns, too."""
        async with drive(server.url) as demo:
            await demo.press()
            footer = demo.screen().splitlines()[-1]
            assert [words for key, _, words, _ in COMMANDS if f"{key} {words}" not in footer] == [], footer
            commands = {command.title for command in demo.app.get_system_commands(demo.app.screen)}
            assert {words for _, _, words, _ in (*COMMANDS, *MORE)} <= commands

    @pytest.mark.parametrize("size", [(40, 10), (20, 5)])
    async def test_a_small_terminal(self, server: DemoServer, drive: Any, size: tuple[int, int]) -> None:
        """It says that more is to be seen, and works."""
        async with drive(server.url, size) as demo:
            await demo.sign_in()
            await demo.press("e", "f", "h", "escape", "i", "escape")
            assert "80x24 shows more" in demo.screen()
            assert demo.rows() == 6


class TestRecordings:
    @pytest.mark.parametrize("size", [SMALL, LARGE])
    async def test_the_screen_of_the_story(self, size: tuple[int, int]) -> None:
        """Character by character, as it was looked at and found good."""
        expected = Path(__file__).with_name("screens") / f"story-{size[0]}x{size[1]}.txt"
        async with recorded(size) as demo:
            assert demo.screen() + "\n" == expected.read_text()

    async def test_a_recording_has_no_effects(self) -> None:
        """A key that would have one says so."""
        async with recorded(SMALL) as demo:
            before = demo.store.state
            await demo.press("f", "e", "u")
            assert {note.message.split(":")[0] for note in demo.app._notifications} == {"This is a recording"}
            assert demo.store.state is before

    @pytest.mark.parametrize(
        ("content", "words"),
        [
            (b"\x89PNG\r\n\xff", "not even text"),
            (b'{"name": "left-pad"}', "no recording of the Redux DevTools"),
            (b'{"actionsById": {', "no JSON"),
        ],
    )
    async def test_a_file_that_is_no_recording(self, tmp_path: Path, content: bytes, words: str) -> None:
        """It says what it is."""
        file = tmp_path / "recording.json"
        file.write_bytes(content)
        with pytest.raises(ValueError, match=words):
            await replay(file)

    def test_what_the_demo_records_has_no_secret(self) -> None:
        """The story was recorded from a session with real tokens."""
        text = STORY.read_text()
        assert '"password": "**********"' in text
        assert '"access_token": "**********"' in text
        assert json.loads(text)["actionsById"]["1"]["action"]["type"] == "LOGIN"


@asynccontextmanager
async def recorded(size: tuple[int, int]) -> AsyncIterator[Driver]:
    from rxdux.demo.state import demo_reducer

    with Store(demo_reducer) as store, History(store) as history:
        history.load(STORY.read_text())
        app = DemoApp(store, history, is_recording=True)
        async with app.run_test(size=size) as pilot:
            demo = Driver(pilot, app)
            await demo.press()
            await pilot.pause(0.1)
            yield demo


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "demo_app.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, env={**os.environ})


def test_the_script_tells_the_story_and_counts() -> None:
    """Exit code 0, the log, `50 fetched, 1 refresh`."""
    done = run("--script")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "50 fetched, 1 refresh"
    assert "GET 401" in done.stdout
    assert done.stdout.count("FETCH_SUCCESS") == 50


@pytest.mark.parametrize(
    ("url", "words"),
    [("localhost:8000", "base_url must be absolute"), ("http://127.0.0.1:9", "The server cannot be reached")],
)
def test_the_script_fails_in_words(url: str, words: str) -> None:
    """A wrong URL, a server that is not there: an exit code other than 0, and no traceback."""
    done = run("--script", "--url", url)
    assert done.returncode != 0
    assert words in done.stdout + done.stderr
    assert "Traceback" not in done.stderr


def test_the_script_fails_when_it_was_not_so() -> None:
    """Against a server that revokes the session meanwhile."""
    with DemoServer(token_life=0.5) as server:
        server.issuer.refresh = lambda refresh_token: server.issuer.log_in("ada", "wrong")  # type: ignore[method-assign]
        done = run("--script", "--url", server.url)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "0 fetched, 1 refresh"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--replay", "no-such-file.json"), "no-such-file.json cannot be read: No such file or directory"),
        (("--replay", str(ROOT / "pyproject.toml")), "The recording is no JSON"),
        (("--replay", "x", "--serve"), "not allowed with"),
    ],
)
def test_bad_arguments_are_told_in_words(arguments: tuple[str, ...], words: str) -> None:
    """An exit code other than 0, and no traceback."""
    done = run(*arguments)
    assert done.returncode != 0
    assert words in done.stderr
    assert "Traceback" not in done.stderr
