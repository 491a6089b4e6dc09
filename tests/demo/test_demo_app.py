"""The demo app, driven by its keys, against the real server."""

import asyncio
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from textual.events import AppBlur, AppFocus
from textual.widgets import DataTable, Input

from rxdux import History, RefreshToken, Store
from rxdux.demo.app import DemoApp
from rxdux.demo.cli import replay
from rxdux.demo.people_table import PeopleTable
from rxdux.demo.server import DemoServer
from rxdux.demo.state import DemoDependencies, demo_reducer, select_progress
from rxdux.query import Succeeded
from rxdux.textual import Inspector, TimeSlider, wait_for_state

from .driver import LARGE, SMALL, STORY, recorded

ROOT = Path(__file__).parents[2]


async def test_keys_are_answered_before_the_session_is_there_and_what_they_ask_waits_for_it() -> None:
    """The libraries that call a server are loaded after the first frame; nothing asked meanwhile is lost."""
    there = asyncio.Event()

    async def connect() -> None:
        await there.wait()

    with Store(demo_reducer, dependencies=DemoDependencies()) as store, History(store) as history:
        app = DemoApp(store, history, connect=connect)
        async with app.run_test(size=SMALL) as pilot:
            await pilot.press("t", "z")
            assert app.screen.maximized is not None
            assert not store.state.view.naive
            there.set()
            await wait_for_state(pilot, lambda state: state.view.naive)


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
            [lane] = [line for line in screen.splitlines() if "page 1 " in line and "▸" in line]
            marks = [lane.rindex(sign) for sign in "▸✗↻✓"]
            assert marks == sorted(marks)
            assert "✗" not in demo.news()

    @pytest.mark.slow
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
            assert sum(isinstance(action, Succeeded) for action in actions) == 52
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
    async def test_what_fails_is_told_in_words(self, server: DemoServer, drive: Any) -> None:
        """On, a failed fetch in words; off, and all is well again."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            await demo.press("x")
            assert "server errors" in demo.screen()
            await demo.press("f")
            assert "1 failed" in demo.screen()
            assert "The server has a problem" in demo.screen()
            assert demo.rows() == 6
            await demo.press("x")
            await demo.press("m")
            assert "50 fetched" in demo.screen()

    async def test_what_is_asked_offline_waits(self, server: DemoServer, drive: Any) -> None:
        """It is sent when there is a network again."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            await demo.press("n")
            assert "offline" in demo.screen()
            server.api.count.clear()
            await demo.press("f")
            assert server.api.count["api"] == 0
            await demo.press("n")
            assert server.api.count["api"] == 1

    async def test_a_slow_network_shows_progress(self, server: DemoServer, drive: Any) -> None:
        """How many of how many; `c` cancels all but the one that the table watches."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            await demo.press("l")
            assert server.api.trouble.delay == 1.0
            server.api.trouble.delay = 60.0  # none is answered before the last is asked, on a busy machine as well
            await demo.pilot.press("m")
            await wait_for_state(demo.pilot, lambda state: select_progress(state).loading == 50, timeout=20)
            server.api.trouble.delay = 0.0  # for who asks again: the client waits 5 s for an answer
            assert "50 loading" in demo.screen()
            assert "0/50" in demo.screen()
            await demo.pilot.press("c")
            await wait_for_state(demo.pilot, lambda state: select_progress(state).loading <= 1, timeout=20)
            await demo.press()
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
        """What she sees was asked for in her name; and back again."""
        async with drive(server.url) as demo:
            await demo.sign_in()
            await demo.press("f")
            server.api.count.clear()
            await demo.press("u")
            assert "grace, signed in" in demo.screen()
            assert (demo.rows(), server.api.count["api"]) == (6, 2)
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
        """By the keys 1 to 4, twice turns the order round; the search is in name, role and city. The server does both."""
        known = server.api.people_known
        async with drive(server.url) as demo:
            await demo.sign_in()
            for key, search, order in (("2", "", "name"), ("2", "", "-name"), ("3", "", "role")):
                await demo.press(key)
                assert demo.names() == [each["name"] for each in known.find(search, 1, 6, order)["items"]]
            await demo.press("slash", *"turing", "enter")
            assert demo.names() == [each["name"] for each in known.find("turing", 1, 6, "role")["items"]]

    async def test_a_click_on_a_heading_sorts(self, server: DemoServer, drive: Any) -> None:
        """The mouse does what the keys do."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            await demo.pilot.click("PeopleTable DataTable", offset=(8, 0))
            await demo.press()
            assert demo.names() == sorted(demo.names())

    async def test_a_paste_of_binary_is_no_harm(self, server: DemoServer, drive: Any) -> None:
        """What cannot be printed is left out."""
        async with drive(server.url) as demo:
            await demo.sign_in()
            demo.app.query_one("#search", Input).value = "\x00\x1b[31m\x07\udcffKen"
            await demo.press()
            assert demo.rows() == 0
            assert demo.app.query_one(PeopleTable).asked.arguments["search"] == "[31mKen"
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

    async def test_who_looks_away_stays_in_the_past(self, server: DemoServer, drive: Any) -> None:
        """Queries are told who looks; while the past is shown they are not."""
        async with drive(server.url, LARGE) as demo:
            await demo.sign_in()
            demo.app.post_message(AppBlur())
            await demo.press()
            assert not demo.store.state.api.focused
            demo.app.post_message(AppFocus())
            await demo.press("left_square_bracket")
            demo.app.post_message(AppBlur())
            demo.app.post_message(AppFocus())
            await demo.press()
            assert "past" in demo.screen()

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

    @pytest.mark.parametrize("size", [(40, 10), (20, 5)])
    async def test_a_small_terminal(self, server: DemoServer, drive: Any, size: tuple[int, int]) -> None:
        """It says that more is to be seen, and works."""
        async with drive(server.url, size) as demo:
            await demo.sign_in()
            await demo.press("e", "f", "h", "escape", "i", "escape")
            assert "80x24 shows more" in " ".join(demo.screen().split())
            assert isinstance(demo.app.focused, DataTable)
            assert demo.rows() == 6


