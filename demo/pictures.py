"""Takes the picture of the demo that the README shows.

python -m rxdux.demo.pictures docs
"""

import asyncio
import sys
from pathlib import Path

from rxdux import RefreshPolicy, create_api_store

from .app import DemoApp
from .server import DemoServer
from .traffic import new_client, watch
from .trouble_epic import trouble_epic

SIZE = (100, 28)
PATIENCE = 20.0  # seconds


async def take_picture(folder: Path) -> Path:
    """Sign in, fetch, expire the token, fetch again; and take the picture."""
    policy = RefreshPolicy()
    with DemoServer(token_life=30.0) as server:
        async with (
            new_client(policy) as client,
            create_api_store(server.url, client=client, policy=policy, epics=[trouble_epic]) as store,
        ):
            watch(client, store.dispatch)
            app = DemoApp(store)
            async with app.run_test(size=SIZE) as pilot:
                await pilot.press("s", "enter")
                await store.wait_for(lambda state: state.auth.status == "signed_in", PATIENCE)
                for key in ("f", "e", "f"):
                    await pilot.press(key)
                    await store.idle(PATIENCE)
                app.clear_notifications()
                await pilot.pause()
                return Path(app.save_screenshot("demo.svg", str(folder)))


def main() -> None:
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "docs")
    sys.stdout.write(f"{asyncio.run(take_picture(folder))}\n")


if __name__ == "__main__":
    main()
