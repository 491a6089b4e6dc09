"""The heart of a store: takes actions one at a time, from any thread, and shows each to reducers,
listeners and epics, in this order.

Who has the *role* is the only thread at work (see `role.py`). Who finds it taken leaves its action in the
queue; who is done with its own looks at the queue once more. So no action is forgotten, and no thread waits
for another.

Here are the doors, for any thread; what is done behind them is in `work.py`.
"""

import os
from collections.abc import Callable
from contextvars import copy_context
from threading import get_ident
from typing import Any, TypeVar
from weakref import WeakSet

from ...actions import Action
from ...reducers import ReducerError, ReducerFn
from .action_stream import Owner
from .app import App
from .chain import CallNext
from .event_loop import StoreLoop
from .listeners import Listener
from .report import DEEPEST, EndlessRoundsError, OnError
from .role import Call, Failed, Role, check_refusal
from .work import APPLYING, EPICS, MORE, NO_ITEM, REDUCING, Worker, call

S = TypeVar("S")


class Core(Worker[S]):
    """How work comes to who has the role, from any thread."""

    def __init__(self, reducer: ReducerFn[S], on_error: OnError | None) -> None:
        super().__init__(reducer, on_error)
        self.loop = StoreLoop()
        self.app = App(self)
        self._role = Role(self._work)
        self._send = self._role.send
        _cores.add(self)

    # --- dispatch --------------------------------------------------------------------------------

    def dispatch(self, action: Action) -> object:
        """Dispatch without middleware. It is `_alone(_apply, action)` with less on the way: the hottest path there is."""
        try:
            result = self._send(action)
        except (ValueError, StopIteration) as error:
            check_refusal(error)
            is_at_work = isinstance(error, ValueError)
        else:
            if self._queue:
                self.help()
            if result is not action:
                raise result.take()
            return action
        if is_at_work:
            return self._apply_while_busy(action)
        self.take_over()
        return self.dispatch(action)

    def dispatch_through(self, action: object) -> Any:
        """Dispatch through the middleware."""
        if type(action) not in self._routes:
            if not isinstance(action, Action):
                self.check_open("dispatch")
                return self.chain(action)  # for a middleware such as thunk, which holds nobody up
            self._admit(action)
        return self._alone(self.chain, action, self._chain_while_busy)

    def call_reducer(self, action: Any) -> Any:
        """The innermost `call_next` of the middleware."""
        self._route(action)
        if self.phase == APPLYING and self.is_mine():
            return self._apply(action)
        return self._alone(self._apply, action, self._apply_while_busy)  # the chain was not run by the store

    def _alone(self, apply: CallNext, action: Any, while_busy: CallNext) -> Any:
        """Apply the action in the role; where somebody has it, leave it to `while_busy`."""
        while True:
            try:
                result = self._send(Call(apply, action))
                break
            except StopIteration as error:
                check_refusal(error)
                self.take_over()
            except ValueError as error:
                check_refusal(error)
                result = MORE
                break
        if result is MORE:
            return while_busy(action)
        if self._queue:
            self.help()
        if type(result) is Failed:
            raise result.take()
        return result

    def _apply_while_busy(self, action: Any) -> Any:
        return self._dispatch_while_busy(self._apply, action)

    def _chain_while_busy(self, action: Any) -> Any:
        return self._dispatch_while_busy(self.chain, action)

    def _dispatch_while_busy(self, apply: CallNext, action: Any) -> Any:
        self._admit(action)
        self.guard("dispatch")
        if self.phase == APPLYING and self.is_mine():
            return self._dispatch_inside(apply, action)
        self._queue_up(apply, action)
        return action

    def _queue_up(self, apply: CallNext, action: Any) -> None:
        self._queue.append((APPLYING, apply, action, None, copy_context()))
        self.help()

    def _dispatch_inside(self, apply: CallNext, action: Any) -> Any:
        """Apply what a listener or a middleware dispatches: it is theirs, not the epic's whose action they look at."""
        outer, self._origin = self._origin, (NO_ITEM, None, copy_context())
        self.depth += 1
        try:
            if self.depth > DEEPEST:
                raise EndlessRoundsError
            return apply(action)
        finally:
            self.phase = APPLYING
            self.depth -= 1
            self._origin = outer

    # --- the role --------------------------------------------------------------------------------

    def take_over(self) -> Role:
        """Go on in the place of a role that an interrupt has ended."""
        role = self._role.succeed(self._work)
        self._role, self._send = role, role.send
        return role

    def help(self) -> None:
        """Do what is queued, unless somebody is at it: that one will look at the queue again."""
        while self._queue:
            try:
                self._send(MORE)
            except ValueError as error:
                check_refusal(error)
                return
            except StopIteration as error:
                check_refusal(error)
                self.take_over()

    def forked(self) -> None:
        """Go on in a new process, in which only the thread runs that forked."""
        if not self._role.is_on_my_stack():
            self._renew_contexts()
            self._role = Role(self._work)
            self._send = self._role.send
        self.quiet.forget()
        self.loop.forked()
        for run in list(self.runs):
            self.post(run.forked, run)

    # --- the queue -------------------------------------------------------------------------------

    def emit(self, action: Any, owner: Owner) -> None:
        """Queue what an epic emitted."""
        if self.closed:
            return
        try:
            if type(action) not in self._routes:
                self._route(action)
        except TypeError as error:
            self.report(error, owner.name, f"The epic {owner.name} emitted what is no action; it was dropped. {error}")
            return
        self._queue.append((APPLYING, self.chain, action, owner, copy_context()))
        role = self._role
        if role.owner != get_ident() or not role.generator.gi_running:
            self.help()

    def post(self, work: Callable[[], None], owner: Owner) -> None:
        """Have `work` done in the role, as epic work: now if nothing is going on, else in its turn.

        An interrupt in the middle of it has it done again: it must bear that.
        """
        self._queue.append((EPICS, call, work, owner, copy_context()))
        if not self.is_mine():
            self.help()

    def look_for_rest(self) -> None:
        """Have those told who wait for the store, if it is at rest: it looks at them when nothing is left to do."""
        self.post(_nothing, self.app)

    def is_mine(self) -> bool:
        """Whether this thread is the one at work."""
        return self._role.is_mine()

    def turn(self) -> object:
        """Stays the same until an interrupt has ended what was going on."""
        return self._role

    # --- the state -------------------------------------------------------------------------------

    def in_role(self, apply: Callable[[Any], None], action: Any = None) -> None:
        """Do it now where this thread may, else in its turn."""
        if self.is_mine() and self.phase == APPLYING:
            self._dispatch_inside(apply, action)
        else:
            self._alone(apply, action, lambda action: self._queue_up(apply, action))

    def read_state(self) -> S:
        if self.phase == REDUCING:
            self.guard("state")
        if self.view is not None:
            return self.view[0]
        try:
            return self._outbox[-1][1]  # the newest, even where an interrupt came before the next step
        except IndexError:
            return self.state

    def guard(self, name: str) -> None:
        """Refuse what a reducer must not do.

        Raises:
            ReducerError: inside a reducer, in the thread that runs it.
        """
        if self.phase == REDUCING and self._role.is_on_my_stack():
            msg = (
                f"store.{name} was used inside a reducer. A reducer is a pure function of (state, action): "
                "it has the state as its argument. Dispatch from a listener, a middleware or an epic."
            )
            raise ReducerError(msg)

    # --- listeners and errors --------------------------------------------------------------------

    def add_listener(self, key: object, listener: Listener[S]) -> None:
        self.guard("subscribe")
        self.check_open("subscribe")
        self.listeners.add(key, listener)

    def remove_listener(self, key: object) -> None:
        self.guard("unsubscribe")
        self.listeners.remove(key)


_cores: WeakSet[Core[Any]] = WeakSet()


def _after_fork() -> None:
    for core in list(_cores):
        core.forked()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


def _nothing() -> None:
    pass
