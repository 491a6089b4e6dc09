"""Time travel: what was dispatched, and the state after each action, to look at and to go back to."""

import time
from collections.abc import Callable
from dataclasses import replace
from threading import RLock
from typing import Generic, Self, TypeVar

from reactivex.disposable import CompositeDisposable

from ...actions import Action
from ...actions.internal import OthersActed
from ..engine.replace import check_rewrite, rewrite, travel
from ..store import Store
from ..subscription import Subscription
from .changes import Changes
from .devtools import read_recording, write_recording
from .entry import Entry, Snapshot, entries_of, recording_of
from .lock import lock_state
from .rewritten import computed_anew, moved, without_skipped

S = TypeVar("S")


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
        self._first: S = self._core.state
        self._base: S = self._first
        self._last: S = self._base  # the present state, as far as it was seen
        self._entries: list[Entry[S]] = []
        self._position: int | None = None  # None: at the present
        self._paused = False
        self._locked: Callable[[], None] | None = None  # unlocks
        self._last_id = 0
        self._version = 0
        self._changes = Changes()
        own = store.actions.subscribe(self._record)
        others = store.actions.of_classes(OthersActed).subscribe(self._record_others)
        self._following = Subscription(CompositeDisposable(own, others).dispose)
        self._core.tracers[self] = None

    def __repr__(self) -> str:
        words = [f"entries: {len(self._entries)} of {self._limit}", f"position: {self.position}"]
        if self.is_travelling:
            words.append("travelling")
        if self.is_paused:
            words.append("paused")
        if self.is_locked:
            words.append("locked")
        return f"<History, {', '.join(words)}>"

    # --- what there is ---------------------------------------------------------------------------

    @property
    def store(self) -> Store[S]:
        """The store that is recorded."""
        return self._store

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
    def limit(self) -> int:
        """How many entries are kept."""
        return self._limit

    @property
    def is_paused(self) -> bool:
        return self._paused

    @property
    def is_locked(self) -> bool:
        return self._locked is not None

    @property
    def is_travelling(self) -> bool:
        """Whether something else than the present is shown."""
        return self._position is not None

    def state_at(self, index: int) -> S:
        """The state after an entry; -1 gives the one before the first."""
        return self._base if index < 0 else self._entries[index].state

    def snapshot(self) -> Snapshot[S]:
        """All that there is now, at one moment."""
        with self._lock:
            return Snapshot(
                self._version,
                self._base,
                list(self._entries),
                self.position,
                self._last,
                self._paused,
                self.is_locked,
                self._last_id,
            )

    def index_of(self, id: int) -> int:
        """The place of the entry that has this id; -1 for 0, the state before the first.

        Raises:
            IndexError: for an entry that is not there, or no more.
        """
        with self._lock:
            for index, entry in enumerate(self._entries):
                if entry.id == id:
                    return index
        if id == 0:
            return -1
        msg = f"There is no entry with the id {id!r:.40}: it is not of this history, or was forgotten."
        raise IndexError(msg)

    def subscribe(self, listener: Callable[[], object]) -> Subscription:
        """Call `listener()` whenever the history has changed, in the thread that changed it."""
        return self._changes.subscribe(listener)

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
            self._version += 1
        travel(self._core, state)
        self._changes.tell()

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
            SharedError: for a store with shared slices, whose past is not its own.
        """
        check_rewrite(self._core, "toggle")
        with self._lock:
            self._check_index(index, "toggle")
            entry = self._entries[index]
            entries = list(self._entries)
            entries[index] = replace(entry, skipped=not entry.skipped)
            position = self._position
        self._put(self._base, entries, position)

    def reorder(self, index: int, before: int) -> None:
        """Move an action to before another, and compute all that follows anew.

        Args:
            before: the entry that comes after it then; the number of entries puts it at the end.

        Raises:
            IndexError: for an entry that is not there.
            SharedError: for a store with shared slices, whose past is not its own.
        """
        check_rewrite(self._core, "reorder")
        with self._lock:
            self._check_index(index, "move")
            if before != len(self._entries):
                self._check_index(before, "put it before")
            entries = moved(self._entries, index, before)
            position = self._position
        self._put(self._base, entries, position)

    def sweep(self) -> None:
        """Forget the actions that were taken out. The state stays as it is.

        Raises:
            SharedError: for a store with shared slices, whose past is not its own.
        """
        check_rewrite(self._core, "sweep")
        with self._lock:
            kept = without_skipped(self._entries)
            swept = sum(entry.skipped for entry in self._entries[: self.position + 1])
            position = None if self._position is None else self._position - swept
            base, present = self._base, self._last
        self._put(base, kept, position, (present,))

    def commit(self) -> None:
        """Forget the entries; the present state is what the history begins with."""
        with self._lock:
            self._entries, self._position = [], None
            self._base = self._last = self._core.state
            self._version += 1
        travel(self._core, self._base)
        self._changes.tell()

    def rollback(self) -> None:
        """Go back to what the history began with, for good, and forget the entries.

        Raises:
            SharedError: for a store with shared slices, whose past is not its own.
        """
        check_rewrite(self._core, "rollback")
        self._put(self._base, [], None)

    def reset(self) -> None:
        """Go back to the state that the store had when this history was made, for good, and forget the entries.

        Raises:
            SharedError: for a store with shared slices, whose past is not its own.
        """
        check_rewrite(self._core, "reset")
        self._put(self._first, [], None)

    def lock(self) -> None:
        """Keep the state as it is until `unlock()`: actions reach middleware, listeners and epics, but no reducer, and are not recorded."""
        with self._lock:
            if self._locked is not None:
                return
            self._locked = lock_state(self._core)
            self._version += 1
        self._changes.tell()

    def unlock(self) -> None:
        """Let actions reach the reducers again."""
        with self._lock:
            if self._locked is None:
                return
            self._locked()
            self._locked = None
            self._version += 1
        self._changes.tell()

    def pause(self) -> None:
        """Record no more, until `resume()`."""
        self._paused = True
        self._version += 1
        self._changes.tell()

    def resume(self) -> None:
        """Record again."""
        self._paused = False
        self._version += 1
        self._changes.tell()

    def stop(self) -> None:
        """Record no more. What was recorded stays, and no lock."""
        self.unlock()
        self._following.unsubscribe()
        self._core.tracers.pop(self, None)

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
        return write_recording(recording_of(self.snapshot()), self._core.reducer)

    def load(self, text: str) -> None:
        """Put a recording of the Redux DevTools in the place of this history, and of the state.

        It has no effects. States are computed anew by the reducer; a list of actions will do.

        Raises:
            ValueError: for a text that is no recording, an action of a type that nobody has defined, or
                a state of another shape.
            SharedError: for a store with shared slices, whose past is not its own.
        """
        check_rewrite(self._core, "load")
        recording = read_recording(text, self._core.reducer, self._core.state)
        entries = entries_of(recording, self._base)
        last = len(entries) - 1
        position = None if recording.position >= last else recording.position
        self._put(recording.states[0], entries, position, recording.present)

    # --- inside ----------------------------------------------------------------------------------

    def _record(self, action: Action) -> None:
        state = self._core.shown_state
        with self._lock:
            before, self._last = self._last, state
            if self._position is not None:
                self._position = None
                self._version += 1
            if self._paused or self._locked is not None:
                return
            expected = self._entries[-1].state if self._entries else self._base
            gap = None if before is expected else before
            cause, awaited = self._core.shown_cause or (None, None)
            source, id = self._core.shown_source, self._new_id()
            entry = Entry(action, state, time.time(), source, before=gap, id=id, cause=cause, awaited=awaited)
            self._entries.append(entry)
            if len(self._entries) > self._limit:
                self._base = self._entries.pop(0).state
        self._changes.tell()

    def _record_others(self, acted: OthersActed) -> None:
        """Others' actions are appended, and do not end a travel."""
        with self._lock:
            self._last = self._core.shown_state
            if self._paused:
                return
            now = time.time()
            for action, state, source in acted.entries:
                self._last_id += 1
                self._entries.append(Entry(action, state, now, source, id=self._last_id))
            excess = len(self._entries) - self._limit
            if excess > 0:
                self._base = self._entries[excess - 1].state
                del self._entries[:excess]
                if self._position is not None:
                    self._position = max(-1, self._position - excess)
        self._changes.tell()

    def _put(self, base: S, entries: list[Entry[S]], position: int | None, present: tuple[S] | None = None) -> None:
        """Compute the states of these entries, and let the store go on from the last, or from the present one that is given."""
        numbered = [entry if entry.id else replace(entry, id=self._new_id()) for entry in entries]
        computed = computed_anew(self._core.reducer, base, numbered)
        with self._lock:
            self._version += 1
            self._base, self._entries, self._position = base, computed, position
            self._last = present[0] if present else computed[-1].state if computed else base
        rewrite(self._core, self._last)
        if position is not None:
            travel(self._core, self.state_at(position))
        self._changes.tell()

    def _new_id(self) -> int:
        with self._lock:
            self._last_id += 1
            return self._last_id

    def _check_index(self, index: int, what: str) -> None:
        last = len(self._entries) - 1
        if not 0 <= index <= last:
            msg = f"There is no entry {index!r} to {what}. The history goes from 0 to {last}."
            raise IndexError(msg)
