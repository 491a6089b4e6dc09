"""A persistent map that can tell which of its keys have changed, so that who reads others need not be asked."""

from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any, Generic, TypeVar, overload

import immutables

K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")

_REMEMBERED = 8  # so many changes back it knows what was touched: an action makes a few of them


class PersistentMap(Mapping[K, V], Generic[K, V]):
    """An immutable mapping: a change gives another one, which shares all that is the same.

    It remembers the keys of its last changes, and not the maps before them: nothing old is kept alive.

    Examples:
        >>> before = PersistentMap({"a": 1, "b": 2})
        >>> after = before.set("a", 3).without(["b"])
        >>> after, sorted(after.touched_since(before)), before.touched_since(after)
        (PersistentMap({'a': 3}), ['a', 'b'], None)
    """

    __slots__ = ("__weakref__", "_changes", "_items", "_version")

    def __init__(self, items: "Mapping[K, V] | Iterable[tuple[K, V]]" = ()) -> None:
        self._items: immutables.Map[K, V] = immutables.Map(items)
        self._version = object()
        self._changes: tuple[tuple[object, Collection[K]], ...] = ()  # the version before, and what was touched then

    def set(self, key: K, value: V) -> "PersistentMap[K, V]":
        """With this value for the key."""
        return self._changed(self._items.set(key, value), (key,))

    def update(self, items: Mapping[K, V]) -> "PersistentMap[K, V]":
        """With these values for these keys."""
        return self._changed(self._items.update(items), tuple(items)) if items else self

    def without(self, keys: Iterable[K]) -> "PersistentMap[K, V]":
        """Without these keys, as far as it has them."""
        found = [key for key in keys if key in self._items]
        if not found:
            return self
        items = self._items.mutate()
        for key in found:
            del items[key]
        return self._changed(items.finish(), found)

    def _changed(self, items: "immutables.Map[K, V]", touched: Collection[K]) -> "PersistentMap[K, V]":
        if items is self._items:
            return self
        new = object.__new__(self.__class__)
        new._items = items
        new._version = object()
        new._changes = (*self._changes[1 - _REMEMBERED :], (self._version, touched))
        return new

    def touched_since(self, before: object) -> Collection[K] | None:
        """The keys whose values may be others than in an earlier map; None where that is not known."""
        version = before._version if isinstance(before, PersistentMap) else None
        touched: dict[K, None] = {}
        for past, keys in reversed(self._changes):
            if past is version and not touched:
                return keys
            touched.update(dict.fromkeys(keys))
            if past is version:
                return touched
        return None

    @overload
    def get(self, key: K, /) -> V | None: ...
    @overload
    def get(self, key: K, /, default: V | D) -> V | D: ...
    def get(self, key: K, /, default: Any = None) -> Any:
        return self._items.get(key, default)

    def __getitem__(self, key: K) -> V:
        return self._items[key]

    def __contains__(self, key: object) -> bool:
        return key in self._items

    def __iter__(self) -> Iterator[K]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)

    def __eq__(self, other: object) -> bool:
        if isinstance(other, PersistentMap):
            return self._items == other._items  # pyright: ignore[reportUnknownMemberType] -- of any keys
        return dict(self) == other

    def __hash__(self) -> int:
        return hash(self._items)

    def __repr__(self) -> str:
        return f"PersistentMap({dict(self._items)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return PersistentMap, (dict(self._items),)
