"""Takes the pictures of the demo and of the DevTools that README and documentation show, light and dark, and records the film.

python -m rxdux.demo.pictures docs
"""

import asyncio
import re
import sys
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from rich.segment import Segment
from rich.style import Style
from textual.app import App
from textual.pilot import Pilot

from rxdux import History, Login, Store
from rxdux.devtools import connect
from rxdux.devtools.terminal import Terminal
from rxdux.store.tools.monitor.apps import Apps
from rxdux.store.tools.monitor.serving import serving
from rxdux.textual import Inspector, wait_for_state
from rxdux.textual.private import lines_of

from .actions import MakeTrouble
from .app import DemoApp
from .describe import describe
from .open_store import open_store
from .queries import people
from .recording import Frame, cast_of, distinct, svg_of
from .server import DemoServer
from .state import DemoState, select_progress
from .users import USERS

SIZE = (110, 34)
FILM_SIZE = (100, 28)
PATIENCE = 20.0  # seconds
THEMES = {"dark": "textual-dark", "light": "textual-light"}
TITLE = "The access token has expired; fifty fetches at once, one refresh, fifty replays"
SCENES = (  # the keys, what is said of them, and for how many seconds they are looked at
    ((), "python demo_app.py", 1.5),
    (("s",), "s: sign in", 1.0),
    (("enter",), "Enter: an access token, and a refresh token that is good for one use", 2.0),
    (("e",), "e: the server lets the access token expire", 2.0),
    (("m",), "m: fifty fetches at once. Each meets 401, all wait for one refresh, and start over", 6.0),
    (("v", "end"), "50 requests, 1 refresh, 50 times rows; nobody has seen an error", 4.0),
)
# In the Inspector: to the fetch that was replayed last, and to a refresh among all the others.
TO_A_THREAD = ("slash", *"type:replayed", "enter", "w", *"vvv")
LAST = "TOKEN_ACCEPTED"  # tells that the request was replayed
TO_A_REFRESH = ("slash", *"type:refresh_success", "enter", "slash", "ctrl+u", "enter")
TICK = 0.1  # seconds between two looks


@asynccontextmanager
async def opened(
    theme: str, size: tuple[int, int], *, delay: float, token_delay: float = 0.0
) -> AsyncGenerator[tuple[DemoApp, Pilot[None], Store[DemoState]]]:
    """The demo on a server that takes so many seconds for an answer, and for a token."""
    with DemoServer(token_life=30.0) as server:
        server.api.trouble.delay, server.api.trouble.token_delay = delay, token_delay
        async with open_store(server.url) as store:
            app = DemoApp(store, History(store))
            async with app.run_test(size=size) as pilot:
                app.theme = theme
                await pilot.pause(0.2)
                yield app, pilot, store


async def take_pictures(folder: Path) -> list[Path]:
    """Sign in, fetch, expire the token, fetch many; expire it again, and fetch; and take the pictures."""
    taken: list[Path] = []
    for name, theme in THEMES.items():
        async with opened(theme, SIZE, delay=0.05) as (app, pilot, store):
            await pilot.press("s", "enter")
            await wait_for_state(pilot, lambda state: state.auth.status == "signed_in")
            await _press(pilot, store, "f", "e", "m")
            taken.append(_save(app, folder / f"demo-{name}.svg"))
            await _press(pilot, store, "e", "f")
            await app.push_screen(Inspector(app.history, describe))
            await pilot.press(*TO_A_THREAD)
            await pilot.pause(0.5)
            taken.append(_save(app, folder / f"inspector-{name}.svg"))
    return taken


def _save(app: App[None], path: Path) -> Path:
    """What is on the screen, in a font that is there: Textual's pictures ask another host for theirs."""
    path.write_text(re.sub(r',\s*url\("https:[^;]*', "", app.export_screenshot()), encoding="utf-8")
    return path


async def _press(pilot: Pilot[None], store: Store[DemoState], *keys: str) -> None:
    """One after the other, each when all is done that came of the one before."""
    for key in keys:
        await pilot.press(key)
        await store.idle(PATIENCE)
    await pilot.pause(0.2)


async def take_devtools(folder: Path) -> list[Path]:
    """Look at a refresh in the terminal of the DevTools."""
    taken: list[Path] = []
    for name, theme in THEMES.items():
        async with looking_on(theme) as (terminal, pilot):
            await pilot.press(*TO_A_REFRESH)
            await pilot.pause(0.5)
            taken.append(_save(terminal, folder / f"devtools-{name}.svg"))
    return taken


@asynccontextmanager
async def looking_on(theme: str) -> AsyncGenerator[tuple[Terminal, Pilot[None]]]:
    """The terminal of the DevTools, and an app connected to it whose token has expired and was refreshed."""
    apps = Apps()
    with DemoServer(token_life=30.0) as server:
        async with open_store(server.url) as store, serving(apps, port=0) as url:
            with connect(store, url, name="people"):
                await _expire_and_refetch(store)
                terminal = Terminal(apps, url)
                async with terminal.run_test(size=SIZE) as pilot:
                    terminal.theme = theme
                    while not any(entry.action.type == LAST for app in apps.histories for entry in app.entries):
                        await pilot.pause(TICK)
                    await pilot.pause(0.5)
                    yield terminal, pilot


async def _expire_and_refetch(store: Store[DemoState]) -> None:
    store.dispatch(Login(username="ada", password=USERS["ada"]))
    await store.wait_for(lambda state: state.auth.tokens, PATIENCE)
    await people(1).fetch(store)
    for action in (MakeTrouble(path="/admin/expire", words="The access token is expired now."), people(1).refetch()):
        store.dispatch(action)
        await store.idle(PATIENCE)


async def film(theme: str) -> tuple[list[Frame], float]:
    """The scenes, one after the other, as they happened; and how many seconds they took."""
    frames: list[Frame] = []
    async with opened(theme, FILM_SIZE, delay=0.3, token_delay=0.8) as (app, pilot, store):
        started = time.monotonic()
        for keys, words, seconds in SCENES:
            await pilot.press(*keys)
            end = time.monotonic() + seconds
            while time.monotonic() < end or select_progress(store.state).loading:
                frames.append(_frame(app, words, time.monotonic() - started))
                await pilot.pause(TICK)
        return distinct(frames), round(time.monotonic() - started, 1)


def _frame(app: DemoApp, words: str, at: float) -> Frame:
    lines = tuple(tuple(Segment(text, style) for text, style, _ in strip) for strip in lines_of(app.screen))
    caption = Segment(f" ▶ {words}".ljust(FILM_SIZE[0]), Style(color="#121212", bgcolor="#ffc473", bold=True))
    return Frame(at, (*lines, (caption,)))


async def record(folder: Path) -> list[Path]:
    """Record the film in both themes, and in the dark one as a cast."""
    taken: list[Path] = []
    for name, theme in THEMES.items():
        frames, seconds = await film(theme)
        contents = {f"recording-{name}.svg": svg_of(frames, seconds, TITLE)}
        if name == "dark":
            contents["recording.cast"] = cast_of(frames, TITLE)
        for file, content in contents.items():
            taken.append(folder / file)
            taken[-1].write_text(content, encoding="utf-8")
    return taken


async def take_all(folder: Path) -> list[Path]:
    return [*await take_pictures(folder), *await take_devtools(folder), *await record(folder)]


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    for path in asyncio.run(take_all(folder)):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
