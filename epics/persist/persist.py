"""The state survives the end of the process: it is loaded at the start, and saved as it changes."""

import asyncio
import atexit
from collections.abc import Collection, Mapping
from threading import Lock
from typing import Any

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ...actions import Action
from ...store import ActionStream, StateStream, Store
from ...store.engine.replace import replace_state
from ...store.slice_format import Format, FormatError, formats_of, put_slices, slices_of
from ..operators.flatten import exhaust_map
from ..operators.from_async import from_async
from .saved_state import Migration, decode, encode
from .storage import PersistError, Storage


class Persistor:
    """Saves a store's state as it changes, and once more when the store is closed."""

    def __init__(self, store: Store[Any], storage: Storage, formats: dict[str, Format], key: str, version: int) -> None:
        self._store = store
        self._storage = storage
        self._formats = formats
        self._key = key
        self._version = version
        self._saved: dict[str, Any] | None = None  # the slices as they are in the storage
        self._may_write = True
        self._failed = False
        self._writing = Lock()

    def flush(self) -> None:
        """Save now what has changed.

        Raises:
            FormatError: for a state that cannot be written as JSON.
            Exception: what the storage raised, such as OSError for a full disk.
        """
        with self._writing:
            slices = self._slices()
            if not self._may_write or not self._is_news(slices):
                return
            content = {name: self._formats[name].dump(value) for name, value in slices.items()}
            self._storage.write(self._key, encode(self._key, self._version, content))
            self._saved = slices

    def load(self, migrations: Mapping[int, Migration]) -> None:
        """Put what is saved in the place of the slices that are persisted; report what cannot be used."""
        try:
            text = self._storage.read(self._key)
            if text is None:
                return
            found, migrated = decode(text, self._key, self._version, migrations)
            slices = {name: _restored(each.load(found[name])) for name, each in self._formats.items() if name in found}
        except (PersistError, FormatError) as error:
            self._start_clean(PersistError(str(error)))
        except UnicodeDecodeError:
            self._start_clean(PersistError("it is no text"))
        except ValueError:
            raise  # the storage is another key's: a mistake of the caller
        except Exception as error:
            self._may_write = False
            self._report(
                error, f"The saved state cannot be read from {self._storage!r}, and nothing will be saved: {error!r}"
            )
        else:
            core = self._store.core
            replace_state(core, put_slices(core.state, slices))
            if not migrated and slices.keys() == self._formats.keys():
                self._saved = self._slices()

    async def save(self) -> None:
        """Save what has changed, in a thread of its own: a disk may take its time."""
        await asyncio.to_thread(self.save_or_report)

    def save_or_report(self) -> None:
        try:
            self._failed = True
            self.flush()
            self._failed = False
        except Exception as error:
            self._report(error, f"The state was not saved in {self._storage!r}: {error}. The next change tries again.")

    def must_go_on(self) -> bool:
        """Whether something changed while it was being saved."""
        return not self._failed and self._is_news(self._slices())

    def _start_clean(self, error: PersistError) -> None:
        try:
            place = self._storage.set_aside(self._key)
        except Exception as failure:
            self._may_write = False
            place = f"its place, since moving it failed ({type(failure).__name__}); nothing will be saved over it"
        self._report(
            error,
            f"The saved state in {self._storage!r} cannot be used: {error}. It is kept as {place}; the app starts anew.",
        )

    def _slices(self) -> dict[str, Any]:
        slices = slices_of(self._store.core.state)
        return {name: slices[name] for name in self._formats if name in slices}

    def _is_news(self, slices: dict[str, Any]) -> bool:
        saved = self._saved
        return saved is None or any(saved.get(name, self) is not value for name, value in slices.items())

    def _report(self, error: Exception, message: str) -> None:
        self._store.core.report(error, "persist", message)


def _restored(value: Any) -> Any:
    restored = getattr(value, "restored", None)
    return restored() if callable(restored) else value


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
) -> Persistor:
    """Load the saved state into a store, then save it as it changes, and when the store is closed.

    Call it right after the store is made, before anything else sees it. What cannot be used (broken, of
    a newer version, not ours) is kept aside and reported to `on_error`, and the app starts clean.

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

    Returns:
        A `Persistor`: `flush()` saves at once.

    Raises:
        TypeError: for what is no storage, or a slice whose type has no JSON form.
        ValueError: for a slice that does not exist, a secret one in a storage that is not made for
            secrets, the storage of another key, a version below 1.

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
    _check_numbers(version, migrations or {}, throttle)
    formats = _formats(store, storage, include, exclude)
    persistor = Persistor(store, storage, formats, key, version)
    persistor.load(migrations or {})

    def persist_epic(actions: ActionStream, state: StateStream[Any]) -> Observable[Action]:
        nothing: Observable[Action] = rx.empty()
        saved = rx.timer(throttle).pipe(
            ops.flat_map(lambda _: from_async(persistor.save)), ops.do_while(lambda _: persistor.must_go_on())
        )
        return state.pipe(
            ops.skip(1),
            exhaust_map(lambda _: saved),
            ops.flat_map(lambda _: nothing),
            ops.finally_action(stop),
        )

    def stop() -> None:
        atexit.unregister(persistor.save_or_report)
        persistor.save_or_report()

    atexit.register(persistor.save_or_report)
    store.add_epic(persist_epic)
    return persistor


def _check_numbers(version: int, migrations: Mapping[int, Migration], throttle: float) -> None:
    if version < 1:
        msg = f"persist(version={version!r}) must be 1 or more."
        raise ValueError(msg)
    if throttle < 0:
        msg = f"persist(throttle={throttle!r}) must be 0 or more, in seconds."
        raise ValueError(msg)
    for start, migrate in migrations.items():
        if not 1 <= start <= version:
            msg = f"persist(migrations=...) has one for version {start!r}, and there are only versions 1 to {version}."
            raise ValueError(msg)
        if not callable(migrate):
            msg = f"The migration for version {start} must be a function of the slices, not {migrate!r:.100}."
            raise TypeError(msg)


def _formats(
    store: Store[Any], storage: Storage, include: Collection[str] | None, exclude: Collection[str] | None
) -> dict[str, Format]:
    """The slices to save, each with its format."""
    known = formats_of(store.core.reducer, store.state)
    for option, names in (("include", include), ("exclude", exclude)):
        for name in names or ():
            if name not in known:
                msg = f"persist({option}=...) names {name!r}, which is no slice of the state. Its slices: {', '.join(known)}."
                raise ValueError(msg)
    formats = {
        name: each
        for name, each in known.items()
        if (include is None or name in include) and name not in (exclude or ())
    }
    _check_types(formats, store.state)
    if storage.for_secrets:
        return formats
    secret = [name for name, each in formats.items() if each.has_secrets]
    if include is not None and secret:
        msg = f"The slice {secret[0]!r} holds secrets, and {storage!r} is not made for them. Use KeyringStorage for it, or do not include it."
        raise ValueError(msg)
    return {name: each for name, each in formats.items() if name not in secret}


def _check_types(formats: dict[str, Format], state: Any) -> None:
    """Refuse at the door what no save could write."""
    slices = slices_of(state)
    for name, each in formats.items():
        try:
            each.dump(slices[name])
        except FormatError as error:
            raise TypeError(str(error)) from None
