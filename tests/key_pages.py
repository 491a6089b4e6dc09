"""What a footer shows, page by page."""

from typing import Any

from textual.pilot import Pilot

from rxdux.textual.key_line import KeyLine
from rxdux.textual.key_pages import MORE


async def pages_shown(pilot: Pilot[Any]) -> list[str]:
    """All its pages, each turned to by the key for it; the first one is back at the end."""
    line, pages = pilot.app.screen.query_one(KeyLine), list[str]()
    while True:
        await pilot.pause()
        page = "\n".join(line.render_line(y).text.rstrip() for y in range(line.size.height))
        if page in pages:
            assert page == pages[0]
            return pages
        pages.append(page)
        await pilot.press(MORE)
