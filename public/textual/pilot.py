"""Waiting for a state in tests that drive an app."""

from collections.abc import Callable
from typing import Any

from textual.pilot import Pilot

from .consumer import hub_of, store_of


async def wait_for_state(
    pilot: Pilot[Any], predicate: Callable[[Any], object] | None = None, timeout: float | None = 10.0
) -> Any:
    """Wait until the state of the app's store is as wanted, and the screen shows it; it gives the state.

    Args:
        pilot: of `app.run_test()`.
        predicate: what to wait for; by default until the store is idle.
        timeout: in seconds; None waits for ever.

    Raises:
        TimeoutError: after `timeout`.

    Examples:
        ```python
        async with MyApp(store).run_test() as pilot:
            await pilot.press("f")
            await wait_for_state(pilot, lambda state: state.data["people"].status == "success")
        ```
    """
    store = store_of(pilot.app)
    if predicate is None:
        await store.idle(timeout)
    else:
        await store.wait_for(predicate, timeout)
    hub_of(pilot.app).flush()
    await pilot.pause()
    return store.state
