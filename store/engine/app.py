"""The app itself as an owner: of what subscribes from outside the epics, and of thunks' tasks."""

import asyncio
import concurrent.futures
from typing import Any, Protocol

from ...actions import Action
from .contexts import ContextMemory
from .idle import Quiet


class AppCore(Protocol):
    quiet: Quiet
    shown_action: Action | None

    def report(self, error: BaseException, source: str, message: str, action: Action | None = None) -> None: ...
    def look_for_rest(self) -> None: ...


class App:
    """Comes after all epics in order. Its errors are reported, and change nothing."""

    name = "a subscriber of the store"
    order = 2**62
    memory: ContextMemory | None = None  # it holds nothing back

    def __init__(self, core: AppCore) -> None:
        self._core = core
        self._tasks: set[asyncio.Future[Any] | concurrent.futures.Future[Any]] = set()

    def failed(self, error: BaseException) -> None:
        self._core.report(error, self.name, f"{self.name} failed: {error!r}", self._core.shown_action)

    def adopt(self, task: "asyncio.Future[Any] | concurrent.futures.Future[Any]") -> None:
        """Count a thunk's task as work, and keep it: asyncio itself holds tasks only weakly."""
        self._tasks.add(task)
        self._core.quiet.begin(task)
        task.add_done_callback(self._release)

    def _release(self, task: "asyncio.Future[Any] | concurrent.futures.Future[Any]") -> None:
        self._tasks.discard(task)
        self._core.quiet.end(task)
        self._core.look_for_rest()

    def cancel_tasks(self) -> None:
        for task in list(self._tasks):
            task.cancel()
