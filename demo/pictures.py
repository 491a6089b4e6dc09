"""Takes the pictures of the demo that README and documentation show, light and dark.

python -m rxdux.demo.pictures docs
"""

import asyncio
import sys
from pathlib import Path

from rxdux import History
from rxdux.textual import Inspector, wait_for_state

from .app import DemoApp
from .open_store import open_store
from .server import DemoServer

SIZE = (110, 34)
PATIENCE = 20.0  # seconds
THEMES = {"dark": "textual-dark", "light": "textual-light"}


async def take_pictures(folder: Path) -> list[Path]:
    """Sign in, fetch, expire the token, fetch many; and take the pictures."""
    taken: list[Path] = []
    for name, theme in THEMES.items():
        with DemoServer(token_life=30.0) as server:
            server.api.trouble.delay = 0.05
            async with open_store(server.url) as store:
                app = DemoApp(store, History(store))
                async with app.run_test(size=SIZE) as pilot:
                    app.theme = theme
                    await pilot.press("s", "enter")
                    await wait_for_state(pilot, lambda state: state.auth.status == "signed_in")
                    for key in ("f", "e", "m"):
                        await pilot.press(key)
                        await store.idle(PATIENCE)
                    app.clear_notifications()
                    await pilot.pause(0.2)
                    taken.append(Path(app.save_screenshot(f"demo-{name}.svg", str(folder))))
                    await app.push_screen(Inspector(app.history))
                    await pilot.pause(0.2)
                    taken.append(Path(app.save_screenshot(f"inspector-{name}.svg", str(folder))))
    return taken


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    for path in asyncio.run(take_pictures(folder)):
        sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
