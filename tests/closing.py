"""Servers of tests, closed while the next test runs: an idle uvicorn looks up ten times a second."""

import threading
from collections.abc import Callable


def close_later(close: Callable[[], object]) -> None:
    """Close in a thread of its own. The interpreter waits for it at its end."""
    threading.Thread(target=close, name="closing").start()
