"""The page of the Redux DevTools in a real browser, before a store."""

import shutil
import time
from collections.abc import Callable
from typing import Any

import pytest

from rxdux import Slice, Store
from rxdux.devtools import connect

from .devtools_server import DevToolsServer

pytestmark = pytest.mark.slow

steps = Slice("page-steps", initial=0)


@steps.action
def walk(state: int, far: int) -> int:
    return state + far


def look(page: Any, port: int) -> None:
    """Have the page connect to the server that it comes from, as a person has to, once."""
    page.goto(f"http://127.0.0.1:{port}/")
    page.get_by_text("Settings", exact=True).first.click()
    page.get_by_text("use local (custom) server").click()
    page.locator("#root_hostname").fill("127.0.0.1")
    page.locator("#root_port").fill(str(port))
    page.get_by_role("button", name="Connect", exact=True).click()
    page.get_by_text("Actions", exact=True).first.click()


def press(page: Any, word: str, row: int | None = None) -> None:
    """Press a button, of the page or of a row: these show theirs when they are pointed at."""
    if row is not None:
        page.get_by_text("page-steps/walk", exact=True).nth(row).hover()
    page.get_by_text(word, exact=True).locator("visible=true").first.click()


def test_a_store_is_seen_and_steered(devtools: DevToolsServer) -> None:
    """Log, difference, jump, skip, sweep, commit and reset, with the mouse, and no error on the page."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "chromium is not installed"
    errors: list[str] = []
    with (
        Store(steps) as store,
        connect(store, devtools.url, name="my app") as link,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1200, "height": 800})
        page.on("pageerror", lambda error: errors.append(str(error)))

        def until(is_so: Callable[[], object]) -> None:
            deadline = time.monotonic() + 20
            while not is_so():
                assert time.monotonic() < deadline, page.inner_text("body")
                page.wait_for_timeout(20)

        for far in (1, 10, 100):
            store.dispatch(walk(far))
        look(page, devtools.port)
        rows = page.get_by_text("page-steps/walk", exact=True)
        until(lambda: rows.count() == 3)
        store.dispatch(walk(1000))
        until(lambda: "111 => 1111" in page.inner_text("body"))

        press(page, "Jump", row=1)
        until(lambda: store.state in (1, 11))
        press(page, "Skip", row=1)
        until(lambda: [entry.skipped for entry in link.history.entries].count(True) == 1)
        press(page, "Sweep")
        until(lambda: len(link.history.entries) == 3 and rows.count() == 3)
        press(page, "Commit")
        until(lambda: link.history.entries == [] and rows.count() == 0)
        store.dispatch(walk(5))
        until(lambda: rows.count() == 1)
        press(page, "Reset")
        until(lambda: store.state == 0 and rows.count() == 0)
        browser.close()
    assert errors == []
