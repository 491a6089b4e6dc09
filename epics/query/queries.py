"""The work on the queries of one store: who wants them, and what follows from that."""

import concurrent.futures
import time
from collections.abc import Callable, Iterable
from typing import Any

from ...store.errors import StoreClosedError
from ..session.answers import describe
from ..session.errors import ApiCallError
from . import actions as its
from .calls import Calls, drop
from .decisions import is_fresh
from .due import Due
from .query import More, Query
from .requests import Surroundings
from .result import Result
from .state import QueryState
from .streams import Streams
from .wants import Want, is_infinite


class QueryWork:
    """All of it is done in the store's turn, one piece at a time."""

    def __init__(self, around: Surroundings, read: Callable[[], QueryState]) -> None:
        self._emit = around.emit
        self._read = read
        self._wants: dict[str, Want] = {}
        self._attended: dict[str, Want] = {}  # those that are watched, or wait for a network
        self._calls = Calls(around, read, self._wants, self._look_after)
        self._due = Due(around, read, self._start, self._forget)
        self._streams = Streams(around, read, self._refetch_for_stream)
        self._is_over = False

    # --- who wants what --------------------------------------------------------------------------

    def watch(self, query: Query[Any], watcher: object, every: float | None) -> None:
        want = self._want(query)
        is_first = not want.watchers
        want.watch(watcher, every)
        want.kept_since = None
        self._attended[want.key] = want
        if is_first:
            self._emit(its.Watched(query=query))
        self._ask(want)
        self._look_after(want)

    def release(self, query: Query[Any], watcher: object) -> None:
        want = self._wants.get(query.cache_key)
        if want is None or not want.release(watcher):
            return
        if want.watchers:
            self._due.look_after(want)  # the one that is gone may have been the most impatient
            return
        self._emit(its.Released(query=query))
        want.stop("poll")
        want.stop("stream")
        want.stop("stream_timer")
        self._cancel_if_unwanted(want)
        if not want.is_held_up:
            self._attended.pop(want.key, None)
        self._look_after(want)

    def fresh(self, query: Query[Any]) -> Result[Any] | None:
        """The result, where there is nothing to do to have it fresh. From any thread."""
        want = self._wants.get(query.cache_key)
        return None if want is None else self._fresh(want)

    def fetch(self, query: Query[Any], future: "concurrent.futures.Future[Any]") -> None:
        """Resolve the future with fresh data: those that are there, or those of a call."""
        want = self._want(query)
        known = self._fresh(want)
        if known is not None:
            want.awaiters[future] = 0
            want.succeed(known.data, None)
        else:
            self._await(want, future)
            self._ask(want)
        self._look_after(want)

    def answer(self, query: Query[Any], future: "concurrent.futures.Future[Any]") -> None:
        """As `fetch`, for a watcher: a call that has failed since is not made again."""
        result = self._read().result(query.cache_key)
        want = self._wants.get(query.cache_key)
        if want is not None and want.running is None and result.status == "failure" and result.error is not None:
            want.awaiters[future] = 0
            want.fail(ApiCallError(result.error))
        else:
            self.fetch(query, future)

    def give_up(self, query: Query[Any], future: "concurrent.futures.Future[Any]") -> None:
        want = self._wants.get(query.cache_key)
        if want is not None and want.awaiters.pop(future, None) is not None:
            self._cancel_if_unwanted(want)
            self._look_after(want)

    def prefetch(self, query: Query[Any]) -> None:
        want = self._want(query)
        want.is_prefetched = want.running is not None or self._fresh(want) is None
        self._ask(want)
        want.kept_since = None  # its time begins anew
        self._look_after(want)

    def refetch(self, query: Query[Any]) -> None:
        want = self._want(query)
        want.is_prefetched = True
        if want.running is None:
            self._start(want)

    def more(self, action: More) -> None:
        want = self._want(action.query)
        state, key = self._read(), want.key
        if not is_infinite(action.query) or not state.has_data(key):
            self.prefetch(action.query)
            return
        if want.running is not None:
            if not want.running.is_more:
                want.more = action.previous
            return
        pages = state.records[key].base
        if pages.has_previous if action.previous else pages.has_next:
            want.is_prefetched = True
            self._start(want, more=action.previous)

    def seeded(self, query: Query[Any]) -> None:
        self._look_after(self._want(query))

    def _want(self, query: Query[Any]) -> Want:
        want = self._wants.get(query.cache_key)
        if want is None:
            want = self._wants[query.cache_key] = Want(query)
        return want

    def _forget(self, want: Want) -> bool:
        """Nobody wants it any more; whether it was not forgotten before."""
        if self._wants.get(want.key) is not want:
            return False
        del self._wants[want.key]
        self._attended.pop(want.key, None)
        return True

    # --- what follows ----------------------------------------------------------------------------

    def _fresh(self, want: Want) -> Result[Any] | None:
        if want.running is not None:
            return None
        result = self._read().result(want.key)
        return result if is_fresh(result, want.endpoint.stale_after, time.time()) else None

    def _ask(self, want: Want) -> None:
        if want.running is None and self._fresh(want) is None:
            self._start(want)

    def _await(self, want: Want, future: "concurrent.futures.Future[Any]") -> None:
        """Wait for fresh data; at the latest for those that were asked for after all that has happened up to now."""
        want.awaiters[future] = 0 if want.running is None else want.running.request

    def _start(self, want: Want, more: bool | None = None) -> None:
        want.is_held_up = not self._read().online
        if want.is_held_up:
            self._attended[want.key] = want
        else:
            self._calls.start(want, more)

    def settled(self, action: its.Succeeded | its.Failed) -> None:
        """An outcome is in the state."""
        want = self._wants.get(action.key)
        if want is None or want.running is None or want.running.request != action.request:
            return
        want.running, want.is_prefetched, want.answered_at = None, False, time.monotonic()
        state = self._read()
        record = state.records.get(want.key)
        was_invalidated = record is not None and record.was_invalidated
        if isinstance(action, its.Failed):
            want.fail(ApiCallError(action.error))
        else:
            # a history that was rewritten meanwhile has no place for the answer; who waits gets it all the same
            data = state.result(want.key).data if state.has_data(want.key) else action.data
            want.succeed(data, action.request if was_invalidated else None)
        self._due.ask_when_to_poll(want)
        if was_invalidated and (want.watchers or want.awaiters):
            self._start(want)
        elif want.more is not None:
            previous, want.more = want.more, None
            self.more(More(query=want.query, previous=previous))
        self._look_after(want)

    def _cancel_if_unwanted(self, want: Want) -> None:
        if not want.is_wanted:
            want.is_held_up = False
            self._calls.cancel(want)

    def _refetch_for_stream(self, want: Want) -> None:
        if want.running is None:
            self._start(want)

    def _look_after(self, want: Want) -> None:
        """See to what is due later: the next call, the stream, the end."""
        if not self._is_over:
            self._due.look_after(want)
            self._streams.look_after(want)

    # --- what concerns many ----------------------------------------------------------------------

    def invalidated(self, tags: Iterable[str]) -> None:
        """Fetch what is watched and has become old. What is being fetched follows when the call has ended."""
        for key in self._read().keys_about(tags):
            want = self._attended.get(key)
            if want is not None and want.watchers:
                self._ask(want)

    def looked_at_again(self) -> None:
        """The user or the network is back."""
        for want in list(self._attended.values()):
            if want.is_held_up:
                self._start(want)
            elif want.watchers:
                self._ask(want)
            self._look_after(want)
            if not want.watchers and not want.is_held_up:
                self._attended.pop(want.key, None)

    def stop_polls(self) -> None:
        for want in self._attended.values():
            want.stop("poll")

    def session_ended(self) -> None:
        """What was asked in a session that is over does not come."""
        for want in list(self._wants.values()):
            if want.endpoint.of_session:
                drop(want)
                want.stop_timers()
                want.is_held_up = want.is_prefetched = False
                want.more = want.poll_in = want.answered_at = want.kept_since = None
                want.etags.clear()
                want.fail(ApiCallError(describe("session_expired")))
                self._due.arm_removal(want)

    def session_began(self) -> None:
        for want in list(self._attended.values()):
            if want.watchers and want.endpoint.of_session:
                self._ask(want)
                self._look_after(want)

    def adopt_restored(self) -> None:
        """Entries that came from a storage are removed in their time as well."""
        for key, record in self._read().records.items():
            if key not in self._wants:
                self._look_after(self._want(record.query))

    def end(self) -> None:
        self._is_over = True
        for want in self._wants.values():
            want.stop_timers()
            drop(want)
            want.fail(StoreClosedError("The store was closed before the answer came."))
        self._wants.clear()
        self._attended.clear()
