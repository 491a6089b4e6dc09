"""The event loop that a store's asynchronous work runs on."""

import asyncio
import logging
import threading
from collections.abc import Callable

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
        self._loop = running_loop()
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stop: asyncio.Event | None = None

    def is_running_here(self) -> bool:
        return self._loop is not None and running_loop() is self._loop

    def get(self) -> asyncio.AbstractEventLoop:
        """The loop; it is started where the store has none yet.

        Raises:
            RuntimeError: when the loop was closed while the store was still in use.
        """
        with self._lock:
            if self._loop is None:
                self._loop = self._start()
        if self._loop.is_closed():
            msg = "The event loop of this store is closed. Make the store inside the loop that uses it, and close it there."
            raise RuntimeError(msg)
        return self._loop

    def call(self, function: Callable[[], object]) -> None:
        """Run `function` in the loop's thread: at once when that is this one, soon otherwise."""
        loop = self.get()
        if running_loop() is loop:
            function()
        else:
            loop.call_soon_threadsafe(function)

    def call_if_open(self, function: Callable[[], object]) -> None:
        """As `call`, for what a closed loop has ended anyway."""
        try:
            self.call(function)
        except RuntimeError:
            log.debug("The event loop was closed already; it has ended its tasks itself.")

    def _start(self) -> asyncio.AbstractEventLoop:
        started = threading.Event()
        loops: list[asyncio.AbstractEventLoop] = []

        async def run_until_stopped() -> None:
            self._stop = asyncio.Event()
            loops.append(asyncio.get_running_loop())
            started.set()
            await self._stop.wait()

        self._thread = threading.Thread(target=lambda: asyncio.run(run_until_stopped()), name="rxdux", daemon=True)
        self._thread.start()
        started.wait()
        return loops[0]

    def close(self) -> None:
        """End the loop's thread, if it is the store's own. Tasks that are left are cancelled."""
        with self._lock:
            thread, stop, loop = self._thread, self._stop, self._loop
            self._thread = None
        if thread is None or stop is None or loop is None:
            return
        loop.call_soon_threadsafe(stop.set)
        if thread is not threading.current_thread():
            thread.join(JOIN_TIMEOUT)
            if thread.is_alive():
                log.warning("The store is closed, but a task does not heed its cancellation for %s s.", JOIN_TIMEOUT)
