"""The work on the mutations of one store: each sent once, those of one scope in order, those offline when there is a network."""

import asyncio
import concurrent.futures
import time
from collections.abc import Callable
from typing import Any

from reactivex import abc

from ...store.errors import StoreClosedError
from ..session.answers import describe
from ..session.errors import ApiCallError
from . import actions as its
from .call import Call
from .failures import failure_of
from .fetching import error_of
from .mutation import Mutation
from .query import Query
from .requests import Sender, Surroundings
from .result import Run
from .state import QueryState


class MutationWork:
    """All of it is done in the store's turn, one piece at a time."""

    def __init__(self, around: Surroundings, read: Callable[[], QueryState]) -> None:
        self._around = around
        self._emit = around.emit
        self._read = read
        self._tasks: dict[str, abc.DisposableBase | None] = {}
        self._scopes: dict[str, dict[str, Mutation[Any]]] = {}
        self._resumed: str | None = None  # of those that waited for the network, the one that is sent just now
        self.awaiters: dict[str, list[concurrent.futures.Future[Any]]] = {}

    def asked(self, mutation: Mutation[Any]) -> None:
        """A mutation is in the state: send it, or let it wait for its turn."""
        run = self._read().mutations.get(mutation.run_id)
        if run is None or run.status != "loading" or mutation.run_id in self._tasks:
            return
        scope = mutation.endpoint.scope
        if scope is not None:
            waiting = self._scopes.setdefault(scope, {})
            if mutation.run_id not in waiting:
                waiting[mutation.run_id] = mutation
            if next(iter(waiting)) != mutation.run_id:
                return
        if mutation.endpoint.offline and not self._read().online:
            self._emit(its.MutationPaused(mutation=mutation))
        else:
            self._start(mutation)

    def paused(self, mutation: Mutation[Any]) -> None:
        self._tasks.pop(mutation.run_id, None)
        if self._resumed == mutation.run_id:
            self._resumed = None

    def resumed(self, mutation: Mutation[Any]) -> None:
        self._start(mutation)

    def online(self) -> None:
        """Send what waits, in its order, one after the other."""
        if self._resumed is not None or not self._read().online:
            return
        waiting = [run for run in self._read().mutations.values() if run.status == "paused"]
        if waiting:
            first = min(waiting, key=_order)
            self._resumed = first.run_id
            self._emit(its.MutationResumed(mutation=first.mutation))

    def restored(self) -> None:
        """Send what a storage has brought, in its order."""
        state = self._read()
        known = [run for run in state.mutations.values() if run.status == "paused" and run.run_id not in self._tasks]
        for run in sorted(known, key=_order):
            scope = run.mutation.endpoint.scope
            if scope is not None and run.run_id is not None:
                self._scopes.setdefault(scope, {})[run.run_id] = run.mutation
        self.online()

    def _start(self, mutation: Mutation[Any]) -> None:
        run_id, endpoint = mutation.run_id, mutation.endpoint
        sender = Sender(self._around, endpoint.type, in_session=True, etags={}, idempotency_key=run_id)
        call = Call(sender, _no_circle)
        arguments = {name: value for name, value in mutation.arguments.items() if name != "run_id"}

        async def send() -> Any:
            return endpoint.check(await endpoint.function(call, **arguments))

        def finish(task: "asyncio.Future[Any]") -> None:
            if run_id in self._tasks:
                self._finished(mutation, task)

        self._tasks[run_id] = None
        self._tasks[run_id] = self._around.scheduler.start_task(send, finish)

    def _finished(self, mutation: Mutation[Any], task: "asyncio.Future[Any]") -> None:
        endpoint = mutation.endpoint
        error = error_of(task)
        tags: tuple[str, ...] = ()
        if error is None:
            try:
                arguments = {name: value for name, value in mutation.arguments.items() if name != "run_id"}
                tags = tuple(dict.fromkeys(endpoint.tags_of(task.result(), arguments)))
            except Exception as mistake:
                self._around.scheduler.report(mistake, f"The tags of {endpoint.type} failed: {mistake!r}")
            self._emit(endpoint.succeeded.model_construct(mutation=mutation, data=task.result(), at=time.time()))
            self._around.scheduler.post(lambda: self._check_reduced(mutation))
            if tags:
                self._emit(its.invalidate_keys(tags))
            if not self._read().online:
                self._emit(its.Online())
            return
        failure = failure_of(endpoint.type, error, self._around.hide)
        if failure.is_mistake:
            self._around.scheduler.report(error, f"The mutation {endpoint.type} failed: {error!r}")
        if failure.error.kind == "network" and endpoint.offline:
            self._emit(its.MutationPaused(mutation=mutation))
            if self._read().online:
                self._emit(its.Offline())
            return
        self._emit(endpoint.failed(mutation=mutation, error=failure.error))
        self._around.scheduler.post(lambda: self._check_reduced(mutation))

    def _check_reduced(self, mutation: Mutation[Any]) -> None:
        """An outcome whose reducer raises was reported, and nobody has seen it: the run has failed then."""
        if mutation.run_id not in self._tasks:
            return
        words = f"(The answer of {mutation.endpoint.type} could not be taken in: a reducer failed.)"
        error = describe("client", detail=words)
        run = self._read().mutations.get(mutation.run_id)
        is_second = self._tasks[mutation.run_id] is None
        self._tasks[mutation.run_id] = None
        if run is not None and run.status == "loading" and not is_second:
            self._emit(mutation.endpoint.failed(mutation=mutation, error=error))
            self._around.scheduler.post(lambda: self._check_reduced(mutation))
            return
        self.settled(mutation, None, ApiCallError(error))

    def settled(self, mutation: Mutation[Any], data: Any, error: Exception | None) -> None:
        """An outcome is in the state."""
        run_id = mutation.run_id
        if run_id not in self._tasks:
            return
        del self._tasks[run_id]
        for future in self.awaiters.pop(run_id, ()):
            if future.set_running_or_notify_cancel():
                if error is None:
                    future.set_result(data)
                else:
                    future.set_exception(error)
        self._next_of_scope(mutation)
        if self._resumed == run_id:
            self._resumed = None
            self.online()

    def _next_of_scope(self, mutation: Mutation[Any]) -> None:
        scope = mutation.endpoint.scope
        waiting = self._scopes.get(scope) if scope is not None else None
        if waiting is None or scope is None:
            return
        waiting.pop(mutation.run_id, None)
        if waiting:
            self.asked(next(iter(waiting.values())))
        else:
            del self._scopes[scope]

    def session_ended(self) -> None:
        self._stop(ApiCallError(describe("session_expired")))

    def end(self) -> None:
        self._stop(StoreClosedError("The store was closed before the answer came."))

    def _stop(self, error: Exception) -> None:
        tasks, self._tasks = self._tasks, {}
        for task in tasks.values():
            if task is not None:
                task.dispose()
        self._scopes.clear()
        self._resumed = None
        awaiters, self.awaiters = self.awaiters, {}
        for futures in awaiters.values():
            for future in futures:
                if future.set_running_or_notify_cancel():
                    future.set_exception(error)


def _order(run: Run[Any]) -> int:
    return run.order


def _no_circle(_: Query[Any]) -> None:
    """Nobody waits for a mutation."""
