"""The state survives the end of the process: it is loaded at the start, and saved as it changes."""

import asyncio
import weakref
from collections.abc import Collection, Mapping
from typing import Any

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ...actions import Action
from ...reducers.containers import StateMapping
from ...store import ActionStream, StateStream, Store
from ...store.engine.core import Core
from ...store.engine.replace import change_state
from ...store.engine.report import log
from ...store.slice_format import put_slices
from ...store.slice_owners import PERSIST, claim, release
from ..operators.flatten import exhaust_map
from ..operators.from_async import from_async
from .choice import Choice
from .given import check_key, check_numbers
from .saved_state import Migration
from .saver import Report, Saver
from .storage import Storage
from .transform import Transform


class Persistor:
    """Saves a store's state as it changes, and once more when the store is closed."""

    def __init__(self, store: Store[Any], saver: Saver, choice: Choice) -> None:
        self._core = store.core
        self._saver = saver
        self._choice = choice
        self._paused = False
        self._shape: Any = None  # tells whether the state has other slices than before

    @property
    def is_paused(self) -> bool:
        return self._paused

    def flush(self) -> None:
        """Save now what has changed, paused or not.

        Raises:
            FormatError: for a slice that cannot be written as JSON, naming it; the others are saved.
            Exception: what the storage raised, such as OSError for a full disk.
        """
        self._saver.state = self._core.state
        for refused in self._saver.save(insist=True):
            raise refused

    def pause(self) -> None:
        """Save nothing by itself until `resume()`; closing the store saves nothing either."""
        self._paused = True

    def resume(self) -> None:
        """Save what has changed meanwhile, and go on."""
        self._paused = False
        self._saver.state = self._core.state
        self._saver.save_or_report()

    def purge(self) -> None:
        """Take the saved slices out of the storage. They are saved again when they change.

        Slices of others in it, such as those of a part of the program that is not loaded, stay.

        Raises:
            Exception: what the storage raised.
        """
        self._saver.state = self._core.state
        self._saver.purge()

    # --- used by the epic ------------------------------------------------------------------------

    def start(self) -> None:
        """Take over the slices that the state has, and load them."""
        state = self._core.state
        self._saver.state = state
        self._shape = _shape_of(state)
        formats = self._choice.formats(self._core.reducer, state)
        self._choice.check(formats, state, self._saver.secrets)
        claim(self._core, formats, PERSIST)
        self._saver.formats = formats
        try:
            self._load(formats)
        except ValueError:
            release(self._core, formats)
            raise

    def see(self, state: Any) -> None:
        """Note the state; slices that were not there before are loaded, and saved from now on."""
        shape = _shape_of(state)
        if shape is self._shape:
            self._saver.state = state
            return
        self._shape = shape
        if not self._paused:
            self._saver.save_or_report()  # of what is there no more
        self._saver.state = state
        self._adopt(state)

    def _adopt(self, state: Any) -> None:
        saver, before = self._saver, self._saver.formats
        formats, refused = self._choice.late_formats(self._core.reducer, state, before, saver.secrets)
        for error in refused:
            self._core.report(error, "persist", f"{error} It is not saved.")
        gone, new = before.keys() - formats.keys(), [name for name in formats if name not in before]
        for name in gone:
            saver.forget(name)
        release(self._core, gone)
        for name in list(new):
            try:
                claim(self._core, [name], PERSIST)
            except ValueError as error:
                self._core.report(error, "persist", f"{error} It is not saved.")
                new.remove(name)
                del formats[name]
        saver.formats = formats
        try:
            self._load(new)
        except ValueError as error:
            self._core.report(error, "persist", f"Slices that came late were not loaded: {error}")

    def _load(self, names: Collection[str]) -> None:
        values = self._saver.load(names)
        if not values:
            return

        def put(state: Any) -> Any:
            self._saver.state = new = put_slices(state, values)
            self._saver.loaded(values)
            return new

        change_state(self._core, put)

    async def save(self) -> None:
        """Save what has changed, in a thread of its own: a disk may take its time."""
        await asyncio.to_thread(self._saver.save_or_report)

    def must_go_on(self) -> bool:
        """Whether something changed while it was being saved."""
        return not self._paused and self._saver.is_due()

    def stop(self) -> None:
        if not self._paused:
            self._saver.save_or_report()


def _shape_of(state: Any) -> Any:
    """The same object as long as the state has the same slices."""
    return state.names if state.__class__ is StateMapping else state.__class__


