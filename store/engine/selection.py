"""Parts of the state as Observables; a change of one slice touches only the selections that read it.

Which slices a selector reads is seen by watching it, and of a slice of entities or a persistent map, which
keys. It is called again only when one of them has changed, and watched again then, so that it may read
different ones at different times. A selector that takes more, or a state that has no slices, is called for
every change. Selectors that are equal, such as those of a thousand who look at one query, are called once for all.
"""

from collections.abc import Callable, Collection
from itertools import compress, count
from operator import is_not
from threading import get_ident
from typing import Any, Generic, Protocol, TypeVar

from reactivex import abc

from .look import Looks, is_hashable, is_same
from .names import name_of
from .report import USER_ERRORS, EndlessRoundsError, check_endless
from .watched import WHOLE, Parts, Path, parts_of, touched, watch

S = TypeVar("S")
R = TypeVar("R")
S_co = TypeVar("S_co", covariant=True)

_NOTHING: Any = object()
_numbers = count(1)


class SelectionCore(Protocol[S_co]):
    """What selections need of a store."""

    depth: int

    @property
    def report(self) -> Callable[[BaseException, str, str], None]: ...
    def read_state(self) -> S_co: ...
    def add_listener(self, key: object, listener: Callable[[Any], object]) -> None: ...
    def remove_listener(self, key: object) -> None: ...


class Selection(Generic[S, R]):
    """One subscriber of `store.select(selector)`, filed under the slices that its selector took last.

    While it begins, threads may look at the same time: the one that begins it, and the one that changes the state. Who
    is the last to leave, when several were inside, looks again: so the last value is shown last.
    """

    __slots__ = (
        "_crossed",
        "_inside",
        "_last",
        "_latest",
        "_seen",
        "alike",
        "deep",
        "filed",
        "has_begun",
        "name",
        "number",
        "observer",
        "selector",
    )

    def __init__(self, selector: Callable[[S], R], observer: abc.ObserverBase[R], number: int) -> None:
        self.selector = selector
        self.alike: object = selector if is_hashable(selector) else self  # one for all whose selectors are equal
        self._last: R = _NOTHING  # passed on
        self._seen: R = _NOTHING  # passed on, and done with
        self._inside: list[int] = []
        self._crossed = False
        self._latest = 0
        self.observer = observer
        self.number = number
        self.name = f"select({name_of(selector)})"
        self.filed: dict[Path, None] = {}
        self.deep = True  # as long as it bears to be watched so
        self.has_begun = False  # whether the thread that began it has looked

    def enter(self) -> int:
        """Begin to look, before the state is read. Gives the number of the look: a later one sees no older state."""
        thread = get_ident()
        self._inside.append(thread)
        if len(self._inside) > 1 and any(other != thread for other in self._inside):
            self._crossed = True
        return next(_numbers)

    def leave(self) -> bool:
        """End to look; whether to look again."""
        if get_ident() in self._inside:  # else an interrupt came before it was noted
            self._inside.remove(get_ident())
        if not self._crossed or self._inside:
            return False
        self._crossed = False
        self._last = self._seen
        return True

    def show(self, value: R, compared: list[Any], number: int) -> None:
        """Pass the value on if it differs from the last, and no later look was faster."""
        if number < self._latest:
            return
        self._latest = number
        last = self._last
        if value is last:
            return
        if not compared or compared[0] is not last:
            compared[:] = last, not is_same(value, last)
        if compared[1]:
            self._last = value
            self.observer.on_next(value)
            self._seen = value


