"""The store: one state, changed by dispatching actions, watched by listeners and epics."""

import asyncio
import itertools
import logging
from collections.abc import Callable, Coroutine, Iterable
from threading import Event
from typing import Any, Generic, Self, TypeAlias, TypeVar, overload

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ..actions import Action
from ..actions.internal import Init
from ..reducers import ReducerFn
from .engine.action_stream import ActionStream
from .engine.chain import MiddlewareOf, chain
from .engine.core import Core
from .engine.listeners import Listener
from .engine.replace import replace_reducer, use
from .engine.report import OnError
from .engine.selection import Selections
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
        supervision: how often an epic that fails is started again.

    Raises:
        TypeError: for a reducer or an epic that is none.

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
        self._runs: dict[EpicRun, None] = {}
        self._selections = Selections(core)
        self._waiting = Waiting(core)
        self._torn_down = Event()
        self._actions = ActionStream(core.index, self.core.app)
        use(core, reducer, state, Init())
        links = tuple(middleware)
        if links:
            core.chain = chain(self, links, core.call_reducer)
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
            TypeError: for what cannot be called.
            ReducerError: inside a reducer.
            StoreClosedError: after `close()`.
        """
        if not callable(listener):
            msg = f"A listener is a function of the state, not {listener!r:.100}."
            raise TypeError(msg)
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
        `state["todos"]` of a mapping, or a `selector` whose inputs do. What takes the state as a
        whole, to iterate over it for example, is called for every change.
        """

        def subscribe(observer: abc.ObserverBase[R], scheduler: abc.SchedulerBase | None = None) -> abc.DisposableBase:
            if self.core.closed:
                observer.on_next(selector(self.state))
                observer.on_completed()
                return Disposable()
            selection = self._selections.add(selector, observer)
            return Disposable(lambda: self._selections.end(selection))

        return Observable(subscribe)

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
        self._runs.update(dict.fromkeys(runs))
        errors: list[TypeError] = []

        def start() -> None:
            try:
                for run in runs:
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
            self._runs.pop(run, None)

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
            TimeoutError: after `timeout`.
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
        if not self.core.closed:
            self.core.closed = True
            self.core.routes_changed()
            self.core.post(self._tear_down, self.core.app)
        if not self.core.is_mine():
            self._torn_down.wait(CLOSE_TIMEOUT)

    def _tear_down(self) -> None:
        self._stop(list(self._runs))
        self.core.app.cancel_tasks()
        self.core.listeners.clear()
        for observer in [each.observer for each in self.core.index.end_owned(self.core.app)]:
            observer.on_completed()
        for observer in self._selections.end_all():
            observer.on_completed()
        self._waiting.end()
        self.core.loop.close()
        self._torn_down.set()

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
