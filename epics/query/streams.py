"""The streams of queries: what pushes changes while somebody watches."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any

from reactivex import abc

from . import actions as its
from .call import Call
from .decisions import LONGEST_STREAM_PAUSE, stream_pause
from .failures import failure_of
from .query import Query
from .requests import Sender, Surroundings
from .state import QueryState
from .wants import Want


class Streams:
    """Runs the stream of each query that is watched and has data. None of it is work that `idle` waits for."""

    def __init__(self, around: Surroundings, read: Callable[[], QueryState], refetch: Callable[[Want], None]) -> None:
        self._around = around
        self._read = read
        self._refetch = refetch

    def look_after(self, want: Want) -> None:
        """Start the stream, if it is to run and does not."""
        endpoint = want.endpoint
        if endpoint.stream_of is None or not want.watchers or want.stream is not None or want.running is not None:
            return
        result = self._read().result(want.key)
        if result.status == "success" and want.stream_timer is None:
            self._start(want)
        elif result.status == "failure" and want.stream_ends and want.stream_timer is None:
            self._pause(want)  # the refetch before the stream failed: again, after a while

    def _start(self, want: Want) -> None:
        query, began = want.query, time.monotonic()
        sender = Sender(self._around, query.cache_key, want.endpoint.of_session, {})
        call = Call(sender, lambda _: None)

        def finish(task: "asyncio.Future[None]") -> None:
            if want.stream is running:
                want.stream = None
                self._ended(want, task, time.monotonic() - began)

        running: abc.DisposableBase = self._around.scheduler.start_task(
            lambda: self._pump(query, call), finish, is_work=False
        )
        want.stream = running

    async def _pump(self, query: Query[Any], call: Call) -> None:
        changes: AsyncIterator[Callable[[Any], Any]] = query.endpoint.stream_of(call, **query.arguments)
        try:
            async for change in changes:
                await self._apply(query, change)
        finally:
            if isinstance(changes, AsyncGenerator):  # cancelled outside it: its `finally` runs now
                await changes.aclose()

    async def _apply(self, query: Query[Any], change: Callable[[Any], Any]) -> None:
        """Apply a change in the store's turn, and wait until it is in the state: the next one builds on it."""
        loop = asyncio.get_running_loop()
        applied: asyncio.Future[None] = loop.create_future()

        def settle(error: Exception | None) -> None:
            if applied.done():
                return
            if error is None:
                applied.set_result(None)
            else:
                applied.set_exception(error)

        def tell(error: Exception | None) -> None:
            if not loop.is_closed():
                loop.call_soon_threadsafe(settle, error)

        def apply() -> None:
            record = self._read().records.get(query.cache_key)
            if applied.done() or record is None:
                tell(None)
                return
            try:
                data = change(record.base)
                tags = tuple(dict.fromkeys(query.endpoint.tags_of(data, query.arguments)))
            except Exception as error:
                tell(error)
                return
            self._around.emit(its.Streamed.model_construct(query=query, data=data, at=time.time(), tags=tags))
            self._around.scheduler.post(lambda: tell(None))

        self._around.scheduler.post(apply)
        await applied

    def _ended(self, want: Want, task: "asyncio.Future[None]", lasted: float) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None and failure_of(want.key, error).is_mistake:
            self._around.scheduler.report(error, f"The stream of {want.query} failed: {error!r}")
        want.stream_ends = 1 if lasted > LONGEST_STREAM_PAUSE else want.stream_ends + 1
        if want.watchers:
            self._pause(want)

    def _pause(self, want: Want) -> None:
        def again() -> None:
            want.stream_timer = None
            if want.watchers:
                self._refetch(want)  # for what was missed; its success starts the stream

        if want.stream_timer is None:
            want.stream_timer = self._around.scheduler.schedule_relative(
                stream_pause(max(1, want.stream_ends)), lambda _scheduler, _state: again()
            )
