"""The demo app, driven by its keys, against the real server."""

import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable

from rxdux import ApiState, FetchSuccess, RefreshToken, Store, create_api_store
from rxdux.demo.app import DemoApp
from rxdux.demo.server import DemoServer
from rxdux.demo.traffic import new_client, watch
from rxdux.demo.trouble_epic import trouble_epic

ROOT = Path(__file__).parents[2]
SMALL, LARGE = (80, 24), (120, 40)


class Driver:
    """Presses keys, and reads the screen as a person would."""

    def __init__(self, pilot: Pilot[None], store: Store[ApiState]) -> None:
        self.pilot = pilot
        self.store = store
        self.app = pilot.app

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)
        await self.store.idle(20)
        await self.pilot.pause()

    async def sign_in(self) -> None:
        await self.press("s", "enter")
        await self.store.wait_for(lambda state: state.auth.status == "signed_in", 20)
        await self.press()

    def screen(self) -> str:
        lines = self.app.screen._compositor.render_strips()
        return "\n".join("".join(segment.text for segment in strip) for strip in lines)

    def rows(self) -> int:
        return self.app.query_one(DataTable).row_count


@pytest.fixture
def drive(quick: Any) -> Callable[..., Any]:
    @asynccontextmanager
    async def driven(url: str, size: tuple[int, int] = SMALL) -> AsyncIterator[Driver]:
        errors: list[Exception] = []
        async with (
            new_client(quick) as client,
            create_api_store(url, client=client, policy=quick, epics=[trouble_epic], on_error=errors.append) as store,
        ):
            watch(client, store.dispatch)
            async with DemoApp(store).run_test(size=size) as pilot:
                yield Driver(pilot, store)
        assert errors == []

    return driven


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_an_expired_token_goes_unnoticed(server: DemoServer, drive: Any, size: tuple[int, int]) -> None:
    """Sign in, fetch, expire, fetch: the rows come, and the log tells the story."""
    async with drive(server.url, size) as demo:
        await demo.sign_in()
        assert "ada, signed in" in demo.screen()
        await demo.press("f")
        await demo.press("e")
        await demo.press("f")
        assert demo.rows() == 12
        screen = demo.screen()
        told = [screen.index(line) for line in ("GET 401", "REFRESH_TOKEN", "REFRESH_SUCCESS", "GET 200 replay")]
        assert told == sorted(told)
        assert "generation 2" in screen


async def test_fifty_at_once_are_one_refresh(server: DemoServer, drive: Any) -> None:
    """Counted by the server."""
    async with drive(server.url) as demo:
        await demo.sign_in()
        await demo.press("e")
        server.api.count.clear()
        await demo.press("m")
        assert server.api.count["refresh"] == 1
        assert demo.rows() == 300
        assert "50 fetched" in demo.screen()


async def test_a_revoked_session_ends_in_words(server: DemoServer, drive: Any) -> None:
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


async def test_server_errors_can_be_switched(server: DemoServer, drive: Any) -> None:
    """On, a failed fetch in words, and off."""
    async with drive(server.url, LARGE) as demo:
        await demo.sign_in()
        await demo.press("x")
        assert "server errors on" in demo.screen()
        await demo.press("f")
        assert "1 failed" in demo.screen()
        assert "The server has a problem" in demo.screen()
        await demo.press("x")
        assert "server errors on" not in demo.screen()
        await demo.press("m")
        assert "50 fetched" in demo.screen()


async def test_signing_out_clears_the_rows(server: DemoServer, drive: Any) -> None:
    """Nothing of the session stays on the screen."""
    async with drive(server.url) as demo:
        await demo.sign_in()
        await demo.press("f")
        await demo.press("o")
        assert demo.rows() == 0
        assert "signed out" in demo.screen()


async def test_the_login_dialog(server: DemoServer, drive: Any) -> None:
    """Escape goes back; a wrong password is told; a password is never on the screen."""
    async with drive(server.url) as demo:
        await demo.press("s", "escape")
        assert demo.store.state.auth.epoch == 0
        await demo.press("s", "end", "x")
        assert "lovelace" not in demo.screen().replace("ada/lovelace", "")
        await demo.press("enter")
        assert "The user name or the password is wrong." in demo.screen()


async def test_every_key_is_in_footer_and_palette(server: DemoServer, drive: Any) -> None:
    """At 80 columns, too."""
    async with drive(server.url) as demo:
        await demo.press()
        footer = demo.screen().splitlines()[-1]
        keys = [binding for binding in DemoApp.BINDINGS if binding.key != "ctrl+q"]
        assert [key for key in keys if f"{key.key} {key.description}" not in footer] == [], footer
        commands = {command.title for command in demo.app.get_system_commands(demo.app.screen)}
        assert {"Sign in", "Fetch", "Fetch 50", "Expire", "Revoke", "Errors", "Sign out", "Quit"} <= commands


async def test_a_server_that_is_not_there(drive: Any) -> None:
    """Words on the screen, and no key that hangs."""
    async with drive("http://127.0.0.1:9") as demo:
        await demo.press("s", "enter")
        await demo.press("f", "m", "e", "r", "x", "o")
        assert "signed out" in demo.screen()
        await demo.press("f")
        assert "failed" in demo.screen()


async def test_quitting_in_the_middle_leaves_nothing(server: DemoServer, drive: Any) -> None:
    """Fifty fetches under way, and out."""
    async with drive(server.url) as demo:
        await demo.sign_in()
        server.api.trouble.delay = 5.0
        await demo.pilot.press("m", "q")


async def test_the_demo_counts_what_the_store_saw(server: DemoServer, drive: Any) -> None:
    """One REFRESH_TOKEN, fifty FETCH_SUCCESS."""
    async with drive(server.url) as demo:
        seen: list[Any] = []
        demo.store.actions.subscribe(seen.append)
        await demo.sign_in()
        await demo.press("e", "m")
        await demo.store.idle(20)
        assert sum(isinstance(action, FetchSuccess) for action in seen) == 50
        assert sum(isinstance(action, RefreshToken) for action in seen) == 1


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
