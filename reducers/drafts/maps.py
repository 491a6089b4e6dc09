"""Drafts of persistent maps and what is built on them: `immutables.Map`, a combined state, an `EntityState`.

They copy nothing: they keep what was read and written beside the map. A method that gives another
map, such as `set`, gives another draft on the same map.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from typing import Any, TypeVar

import immutables

from ..containers import StateMapping
from ..entity_state import EntityState, Order
from .draft import (
    ABSENT,
    DEAD,
    SLOTS,
    Draft,
    Scope,
    check_active,
    child_of,
    original_of,
    plain_key,
    stand_in,
    type_of,
    value_now,
)
from .sequences import Walk

_set = object.__setattr__

M = TypeVar("M", bound="MapView")


class MapView(Draft, Mapping[Any, Any]):
    """Of a map whose owner alone adds and removes: its parts are drafts, and it makes other maps."""

    __slots__ = (*SLOTS, "_draft_changes", "_draft_children", "_draft_gone", "_draft_kept")

    def __init__(self, scope: Scope, original: Any, fresh: bool) -> None:
        self._draft_scope = scope
        self._draft_original = original
        self._draft_fresh = fresh
        self._draft_children: dict[Any, Any] = {}  # of the original, which all drafts on this map share
        self._draft_changes: dict[Any, Any] = {}
        self._draft_gone: set[Any] = set()
        self._draft_kept: type[MapView] = type(self)  # what `finish` makes of a mutation

    @property
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] -- a draft is what it stands for
        return type_of(self._draft_original)

    def __getitem__(self, key: Any) -> Any:
        check_active(self)
        if key in self._draft_changes:
            kept, before = self._draft_changes, ABSENT
            part = kept[key]
        else:
            if key in self._draft_gone:
                raise KeyError(key)
            kept, before = self._draft_children, self._draft_original[key]
            part = kept.get(key, before)
        child = child_of(self, part, before)
        if child is not part:
            kept[key] = child
        return child

    def __contains__(self, key: object) -> bool:
        check_active(self)
        return key in self._draft_changes or (key not in self._draft_gone and key in self._draft_original)

    def __iter__(self) -> Iterator[Any]:
        check_active(self)
        yield from [key for key in self._draft_original if key not in self._draft_gone]
        yield from [key for key in self._draft_changes if key not in self._draft_original or key in self._draft_gone]

    def __len__(self) -> int:
        check_active(self)
        added = sum(key not in self._draft_original for key in self._draft_changes)
        return len(self._draft_original) - sum(key not in self._draft_changes for key in self._draft_gone) + added

    def __eq__(self, other: object) -> bool:
        return value_now(self) == (value_now(other) if isinstance(other, Draft) else other)

    def __hash__(self) -> int:
        return hash(value_now(self))

    def __repr__(self) -> str:
        return repr(value_now(self)) if self._draft_scope.active else DEAD

    def __copy__(self) -> "MapView":
        return self._draft_fork(type(self))

    def mutate(self) -> "MapDraft":
        """As of a map: another draft on the same map, to be changed by itself."""
        fork = self._draft_fork(MapDraft)
        fork._draft_kept = type(self)
        return fork

    def set(self, key: Any, value: Any) -> "MapView":
        """As of a map, which stays as it is."""
        fork = self._draft_fork(type(self))
        fork._draft_set(key, value)
        return fork

    def delete(self, key: Any) -> "MapView":
        """As of a map, which stays as it is."""
        fork = self._draft_fork(type(self))
        fork._draft_delete(key)
        return fork

    def update(self, *args: Any, **kwargs: Any) -> "MapView":
        """As of a map, which stays as it is."""
        fork = self._draft_fork(type(self))
        for key, value in dict(*args, **kwargs).items():
            fork._draft_set(key, value)
        return fork

    def _draft_fork(self, cls: type[M]) -> M:
        check_active(self)
        fork = cls(self._draft_scope, self._draft_original, self._draft_fresh)
        fork._draft_children = self._draft_children
        fork._draft_changes = self._draft_changes.copy()
        fork._draft_gone = self._draft_gone.copy()
        return fork

    def _draft_set(self, key: Any, value: Any) -> None:
        check_active(self)
        self._draft_changes[plain_key(key)] = value

    def _draft_delete(self, key: Any) -> None:
        if key not in self:
            raise KeyError(key)
        self._draft_changes.pop(key, None)
        if key in self._draft_original:
            self._draft_gone.add(key)


class MapDraft(MapView, MutableMapping[Any, Any]):
    """Of an `immutables.Map`, or of a combined state: a dict as well."""

    __slots__ = ()

    def __setitem__(self, key: Any, value: Any) -> None:
        self._draft_set(key, value)

    def __delitem__(self, key: Any) -> None:
        self._draft_delete(key)

    def update(self, *args: Any, **kwargs: Any) -> Any:
        """As of a dict, and as of a map: it changes the draft, and gives it."""
        for key, value in dict(*args, **kwargs).items():
            self[key] = value
        return self

    def finish(self) -> MapView:
        """As of a mutation."""
        return self._draft_fork(self._draft_kept)

    @property
    def names(self) -> tuple[str, ...]:
        """Of a combined state: the names of its slices."""
        return original_of(self).names

    @property
    def read(self) -> Callable[[str], Any]:
        """Of a combined state: reads a slice by its name."""
        return self.__getitem__

    def with_slices(self, changes: dict[str, Any]) -> Any:
        """Of a combined state."""
        return MapView.update(self, changes)


class MapKind:
    """How maps are opened and settled."""

    mutable = False
    has_identity = False

    def open(self, scope: Scope, value: Any, fresh: bool) -> Any:
        return MapDraft(scope, value, fresh)

    def steps(self, value: Any) -> Iterable[tuple[str, Any]]:
        if isinstance(value, MapView):
            kept = {**value._draft_children, **value._draft_changes}  # pyright: ignore[reportPrivateUsage]
            return ((f"[{key!r}]", kept.get(key, part)) for key, part in {**original_of(value), **kept}.items())
        return ((f"[{key!r}]", part) for key, part in value.items())

    def settle(self, value: Any, base: Any, known: Any, walk: Walk) -> Any:
        return (
            self._settle_draft(value, base, known, walk)
            if isinstance(value, MapView)
            else self._settle_map(value, known, walk)
        )

    def _settle_draft(self, draft: MapView, base: Any, known: Any, walk: Walk) -> Any:
        parts, gone = draft._draft_children, draft._draft_gone  # pyright: ignore[reportPrivateUsage]
        if draft._draft_fresh:  # pyright: ignore[reportPrivateUsage]
            parts = {**base, **parts}  # what the recipe made may have drafts in it
        parts = {**{key: part for key, part in parts.items() if key not in gone}, **draft._draft_changes}  # pyright: ignore[reportPrivateUsage]
        new: dict[Any, Any] = {}
        before = _map_or_none(known, base)
        for key, part in parts.items():
            done = walk(part, before.get(key, ABSENT))
            if done is not base.get(key, ABSENT):
                new[plain_walk(key, walk)] = done
        return self.make(base, new, [key for key in gone if key not in new])

    def _settle_map(self, value: Any, known: Any, walk: Walk) -> Any:
        before = _map_or_none(known, value)
        new: dict[Any, Any] = {}
        gone: list[Any] = []
        for key, part in value.items():
            there = before.get(key, ABSENT)
            if part is there:
                continue
            name, done = plain_walk(key, walk), walk(part, there)
            if name is not key:
                gone.append(key)
            if name is not key or done is not part:
                new[name] = done
        return self.make(value, new, gone)

    @staticmethod
    def make(like: Any, changes: dict[Any, Any], gone: list[Any]) -> Any:
        if not changes and not gone:
            return like
        if isinstance(like, StateMapping):
            unknown = [name for name in (*gone, *changes) if name in gone or name not in like]
            if unknown:
                msg = f"A recipe cannot add or remove slices: {', '.join(map(repr, unknown))}. The slices: {', '.join(like)}."
                raise TypeError(msg)
            return like.with_slices(changes)
        mutation = like.mutate()
        for key in gone:
            del mutation[key]
        for key, part in changes.items():
            mutation[key] = part
        return mutation.finish()


def _map_or_none(known: Any, value: Any) -> Any:
    """What stood there, if it was a map of the same class; else nothing did."""
    return known if type_of(known) is type_of(value) else {}


def plain_walk(key: Any, walk: Walk) -> Any:
    return key if type(key) is str else walk(key, ABSENT)


class EntitiesDraft(Draft, EntityState[Any, Any]):
    """Of an `EntityState`: its entities are drafts. To add and to remove is what its adapter does."""

    __slots__ = ("_draft_map",)

    @property
    def entities(self) -> Any:
        check_active(self)
        return self._draft_map

    @entities.setter
    def entities(self, entities: Any) -> None:
        _set(self, "_draft_map", entities)

    @property
    def ids(self) -> tuple[Any, ...]:
        """The ids in order."""
        check_active(self)
        return super().ids

    @property
    def all(self) -> tuple[Any, ...]:
        """The entities in order."""
        return tuple(self)

    def __eq__(self, other: object) -> bool:
        return value_now(self) == (value_now(other) if isinstance(other, Draft) else other)

    __hash__ = None  # as of any mapping

    def __copy__(self) -> Any:
        return EntityState(self.entities, self.order)

    def __repr__(self) -> str:
        return repr(value_now(self)) if self._draft_scope.active else DEAD


class EntitiesKind:
    """How the entities of an adapter are opened and settled."""

    mutable = False
    has_identity = False

    def __init__(self, cls: type[Any]) -> None:
        self._draft, self._stamp = stand_in(cls, (EntitiesDraft, cls), {})

    def open(self, scope: Scope, value: Any, fresh: bool) -> Any:
        draft = object.__new__(self._draft)
        self._stamp(draft, scope, value, fresh)
        entities = value.entities  # a draft already, where an adapter has changed a draft
        draft.entities = entities if isinstance(entities, MapView) else MapView(scope, entities, fresh)
        draft.order = value.order
        return draft

    def steps(self, value: Any) -> Iterable[tuple[str, Any]]:
        return MapKind().steps(_map_of(value))

    def settle(self, value: Any, base: Any, known: Any, walk: Walk) -> Any:
        map = _map_of(value)
        there = known.entities if isinstance(known, EntityState) else ABSENT  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        entities = walk(map, there)
        if entities is base.entities:
            return base
        return EntityState(entities, _order(value.order, map, entities))


def _map_of(value: Any) -> Any:
    return value._draft_map if isinstance(value, EntitiesDraft) else value.entities  # pyright: ignore[reportPrivateUsage]


def _order(order: Order[Any, Any], draft: Any, entities: "immutables.Map[Any, Any]") -> Order[Any, Any]:
    """The order, worked out anew if an entity's place in it may be another."""
    key = order.sort_key
    if key is None or not isinstance(draft, MapView):
        return order
    before = original_of(draft)
    touched = (*draft._draft_children, *draft._draft_changes)  # pyright: ignore[reportPrivateUsage]
    if all(id in before and id in entities and key(before[id]) == key(entities[id]) for id in touched):
        return order
    return Order(order.numbers, order.next_number, key)