class TestRecordings:
    @pytest.mark.parametrize("size", [SMALL, LARGE, (200, 50)])
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
            assert "This is a recording" in demo.screen()
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


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "demo_app.py"), *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=50, check=False, env={**os.environ})


@pytest.mark.slow
def test_the_script_tells_the_story_and_counts() -> None:
    """Exit code 0, the log, `50 fetched, 1 refresh`."""
    done = run("--script")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines()[-1] == "50 fetched, 1 refresh"
    assert "GET 401" in done.stdout
    assert done.stdout.count("FETCH_SUCCESS") == 50


@pytest.mark.slow
def test_the_script_signs_in_by_device_code_as_well() -> None:
    """It opens the page with the code, approves, and is in; and goes again, before it comes in with a password."""
    with DemoServer(token_life=1.5) as server:
        server.issuer.device_codes.interval = 0.1
        lines = run("--script", "--url", server.url).stdout.splitlines()
    first = lines[: next(place for place, line in enumerate(lines) if "LOGIN  " in line) + 1]
    words = " ".join(first).split()
    told = ["SIGN_IN", "DEVICE_CODE_ISSUED", "opening", "SIGNED_IN_AS", "LOGIN_SUCCESS", "LOGOUT", "LOGIN"]
    assert [word for word in words if word in told] == told
    assert f"... opening {server.url}/device: 200, approving: 200" in "\n".join(lines)
    assert server.api.count["device"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("users", [{"ada": "lovelace"}, {"grace": "hopper"}])
def test_the_script_fails_when_a_way_in_does(users: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that does not take the approval, and the password that is not right: words, and exit code 1."""
    monkeypatch.setattr("rxdux.demo.issuer.USERS", users)
    with DemoServer() as server:
        server.issuer.device_codes.interval = 0.1
        done = run("--script", "--url", server.url)
    assert (done.returncode, done.stderr) == (1, "")
    assert done.stdout.splitlines()[-1].startswith("Not signed in: ")


@pytest.mark.slow
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


@pytest.mark.slow
def test_the_script_fails_when_it_was_not_so() -> None:
    """Against a server that revokes the session meanwhile."""
    with DemoServer(token_life=0.5) as server:
        server.issuer.refresh = lambda refresh_token: server.issuer.log_in("ada", "wrong")  # type: ignore[method-assign]
        done = run("--script", "--url", server.url)
    assert done.returncode == 1
    assert done.stdout.splitlines()[-1] == "0 fetched, 1 refresh"


@pytest.mark.slow
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


@pytest.mark.parametrize("missing", [("textual",), ("uvicorn", "jwt")])
def test_without_its_extra_the_demo_says_what_to_install(tmp_path: Path, missing: tuple[str, ...]) -> None:
    """In one line, with exit code 1."""
    [packages] = {Path(path) for path in sys.path if path.endswith("site-packages")}
    for entry in packages.iterdir():
        if entry.name.split("-")[0].split(".")[0].lower() not in missing:
            (tmp_path / entry.name).symlink_to(entry)
    program = f"import site; site.addsitedir({str(tmp_path)!r}); from rxdux.demo.start import main; main()"
    done = subprocess.run(
        [sys.executable, "-S", "-c", program], capture_output=True, text=True, timeout=50, check=False, cwd=tmp_path
    )
    assert done.returncode == 1
    [line] = done.stderr.splitlines()
    assert line.startswith(f"The demo needs {', '.join(missing)}: pip install 'rxdux[demo]'")
