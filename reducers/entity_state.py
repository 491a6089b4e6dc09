"""Many things of one kind by id, immutable: what an `EntityAdapter` works on."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Generic, TypeVar, get_args

import immutables
from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

K = TypeVar("K")
E = TypeVar("E")


class Order(Generic[K, E]):
    """In which order entities come. Shared by all states between which nothing moved.

    Worked out when it is first asked for, from the entities of whoever asks: those of the others
    have the same sort keys.
    """

    __slots__ = ("ids", "next_number", "numbers", "sort_key")

    def __init__(
        self, numbers: "immutables.Map[K, int]", next_number: int, sort_key: Callable[[E], Any] | None
    ) -> None:
        self.numbers = numbers  # in which order entities were added
        self.next_number = next_number
        self.sort_key = sort_key
        self.ids: tuple[K, ...] | None = None

    def sort(self, entities: "immutables.Map[K, E]") -> tuple[K, ...]:
        numbers, key = self.numbers, self.sort_key
        by_number = sorted(entities, key=numbers.__getitem__)
        self.ids = tuple(by_number if key is None else sorted(by_number, key=lambda each: key(entities[each])))
        return self.ids


class EntityState(Generic[K, E]):
    """Entities by id, in their order. Immutable: an `EntityAdapter` makes the next one.

    Iteration gives the entities. The order is worked out when it is first asked for.
    """

    __slots__ = ("__weakref__", "entities", "order")

    def __init__(self, entities: "immutables.Map[K, E]", order: Order[K, E]) -> None:
        self.entities = entities  # by id, in no order
        self.order = order

    @property
    def ids(self) -> tuple[K, ...]:
        """The ids in order: that of the sort key, else that in which they were added."""
        ids = self.order.ids
        return self.order.sort(self.entities) if ids is None else ids

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

    def moved(self, sort_key: Callable[[E], Any] | None, entities: "immutables.Map[K, E]") -> "EntityState[K, E]":
        return EntityState(entities, Order(self.order.numbers, self.order.next_number, sort_key))

    def added(
        self, ids: Iterable[K], sort_key: Callable[[E], Any] | None, entities: "immutables.Map[K, E]"
    ) -> "EntityState[K, E]":
        first = self.order.next_number
        numbers = self.order.numbers.update({id: number for number, id in enumerate(ids, first)})
        return EntityState(entities, Order(numbers, first + len(entities) - len(self), sort_key))

    def without(self, ids: Iterable[K], sort_key: Callable[[E], Any] | None) -> "EntityState[K, E]":
        entities, numbers = self.entities.mutate(), self.order.numbers.mutate()
        for id in ids:
            del entities[id], numbers[id]
        return EntityState(entities.finish(), Order(numbers.finish(), self.order.next_number, sort_key))


def _pairs(state: EntityState[Any, Any]) -> list[tuple[Any, Any]]:
    return [(id, state[id]) for id in state.ids]


def _in_order(pairs: list[tuple[Any, Any]]) -> EntityState[Any, Any]:
    """Entities in a given order; the adapter that changes them next knows the key by which they are sorted."""
    numbers = immutables.Map({id: number for number, (id, _) in enumerate(pairs)})
    return EntityState(immutables.Map(pairs), Order(numbers, len(pairs), None))
