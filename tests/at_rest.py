"""Textual apps whose `pilot.pause()` is over when all is shown."""

import asyncio

import pytest
from textual.pilot import Pilot
from textual.screen import Screen

ROUNDS = 100


def is_at_rest(screen: Screen[object]) -> bool:
    """Nothing waits to be handled, and nothing to be shown."""
    nodes = [screen.app, *screen.walk_children(with_self=True)]
    return not (
        screen._layout_required
        or screen._repaint_required
        or screen._recompose_required
        or screen._dirty_widgets
        or screen._callbacks
        or any(node.message_queue_size or node._next_callbacks for node in nodes)
    )


@pytest.fixture(autouse=True)
def pauses_until_at_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Textual asks how much processor time went by: one that got none, as others are at work, is taken to be idle."""
    textuals = Pilot.pause

    async def pause(pilot: Pilot[object], delay: float | None = None) -> None:
        await textuals(pilot, delay)
        for _ in range(ROUNDS):
            if not pilot.app.is_running or is_at_rest(pilot.app.screen):
                return
            await asyncio.sleep(0)
            await pilot._wait_for_screen()
            pilot.app.screen._on_timer_update()

    monkeypatch.setattr(Pilot, "pause", pause)
