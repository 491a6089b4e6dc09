"""The store: one state, changed by dispatching actions, watched by listeners and epics."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Iterable
from threading import Event
from typing import Any, Generic, Self, TypeAlias, TypeVar, overload

from reactivex import Observable, abc

from ..actions import Action
from ..reducers import ReducerFn
from ..reducers.containers import has_slices, read_slices
from ..reducers.does_not_run import check_runs
from .engine.action_stream import ActionStream
from .engine.chain import MiddlewareOf, chain, checked
from .engine.core import Core
from .engine.direct import NOTHING, Direct
from .engine.listeners import Listener
from .engine.names import name_of
from .engine.replace import begin, replace_reducer
from .engine.report import USER_ERRORS, OnError
from .engine.selection import Ending, Selections
from .engine.supervision import Epic, EpicRun, Supervision, parts_of
from .engine.waiting import Waiting
from .subscription import Subscription

S = TypeVar("S")
R = TypeVar("R")
T = TypeVar("T")
A = TypeVar("A", bound=Action)

CLOSE_TIMEOUT = 5.0  # seconds that `async with` waits for tasks which do not heed their cancellation

log = logging.getLogger("rxdux")


class Store(Generic[S]):
    """Holds the state of an app; the only way to change it is to dispatch an action.

    Args:
        reducer: gives the next state for a state and an action.
        state: a state to begin with; by default the reducer's initial one.
        epics: started at once, all before the first action that one of them emits.
        dependencies: handed to epics as their third argument, for example API clients.
        middleware: around every dispatch, the first one outermost.
        on_error: told of errors that no caller can be told of; by default they are logged.
        supervision: how often, and how soon, an epic that fails is started again.

    Raises:
        TypeError: for a reducer, an epic or a middleware that is none.

    See https://redux.js.org/api/store

    Examples:
        >>> from rxdux import Action, Reducer, Store
        >>> class Increment(Action):
        ...     by: int = 1
        >>> counter = Reducer(0)
        >>> @counter.on(Increment)
        ... def _(count: int, action: Increment) -> int:
        ...     return count + action.by
        >>> with Store(counter) as store:
        ...     with store.subscribe(print):
        ...         _ = store.dispatch(Increment(by=2))
        ...     store.state
        2
        2
    """

    def __init__(
        self,
        reducer: ReducerFn[S],
        state: S | None = None,
        *,
        epics: Iterable[Epic[S, Any]] = (),
        dependencies: Any = None,
        middleware: "Iterable[Middleware]" = (),
        on_error: OnError | None = None,
        supervision: Supervision | None = None,
    ) -> None:
        core = Core(reducer, on_error)
        self.core = core
        self._dependencies = dependencies
        self._supervision = supervision or Supervision()
        self._numbers = itertools.count()
        self._selections = Selections(core)
        self._waiting = Waiting(core)
        self._torn_down = Event()
        self._actions = ActionStream(core.index, self.core.app)
        begin(core, state)
        links = checked(middleware)
        if links:
            core.chain = chain(self, links, core.call_reducer)
        if not isinstance(epics, Iterable):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"Store(epics=...) takes a list of epics, as in epics=[ping_epic], not {epics!r:.100}."
            raise TypeError(msg)
        runs = [self._new_run(part) for epic in epics for part in parts_of(epic)]
        self._dispatch = core.dispatch_through if links else core.dispatch
        if type(self).dispatch is Store.dispatch:  # pyright: ignore[reportUnknownMemberType] -- of any state
            self.dispatch = self._dispatch  # pyright: ignore[reportAttributeAccessIssue] -- saves a call on the hottest path
        self._start(runs)

    # --- Redux -----------------------------------------------------------------------------------

    @property
    def state(self) -> S:
        """The current state.

        Raises:
            ReducerError: inside a reducer, which has the state as its argument.
        """
        return self.core.read_state()

    @overload
    def dispatch(self, action: A) -> A: ...
    @overload
    def dispatch(self, action: "Callable[[Store[S]], Coroutine[Any, Any, T]]") -> "asyncio.Task[T]": ...
    @overload
    def dispatch(self, action: "Callable[[Store[S]], R]") -> R: ...
    def dispatch(self, action: Any) -> Any:
        """Send an action through middleware and reducers, then tell listeners and epics.

        On an idle store it is synchronous: when it returns, the state is updated and the epics'
        immediate answers are applied. While the store is busy, a dispatch from a listener or a
        middleware is applied at once; one from an epic or another thread is queued.

        Returns:
            What the outermost middleware returns; without middleware the action itself.

        Raises:
            TypeError: for what is no action, saying what came and what is the likely mistake.
            ReducerError: inside a reducer.
            StoreClosedError: after `close()`.
            Exception: what a reducer raised. The state is unchanged then, and the store goes on.
        """
        return self._dispatch(action)

    def subscribe(self, listener: Listener[S]) -> Subscription:
        """Call `listener(state)` once for each dispatch, until the subscription ends.

        Subscribing or unsubscribing during a round counts from the next round. What a listener
        raises goes to `on_error`, and to nobody else.

        Raises:
            TypeError: for what cannot be called, or does not run when it is called.
            ReducerError: inside a reducer.
            StoreClosedError: after `close()`.
        """
        if not callable(listener):
            msg = f"A listener is a function of the state, not {listener!r:.100}."
            raise TypeError(msg)
        check_runs(f"The listener {name_of(listener)}", listener)
        key = object()
        self.core.add_listener(key, listener)
        return Subscription(lambda: self.core.remove_listener(key))

    def replace_reducer(self, reducer: ReducerFn[S]) -> None:
        """Let another reducer take over. It keeps the state, or the slices that both have.

        Raises:
            TypeError: for what is no reducer.
            ReducerError: inside a reducer.
            StoreClosedError: after `close()`.
        """
        replace_reducer(self.core, reducer)

    @property
    def dependencies(self) -> Any:
        """What the epics get as their third argument."""
        return self._dependencies

    # --- streams ---------------------------------------------------------------------------------

    @property
    def actions(self) -> ActionStream:
        """All actions, each after the reducers."""
        return self._actions

    def select(self, selector: Callable[[S], R]) -> Observable[R]:
        """The value that `selector` gives now, then each that differs from the one before.

        Values are compared by identity, then by ==. What the selector or a subscriber raises goes
        to `on_error`, and the stream goes on. It completes when the store is closed.

        A change of one slice costs nothing for selectors that read others. Which slices a selector
        reads is seen by watching it: `lambda state: state.todos.items` reads `todos`, as does
        `state["todos"]` of a mapping, or a `selector` whose inputs do. Of an `EntityState` or an
        `immutables.Map` it is seen which keys are read: `lambda state: state.todos.get(5)` is called
        when that entity changes. What takes the state as a whole, to iterate over it for example, is
        called for every change. Selectors that are equal are called once for all who look: those of one query.

        Raises:
            TypeError: for what is no function, or does not run when it is called.
        """
        if not callable(selector):
            msg = (
                f"select takes a function of the state, as in select(lambda state: state.count), not {selector!r:.100}."
            )
            raise TypeError(msg)
        check_runs(f"{name_of(selector)} in select()", selector)

        def subscribe(observer: abc.ObserverBase[R], _: abc.SchedulerBase | None) -> abc.DisposableBase:
            if not self.core.closed:
                return Ending(self._selections, self._selections.add(selector, observer))
            observer.on_next(selector(self.state))
            observer.on_completed()
            return NOTHING

        return Direct(subscribe)

    # --- epics -----------------------------------------------------------------------------------

    def add_epic(self, epic: Epic[S, Any]) -> Subscription:
        """Start an epic now. Ending the subscription stops it, and the work that it has under way.

        Raises:
            TypeError: for one of wrong arity, or that returns no Observable.
            ReducerError: inside a reducer.
            StoreClosedError: after `close()`.
        """
        self.core.guard("add_epic")
        self.core.check_open("add_epic")
        runs = [self._new_run(part) for part in parts_of(epic)]
        self._start(runs)

        def stop() -> None:
            self._in_turn(lambda: self._stop(runs))

        return Subscription(stop)

    def _new_run(self, epic: Callable[..., Any]) -> EpicRun:
        return EpicRun(self.core, epic, next(self._numbers), self._dependencies, self._supervision)

    def _start(self, runs: list[EpicRun]) -> None:
        self.core.runs.update(dict.fromkeys(runs))
        errors: list[TypeError] = []

        def start() -> None:
            try:
                for run in runs:
                    if not run.has_started:
                        run.start()
            except TypeError as error:
                self._stop(runs)
                if not waiting:
                    raise  # another thread was at work, and add_epic has returned: it is for on_error now
                errors.append(error)

        waiting = True
        self._in_turn(start)
        waiting = False
        if errors:
            raise errors[0]

    def _stop(self, runs: list[EpicRun]) -> None:
        for run in runs:
            run.stop()
            self.core.runs.pop(run, None)

    def _in_turn(self, work: Callable[[], None]) -> None:
        """Do it now if this thread is at work or nobody is; else leave it to the thread that is."""
        if self.core.is_mine():
            work()
        else:
            self.core.post(work, self.core.app)

    # --- waiting ---------------------------------------------------------------------------------

    async def idle(self, timeout: float | None = None) -> None:
        """Wait until nothing is queued and no epic work is in flight.

        Calls and their backoffs are work; a timer armed for later, such as a `delay`, is not.

        Args:
            timeout: in seconds; None waits for ever.

        Raises:
            TimeoutError: after `timeout`, saying how much is still in flight.
        """
        await self._waiting.idle(timeout)

    def wait_idle(self, timeout: float | None = None) -> None:
        """The same as `idle`, for code without an event loop.

        Raises:
            TimeoutError: after `timeout` seconds.
            RuntimeError: on the thread that has the work to do: on the store's loop, or inside a
                listener or an epic.
        """
        self._waiting.block_until_idle(timeout)

    async def wait_for(self, predicate: Callable[[S], object], timeout: float | None = None) -> S:
        """Wait for the first state, beginning with the present one, for which `predicate` is true.

        Args:
            timeout: in seconds; None waits for ever.

        Raises:
            TimeoutError: after `timeout`, saying what the last state was, in 500 characters.
            StoreClosedError: when the store is closed before.
            Exception: what the predicate raised.
        """
        return await self._waiting.state(predicate, timeout)

    # --- the end ---------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop the epics, cancel their work, complete the streams. A second call does nothing.

        What was dispatched before is still applied. The state stays readable.

        Raises:
            ReducerError: inside a reducer.
        """
        self.core.guard("close")
        self.core.closed = True
        if not self._torn_down.is_set():
            self.core.routes_changed()
            self.core.post(self._tear_down, self.core.app)
        if (
            not self.core.is_mine() and not self.core.loop.is_running_here()
        ):  # else who is waited for may wait for this one
            self._torn_down.wait(CLOSE_TIMEOUT)

    def _tear_down(self) -> None:
        """End all there is. What raises does not stop the rest."""
        for run in list(self.core.runs):
            self._try(lambda run=run: self._stop([run]))
        self._try(self.core.app.cancel_tasks)
        self.core.listeners.clear()
        for observation in self.core.index.owned(self.core.app):
            self._try(observation.observer.on_completed)
            self.core.index.end(observation)
        for selection in self._selections.all():
            self._try(selection.observer.on_completed)
            self._selections.end(selection)
        self._try(self._waiting.end)
        self._try(self.core.loop.close)
        self._torn_down.set()

    def _try(self, step: Callable[[], object]) -> None:
        try:
            step()
        except USER_ERRORS as error:
            self.core.report(error, "close", f"While the store was closed: {error!r}")

    def __repr__(self) -> str:
        state = self.core.state
        slices = f" ({', '.join(read_slices(state))})" if has_slices(state) else ""
        status = "closed" if self.core.closed else "open"
        return f"<{type(self).__name__} of {type(state).__name__}{slices}, epics: {len(self.core.runs)}, {status}>"

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exception: object) -> None:
        self.close()
        try:
            await self.idle(CLOSE_TIMEOUT)
        except TimeoutError:
            log.warning("The store is closed, but a task does not heed its cancellation for %s s.", CLOSE_TIMEOUT)


Middleware: TypeAlias = MiddlewareOf[Store[Any]]
"""A *middleware* stands around dispatch: `(store, action, call_next) -> result of dispatch`.

It may pass the action on with `call_next(action)`, pass another, or none.
See https://redux.js.org/understanding/history-and-design/middleware
"""
