"""What is done in the role: an action is reduced, shown to the listeners, and then to the epics.

What an interrupt leaves half done is gone on with. An action is *committed* by one atomic step, the entry in the
outbox, which has all that is still to be done for it: a round of listeners that goes on where it was left, then the
epics. What comes from the queue stays in it until it is done.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from contextvars import Context, copy_context
from threading import get_ident
from typing import Any, Generic, TypeAlias, TypeVar

from ...actions import Action
from ...actions.internal import InternalAction
from ...reducers import ReducerError, ReducerFn
from ...reducers.reducer import check_callable, initial_state, returned_none, route_of
from ..errors import StoreClosedError
from .action_stream import NOBODY, ActionIndex, Observation, Owner, Route
from .causes import CAUSE, Cause
from .chain import CallNext
from .idle import Quiet
from .keeper import Keeper
from .listeners import NO_LISTENERS, Listener, Listeners
from .refusal import refusal
from .report import USER_ERRORS, OnError, Reporter, not_cancelled
from .role import Call, Failed, Role
from .supervision import EpicRun

S = TypeVar("S")

IDLE, REDUCING, APPLYING, EPICS = range(4)
"""What the holder of the role is doing. A nested dispatch is an error while REDUCING, applied at once
while APPLYING (middleware and listeners are at work), and queued while EPICS are at work."""

Item: TypeAlias = tuple[int, CallNext, Any, Owner | None, Context]
"""What is to be done: in which phase, a function and its argument, who asked for it, and in which context."""

Commit: TypeAlias = tuple[Action | None, S, str | None, Context | None, Iterator[Listener[S]], Item, Cause | None]
"""What was reduced and is not yet shown to epics: the action (None: a state that came of none), the state after it,
by which epic, in which context (None: that of who dispatches), the listeners still to be called, the item of the queue
that it came from, and what it comes of, where that is traced."""

TRIES = 3
"""How often an item of the queue is begun that an interrupt ends each time."""

MANY_CLASSES = 1024
"""So many action classes have routes at most; more than that are made while the program runs, and let go again."""

NO_ITEM: Any = object()
NO_ORIGIN: Any = (NO_ITEM, None, None)  # the app, in the context of who dispatches
NO_ROUND: Iterator[Any] = iter(())
MORE: Any = object()  # what is sent to the role to have it look at the queue


class Worker(Generic[S]):
    """State, listeners, queue, and the order in which everything happens. All of it runs in the role."""

    def __init__(self, reducer: ReducerFn[S], on_error: OnError | None) -> None:
        check_callable("The reducer", reducer)
        self.index = ActionIndex()
        self.quiet = Quiet()
        self.runs: dict[EpicRun, None] = {}  # the epics
        self.chain: CallNext = self._apply  # with middleware around it, where there is any
        self._replacing: tuple[ReducerFn[S], Action] | None = None  # the reducer that takes over, where it has not yet
        self.closed = False
        self.report = Reporter(on_error, self).report
        self.reducer = reducer
        self.keepers: tuple[Keeper[S], ...] = ()
        self.state: S
        self.shown_state: S  # what the state stream has come to
        self.shown_action: Action | None = None  # what epics are looking at
        self.shown_source: str | None = None  # which epic it comes from; None: the app
        self.shown_cause: Cause | None = None  # what it comes of, where that is traced
        self.tracers: dict[object, None] = {}  # who wants to know what actions come of
        self.view: tuple[S] | None = None  # what time travel shows in place of the present state
        self._routes: dict[type[object], Route[S]] = self.index.routes
        self.round: tuple[Listener[S], ...] | None = NO_LISTENERS  # None: the listeners have changed
        self.listeners: Listeners[S] = Listeners(self)
        self._queue: deque[Item] = deque()
        self._outbox: deque[Commit[S]] = deque()
        self._showing: tuple[Commit[S], Iterator[Observation]] | None = None  # to whom an entry is still to be shown
        self.phase = IDLE
        self.depth = 0  # how many rounds of listeners run inside the first one
        self._origin = NO_ORIGIN
        self._tries = (NO_ITEM, 0)

    def _work(self, role: Role) -> Generator[Any, Any, None]:
        """Take what is sent, do it and what comes of it, and give back the result.

        What the code of users raises is given back as well. Only what is meant for the whole program ends this generator.
        """
        routes, queue = self._routes, self._queue
        try:
            action = yield
            self._go_on(role)
            while True:
                result: Any = action
                if queue:
                    self._drain(role)
                    if action is MORE:
                        self.phase = IDLE
                        action = yield MORE
                        continue
                try:
                    route = routes[type(action)]
                except KeyError:
                    route = None
                if route is None:
                    result = self._do(role, action)
                else:
                    state = self.state
                    reduce = route.reduce
                    try:
                        if reduce is not None:
                            self.phase = REDUCING
                            state = reduce(state, action)
                            if state is None:
                                self.check_none(self.reducer, action)
                            self.phase = EPICS  # what a signal's handler dispatches in this moment has its turn later
                    except USER_ERRORS as error:
                        result = Failed(not_cancelled(error, "The reducer"))
                        self._settle()
                    else:
                        if self.round is NO_LISTENERS and route.observers is NOBODY:
                            self.state = state
                        else:
                            self._commit_alone(role, route, action, state)
                self.phase = IDLE
                action = yield result
        except BaseException:
            self._keep_contexts()
            raise

    def _commit_alone(self, role: Role, route: Route[S], action: Action, state: S) -> None:
        """Go on from this state, and show the action to all; the dispatch of an app without middleware."""
        role.owner = get_ident()
        outbox = self._outbox
        round = NO_ROUND if self.round is NO_LISTENERS else iter(self.round or self.listeners.snapshot())
        outbox.append((action, state, None, None, round, NO_ITEM, CAUSE.get() if self.tracers else None))
        self.state = state
        if round is not NO_ROUND:
            self.phase = APPLYING
            (self._tell_traced if self.tracers else self.listeners.call)(round, action)
        if route.observers is NOBODY and len(outbox) == 1 and not self._queue:
            outbox.popleft()
            role.owner = 0
        else:
            self._drain(role)

    def _do(self, role: Role, what: Any) -> Any:
        """Do what is not simply an action of a class with a route."""
        role.owner = get_ident()
        result = what
        self.phase = APPLYING
        if what is not MORE:
            try:
                if type(what) is Call:
                    result = what.function(what.value)
                else:
                    self._admit(what)
                    self._apply(what)
            except USER_ERRORS as error:
                result = Failed(not_cancelled(error, "A middleware or the reducer"))
                self._settle()
        self._drain(role)
        return result

    def _go_on(self, role: Role) -> None:
        """Finish what the role before has left. After an interrupt in here, the next one does so."""
        role.owner = get_ident()
        self.phase, self.depth = APPLYING, 0
        if self._outbox:
            self.state = self._outbox[-1][1]
        self._finish_replacing()
        if self._queue:
            self._look_at_begun(self._queue[0])
        self._origin = NO_ORIGIN
        for action, _, _, _, round, _, _ in reversed(list(self._outbox)):
            self.listeners.call(round, action)
        self.phase = EPICS
        for run in list(self.runs):
            run.go_on()
        self._drain(role)

    def _settle(self) -> None:
        """After an exception that came from outside, such as a signal's handler: the state is that of the last commit."""
        self.depth = 0
        if self._outbox:
            self.state = self._outbox[-1][1]

    def _keep_contexts(self) -> None:
        """Note in which context that is to be finished which was dispatched here: another one will do it."""
        for place, entry in enumerate(list(self._outbox)):
            if entry[3] is None:
                self._exchange(place, entry, copy_context())

    def _renew_contexts(self) -> None:
        """Leave the contexts in which a thread is at work that is not in this process."""
        for place, entry in enumerate(list(self._outbox)):
            if entry[3] is not None:
                self._exchange(place, entry, entry[3].copy())
        for place, item in enumerate(list(self._queue)):
            phase, function, value, owner, context = item
            self._queue[place] = phase, function, value, owner, context.copy()

    def _exchange(self, place: int, entry: Commit[S], context: Context) -> None:
        action, state, source, _, round, item, cause = entry
        self._outbox[place] = exchanged = action, state, source, context, round, item, cause
        if self._showing is not None and self._showing[0] is entry:
            self._showing = exchanged, self._showing[1]

    def _look_at_begun(self, item: Item) -> None:
        """Take an item out of the queue that was done, and one that interrupts have ended too often."""
        if all(entry[5] is not item for entry in self._outbox):
            if item is not self._origin[0]:
                return
            self._tries = (item, self._tries[1] + 1 if self._tries[0] is item else 1)
            if self._tries[1] < TRIES:
                return
            error = InterruptedError(f"It was begun {TRIES} times, and interrupted each time.")
            self._queued_failed(error, item[1], item[2], item[3])
        self._queue.popleft()

    # --- an action -------------------------------------------------------------------------------

    def _apply(self, action: Any) -> Any:
        """Reduce the action and tell the listeners. Epics see it later, from the outbox."""
        reduce = self._route(action).reduce
        self.phase = REDUCING
        try:
            state = self.state
            if reduce is not None:
                state = reduce(state, action)
                if state is None:
                    self.check_none(self.reducer, action)
        except BaseException:
            self.phase = APPLYING
            raise
        self.phase = EPICS  # what a signal's handler dispatches in this moment has its turn later
        self.commit(action, state)
        return action

    def commit(self, action: Action | None, state: S) -> None:
        """Go on from this state, and call the listeners; epics see the action later. The caller has the role."""
        round = self._enter(action, state)
        self.phase = APPLYING
        if round is not NO_ROUND:
            (self._tell_traced if self.tracers else self.listeners.call)(round, action)

    def commit_unseen(self, action: Action, state: S) -> None:
        """Go on from this state while another is shown: listeners are not called, epics see the action later."""
        for _ in self._enter(action, state):
            pass

    def _enter(self, action: Action | None, state: S) -> Iterator[Listener[S]]:
        """Go on from this state. It returns the listeners that are to be called."""
        round = NO_ROUND if self.round is NO_LISTENERS else iter(self.round or self.listeners.snapshot())
        item, source, context = self._origin
        self._outbox.append((action, state, source, context, round, item, CAUSE.get() if self.tracers else None))
        self.state = state
        return round

    def _tell_traced(self, round: Iterator[Listener[S]], action: Action | None) -> None:
        """Call the listeners of a round: what they dispatch comes of its action."""
        before = CAUSE.set(None if action is None else Cause(action))
        try:
            self.listeners.call(round, action)
        finally:
            CAUSE.reset(before)

    def replace(self, reducer: ReducerFn[S], action: Action, state: S) -> None:
        """Go on with another reducer, from the state that it has made. The caller has the role."""
        self._replacing = reducer, action
        self.view = None
        round = self._enter(action, state)
        self._finish_replacing()
        self.phase = APPLYING
        self.listeners.call(round, action)

    def _finish_replacing(self) -> None:
        """Let the reducer take over whose state the store has."""
        if self._replacing is None:
            return
        reducer, action = self._replacing
        if any(entry[0] is action for entry in self._outbox):
            self.reducer = reducer
            self.routes_changed()
        self._replacing = None

    def check_none(self, reducer: ReducerFn[S], action: Action) -> None:
        if initial_state(reducer) is not None:
            raise ReducerError(returned_none("The reducer", action))

    # --- the queue and the outbox ----------------------------------------------------------------

    def _drain(self, role: Role) -> None:
        """Show epics what was reduced, then take the next from the queue, until both are empty."""
        role.owner = get_ident()
        outbox, queue = self._outbox, self._queue
        while True:
            while outbox:
                self.phase = EPICS
                entry = outbox[0]
                action = entry[0]
                route = None if action is None else self._routes.get(type(action)) or self._route(action)
                if route is not None and route.observers is not NOBODY:
                    show, context = self._show_traced if self.tracers else self._show, entry[3]
                    if context is None:
                        show(entry, route)
                    else:
                        context.run(show, entry, route)
                outbox.popleft()
            if not queue:
                break
            item = queue[0]
            self.phase, function, value, owner, context = item
            self._origin = item, None if owner is None else owner.name, context
            try:
                context.run(function, value)
            except USER_ERRORS as error:
                self._settle()
                self._queued_failed(error, function, value, owner)
            queue.popleft()
        self._origin = NO_ORIGIN
        self.quiet.check()
        role.owner = 0

    def _show_traced(self, entry: Commit[S], route: Route[S]) -> None:
        """Show the action to epics, so that what comes of it knows it."""
        action = entry[0]
        before = CAUSE.set(None if action is None else Cause(action))
        try:
            self._show(entry, route)
        finally:
            CAUSE.reset(before)

    def _show(self, entry: Commit[S], route: Route[S]) -> None:
        action, self.shown_state, self.shown_source, _, _, _, self.shown_cause = entry
        if action is None:
            return
        self.shown_action = action
        if self._showing is None or self._showing[0] is not entry:
            observers = route.observers
            if observers is None:
                observers = self.index.observers(type(action), route)
            self._showing = entry, iter(observers)
        for each in self._showing[1]:
            if each.active:
                try:
                    each.on_next(action)
                except USER_ERRORS as error:
                    each.owner.failed(error)
        self.shown_action = None

    def _queued_failed(self, error: BaseException, function: CallNext, value: Any, owner: Owner | None) -> None:
        if function is call and owner is not None:
            owner.failed(error)
            return
        name = "dispatch" if owner is None else owner.name
        what = f"The action {value.type}" if isinstance(value, Action) else "A change of the state"
        action = value if isinstance(value, Action) else None
        self.report(error, name, f"{what} from {name} was not applied: {error!r}", action)

    def check_open(self, name: str) -> None:
        if self.closed:
            msg = f"store.{name} was used after close(). Make a new store."
            raise StoreClosedError(msg) from None

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
            if not isinstance(action, InternalAction):
                self.view = None  # a new action returns to the present
            if len(self._routes) >= MANY_CLASSES:
                self.routes_changed()
            route = self._prepare(type(action))
        return route

    def _prepare(self, action_class: type[Action]) -> Route[S]:
        while True:
            generation = self.index.generation
            reduce = route_of(self.reducer, action_class)
            for keeper in self.keepers:
                reduce = keeper.around(action_class, reduce)
            route: Route[S] = Route(reduce)
            if self.closed:
                return route
            self._routes[action_class] = route
            if generation is self.index.generation:
                return route
            self._routes.pop(action_class, None)  # the reducer, or its handlers, have changed meanwhile

    def routes_changed(self) -> None:
        self.index.forget_all_routes()


def call(work: Callable[[], None]) -> None:
    """Do a piece of epic work."""
    work()
