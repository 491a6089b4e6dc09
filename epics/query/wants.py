"""Who wants what of one query in one store."""

import concurrent.futures
import time
from dataclasses import dataclass, field
from typing import Any

from reactivex import abc

from .query import InfiniteQuery, Query
from .requests import Etags


@dataclass(eq=False, slots=True)
class Running:
    """A call under way. `awaits`: the query that it waits for. `is_more`: it asks for one page more."""

    request: int
    task: abc.DisposableBase | None = None
    awaits: str | None = None
    is_more: bool = False


@dataclass(eq=False, slots=True)
class Want:
    """All who want a query, what runs for them, and what is due later.

    Attributes:
        watchers: each with how often it wants it polled.
        paces: those who want it polled, by how often.
        awaiters: who wait for fresh data, each with the oldest request that will do for it whatever happens.
        is_prefetched: whether the call goes on though nobody waits for it.
        is_held_up: whether it is to be fetched as soon as there is a network.
        more: whether one page more is to be fetched after the call under way; True: the previous one.
        poll_in: seconds from the last answer to the next call, as the endpoint's `poll` said.
        answered_at: when the last call ended, on the monotonic clock.
        kept_since: from when on nobody has used it, on that clock; None where its time has not begun.
    """

    query: Query[Any]
    watchers: dict[object, float | None] = field(default_factory=dict[object, float | None])
    paces: dict[float, dict[object, None]] = field(default_factory=dict[float, dict[object, None]])
    awaiters: "dict[concurrent.futures.Future[Any], int]" = field(
        default_factory=dict["concurrent.futures.Future[Any]", int]
    )
    is_prefetched: bool = False
    is_held_up: bool = False
    more: bool | None = None
    running: Running | None = None
    poll_in: float | None = None
    answered_at: float | None = None
    kept_since: float | None = None
    removal: abc.DisposableBase | None = None
    poll: abc.DisposableBase | None = None
    stream: abc.DisposableBase | None = None
    stream_timer: abc.DisposableBase | None = None
    stream_ends: int = 0
    etags: Etags = field(default_factory=Etags)

    @property
    def key(self) -> str:
        return self.query.cache_key

    @property
    def endpoint(self) -> Any:
        return self.query.endpoint

    @property
    def is_used(self) -> bool:
        """Whether somebody would miss it."""
        return bool(self.watchers or self.awaiters or self.running or self.is_held_up)

    @property
    def is_wanted(self) -> bool:
        """Whether somebody would miss the answer of the call under way."""
        return bool(self.watchers or self.awaiters or self.is_prefetched)

    @property
    def every(self) -> float | None:
        """Seconds from an answer to the next call: the least that somebody asked for."""
        least = min(self.paces, default=None)
        every = self.endpoint.every
        return every if least is None or (every is not None and every < least) else least

    @property
    def is_polled(self) -> bool:
        """Whether somebody says when to ask again."""
        return bool(self.paces) or self.endpoint.every is not None or self.endpoint.poll_of is not None

    def watch(self, watcher: object, every: float | None) -> None:
        """Note a watcher."""
        self.watchers[watcher] = every
        if every is not None:
            self.paces.setdefault(every, {})[watcher] = None

    def release(self, watcher: object) -> bool:
        """Note that a watcher has gone; whether it was one."""
        if watcher not in self.watchers:
            return False
        every = self.watchers[watcher]
        if every is not None:
            alike = self.paces.get(every, {})
            alike.pop(watcher, None)
            if not alike:
                self.paces.pop(every, None)
        del self.watchers[watcher]
        return True

    def age(self, fetched_at: float | None) -> float | None:
        """Seconds since the last answer; None where there was none."""
        if self.answered_at is not None:
            return time.monotonic() - self.answered_at
        return None if fetched_at is None else max(0.0, time.time() - fetched_at)

    def fail(self, error: Exception) -> None:
        """Tell those who wait that it does not come."""
        awaiters, self.awaiters = list(self.awaiters), {}
        for future in awaiters:
            if future.set_running_or_notify_cancel():
                future.set_exception(error)

    def succeed(self, data: Any, request: int | None) -> None:
        """Give the data to those who wait for them; to all where `request` is None."""
        for future, enough in list(self.awaiters.items()):
            if request is None or request > enough:
                del self.awaiters[future]
                if future.set_running_or_notify_cancel():
                    future.set_result(data)

    def stop_timers(self) -> None:
        for name in ("removal", "poll", "stream", "stream_timer"):
            self.stop(name)

    def stop(self, name: str) -> None:
        """Stop one of the timers, or the stream."""
        timer: abc.DisposableBase | None = getattr(self, name)
        if timer is not None:
            setattr(self, name, None)
            timer.dispose()


def is_infinite(query: Query[Any]) -> bool:
    return isinstance(query, InfiniteQuery)
