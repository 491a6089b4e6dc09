"""The way from a store to the work that an `Api` does in it."""

import concurrent.futures
import weakref
from collections.abc import Callable
from typing import Any, Protocol

from ...store import Store


class Door(Protocol):
    """What queries and mutations ask of the work in a store; from any thread."""

    def watch(self, query: Any, watcher: object, every: float | None) -> None: ...
    def release(self, query: Any, watcher: object) -> None: ...
    def fresh(self, query: Any) -> Any: ...
    def fetch(self, query: Any) -> "concurrent.futures.Future[Any]": ...
    def answer(self, query: Any) -> "concurrent.futures.Future[Any]": ...
    def give_up(self, query: Any, future: "concurrent.futures.Future[Any]") -> None: ...
    def expect(self, run_id: str) -> "concurrent.futures.Future[Any]": ...
    def forget(self, run_id: str, future: "concurrent.futures.Future[Any]") -> None: ...


class HasDoors(Protocol):
    """An `Api`, as far as queries need it."""

    @property
    def name(self) -> str: ...
    @property
    def doors(self) -> "Doors": ...
    @property
    def find_state(self) -> Callable[[Any], Any]: ...


class Doors:
    """The work of one `Api`, for each store that it is in. A store is known by its core, and kept weakly."""

    def __init__(self) -> None:
        self._doors: weakref.WeakKeyDictionary[Any, weakref.ref[Any]] = weakref.WeakKeyDictionary()

    def open(self, core: Any, door: Door) -> None:
        self._doors[core] = weakref.ref(door)

    def close(self, core: Any, door: Door) -> None:
        if self.get(core) is door:
            del self._doors[core]

    def get(self, core: Any) -> Door | None:
        found = self._doors.get(core)
        return None if found is None else found()


def door_of(store: Store[Any], api: HasDoors) -> Door:
    """The work that an api does in a store.

    Raises:
        TypeError: for what is no store, or one without the slice or the epic.
        StoreClosedError: for a closed one.
    """
    if not isinstance(store, Store):  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"A query is asked in a store: query.watch(store), not {store!r:.100}."
        raise TypeError(msg)
    store.core.check_open("dispatch")
    return door_in(store.core, api)


def door_in(core: Any, api: HasDoors) -> Door:
    api.find_state(core.read_state())
    door = api.doors.get(core)
    if door is None:
        name = api.name
        msg = (
            f"The epic of the api {name!r} is not in this store, so nobody would fetch. "
            f"Add it: Store(..., epics=[{name}.epic]), or create_api_store(..., epics=[{name}.epic])."
        )
        raise TypeError(msg)
    return door
