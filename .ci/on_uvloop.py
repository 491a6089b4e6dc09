"""A plugin of pytest: `PYTHONPATH=.ci pytest -p on_uvloop` runs each event loop of the tests, and of the stores, as one of uvloop."""

import asyncio
import warnings

import pytest
import uvloop

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # of Python 3.14 on; there is no other way to reach every loop
    asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())


@pytest.fixture(autouse=True)
def is_on_uvloop(request: pytest.FixtureRequest) -> None:
    """No test that is a coroutine may run on another loop unseen."""
    if request.node.get_closest_marker("asyncio"):
        assert isinstance(request.getfixturevalue("running_loop"), uvloop.Loop)


@pytest.fixture
async def running_loop() -> asyncio.AbstractEventLoop:
    return asyncio.get_running_loop()
