"""The heart of a store: takes actions one at a time, from any thread, and shows each to reducers,
listeners and epics, in this order.

Who holds the *role* is the only thread at work. It is a token in a list: `list.pop` and
`list.append` are atomic, and cost a fifth of a lock. Who finds the role taken leaves its action in
the queue, and looks once more whether the role came free in between; who gives the role back looks
at the queue once more. So no action is forgotten, and no thread waits for another.
"""

from collections import deque
from collections.abc import Callable
from threading import get_ident
from typing import Any, Generic, TypeVar

from ...actions import Action
from ...actions.internal import InternalAction
from ...reducers import ReducerError, ReducerFn
from ...reducers.reducer import check_callable, initial_state, returned_none, route_of
from ..errors import StoreClosedError
from .action_stream import NOBODY, ActionIndex, Owner, Route
from .app import App
from .chain import CallNext
from .event_loop import StoreLoop
from .idle import Quiet
from .listeners import NO_LISTENERS, Listener, Listeners
from .names import name_of
from .refusal import refusal
from .report import OnError, Reporter

S = TypeVar("S")

IDLE, REDUCING, APPLYING, EPICS = range(4)
"""What the holder of the role is doing. A nested dispatch is an error while REDUCING, applied at once
while APPLYING (middleware and listeners are at work), and queued while EPICS are at work."""


