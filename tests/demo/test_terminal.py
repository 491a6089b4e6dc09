"""The demo as a person meets it: in a real terminal, and in a real browser."""

import json
import re
import shutil
import socket
import subprocess
import sys
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

from ..tmux import Terminal, wait_until

pytestmark = pytest.mark.slow

DEMO = Path(__file__).parents[2] / "demo_app.py"


@pytest.fixture
def open_terminal() -> Iterator[Callable[..., Terminal]]:
    assert shutil.which("tmux"), "tmux is not installed"
    opened: list[Terminal] = []

    def opening(*arguments: str, size: tuple[int, int] = (80, 24)) -> Terminal:
        name = f"rxdux-{uuid.uuid4().hex}"  # a server of its own: tmux keeps them by name, for all that run
        opened.append(
            Terminal(name, " ".join(["env -u COLUMNS -u LINES", sys.executable, str(DEMO), *arguments]), size)
        )
        return opened[-1]

    yield opening
    for terminal in opened:
        terminal.close()


def test_the_story_in_a_terminal(open_terminal: Callable[..., Terminal], tmp_path: Path) -> None:
    """Sign in, expire, fetch, fifty at once, back in time, out; and what was recorded can be looked at."""
    recording = tmp_path / "recording.json"
    terminal = open_terminal("--record", str(recording))
    terminal.wait_for("signed out", "No request yet")
    terminal.press("s")
    terminal.wait_for("Enter signs in")
    terminal.press("Enter")
    terminal.wait_for("ada, signed in")
    terminal.press("e")
    terminal.wait_for("The access token is expired now.")
    terminal.press("f")
    terminal.wait_for("2 fetched", "generation 2", "1 request, 1 refresh", "Ken Lamport")
    terminal.press("e")
    terminal.press("m")
    terminal.wait_for("50 fetched", "generation 3")
    terminal.press("[")
    terminal.wait_for("past")
    terminal.press("q")
    terminal.wait_for("actions are recorded in", "exit code 0")
    assert len(json.loads(recording.read_text())["stagedActionIds"]) > 100

    replayed = open_terminal("--replay", str(recording))
    replayed.wait_for("50 fetched", "present")
    replayed.press("q")
    replayed.wait_for("exit code 0")


def test_ctrl_c_in_the_middle_of_fifty_fetches(open_terminal: Callable[..., Terminal]) -> None:
    """Words, a clean exit, and nothing left running."""
    terminal = open_terminal()
    terminal.wait_for("No request yet")
    terminal.press("s", "Enter")
    terminal.wait_for("ada, signed in")
    terminal.press("l")
    terminal.wait_for("slow network")
    terminal.press("m", "C-c")
    screen = terminal.wait_for("exit code 0")
    assert "50 fetches were under way, and are cancelled." in screen
    assert "Traceback" not in screen


def test_a_small_terminal(open_terminal: Callable[..., Terminal]) -> None:
    """It says so, and works."""
    terminal = open_terminal(size=(40, 10))
    terminal.wait_for("80x24 shows more", "signed out")
    terminal.press("q")
    terminal.wait_for("exit code 0")


@pytest.fixture
def served() -> Iterator[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, str(DEMO), "--serve", "--port", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://localhost:{port}"

    def look() -> str:
        try:
            return httpx.get(url).text
        except httpx.HTTPError:
            return ""

    try:
        wait_until(look, bool, "the page")
        yield url
    finally:
        server.terminate()
        server.wait()


def text_of(data: str | bytes) -> str:
    """What a frame draws, without the sequences that say where and in which colour."""
    text = data if isinstance(data, str) else data.decode(errors="replace")
    return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", text)


def test_the_story_in_a_browser(served: str) -> None:
    """Chromium signs in, expires the token, fetches, and sees the rows; nothing comes from another host."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "chromium is not installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        shown: list[str] = []
        page.on("websocket", lambda socket: socket.on("framereceived", lambda data: shown.append(text_of(data))))
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        complaints: list[str] = []
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(served)

        def screen() -> str:
            page.wait_for_timeout(50)
            return "".join(shown)

        def wait_for(*words: str) -> None:
            wait_until(screen, lambda text: all(each in text for each in words), str(words))

        wait_for("signed out")
        page.click(".xterm-screen")
        page.keyboard.press("s")
        wait_for("Enter signs in")
        page.keyboard.press("Enter")
        wait_for("ada, signed in")
        page.keyboard.press("e")
        wait_for("The access token is expired now.")
        shown.clear()
        page.keyboard.press("f")
        wait_for("generation 2", "1 refresh")
        assert [url for url in asked if not url.startswith((served, "data:"))] == []
        assert any(url.endswith(".ttf") for url in asked)
        assert complaints == []
        page.keyboard.press("q")
        page.wait_for_selector("text=This session has ended.")
        browser.close()
