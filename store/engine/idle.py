"""Knows whether a store is at rest, and tells who waits for it."""

import concurrent.futures
from threading import Lock


class Quiet:
    """Counts the epic work in flight. Timers for later are not work."""

    def __init__(self) -> None:
        self.in_flight = 0
        self._lock = Lock()
        self._waiters: list[concurrent.futures.Future[None]] = []

    def count(self, change: int) -> None:
        with self._lock:
            self.in_flight += change

    def waiter(self) -> "concurrent.futures.Future[None]":
        """A future that the next `check` resolves which finds no work in flight."""
        future: concurrent.futures.Future[None] = concurrent.futures.Future()
        with self._lock:
            self._waiters.append(future)
        return future

    def check(self) -> None:
        """Called when nothing is queued."""
        if not self._waiters or self.in_flight:
            return
        with self._lock:
            waiters, self._waiters = self._waiters, []
        for future in waiters:
            if future.set_running_or_notify_cancel():
                future.set_result(None)
