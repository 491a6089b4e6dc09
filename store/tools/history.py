"""Time travel: what was dispatched, and the state after each action, to look at and to go back to."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from threading import RLock
from typing import Generic, Self, TypeVar

from ...actions import Action
from ..engine.replace import rewrite, travel
from ..store import Store
from ..subscription import Subscription
from .devtools import Recording, read_recording, write_recording

S = TypeVar("S")


@dataclass(frozen=True)
class Entry(Generic[S]):
    """One action in a history.

    Attributes:
        state: after the action.
        time: when it was applied, in seconds since 1970.
        source: the name of the epic that emitted it; None for the app.
        skipped: whether `toggle` took it out.
        error: why its reducer failed when the history was computed anew; the state is that before it then.
    """

    action: Action
    state: S
    time: float
    source: str | None = None
    skipped: bool = False
    error: str | None = None
    before: S | None = None  # where it does not follow the entry before it: something went unrecorded


class History(Generic[S]):
    """Records what a store does, and shows any state that it was in.

    To travel changes what `store.state`, listeners and selections show. It has no effects: epics see
    nothing of it and go on with the present, to which the next action returns.

    Args:
        store: recorded from now on, until `stop()` or the end of a `with` block.
        limit: how many entries are kept, the latest ones.

    See https://github.com/reduxjs/redux-devtools

    Examples:
        >>> from rxdux import History, Slice, Store
        >>> steps = Slice("steps", initial=0)
        >>> @steps.action
        ... def walk(state: int, far: int) -> int:
        ...     return state + far
        >>> store = Store(steps)
        >>> history = History(store)
        >>> for far in (1, 10, 100):
        ...     _ = store.dispatch(walk(far))
        >>> history.undo()
        >>> store.state, history.position
        (11, 1)
        >>> history.toggle(0)
        >>> [entry.state for entry in history.entries]
        [0, 10, 110]
        >>> _ = store.dispatch(walk(1))
        >>> store.state, history.position
        (111, 3)
    """

    def __init__(self, store: Store[S], limit: int = 1000) -> None:
        if limit < 1:
            msg = f"History(limit=...) must be 1 or more, not {limit!r}."
            raise ValueError(msg)
        self._store = store
        self._core = store.core
        self._limit = limit
        self._lock = RLock()  # entries come from whichever thread dispatches
        self._base: S = self._core.state
        self._last: S = self._base  # the present state, as far as it was seen
        self._entries: list[Entry[S]] = []
        self._position: int | None = None  # None: at the present
        self._paused = False
        self._listeners: dict[object, Callable[[], object]] = {}
        following = store.actions.subscribe(self._record)
        self._following = Subscription(following.dispose)

    # --- what there is ---------------------------------------------------------------------------

    @property
    def entries(self) -> list[Entry[S]]:
        """What was recorded, the oldest first."""
        with self._lock:
            return list(self._entries)

    @property
    def base(self) -> S:
        """The state before the first entry."""
        return self._base

    @property
    def position(self) -> int:
        """The entry whose state is shown; -1 for the state before the first."""
        with self._lock:
            return len(self._entries) - 1 if self._position is None else self._position

    @property
    def is_paused(self) -> bool:
        return self._paused

    @property
    def is_travelling(self) -> bool:
        """Whether something else than the present is shown."""
        return self._position is not None

    def state_at(self, index: int) -> S:
        """The state after an entry; -1 gives the one before the first."""
        return self._base if index < 0 else self._entries[index].state

    def subscribe(self, listener: Callable[[], object]) -> Subscription:
        """Call `listener()` whenever the history has changed, in the thread that changed it."""
        key = object()
        self._listeners[key] = listener

        def stop() -> None:
            self._listeners.pop(key, None)

        return Subscription(stop)

    # --- travel ----------------------------------------------------------------------------------

    def jump(self, index: int) -> None:
        """Show the state after an entry; -1 shows the one before the first.

        Raises:
            IndexError: for an entry that is not there.
        """
        with self._lock:
            last = len(self._entries) - 1
            if not -1 <= index <= last:
                msg = f"There is no entry {index!r} to jump to. The history goes from -1 to {last}."
                raise IndexError(msg)
            state = self.state_at(index)
            self._position = None if index == last else index
        travel(self._core, state)
        self._changed()

    def undo(self) -> None:
        """Show the state before; at the beginning nothing happens."""
        if self.position >= 0:
            self.jump(self.position - 1)

    def redo(self) -> None:
        """Show the state after; at the present nothing happens."""
        if self.is_travelling:
            self.jump(self.position + 1)

    def toggle(self, index: int) -> None:
        """Take an action out, or put it in again, and compute all that follows anew.

        Raises:
            IndexError: for an entry that is not there.
        """
        with self._lock:
            if not 0 <= index < len(self._entries):
                msg = f"There is no entry {index!r} to toggle. The history goes from 0 to {len(self._entries) - 1}."
                raise IndexError(msg)
            entry = self._entries[index]
            entries = list(self._entries)
            entries[index] = replace(entry, skipped=not entry.skipped)
            position = self._position
        self._put(self._base, entries, position)

    def commit(self) -> None:
        """Forget the entries; the present state is what the history begins with."""
        with self._lock:
            self._entries, self._position = [], None
            self._base = self._last = self._core.state
        travel(self._core, self._base)
        self._changed()

    def rollback(self) -> None:
        """Go back to what the history began with, for good, and forget the entries."""
        self._put(self._base, [], None)

    def pause(self) -> None:
        """Record no more, until `resume()`."""
        self._paused = True
        self._changed()

    def resume(self) -> None:
        """Record again."""
        self._paused = False
        self._changed()

    def stop(self) -> None:
        """Record no more. What was recorded stays."""
        self._following.unsubscribe()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.stop()

    # --- export and load -------------------------------------------------------------------------

    def export(self) -> str:
        """The history as JSON of the Redux DevTools. Secrets are masked.

        Raises:
            ValueError: for a state that cannot be written as JSON.
        """
        with self._lock:
            actions = [(entry.action, entry.time, entry.source, entry.skipped) for entry in self._entries]
            states = [self._base, *(entry.state for entry in self._entries)]
            recording = Recording(actions, states, self.position, is_paused=self._paused)
        return write_recording(recording, self._core.reducer)

    def load(self, text: str) -> None:
        """Put a recording of the Redux DevTools in the place of this history, and of the state.

        It has no effects. States are computed anew by the reducer; a list of actions will do.

        Raises:
            ValueError: for a text that is no recording, an action of a type that nobody has defined, or
                a state of another shape.
        """
        recording = read_recording(text, self._core.reducer, self._core.state)
        entries = [Entry(action, self._base, at, source, skipped) for action, at, source, skipped in recording.actions]
        last = len(entries) - 1
        self._put(recording.states[0], entries, None if recording.position >= last else recording.position)

    # --- inside ----------------------------------------------------------------------------------

    def _record(self, action: Action) -> None:
        state = self._core.shown_state
        with self._lock:
            before, self._last = self._last, state
            self._position = None
            if self._paused:
                return
            expected = self._entries[-1].state if self._entries else self._base
            gap = None if before is expected else before
            self._entries.append(Entry(action, state, time.time(), self._core.shown_source, before=gap))
            if len(self._entries) > self._limit:
                self._base = self._entries.pop(0).state
        self._changed()

    def _put(self, base: S, entries: list[Entry[S]], position: int | None) -> None:
        """Compute the states of these entries, and let the store go on from the last."""
        computed = self._compute(base, entries)
        with self._lock:
            self._base, self._entries, self._position = base, computed, position
            self._last = computed[-1].state if computed else base
        rewrite(self._core, self._last)
        if position is not None:
            travel(self._core, self.state_at(position))
        self._changed()

    def _compute(self, base: S, entries: list[Entry[S]]) -> list[Entry[S]]:
        state, computed = base, list[Entry[S]]()
        for entry in entries:
            before = state if entry.before is None else entry.before
            state, error = before, None
            if not entry.skipped:
                try:
                    state = self._core.reducer(before, entry.action)
                except Exception as failure:
                    error = f"{type(failure).__name__}: {failure}"
            computed.append(replace(entry, state=state, error=error))
        return computed

    def _changed(self) -> None:
        for listener in list(self._listeners.values()):
            listener()