class Core(Generic[S]):
    """State, listeners, queue, and the order in which everything happens."""

    def __init__(self, reducer: ReducerFn[S], on_error: OnError | None) -> None:
        check_callable("The reducer", reducer)
        self.loop = StoreLoop()
        self.index = ActionIndex()
        self.quiet = Quiet()
        self.app = App(self)
        self.chain: CallNext = self._apply  # with middleware around it, where there is any
        self.closed = False
        self.report = Reporter(on_error).report
        self.reducer = reducer
        self.state: S
        self.shown_state: S  # what the state stream has come to
        self.shown_action: Action | None = None  # what epics are looking at
        self._routes: dict[type[object], Route[S]] = self.index.routes
        self.round: tuple[Listener[S], ...] | None = NO_LISTENERS  # None: the listeners have changed
        self.listeners: Listeners[S] = Listeners(self)
        # What is to be done: in which phase, a function and its argument, and who asked for it.
        self._queue: deque[tuple[int, CallNext, Any, Owner | None]] = deque()
        self.outbox: deque[tuple[Action, S, str | None]] = deque()  # reduced, by whom, and not yet shown to epics
        self.source: str | None = None  # which epic the action at work comes from; None: the app
        self.shown_source: str | None = None
        self.view: tuple[S] | None = None  # what time travel shows in place of the present state
        role: list[None] = [None]
        self._take = role.pop
        self._give_back = role.append
        self.owner = 0  # the thread that has the role
        self.phase = IDLE

    # --- dispatch --------------------------------------------------------------------------------

    def dispatch(self, action: Action) -> object:
        """Dispatch without middleware. It is `_alone(_apply, action)` written out: the hottest path there is."""
        try:
            self._take()
        except IndexError:
            return self._dispatch_while_busy(self._apply, action)
        self.owner = get_ident()
        more = False
        try:
            if self._queue:
                more = True
                self._drain()
            try:
                route = self._routes[type(action)]
            except KeyError:
                route = self._admit(action)
            reduce = route.reduce
            if reduce is not None:
                self.phase = REDUCING
                state = reduce(self.state, action)
                if state is None:
                    self.check_none(self.reducer, action)
                self.state = state
            if route.observers is not NOBODY:
                more = True
                self.outbox.append((action, self.state, None))
            if self.round is not NO_LISTENERS:
                more = True
                self.phase = APPLYING
                self.notify(action)
            return action
        finally:
            if more and self.outbox:
                self._finish()
            else:
                self.phase = IDLE
                self.owner = 0
                self._give_back(None)
                if self._queue:
                    self.help()

    def dispatch_through(self, action: object) -> Any:
        """Dispatch through the middleware."""
        if type(action) not in self._routes:
            if not isinstance(action, Action):
                self.check_open("dispatch")
                return self.chain(action)  # for a middleware such as thunk, which holds nobody up
            self._admit(action)
        return self._alone(self.chain, action)

    def call_reducer(self, action: Any) -> Any:
        """The innermost `call_next` of the middleware."""
        self._route(action)
        if self.owner == get_ident() and self.phase == APPLYING:
            return self._apply(action)
        return self._alone(self._apply, action)  # the chain was not run by the store

    def _alone(self, apply: CallNext, action: Any) -> Any:
        """Apply the action in the role; where another thread has it, leave the action in the queue."""
        try:
            self._take()
        except IndexError:
            return self._dispatch_while_busy(apply, action)
        self.owner = get_ident()
        try:
            if self._queue:
                self._drain()
            self.phase = APPLYING
            return apply(action)
        finally:
            self._finish()

    def _dispatch_while_busy(self, apply: CallNext, action: Any) -> Any:
        self._admit(action)
        if self.owner == get_ident():
            self.guard("dispatch")
            if self.phase == APPLYING:
                source, self.source = self.source, None  # it is a listener's or a middleware's, not the epic's
                try:
                    return apply(action)
                finally:
                    self.source = source
        self._queue.append((APPLYING, apply, action, None))
        self.help()
        return action

    def _apply(self, action: Any) -> Any:
        """Reduce the action and tell the listeners. Epics see it later, from the outbox."""
        route = self._route(action)
        self.phase = REDUCING
        try:
            if route.reduce is not None:
                state = route.reduce(self.state, action)
                if state is None:
                    self.check_none(self.reducer, action)
                self.state = state
        finally:
            self.phase = APPLYING
        if route.observers is not NOBODY:
            self.outbox.append((action, self.state, self.source))
        self.notify(action)
        return action

    def notify(self, action: Action) -> None:
        for listener in self.round if self.round is not None else self.listeners.start_round():
            try:
                listener(self.state)
            except Exception as error:
                self._listener_failed(listener, error, action)

    def tell(self, state: S) -> None:
        """Tell the listeners of a state that came of no action."""
        for listener in self.listeners.start_round():
            try:
                listener(state)
            except Exception as error:
                self._listener_failed(listener, error, None)

    # --- the queue -------------------------------------------------------------------------------

    def emit(self, action: Any, owner: Owner) -> None:
        """Queue what an epic emitted."""
        if self.closed:
            return
        try:
            self._route(action)
        except TypeError as error:
            self.report(error, owner.name, f"The epic {owner.name} emitted what is no action; it was dropped. {error}")
            return
        self._queue.append((APPLYING, self.chain, action, owner))
        if self.owner != get_ident():
            self.help()

    def post(self, work: Callable[[], None], owner: Owner) -> None:
        """Have `work` done in the role, as epic work: now if nothing is going on, else in its turn."""
        self._queue.append((EPICS, _call, work, owner))
        if self.owner != get_ident():
            self.help()

    def look_for_rest(self) -> None:
        """Have those told who wait for the store, if it is at rest: it looks at them when nothing is left to do."""
        self.post(_nothing, self.app)

    def help(self) -> None:
        """Do what is queued, unless somebody is at it: that one will look at the queue again."""
        while self._queue:
            try:
                self._take()
            except IndexError:
                return
            self.owner = get_ident()
            try:
                self._drain()
            finally:
                self._leave()

    def _leave(self) -> None:
        """Give the role back."""
        self.phase = IDLE
        self.owner = 0
        self._give_back(None)

    def _finish(self) -> None:
        """Do what is left, give the role back, and look once more whether somebody has left something."""
        try:
            self._drain()
        finally:
            self._leave()
            if self._queue:
                self.help()

    def _drain(self) -> None:
        """Show epics what was reduced, then take the next from the queue, until both are empty."""
        outbox, queue = self.outbox, self._queue
        while True:
            while outbox:
                self.phase = EPICS
                self._show_epics(*outbox.popleft())
            if not queue:
                break
            self.phase, function, value, owner = queue.popleft()
            self.source = None if owner is None else owner.name
            try:
                function(value)
            except Exception as error:
                self._queued_failed(error, function, value, owner)
        self.source = None
        self.quiet.check()

    def _show_epics(self, action: Action, state: S, source: str | None) -> None:
        self.shown_state, self.shown_action, self.shown_source = state, action, source
        route = self._route(action)
        observers = route.observers
        if observers is None:
            observers = self.index.observers(type(action), route)
        for each in observers:
            if each.active:
                try:
                    each.on_next(action)
                except Exception as error:
                    each.owner.failed(error)
        self.shown_action = None

    def is_mine(self) -> bool:
        """Whether this thread is the one at work."""
        return self.owner == get_ident()

    def count_work(self, change: int) -> None:
        self.quiet.count(change)

    # --- the state -------------------------------------------------------------------------------

    def in_role(self, apply: Callable[[Any], None], action: Any = None) -> None:
        """Do it now where this thread may, else in its turn."""
        if self.is_mine():
            if self.phase == APPLYING:
                apply(action)
            else:
                self._queue.append((APPLYING, apply, action, None))
            return
        try:
            self._take()
        except IndexError:
            self._queue.append((APPLYING, apply, action, None))
            self.help()
            return
        self.owner = get_ident()
        try:
            self._drain()
            self.phase = APPLYING
            apply(action)
        finally:
            self._finish()

    def read_state(self) -> S:
        if self.phase == REDUCING:
            self.guard("state")
        return self.state if self.view is None else self.view[0]

    def guard(self, name: str) -> None:
        """Refuse what a reducer must not do.

        Raises:
            ReducerError: inside a reducer, in the thread that runs it.
        """
        if self.phase == REDUCING and self.owner == get_ident():
            msg = (
                f"store.{name} was used inside a reducer. A reducer is a pure function of (state, action): "
                "it has the state as its argument. Dispatch from a listener, a middleware or an epic."
            )
            raise ReducerError(msg)

    def check_open(self, name: str) -> None:
        if self.closed:
            msg = f"store.{name} was used after close(). Make a new store."
            raise StoreClosedError(msg) from None

    def check_none(self, reducer: ReducerFn[S], action: Action) -> None:
        if initial_state(reducer) is not None:
            raise ReducerError(returned_none("The reducer", action))

    # --- routes ----------------------------------------------------------------------------------

    def _admit(self, action: object) -> Route[S]:
        """The route of what came to `dispatch`; a closed store knows none, so that each comes by here."""
        self.check_open("dispatch")
        if isinstance(action, InternalAction):
            raise TypeError(refusal(action)) from None
        return self._route(action)

    def _route(self, action: object) -> Route[S]:
        """What to do for the class of this action, prepared once.

        Raises:
            TypeError: for what is no action.
        """
        cls = type(action)
        route = self._routes.get(cls)
        if route is None:
            if not isinstance(action, Action):
                raise TypeError(refusal(action)) from None
            self.view = None  # a new action returns to the present
            route = self._routes[cls] = Route(route_of(self.reducer, type(action)))
            if self.closed:
                self._routes.clear()
        return route

    def routes_changed(self) -> None:
        self._routes.clear()

    # --- listeners and errors --------------------------------------------------------------------

    def add_listener(self, key: object, listener: Listener[S]) -> None:
        self.guard("subscribe")
        self.check_open("subscribe")
        self.listeners.add(key, listener)

    def remove_listener(self, key: object) -> None:
        self.guard("unsubscribe")
        self.listeners.remove(key)

    def _listener_failed(self, listener: Listener[S], error: Exception, action: Action | None) -> None:
        name = name_of(listener)
        self.report(error, name, f"The listener {name} failed: {error!r}", action)

    def _queued_failed(self, error: Exception, function: CallNext, value: Any, owner: Owner | None) -> None:
        if function is _call and owner is not None:
            owner.failed(error)
            return
        name = "dispatch" if owner is None else owner.name
        what = f"The action {value.type}" if isinstance(value, Action) else "A change of the state"
        action = value if isinstance(value, Action) else None
        self.report(error, name, f"{what} from {name} was not applied: {error!r}", action)


def _nothing() -> None:
    pass


def _call(work: Callable[[], None]) -> None:
    work()
