"""Knows whether a store is at rest, and tells who waits for it."""

import concurrent.futures


class Quiet:
    """Keeps the pieces of work in flight. Timers for later are not work.

    Beginning and ending the same piece twice does nothing, and each is one atomic step: no interrupt can
    make the count wrong.
    """

    def __init__(self) -> None:
        self._pieces: set[object] = set()
        self._waiters: dict[concurrent.futures.Future[None], None] = {}

    @property
    def in_flight(self) -> int:
        """How many pieces of work are in flight."""
        return len(self._pieces)

    def begin(self, piece: object) -> None:
        self._pieces.add(piece)

    def end(self, piece: object) -> None:
        self._pieces.discard(piece)

    def forget(self) -> None:
        """Forget what is in flight: it was another process's."""
        self._pieces.clear()

    def waiter(self) -> "concurrent.futures.Future[None]":
        """A future that the next `check` resolves which finds no work in flight."""
        future: concurrent.futures.Future[None] = concurrent.futures.Future()
        self._waiters[future] = None
        return future

    def give_up(self, future: "concurrent.futures.Future[None]") -> None:
        """Nobody waits for this one any more."""
        self._waiters.pop(future, None)

    def check(self) -> None:
        """Called when nothing is queued."""
        if not self._waiters or self._pieces:
            return
        for future in list(self._waiters):
            if not future.done() and (future.running() or future.set_running_or_notify_cancel()):
                future.set_result(None)
            self._waiters.pop(future, None)  # at the end: after an interrupt it is done again
