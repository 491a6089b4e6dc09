"""The terminal of the DevTools, its keys pressed, before apps of JavaScript's Redux and of ours: real processes, real sockets."""

import asyncio
import json
import shutil
import socket
import sys
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from textual.pilot import Pilot
from textual.widgets import DataTable, Input, Static

from rxdux import Slice, State, Store, combine_reducers
from rxdux.devtools import connect
from rxdux.devtools.app_inspector import AppInspector
from rxdux.devtools.terminal import Terminal
from rxdux.store.tools.monitor.apps import Apps
from rxdux.store.tools.monitor.remote_history import RemoteHistory
from rxdux.store.tools.monitor.serving import serving
from rxdux.textual.private import lines_of

from .. import tmux
from ..key_pages import pages_shown
from .javascript_app import JavaScriptApp

PATIENCE = 20.0
ADDED, DOUBLED = "counter/added", "counter/doubled"

counter = Slice("counter", initial=0)
words = Slice[tuple[str, ...]]("words", initial=())


@counter.action
def added(state: int, payload: int) -> int:
    return state + payload


@counter.action
def doubled(state: int) -> int:
    return state * 2


class Counted(State):
    count: int
    words: tuple[str, ...]


class App(Protocol):
    @property
    def count(self) -> int | None: ...
    def dispatch(self, type: str, payload: Any = None) -> None: ...
    def close(self) -> None: ...


class PythonApp:
    """A store with a link, whose threads are its own."""

    def __init__(self, url: str, name: str) -> None:
        self._open = ExitStack()
        self.store = self._open.enter_context(Store(combine_reducers(Counted, count=counter, words=words)))
        self._open.enter_context(connect(self.store, url, name=name))

    @property
    def count(self) -> int:
        return self.store.state.count

    def dispatch(self, type: str, payload: Any = None) -> None:
        self.store.dispatch(doubled() if type == DOUBLED else added(payload))

    def close(self) -> None:
        self._open.close()


