"""Where the slice of an api is in a state."""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any, cast

from ...reducers.containers import StateMapping, has_slices, read_slices
from ...reducers.state import field_names
from .state import QueryState

Reader = Callable[[Any], Any]
MANY = 16
"""So many classes of states have readers at most."""


_type: Callable[[Any], type[Any]] = type


def _itself(state: Any) -> Any:
    return state


class Place:
    """Finds it under the api's name, or under another one that it is remembered by."""

    def __init__(self, name: str) -> None:
        self._api = name
        self._name = name
        self._readers: dict[type[Any], Reader | None] = {}

    def find(self, state: Any) -> QueryState:
        """The slice.

        Raises:
            TypeError: for a state that does not have it, showing the line to add.
        """
        try:
            read = self._readers[_type(state)]
        except KeyError:
            read = self._learn(_type(state))
        found = None if read is None else read(state)
        if type(found) is QueryState and found.api == self._api:
            return found
        found = self._at(state, self._name)
        return self._search(state) if found is None else found

    def _learn(self, kind: type[Any]) -> "Reader | None":
        read = self._reader_of(kind)
        self._readers = {**self._readers, kind: read} if len(self._readers) < MANY else {kind: read}
        return read

    def _reader_of(self, kind: type[Any]) -> "Reader | None":
        """What reads the slice of a state of this class, with as little on the way as possible."""
        if kind is QueryState:
            return _itself
        if kind is StateMapping:
            return lambda state: state.slices.get(self._name)
        return attrgetter(self._name) if self._name in field_names(kind) else None

    def _at(self, state: Any, name: str) -> QueryState | None:
        if isinstance(state, QueryState):
            return state if state.api == self._api else None
        try:  # not by `get`: a selection would be told of every change then
            found = cast("Mapping[str, Any]", state)[name] if isinstance(state, Mapping) else getattr(state, name, None)
        except KeyError:
            return None
        return found if isinstance(found, QueryState) and found.api == self._api else None

    def _search(self, state: Any) -> QueryState:
        for name in read_slices(state) if has_slices(state) else ():
            found = self._at(state, name)
            if found is not None:
                self._name, self._readers = name, {}
                return found
        api = self._api
        msg = (
            f"The state has no slice of the api {api!r}, so nobody would keep the answers. "
            f"Add it: combine_reducers(AppState, ..., {api}={api}), with a field '{api}: QueryState' in AppState."
        )
        raise TypeError(msg)
