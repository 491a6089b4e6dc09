"""Parts of the state as Observables; a change of one slice touches only the selections that read it.

Which slices a selector reads is seen by watching it: it is called with the state in a thin wrapper
that notes the slices it takes. It is called again only when one of them has changed, and watched
again then, so that it may read different slices at different times. A selector that takes more than
slices, or a state that has none, is called for every change.
"""

from collections.abc import Callable, Collection
from functools import partial
from itertools import count
from threading import RLock
from typing import Any, Generic, Protocol, TypeVar

from reactivex import abc

from ...reducers.containers import StateMapping
from ...reducers.state import field_names
from .names import name_of

S = TypeVar("S")
R = TypeVar("R")
S_co = TypeVar("S_co", covariant=True)

_NOTHING: Any = object()


class SelectionCore(Protocol[S_co]):
    """What selections need of a store."""

    @property
    def report(self) -> Callable[[BaseException, str, str], None]: ...
    def read_state(self) -> S_co: ...
    def add_listener(self, key: object, listener: Callable[[Any], object]) -> None: ...
    def remove_listener(self, key: object) -> None: ...


def is_same(one: object, other: object) -> bool:
    """Whether a value did not change: by identity, then by ==. What cannot be compared has changed."""
    if one is other:
        return True
    try:
        return bool(one == other)
    except Exception:
        return False


class Watched:
    """A state that notes which of its slices are taken."""

    __slots__ = ("_names", "_state", "_taken", "_whole")

    def __init__(self, state: Any, names: Collection[str]) -> None:
        self._state = state
        self._names = names
        self._taken: set[str] = set()
        self._whole = False

    @property
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] -- what stands for an AppState is one
        return self._state.__class__

    def __getattr__(self, name: str) -> Any:
        if name in self._names and not isinstance(self._state, StateMapping):
            self._taken.add(name)
            return getattr(self._state, name)
        found = getattr(self._state.__class__, name, None)
        if isinstance(found, property) and found.fget is not None:
            return found.fget(self)
        self._whole = True
        return getattr(self._state, name)

    def __getitem__(self, name: Any) -> Any:
        if name in self._names:
            self._taken.add(name)
        else:
            self._whole = True
        return self._state[name]

    def taken(self) -> "Collection[str | None]":
        """The slices that were taken; None among them for more than slices."""
        return (None,) if self._whole else self._taken


def slice_names(state: Any) -> Collection[str]:
    """The names of a state's slices; none where it has none."""
    return state.names if isinstance(state, StateMapping) else field_names(state.__class__)


def slice_reader(state: Any) -> Callable[[str], Any]:
    """The function that reads a slice of this state."""
    return state.read if isinstance(state, StateMapping) else partial(getattr, state)


class Selection(Generic[S, R]):
    """One subscriber of `store.select(selector)`, filed under the slices that its selector took last."""

    __slots__ = ("_last", "_selector", "filed", "name", "number", "observer")

    def __init__(self, selector: Callable[[S], R], observer: abc.ObserverBase[R], number: int) -> None:
        self._selector = selector
        self._last: R = _NOTHING
        self.observer = observer
        self.number = number
        self.name = f"select({name_of(selector)})"
        self.filed: Collection[str | None] = ()

    def select(self, state: S, names: Collection[str]) -> "tuple[R, Collection[str | None]]":
        """The value, and the slices that it came of."""
        if names:
            watched = Watched(state, names)
            try:
                value = self._selector(watched)  # pyright: ignore[reportArgumentType] -- it stands for the state
            except Exception:
                value = watched  # perhaps it cannot bear the wrapper: the state itself will tell
            if type(value) is not Watched:
                return value, watched.taken()  # pyright: ignore[reportReturnType]
        return self._selector(state), (None,)

    def show(self, value: R) -> None:
        """Pass the value on if it differs from the last."""
        if not is_same(value, self._last):
            self._last = value
            self.observer.on_next(value)


class Selections(Generic[S]):
    """All selections of a store: one listener, with an index by slice."""

    def __init__(self, core: SelectionCore[S]) -> None:
        self._core = core
        self._by_slice: dict[str | None, dict[Selection[S, Any], None]] = {}
        self._selections: dict[Selection[S, Any], None] = {}
        self._numbers = count()
        self._lock = RLock()  # reentrant: a garbage collection may end a selection right in here
        self._state: Any = _NOTHING
        self._names: Collection[str] = ()

    def add(self, selector: Callable[[S], R], observer: abc.ObserverBase[R]) -> Selection[S, R]:
        """Begin a selection with the present value."""
        selection: Selection[S, R] = Selection(selector, observer, next(self._numbers))
        with self._lock:
            if not self._selections:
                self._core.add_listener(self, self._listen)
                self._state = self._core.read_state()
                self._names = slice_names(self._state)
            self._selections[selection] = None
        self._look(selection)
        return selection

    def end(self, selection: Selection[S, Any]) -> None:
        with self._lock:
            self._file(selection, ())
            if self._selections.pop(selection, _NOTHING) is None and not self._selections:
                self._core.remove_listener(self)

    def end_all(self) -> list[abc.ObserverBase[Any]]:
        """End all, and say who is to be told."""
        with self._lock:
            ended = list(self._selections)
            self._selections.clear()
            self._by_slice.clear()
        return [selection.observer for selection in ended]

    def _listen(self, state: S) -> None:
        if state is self._state:
            return
        before, self._state = self._state, state
        names, self._names = self._names, slice_names(state)
        with self._lock:
            filed = list(self._by_slice)
        if names is self._names or names == self._names:
            now, then = slice_reader(state), slice_reader(before)
            changed = [name for name in filed if name is None or now(name) is not then(name)]
        else:
            changed = filed  # a state of another shape
        with self._lock:
            concerned = {each for name in changed for each in self._by_slice.get(name, ())}
        for selection in sorted(concerned, key=lambda each: each.number):
            self._look(selection)

    def _look(self, selection: Selection[S, Any]) -> None:
        """Let one selection look at the state as it is now, and file it under the slices that it took."""
        state = self._core.read_state()
        try:
            value, taken = selection.select(state, self._names if state is self._state else slice_names(state))
        except Exception as error:
            self._file(selection, (None,))  # what it would have read is not known
            self._failed(selection, error)
            return
        self._file(selection, taken)
        try:
            selection.show(value)
        except Exception as error:
            self._failed(selection, error)

    def _failed(self, selection: Selection[S, Any], error: Exception) -> None:
        self._core.report(error, selection.name, f"{selection.name} failed: {error!r}")

    def _file(self, selection: Selection[S, Any], names: Collection[str | None]) -> None:
        with self._lock:
            if selection.filed == names or selection not in self._selections:
                return
            for name in selection.filed:
                del self._by_slice[name][selection]
            for name in names:
                self._by_slice.setdefault(name, {})[selection] = None
            selection.filed = names
