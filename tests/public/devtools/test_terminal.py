"""The terminal of the DevTools, without any app."""

from rxdux.devtools.terminal import Terminal
from rxdux.store.tools.monitor.apps import Apps


async def test_apps_that_go_on_while_it_ends_are_no_trouble() -> None:
    """Its parts are taken away one by one then, and it may look at the apps in between."""
    apps = Apps()
    terminal = Terminal(apps, "ws://127.0.0.1:8000")
    async with terminal.run_test() as pilot:
        for part in ("#how", "#news", "#apps"):
            await terminal.query_one(part).remove()
            apps.say("An app speaks.")
            terminal._follow()
            await pilot.pause()
    apps.say("An app speaks.")
    terminal._follow()
    assert terminal.apps.news == "An app speaks."
