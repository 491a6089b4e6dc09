"""Keys that come faster than a screen does: held down, or typed while something loads."""

from typing import Any

from textual.app import App
from textual.events import Key
from textual.keys import key_to_character
from textual.pilot import Pilot


async def press_at_once(pilot: Pilot[Any], *keys: str) -> None:
    """All of them are there before the first one is taken."""
    app: App[Any] = pilot.app
    for key in keys:
        app.post_message(Key(key, key_to_character(key)))
    await pilot.pause()
    await pilot.pause()
