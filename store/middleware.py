"""Middleware: functions around the dispatch of every action. Two of them come with rxdux."""

import asyncio
import concurrent.futures
import inspect
import logging
import time
from typing import Any

from ..actions import Action
from ..reducers import ActionCreator
from .engine.chain import CallNext
from .engine.event_loop import running_loop
from .engine.names import name_of
from .store import Store


def thunk(store: Store[Any], action: Any, call_next: CallNext) -> Any:
    """Lets `dispatch` take a function of the store; dispatch returns what it returns.

    Of a coroutine function it returns the task that runs it: an `asyncio.Task` where a loop is
    running, otherwise a `concurrent.futures.Future` of the store's own loop.

    See https://redux.js.org/usage/writing-logic-thunks

    Examples:
        >>> from rxdux import Action, Reducer, Store, thunk
        >>> store = Store(Reducer(0), middleware=[thunk])
        >>> store.dispatch(lambda store: store.state + 1)
        1
    """
    if isinstance(action, Action | ActionCreator | type) or not callable(action):
        return call_next(action)
    result = action(store)
    if not inspect.iscoroutine(result):
        return result
    loop = running_loop()
    if loop is None:
        return _run_on_own_loop(store, result, name_of(action))
    task: asyncio.Task[Any] = asyncio.Task(result, loop=loop)
    store.core.app.adopt(task)
    return task


def _run_on_own_loop(store: Store[Any], coroutine: Any, name: str) -> "concurrent.futures.Future[Any]":
    future: concurrent.futures.Future[Any] = asyncio.run_coroutine_threadsafe(coroutine, store.core.loop.get())

    def report_error(done: "concurrent.futures.Future[Any]") -> None:
        # Nothing says so when nobody asks a Future for its result: an error must not get lost that way.
        if not done.cancelled() and (error := done.exception()) is not None:
            store.core.report(error, name, f"The thunk {name} failed: {error!r}")

    future.add_done_callback(report_error)
    store.core.app.adopt(future)
    return future


def logger(store: Store[Any], action: Any, call_next: CallNext) -> Any:
    """Logs each action and how long it took, at level INFO, to the logger `rxdux.actions`."""
    started = time.perf_counter()
    try:
        result = call_next(action)
    except Exception:
        logging.getLogger("rxdux.actions").exception("%s %r failed", getattr(action, "type", "?"), action)
        raise
    took = (time.perf_counter() - started) * 1000
    logging.getLogger("rxdux.actions").info("%s %r took %.3f ms", getattr(action, "type", "?"), action, took)
    return result