class Driver:
    """A hand at the keys, and an eye on the screen."""

    def __init__(self, pilot: Pilot[None], apps: Apps, url: str) -> None:
        self.pilot, self.apps, self.url = pilot, apps, url

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def type(self, text: str) -> None:
        self.pilot.app.screen.query_one(Input).value = text
        await self.press("enter")

    async def until(self, is_so: Callable[[], object]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not is_so():
            assert time.monotonic() < deadline, (self.apps.news, self.apps.histories, self.screen())
            await self.pilot.pause(0.01)

    async def until_rows(self, *types: str) -> None:
        """The list of the actions that the app has."""
        count = f"{len(types)} of {len(types)} actions"
        await self.until(lambda: [each.action.type for each in self.history.entries] == list(types) and self.has(count))

    @property
    def history(self) -> RemoteHistory:
        screen = self.pilot.app.screen
        assert isinstance(screen, AppInspector)
        return screen.app_history

    def apps_listed(self) -> list[tuple[str, str]]:
        """The name and the status of each, of which there is a list."""
        found = self.pilot.app.screen.query(DataTable)
        rows = (found.first().get_row_at(row) for row in range(found.first().row_count)) if found else ()
        return [(str(row[0]), str(row[1])) for row in rows]

    def shown(self, what: str) -> str:
        return str(self.pilot.app.screen.query_one(f"#{what}", Static).render())

    def has(self, words: str) -> bool:
        """Whether the screen shows this."""
        return words in self.screen()

    def screen(self) -> str:
        return "\n".join(line.text for line in lines_of(self.pilot.app.screen))


@asynccontextmanager
async def terminal(size: tuple[int, int] = (80, 24)) -> AsyncIterator[Driver]:
    apps = Apps()
    async with serving(apps, port=0) as url, Terminal(apps, url).run_test(size=size) as pilot:
        yield Driver(pilot, apps, url)


@pytest.fixture
def node(devtools_command: list[str]) -> str:
    """Node.js, with the packages of these tests."""
    return devtools_command[0]


@pytest.fixture(params=["JavaScript", "Python"])
def start(request: pytest.FixtureRequest) -> Any:
    """Starts an app of each kind."""
    started: list[App] = []

    def start(url: str, name: str = "my app") -> App:
        is_python = request.param == "Python"
        app = PythonApp(url, name) if is_python else JavaScriptApp(request.getfixturevalue("node"), url, name)
        started.append(app)
        return app

    yield start
    for app in started:
        app.close()


pytestmark = pytest.mark.slow


async def test_an_app_is_seen_and_steered(start: Any, tmp_path: Path) -> None:
    """Log, difference, jump, skip, reorder, sweep, lock, pause, commit, rollback, dispatch, export, reset, import; each by its key."""
    async with terminal() as driver:
        app, press, until = start(driver.url), driver.press, driver.until
        await until(lambda: driver.apps.histories and driver.pilot.app.screen.query("#app"))
        for type, payload in ((ADDED, 1), (ADDED, 10), (DOUBLED, None)):
            app.dispatch(type, payload)
        await driver.until_rows(ADDED, ADDED, DOUBLED)
        await until(lambda: driver.has(" my app") and driver.has("~ count: 11 → 22"))

        await press("up", "enter")
        await until(lambda: app.count == 11)
        await press("g")
        await until(lambda: app.count == 22)

        await press("up", "up", "t")
        await until(lambda: app.count == 20 and driver.history.entries[0].skipped)
        await press("t")
        await until(lambda: app.count == 22 and not driver.history.entries[0].skipped)
        await press("J")
        await until(lambda: [entry.id for entry in driver.history.entries] == [2, 1, 3])
        await press("shift+down")
        await until(lambda: app.count == 21)
        await driver.until_rows(ADDED, DOUBLED, ADDED)
        await press("shift+up")
        await until(lambda: app.count == 22)
        await press("shift+down")
        await until(lambda: app.count == 21)

        await press("t")
        await until(lambda: app.count == 20)
        await press("s")
        await driver.until_rows(ADDED, DOUBLED)

        await press("l")
        await until(lambda: driver.history.is_locked and "locked" in driver.shown("app"))
        app.dispatch(ADDED, 100)
        await press("l")
        await until(lambda: not driver.history.is_locked)
        app.dispatch(ADDED, 1)
        await until(lambda: app.count in (21, 121))  # what JavaScript's app reads may come after the key

        before = app.count
        await press("p")
        await until(lambda: driver.history.is_paused and "paused" in driver.shown("app"))
        app.dispatch(ADDED, 5)
        await until(lambda: app.count == before + 5)
        await press("p")
        await until(lambda: not driver.history.is_paused)

        await press("c")
        await driver.until_rows()
        await press("d")
        await driver.type("{ type: 'counter/added', payload: 0x10 }")
        await until(lambda: app.count == before + 21)
        await driver.until_rows(ADDED)
        file = tmp_path / "history.json"
        await press("e")
        await driver.type(str(file))
        assert json.loads(file.read_text())["nextActionId"] == driver.history.entries[0].id + 1
        assert file.stat().st_mode & 0o777 == 0o600
        await press("b")
        await until(lambda: app.count == before + 5)
        await driver.until_rows()
        await press("r")
        await until(lambda: app.count == 0)
        await press("i")
        await driver.type(str(file))
        await until(lambda: app.count == before + 21)
        await driver.until_rows(ADDED)


async def test_what_is_typed_is_never_run(start: Any, tmp_path: Path) -> None:
    """It is said what is wrong with it, where it was typed; Escape leaves."""
    async with terminal() as driver:
        app = start(driver.url)
        await driver.until(lambda: driver.pilot.app.screen.query("#app"))
        app.dispatch(ADDED, 1)
        await driver.until_rows(ADDED)
        for text, why in [
            ("process.exit(1)", "is code, which is never run"),
            ("{ text: 'milk' }", "An action has a type"),
        ]:
            await driver.press("d")
            await driver.type(text)
            assert why in driver.shown("wrong")
            await driver.press("escape")
        there = tmp_path / "there.json"
        there.write_text('{"payload": 5}')
        for key, path, why in [
            ("i", there, "It is no history of the Redux DevTools"),
            ("i", tmp_path / "missing.json", "No such file"),
            ("e", there, "is there already"),
            ("e", tmp_path, "is there already"),
        ]:
            await driver.press(key)
            await driver.type(str(path))
            assert why in driver.shown("wrong")
            await driver.press("escape")
        assert app.count == 1


async def test_a_state_that_is_nothing(node: str) -> None:
    """JavaScript's apps do not send it; it is asked for."""
    async with terminal() as driver:
        with JavaScriptApp(node, driver.url, "bare", "bare") as app:
            await driver.until(lambda: driver.pilot.app.screen.query("#app"))
            for amount in (5, -5):
                app.dispatch(ADDED, amount)
            await driver.until_rows(ADDED, ADDED)
            await driver.until(lambda: driver.has("~ state: 5 → 0"))


async def test_one_of_several_is_chosen(node: str) -> None:
    """The first is looked into at once; what is asked of one is asked of no other; one that has gone can still be seen."""
    async with terminal() as driver:
        one = PythonApp(driver.url, "one")
        await driver.until(lambda: driver.pilot.app.screen.query("#app"))
        with JavaScriptApp(node, driver.url, "two") as two:
            await driver.until(lambda: len(driver.apps.histories) == 2)
            one.dispatch(ADDED, 1)
            two.dispatch(ADDED, 2)
            await driver.until(lambda: [len(each.entries) for each in driver.apps.histories] == [1, 1])
            await driver.press("n")
            await driver.until(
                lambda: isinstance(driver.pilot.app.screen, AppInspector) and "two" in driver.shown("app")
            )
            await driver.press("t")
            await driver.until(lambda: two.count == 0)
            await driver.press("escape")
            await driver.until(lambda: driver.apps_listed() == [("one", "connected"), ("two", "connected")])
            await driver.press("up", "enter", "t")
            await driver.until(lambda: one.count == 0)
        await driver.press("escape")
        await driver.until(lambda: driver.apps_listed() == [("one", "connected"), ("two", "gone")])
        await driver.press("down", "enter")
        await driver.until_rows(ADDED)
        assert driver.shown("app") == "two 2 of 2 gone"
        await driver.press("t")
        await driver.until(lambda: "nothing was sent" in driver.shown("app"))
        await driver.press("escape", "delete")
        await driver.until(lambda: driver.apps_listed() == [("one", "connected")])
        await driver.press("q")
        one.close()


@pytest.mark.parametrize(("size", "pages"), [((40, 10), 8), ((80, 24), 3), ((120, 40), 1), ((200, 50), 1)])
async def test_every_key_is_in_the_footer(size: tuple[int, int], pages: int) -> None:
    """On its pages, but for what only the app itself can do; and beside it there is room for the list of actions."""
    async with terminal(size) as driver:
        assert await pages_shown(driver.pilot) == ["q Quit ^p palette"]
        app = PythonApp(driver.url, "app")
        await driver.until(lambda: driver.pilot.app.screen.query("#app"))
        app.dispatch(ADDED, 1)
        await driver.until(lambda: driver.has(ADDED))
        shown = await pages_shown(driver.pilot)
        keys = "d Dispatch,⇧↑ Up,⇧↓ Down,s Sweep,r Reset,l Lock,e Export,i Import,n Next app,⏎ Show,t Toggle,esc Close"
        assert [each for each in keys.split(",") if each not in " ".join(shown)] == []
        assert len(shown) == pages
        assert "Test" not in " ".join(shown)
        assert driver.pilot.app.screen.query_one("#actions").scrollable_content_region.height >= 6
        await driver.press("escape")
        assert await pages_shown(driver.pilot) == ["⏎ Look into Del Forget q Quit ^p palette"]
        app.close()


async def test_an_app_comes_back(node: str) -> None:
    """To a server that was gone, with what happened meanwhile."""
    app: PythonApp
    apps = Apps()
    async with serving(apps, port=0) as url:
        app = PythonApp(url, "again")
        await until(lambda: apps.histories)
    app.dispatch(ADDED, 1)
    async with serving(apps, port=int(url.rpartition(":")[2])), Terminal(apps, url).run_test() as pilot:
        driver = Driver(pilot, apps, url)
        await driver.until(lambda: isinstance(pilot.app.screen, AppInspector))
        await driver.until_rows(ADDED)
        assert apps.histories[0].is_connected
    app.close()


async def test_a_page_of_another_origin_is_refused(devtools_command: list[str]) -> None:
    """By a real browser's own word: it can neither connect nor read. One that was named can."""
    from playwright.async_api import async_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "chromium is not installed"
    apps = Apps()
    page_of = await asyncio.start_server(_serve_a_page, "127.0.0.1", 0)
    origin = f"http://127.0.0.1:{page_of.sockets[0].getsockname()[1]}"
    async with page_of, serving(apps, port=0) as closed, serving(apps, port=0, origins=[origin]) as opened:
        async with async_playwright() as playwright:
            browser = await playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            page = await browser.new_page()
            await page.goto(origin)
            assert [await page.evaluate(TRIES_TO_CONNECT, url) for url in (closed, opened)] == ["refused", "connected"]
            read = "url => fetch(url.replace('ws', 'http')).then(() => 'read', () => 'refused')"
            assert await page.evaluate(read, closed) == "refused"
            await browser.close()
        assert apps.news == f"Refused: a page of {origin} wanted to connect. To let it: --origin {origin}"


TRIES_TO_CONNECT = """url => new Promise(done => {
    const socket = new WebSocket(`${url}/socketcluster/`);
    socket.onopen = () => done("connected");
    socket.onerror = () => done("refused");
})"""


async def _serve_a_page(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    await reader.readuntil(b"\r\n\r\n")
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: 4\r\nConnection: close\r\n\r\npage")
    writer.close()


@pytest.fixture
def open_terminal() -> Iterator[Callable[..., tmux.Terminal]]:
    """Runs the command in a real terminal."""
    assert shutil.which("tmux"), "tmux is not installed"
    opened: list[tmux.Terminal] = []

    def opening(*arguments: str, size: tuple[int, int] = (80, 24)) -> tmux.Terminal:
        command = ["env -u COLUMNS -u LINES", sys.executable, "-m rxdux.devtools", *arguments]
        opened.append(tmux.Terminal(f"rxdux-{uuid.uuid4().hex}", " ".join(command), size))
        return opened[-1]

    yield opening
    for each in opened:
        each.close()


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_command(open_terminal: Callable[..., tmux.Terminal], node: str, size: tuple[int, int]) -> None:
    """In a real terminal: what it waits for, an app, what it does, a command to it, and out. Only one can listen at a place."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"ws://127.0.0.1:{port}"
    terminal = open_terminal(f"--port={port}", size=size)
    terminal.wait_for("No app is connected yet", f'connect(store, "{url}")', f"port: {port}")
    open_terminal(f"--port={port}").wait_for("nobody can listen at 127.0.0.1", "exit code 2")
    with JavaScriptApp(node, url, "in JavaScript") as app:
        terminal.wait_for("in JavaScript", "0 of 0 actions")
        app.dispatch(ADDED, 5)
        terminal.wait_for(ADDED, "~ count: 0 → 5")
        terminal.press("t")
        tmux.wait_until(lambda: str(app.count), lambda count: count == "0", "the state without it")
        terminal.press("Escape")
        terminal.wait_for("Listening for apps", "connected")
    terminal.wait_for("gone")
    terminal.press("q")
    terminal.wait_for("exit code 0")


async def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