def _reporter(core: "weakref.ref[Core[Any]]") -> Report:
    """Tells the store of errors; where it is gone, the log."""

    def report(error: Exception, message: str) -> None:
        there = core()
        if there is None:
            log.error("%s", message, exc_info=error)
        else:
            there.report(error, "persist", message)

    return report


def _save_at_exit(saver: Saver) -> None:
    saver.save_or_report()


def persist(
    store: Store[Any],
    storage: Storage,
    *,
    key: str,
    include: Collection[str] | None = None,
    exclude: Collection[str] | None = None,
    version: int = 1,
    migrations: Mapping[int, Migration] | None = None,
    throttle: float = 0.5,
    transforms: Mapping[str, Transform] | None = None,
) -> Persistor:
    """Load the saved state into a store, then save it as it changes, and when the store is closed.

    Call it right after the store is made, before anything else sees it. What cannot be used (broken, of
    a newer version, not ours) is kept aside and reported to `on_error`, and the app starts clean. Each slice is
    loaded and saved by itself: one that does not fit, or cannot be written, costs no other. What is written was read
    back and compared first; where it would come back otherwise, what was saved last stays. Slices that
    `replace_reducer` brings are loaded and saved as well. What is saved of slices that are not there stays.

    A slice that holds secrets is saved only in a storage made for them, such as `KeyringStorage`; by
    default other storages leave it out. A slice's state with a method `restored()` is asked what it is
    after a restart, when nothing is under way any more.

    Args:
        storage: `FileStorage`, `KeyringStorage`, `MemoryStorage`, or an object with their methods.
        key: the name of this state in the storage.
        include: the slices to save, by name; by default all.
        exclude: the slices to leave out.
        version: of the state's shape, from 1.
        migrations: for each older version a function that makes the next one's slices out of its slices,
            both as parsed JSON; a version without one changed nothing. Keys are the versions they start
            from; those of redux-persist, the versions they lead to, are told by having `version` among them.
        throttle: seconds from a change until it is saved, together with all that came meanwhile.
        transforms: for each of these slices a function that gives what is written, and one that makes the slice of it.

    Returns:
        A `Persistor`: `flush()` saves at once, `pause()` and `resume()` hold saving up, `purge()` takes out what is saved.

    Raises:
        TypeError: for what is no storage, an option of another type, or a slice that cannot be written as JSON.
        ValueError: for a slice that does not exist or that somebody else keeps, a secret one in a storage that is not
            made for secrets, the storage of another key, a version below 1.

    See https://github.com/rt2zz/redux-persist

    Examples:
        >>> from rxdux import MemoryStorage, Slice, Store, persist
        >>> counter = Slice("counted", initial=0)
        >>> @counter.action
        ... def add(count: int, amount: int) -> int:
        ...     return count + amount
        >>> storage = MemoryStorage()
        >>> for _ in range(2):
        ...     with Store(counter) as store:
        ...         _ = persist(store, storage, key="app")
        ...         _ = store.dispatch(add(2))
        ...         store.state
        2
        4
    """
    if not isinstance(storage, Storage):  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = (
            f"persist needs a storage with read, write and set_aside, such as FileStorage(path), not {storage!r:.100}."
        )
        raise TypeError(msg)
    check_key(key)
    check_numbers(version, migrations or {}, throttle)
    choice = Choice(storage, include, exclude, transforms or {})
    saver = Saver(storage, key, version, migrations or {}, _reporter(weakref.ref(store.core)))
    persistor = Persistor(store, saver, choice)
    persistor.start()

    def persist_epic(actions: ActionStream, state: StateStream[Any]) -> Observable[Action]:
        nothing: Observable[Action] = rx.empty()
        saved = rx.timer(throttle).pipe(
            ops.flat_map(lambda _: from_async(persistor.save)), ops.do_while(lambda _: persistor.must_go_on())
        )
        return state.pipe(
            ops.skip(1),
            ops.do_action(persistor.see),
            ops.filter(lambda _: not persistor.is_paused),
            exhaust_map(lambda _: saved),
            ops.flat_map(lambda _: nothing),
            ops.finally_action(stop),
        )

    def stop() -> None:
        at_exit.detach()
        persistor.stop()

    at_exit = weakref.finalize(store, _save_at_exit, saver)  # of a store that is dropped, too
    store.add_epic(persist_epic)
    return persistor
