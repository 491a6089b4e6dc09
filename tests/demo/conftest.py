"""What the tests of the demo share."""

from collections.abc import Callable
from contextlib import AbstractAsyncContextManager

import pytest

from rxdux import RefreshPolicy

from ..at_rest import pauses_until_at_rest  # noqa: F401 -- a fixture
from .driver import Driver, driven


@pytest.fixture
def drive(quick: RefreshPolicy) -> Callable[..., AbstractAsyncContextManager[Driver]]:
    """Opens the demo on a server, at a size."""

    def drive_at(url: str, size: tuple[int, int] = (80, 24)) -> AbstractAsyncContextManager[Driver]:
        return driven(url, quick, size)

    return drive_at
