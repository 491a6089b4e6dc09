"""The footer: every key can be found in it."""

from typing import Any

import pytest

from rxdux.demo.keys import COMMANDS
from rxdux.demo.server import DemoServer
from rxdux.textual.key_line import KeyLine

from ..key_pages import pages_shown


@pytest.mark.slow
@pytest.mark.parametrize("size", [(40, 10), (80, 24), (120, 40), (200, 50)])
async def test_every_key_can_be_found_from_the_footer(server: DemoServer, drive: Any, size: tuple[int, int]) -> None:
    """On its pages, at any size; on a tall screen on one. And in the palette."""
    async with drive(server.url, size) as demo:
        found = "\n".join(await pages_shown(demo.pilot))
        assert [
            each for each in COMMANDS if f"{demo.app.get_key_display(each.binding)} {each.words}" not in found
        ] == []
        assert all(words in found for words in ("1-4 Sort", "←→ Page", "⏎ Rename"))
        assert ("More" in found) == (size[0] < 120)
        commands = {command.title for command in demo.app.get_system_commands(demo.app.screen)}
        assert {*(each.words for each in COMMANDS), "Next page", "Page before", "Rename"} - {"Quit"} <= commands


async def test_a_click_on_a_key_presses_it(server: DemoServer, drive: Any) -> None:
    """As its key would."""
    async with drive(server.url) as demo:
        await demo.press()
        await demo.pilot.click(KeyLine, offset=(demo.screen().splitlines()[-1].index("Story"), 0))
        await demo.press()
        assert "Before: sign in" in demo.screen()
