"""The event loop that a store's asynchronous work runs on."""

import asyncio
import contextlib
import logging
import threading
import weakref
from collections.abc import Callable

from ..errors import LoopError

JOIN_TIMEOUT = 5.0  # seconds that close() waits for tasks which do not heed their cancellation

log = logging.getLogger("rxdux")


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The loop that runs in this thread, None when there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None


class StoreLoop:
    """The loop that was running when the store was made; else one in a daemon thread, started on first need."""

    def __init__(self) -> None:
        self._given = running_loop()
        self._has_forked = False
        self._is_closed = False
        self._own: dict[int, OwnLoop] = {}

    @property
    def _loop(self) -> asyncio.AbstractEventLoop | None:
        if self._given is not None:
            return self._given
        own = self._own.get(0)
        return None if own is None else own.loop

    def is_running_here(self) -> bool:
        loop = self._loop
        return loop is not None and running_loop() is loop

    def get(self) -> asyncio.AbstractEventLoop:
        """The loop; it is started where the store has none yet.

        Raises:
            LoopError: when it is closed, was left behind in another process, or cannot be started.
        """
        trouble = self._trouble()
        if trouble is not None:
            raise LoopError(trouble)
        return self._given if self._given is not None else self._start()

    def _trouble(self) -> str | None:
        """Why nothing can be run on the loop for good."""
        if self._is_closed and self._given is None:
            return "The store is closed."
        if self._has_forked and self._given is not None:
            return (
                "This store was made on an event loop of the process that this one was forked from. "
                "That loop does not run here: make the store after the fork, in the process that uses it."
            )
        if self._given is not None and self._given.is_closed():
            return "The event loop of this store is closed. Make the store inside the loop that uses it, and close it there."
        return None

    def standstill(self) -> str | None:
        """Why what is in flight does not go on now. None where it does, as far as one can see."""
        trouble = self._trouble()
        if trouble is None and self._given is not None and not self._given.is_running():
            trouble = (
                "The event loop that the store was made in does not run. Make the store inside the loop that uses it."
            )
        return trouble

    def call(self, function: Callable[[], object]) -> None:
        """Run `function` in the loop's thread: at once when that is this one, soon otherwise.

        Raises:
            LoopError: as `get`.
        """
        here = running_loop()
        loop = here if here is not None and here is self._given else self.get()  # one that runs is in no trouble
        if loop is here:
            function()
            return
        try:
            loop.call_soon_threadsafe(function)
        except RuntimeError as error:
            raise LoopError(self._trouble() or str(error)) from None  # closed in this moment

    def call_if_open(self, function: Callable[[], object]) -> None:
        """As `call`, for what a closed loop has ended anyway."""
        if self._loop is None:
            return
        try:
            self.call(function)
        except LoopError:
            log.debug("The event loop was closed already; it has ended its tasks itself.")

    def _start(self) -> asyncio.AbstractEventLoop:
        own = self._own.get(0)
        if own is None:
            try:
                new = OwnLoop()
            except OSError as error:
                msg = f"No event loop could be started for this store: {error}"
                raise LoopError(msg) from error
            own = self._own.setdefault(0, new)  # one atomic step: all threads find the same one
            if own is not new:
                new.discard()
            else:
                weakref.finalize(self, own.stop).atexit = False  # a store that is dropped unclosed
        own.start()
        return own.loop

    def forked(self) -> None:
        """Go on in a new process, in which the threads of the old one do not run."""
        self._has_forked = True
        self._own.clear()

    def close(self) -> None:
        """End the loop's thread, if it is the store's own. Tasks that are left are cancelled."""
        self._is_closed = True
        own = self._own.pop(0, None)
        if own is not None:
            own.close()


class OwnLoop:
    """An event loop in a daemon thread."""

    def __init__(self) -> None:
        self._runner = asyncio.Runner(loop_factory=asyncio.new_event_loop)
        self.loop = self._runner.get_loop()  # made in the thread that needs it, which gets the error if it cannot be
        self._thread = threading.Thread(target=self._run, name="rxdux", daemon=True)
        self._is_closing = False

    def start(self) -> None:
        """Start it, once."""
        if self._thread.ident is not None:
            return
        try:
            self._thread.start()
        except RuntimeError as error:
            if self._thread.ident is None:
                msg = f"No thread could be started for the event loop of this store: {error}"
                raise LoopError(msg) from error
            # else another thread was faster

    def _run(self) -> None:
        asyncio.set_event_loop(self.loop)
        while not self._is_closing:
            try:
                self.loop.run_forever()
            except Exception:
                log.exception("The event loop of the store cannot go on.")
                break
            except BaseException as error:  # SystemExit of a coroutine: who awaits it is told
                log.debug("The event loop of the store goes on after %r.", error)
        self._runner.close()

    def discard(self) -> None:
        """Close it without ever having started it."""
        self.loop.close()

    def stop(self) -> None:
        """Have it end soon."""
        self._is_closing = True
        with contextlib.suppress(RuntimeError):  # it has ended
            self.loop.call_soon_threadsafe(self.loop.stop)

    def close(self) -> None:
        self._is_closing = True
        if self._thread.ident is None:
            self.discard()
            return
        self.stop()
        if self._thread is not threading.current_thread():
            self._thread.join(JOIN_TIMEOUT)
            if self._thread.is_alive():
                log.warning("The store is closed, but a task does not heed its cancellation for %s s.", JOIN_TIMEOUT)
