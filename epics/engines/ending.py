"""Ending tasks that wait for an engine."""

import asyncio
from typing import Any

AGAIN = 0.1  # seconds


async def ended(*tasks: "asyncio.Future[Any]") -> None:
    """Cancel tasks, and wait until they have ended, also when this is cancelled. What they raise is left in them.

    Clients swallow a cancellation that comes while they connect: redis-py does. So it is said again. And where one
    task ends another so, what said it again to the first must not make it leave the other running.
    """
    cancelled: asyncio.CancelledError | None = None
    while pending := [each for each in tasks if not each.done()]:
        for each in pending:
            each.cancel()
        try:
            await asyncio.wait(pending, timeout=AGAIN)
        except asyncio.CancelledError as error:
            cancelled = error
    for each in tasks:
        if not each.cancelled():
            each.exception()  # looked at, so that asyncio does not tell of it
    if cancelled is not None:
        raise cancelled
