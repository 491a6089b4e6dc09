"""The calls of queries: started, ended, given up; one at a time for each query."""

import asyncio
import itertools
import time
from collections.abc import Callable, Mapping
from typing import Any

from ...actions import Action
from ...reducers.state import new_model
from ..session.answers import describe
from ..session.errors import ApiCallError
from . import actions as its
from .call import Call
from .failures import failure_of
from .fetching import Answer, ask, error_of
from .query import Query
from .requests import Sender, Surroundings
from .state import QueryState
from .wants import Running, Want


class Calls:
    """Makes the calls of those queries that it is told to, and says how they ended, as actions."""

    def __init__(
        self,
        around: Surroundings,
        read: Callable[[], QueryState],
        wants: Mapping[str, Want],
        given_up: Callable[[Want], None],
    ) -> None:
        self._around = around
        self._emit = around.emit
        self._read = read
        self._wants = wants
        self._given_up = given_up
        self._requests = itertools.count(1)

    def start(self, want: Want, more: bool | None = None) -> None:
        """Begin a call; there must be a network.

        Args:
            more: whether to ask for one page more: False the next, True the previous; None for all that are known.
        """
        state = self._read()
        want.kept_since = None
        want.stop("poll")
        known = state.records[want.key].base if state.has_data(want.key) else None
        running = want.running = Running(next(self._requests), is_more=more is not None)
        query = want.query
        sender = Sender(self._around, query.cache_key, want.endpoint.of_session, want.etags)
        call = Call(sender, lambda asked: self._waits_for(want, asked))
        self._emit(its_started(query, running.request))

        def finish(task: "asyncio.Future[Answer]") -> None:
            if want.running is running:
                self._finished(want, running, task)

        running.task = self._around.scheduler.start_task(lambda: ask(call, query, known, more), finish)

    def cancel(self, want: Want) -> None:
        """End the call under way, if there is one, and say so."""
        running = drop(want)
        if running is not None:
            self._emit(its.Cancelled(query=want.query, request=running.request))

    def _finished(self, want: Want, running: Running, task: "asyncio.Future[Answer]") -> None:
        error = error_of(task)
        if error is None:
            self._emit(its_succeeded(want.query, running.request, task.result()))
        else:
            failure = failure_of(want.key, error, self._around.hide)
            if failure.is_mistake:
                self._around.scheduler.report(error, f"The query {want.query} failed: {error!r}")
            self._emit(want.endpoint.failed(query=want.query, request=running.request, error=failure.error))
        self._around.scheduler.post(lambda: self._check_reduced(want, running))
        if error is None and not self._read().online:
            self._emit(its.Online())

    def _check_reduced(self, want: Want, running: Running) -> None:
        """An outcome whose reducer raises was reported, and nobody has seen it: the call has failed then."""
        if want.running is not running:
            return
        words = f"The answer of {want.query} could not be taken in: a reducer failed."
        error = describe("client", detail=words)
        if self._read().is_fetching(want.key) and not running.awaits:
            running.awaits = want.key  # once
            self._emit(want.endpoint.failed(query=want.query, request=running.request, error=error))
            self._around.scheduler.post(lambda: self._check_reduced(want, running))
            return
        want.running = None
        want.fail(ApiCallError(error))
        self._given_up(want)

    def _waits_for(self, want: Want, asked: Query[Any]) -> None:
        """Note which query a call waits for.

        Raises:
            TypeError: when that one waits for this.
        """
        seen: Want | None = self._wants.get(asked.cache_key) if asked.api is want.query.api else None
        if want.running is not None:
            want.running.awaits = asked.cache_key
        while seen is not None:
            if seen is want:
                msg = f"{want.query} asks {asked}, which waits for {want.query} itself: neither would ever be answered."
                raise TypeError(msg)
            awaited = seen.running.awaits if seen.running is not None else None
            seen = self._wants.get(awaited) if awaited is not None else None


def drop(want: Want) -> Running | None:
    """End the call under way without a word; which one it was."""
    running, want.running = want.running, None
    if running is not None and running.task is not None:
        running.task.dispose()
    return running


def its_started(query: Query[Any], request: int) -> Action:
    return new_model(query.endpoint.started, {"query": query, "request": request, "at": time.time()})


def its_succeeded(query: Query[Any], request: int, answer: Answer) -> Action:
    """Its data were checked when they came."""
    return new_model(
        query.endpoint.succeeded,
        {
            "query": query,
            "request": request,
            "data": answer.data,
            "at": time.time(),
            "tags": answer.tags,
            "is_partial": answer.is_partial,
        },
    )
