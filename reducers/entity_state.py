"""Many things of one kind by id, immutable: what an `EntityAdapter` works on."""

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterator
from typing import Any, Generic, TypeVar, get_args

import immutables
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

from ..actions.codec import Way, register

K = TypeVar("K")
E = TypeVar("E")


_FEW = 32  # so many ids are put in their places one by one; more of them, and all are sorted anew


class Order(Generic[K, E]):
    """In which order entities come. Shared by all states between which nothing moved.

    Worked out when it is first asked for, from the entities of whoever asks: those of the others
    have the same sort keys. Where only a few entities have come, gone or moved since an order that is known,
    it is that order with these put in their places: the sort key is asked for O(log n) entities.
    """

    __slots__ = ("base", "ids", "next_number", "numbers", "sort_key")

    def __init__(
        self,
        numbers: "immutables.Map[K, int]",
        next_number: int,
        sort_key: Callable[[E], Any] | None,
        base: tuple[tuple[K, ...], tuple[K, ...]] | None = None,
    ) -> None:
        self.numbers = numbers  # in which order entities were added
        self.next_number = next_number
        self.sort_key = sort_key
        self.ids: tuple[K, ...] | None = None
        self.base = base  # an order from before, by the same key, and what has come, gone or moved since

    def after(
        self,
        numbers: "immutables.Map[K, int]",
        next_number: int,
        sort_key: Callable[[E], Any] | None,
        touched: Collection[K],
    ) -> "Order[K, E]":
        """The order when these have come, gone or moved."""
        base = self.base if self.ids is None else (self.ids, ())
        if base is None or sort_key is not self.sort_key or len(base[1]) + len(touched) > _FEW:
            return Order(numbers, next_number, sort_key)
        return Order(numbers, next_number, sort_key, (base[0], (*base[1], *touched)))

    def sort(self, entities: "immutables.Map[K, E]") -> tuple[K, ...]:
        base = self.base
        if base is None:
            by_number = sorted(entities, key=self.numbers.__getitem__)
            key = self.sort_key
            ids = by_number if key is None else sorted(by_number, key=lambda each: key(entities[each]))
        else:
            known, touched = base[0], set(base[1])
            ids = [id for id in known if id not in touched]
            for id in sorted((id for id in touched if id in entities), key=self.numbers.__getitem__):
                ids.insert(self._place_of(id, ids, entities), id)
        self.ids = result = tuple(ids)
        self.base = None  # it is needed no more
        return result

    def _place_of(self, id: K, ids: list[K], entities: "immutables.Map[K, E]") -> int:
        """Behind what has a lower key, or the same and was added before."""
        numbers, key = self.numbers, self.sort_key
        number = numbers[id]
        if key is None:
            return bisect_right(ids, number, key=numbers.__getitem__)

        def key_of(each: K) -> Any:
            return key(entities[each])

        own = key(entities[id])
        end = bisect_right(ids, own, key=key_of)
        if not end or numbers[ids[end - 1]] < number:
            return end
        start = bisect_left(ids, own, hi=end, key=key_of)
        return bisect_right(ids, number, lo=start, hi=end, key=numbers.__getitem__)


class EntityState(Generic[K, E]):
    """Entities by id, in their order. Immutable: an `EntityAdapter` makes the next one.

    Iteration gives the entities. The order is worked out when it is first asked for.
    """

    __slots__ = ("__weakref__", "_all", "entities", "order", "since")

    def __init__(self, entities: "immutables.Map[K, E]", order: Order[K, E]) -> None:
        self.entities = entities  # by id, in no order
        self.order = order
        self.since: tuple[immutables.Map[K, E], Collection[K]] | None = (
            None  # the entities before, and which are others now
        )

    def touched_since(self, before: object) -> Collection[K] | None:
        """The ids of the entities that may be others than in an earlier state; None where that is not known."""
        since = self.since
        if since is None or not isinstance(before, EntityState) or since[0] is not before.entities:  # pyright: ignore[reportUnknownMemberType]
            return None
        return since[1]

    @property
    def ids(self) -> tuple[K, ...]:
        """The ids in order: that of the sort key, else that in which they were added."""
        ids = self.order.ids
        return self.order.sort(self.entities) if ids is None else ids

    @property
    def all(self) -> tuple[E, ...]:
        """The entities in order: the same tuple each time."""
        try:
            return self._all
        except AttributeError:
            self._all = tuple(self)
            return self._all

    def get(self, id: K, default: Any = None) -> E | Any:
        """The entity with this id, or the default."""
        return self.entities.get(id, default)

    def __getitem__(self, id: K) -> E:
        return self.entities[id]

    def __contains__(self, id: object) -> bool:
        return id in self.entities

    def __iter__(self) -> Iterator[E]:
        entities = self.entities
        return (entities[id] for id in self.ids)

    def __len__(self) -> int:
        return len(self.entities)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, EntityState):
            return NotImplemented
        return self.entities == other.entities and self.ids == other.ids  # pyright: ignore[reportUnknownMemberType]

    __hash__ = None  # pyright: ignore[reportAssignmentType] -- as of any mapping

    def __repr__(self) -> str:
        return f"EntityState({ {id: self[id] for id in self.ids}!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _in_order, (_pairs(self),)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        """As JSON: pairs of id and entity, in their order. `EntityState[int, Book]` tells the types."""
        id, entity = get_args(source) or (Any, Any)
        pairs = handler.generate_schema(list[tuple[id, entity]])
        return core_schema.union_schema(
            [core_schema.is_instance_schema(cls), core_schema.no_info_after_validator_function(_in_order, pairs)],
            serialization=core_schema.plain_serializer_function_ser_schema(_pairs, return_schema=pairs),
        )

    def moved(
        self, ids: Collection[K], sort_key: Callable[[E], Any] | None, entities: "immutables.Map[K, E]"
    ) -> "EntityState[K, E]":
        order = self.order
        return EntityState(entities, order.after(order.numbers, order.next_number, sort_key, ids))

    def added(
        self,
        ids: Collection[K],
        sort_key: Callable[[E], Any] | None,
        entities: "immutables.Map[K, E]",
        moved: Collection[K] = (),
    ) -> "EntityState[K, E]":
        first = self.order.next_number
        numbers = self.order.numbers.update({id: number for number, id in enumerate(ids, first)})
        return EntityState(entities, self.order.after(numbers, first + len(ids), sort_key, (*ids, *moved)))

    def without(self, ids: Collection[K], sort_key: Callable[[E], Any] | None) -> "EntityState[K, E]":
        entities, numbers = self.entities.mutate(), self.order.numbers.mutate()
        for id in ids:
            del entities[id], numbers[id]
        order = self.order.after(numbers.finish(), self.order.next_number, sort_key, ids)
        state = EntityState(entities.finish(), order)
        state.since = (self.entities, ids)
        return state


def _pairs(state: EntityState[Any, Any]) -> list[tuple[Any, Any]]:
    return [(id, state[id]) for id in state.ids]


def _lists(state: EntityState[Any, Any]) -> list[list[Any]]:
    return [list(pair) for pair in _pairs(state)]


def _in_order(pairs: list[tuple[Any, Any]]) -> EntityState[Any, Any]:
    """Entities in a given order; the adapter that changes them next knows the key by which they are sorted."""
    numbers = immutables.Map({id: number for number, (id, _) in enumerate(pairs)})
    return EntityState(immutables.Map(pairs), Order(numbers, len(pairs), None))


register(EntityState, Way("EntityState", _lists, _in_order))
