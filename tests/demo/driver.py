"""Drives the demo app by its keys, against a server or a recording, and reads its screen."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from textual.pilot import Pilot
from textual.widgets import DataTable

from rxdux import History, RefreshPolicy, Store, StoreError
from rxdux.demo.app import DemoApp
from rxdux.demo.news_line import NewsLine
from rxdux.demo.open_store import open_store
from rxdux.demo.state import DemoState, demo_reducer
from rxdux.textual import wait_for_state

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

    def news(self) -> str:
        return self.app.query_one(NewsLine).news.words

    def names(self) -> list[str]:
        return [str(self.table().get_row_at(row)[1]) for row in range(self.rows())]


@asynccontextmanager
async def driven(url: str, policy: RefreshPolicy, size: tuple[int, int] = SMALL) -> AsyncIterator[Driver]:
    errors: list[StoreError] = []
    async with open_store(url, policy, errors) as store:
        app = DemoApp(store, History(store))
        async with app.run_test(size=size) as pilot:
            yield Driver(pilot, app)
    assert errors == []
    assert asyncio.all_tasks() == {asyncio.current_task()}


@asynccontextmanager
async def recorded(size: tuple[int, int]) -> AsyncIterator[Driver]:
    with Store(demo_reducer) as store, History(store) as history:
        history.load(STORY.read_text())
        app = DemoApp(store, history, is_recording=True)
        async with app.run_test(size=size) as pilot:
            demo = Driver(pilot, app)
            await demo.press()
            await pilot.pause(0.1)
            yield demo