class Selections(Generic[S]):
    """All selections of a store: one listener, with an index by what they took of the state."""

    def __init__(self, core: SelectionCore[S]) -> None:
        self._core = core
        self._by_path: dict[Path, dict[Selection[S, Any], None]] = {}
        self._below: dict[Path, dict[Any, None]] = {}  # how the paths go on, under which somebody is filed
        self._selections: dict[Selection[S, Any], None] = {}
        self._numbers = count()
        self._state: Any = _NOTHING
        self._known: tuple[Any, tuple[Any, ...], Parts] = (
            _NOTHING,
            (),
            None,
        )  # of the last state: its parts by these keys

    def add(self, selector: Callable[[S], R], observer: abc.ObserverBase[R]) -> Selection[S, R]:
        """Begin a selection with the present value."""
        selection: Selection[S, R] = Selection(selector, observer, next(self._numbers))
        if not self._selections:
            self._state = self._core.read_state()
        self._selections[selection] = None
        self._core.add_listener(self, self._listen)
        self._begin(selection)
        selection.has_begun = True
        return selection

    def end(self, selection: Selection[S, Any]) -> None:
        self._selections.pop(selection, None)
        self._file(selection, ())
        if not self._selections:
            self._core.remove_listener(self)
            if self._selections:  # one has begun in between
                self._core.add_listener(self, self._listen)

    def all(self) -> list[Selection[S, Any]]:
        """Those that have not ended."""
        return list(self._selections)

    def end_all(self) -> None:
        for selection in self.all():
            self.end(selection)

    def _listen(self, state: S) -> None:
        before = self._state
        if state is before:
            return
        concerned: set[Selection[S, Any]] = set()
        keys = (*self._below.get((), ()),)
        known = self._known
        then = known[2] if known[0] is before and known[1] == keys else parts_of(before, keys)
        now = parts_of(state, keys)
        self._find((), keys, then, now if type(before) is type(state) else None, concerned)
        self._known = (state, keys, now)
        looks: Looks = {}
        for selection in sorted(concerned, key=_number):
            if not selection.has_begun:
                self._begin(selection)
                continue
            try:  # from then on only rounds look, in one thread at a time
                self._show(selection, next(_numbers), looks)
            except USER_ERRORS as error:
                self._failed(selection, error)
        if self._state is before:  # at the end: who is interrupted looks at this change with the next
            self._state = state

    def _find(
        self, path: Path, keys: tuple[Any, ...], then: Parts, now: Parts, found: "set[Selection[S, Any]]"
    ) -> None:
        """Find the selections that a change of what is at this path concerns, and go on to the parts that changed."""
        found.update(list(self._by_path.get(path, ())))
        if then is None or now is None:  # it is of another kind now, with other parts
            for key in keys:
                below = (*path, key)
                self._find(below, (*self._below.get(below, ()),), None, None, found)
            return
        for place in compress(range(len(keys)), map(is_not, then, now)):
            one, other, below = then[place], now[place], (*path, keys[place])
            filed = self._below.get(below, {})
            further = touched(one, other, filed)
            alike = type(one) is type(other)
            self._find(below, further, parts_of(one, further), parts_of(other, further) if alike else None, found)

    def _begin(self, selection: Selection[S, Any]) -> None:
        """Let a selection look at the state as it is now, while it begins: other threads may do so too."""
        again = True
        while again:
            try:
                number = selection.enter()
                self._show(selection, number, {})
            except USER_ERRORS as error:
                self._failed(selection, error)
            finally:
                again = selection.leave()

    def _failed(self, selection: Selection[S, Any], error: BaseException) -> None:
        try:
            check_endless(error, self._core)
        except EndlessRoundsError as endless:
            endless.names[selection.name] = None
            raise
        self._core.report(error, selection.name, f"{selection.name} failed: {error!r}")

    def _show(self, selection: Selection[S, Any], number: int, looks: Looks) -> None:
        """Select, file the selection under the slices that it took, and pass the value on."""
        alike = selection.alike
        while True:
            state = self._core.read_state()
            look = looks.get(alike)
            if look is None or look[0] is not state:
                try:
                    look = looks[alike] = state, watch(selection.selector, state, deep=selection.deep), []
                except USER_ERRORS:
                    self._file(selection, WHOLE)  # what it would have read is not known
                    raise
            _, (value, taken, selection.deep), compared = look
            if selection.filed.keys() == taken:
                break
            self._file(selection, taken)
            if self._core.read_state() is state:
                break  # else it changed, perhaps before the selection was filed where the change is looked up
        if selection in self._selections:
            selection.show(value, compared, number)

    def _file(self, selection: Selection[S, Any], paths: Collection[Path]) -> None:
        """File it under these paths. Without a lock: of two threads that do so at once, the last to leave does it again."""
        for path in paths:
            selection.filed[path] = None
            self._put(path, selection)
        for path in list(selection.filed):
            if path not in paths or selection not in self._selections:
                selection.filed.pop(path, None)
                self._take_out(path, selection)

    def _put(self, path: Path, selection: Selection[S, Any]) -> None:
        while True:
            filed = self._by_path.setdefault(path, {})
            filed[selection] = None
            self._lead_to(path)
            if self._by_path.get(path) is filed and self._is_led_to(path):
                return  # else it was thrown away in between, as empty

    def _lead_to(self, path: Path) -> None:
        for length in range(len(path)):
            self._below.setdefault(path[:length], {})[path[length]] = None

    def _is_led_to(self, path: Path) -> bool:
        return all(path[length] in self._below.get(path[:length], ()) for length in range(len(path)))

    def _take_out(self, path: Path, selection: Selection[S, Any]) -> None:
        filed = self._by_path.get(path)
        if filed is None:
            return
        filed.pop(selection, None)
        if not filed and self._by_path.pop(path, None) is filed:
            self._lead_away(path)
            for other in list(filed):
                self._put(path, other)  # filed in between

    def _lead_away(self, path: Path) -> None:
        """Forget the way to what is filed no more, and to nothing else."""
        while path and path not in self._by_path and not self._below.get(path):
            self._below.pop(path, None)
            above = path[:-1]
            self._below.get(above, {}).pop(path[-1], None)
            if path in self._by_path or self._below.get(path):
                self._lead_to(path)  # filed in between
            path = above


class Ending(abc.DisposableBase):
    """Ends a selection. A second time it does nothing."""

    __slots__ = ("_selection", "_selections")

    def __init__(self, selections: Selections[Any], selection: Selection[Any, Any]) -> None:
        self._selections = selections
        self._selection = selection

    def dispose(self) -> None:
        self._selections.end(self._selection)


def _number(selection: Selection[Any, Any]) -> int:
    return selection.number
