"""The steps that lead from one state to another. What both share is not looked into."""

from collections import OrderedDict, deque
from collections.abc import Iterator, Mapping
from typing import Any, Literal

import immutables

from ..entity_state import EntityState, Order
from .draft import ABSENT, type_of
from .records import MORE, is_record, record_fields

Step = tuple[Literal["add", "remove", "replace"], tuple[Any, ...], Any]
"""An operation, the keys that lead to its place, and the value that it puts there."""


def difference(before: Any, after: Any, at: tuple[Any, ...] = ()) -> Iterator[Step]:
    """The steps in the order in which they are to be done."""
    if before is after:
        return
    cls = type_of(before)
    if cls is not type_of(after):
        yield "replace", at, after
    elif is_record(cls):
        yield from _of_records(before, after, at)
    elif isinstance(before, EntityState):
        yield from _of_entities(before, after, at)
    elif isinstance(before, Mapping | immutables.Map):
        yield from _of_mappings(before, after, at)
    elif isinstance(before, list | tuple | deque) and not hasattr(cls, "_fields"):
        yield from _of_sequences([*before], [*after], at)
    elif not _is_equal(before, after):
        yield "replace", at, after


def _of_records(before: Any, after: Any, at: tuple[Any, ...]) -> Iterator[Step]:
    if any(getattr(before, more, None) != getattr(after, more, None) for more in MORE):
        yield "replace", at, after  # what are no fields cannot be named
        return
    for name in record_fields(type_of(before)):
        yield from difference(getattr(before, name), getattr(after, name), (*at, name))


def _of_mappings(before: Any, after: Any, at: tuple[Any, ...]) -> Iterator[Step]:
    order = [key for key in before if key in after] + [key for key in after if key not in before]
    if issubclass(type_of(after), OrderedDict) and order != [*after]:
        yield "replace", at, after
        return
    for key in before:
        if key not in after:
            yield "remove", (*at, key), None
    for key, value in after.items():
        if key in before:
            yield from difference(before[key], value, (*at, key))
        else:
            yield "add", (*at, key), value


def _of_entities(before: Any, after: Any, at: tuple[Any, ...]) -> Iterator[Step]:
    """By id, where the entities come in the order that this gives; else as a whole."""
    key = before.order.sort_key
    kept = before.without([id for id in before.ids if id not in after], key)
    order = kept.added([id for id in after.ids if id not in before], key, after.entities).order
    if Order(order.numbers, order.next_number, key).sort(after.entities) != after.ids:
        yield "replace", at, after
    else:
        yield from _of_mappings(_by_id(before), _by_id(after), at)


def _by_id(state: Any) -> dict[Any, Any]:
    return {id: state[id] for id in state.ids}


def _of_sequences(before: list[Any], after: list[Any], at: tuple[Any, ...]) -> Iterator[Step]:
    """What both begin and end with stays; between them the parts are changed one by one, the rest added or removed."""
    start = 0
    shorter = min(len(before), len(after))
    while start < shorter and before[start] is after[start]:
        start += 1
    end = 0
    while end < shorter - start and before[-1 - end] is after[-1 - end]:
        end += 1
    stop_before, stop_after = len(before) - end, len(after) - end
    shared = min(stop_before, stop_after)
    for index in range(start, shared):
        yield from difference(before[index], after[index], (*at, index))
    for index in range(stop_before - 1, shared - 1, -1):
        yield "remove", (*at, index), None
    for index in range(shared, stop_after):
        yield "add", (*at, index), after[index]


def _is_equal(before: Any, after: Any) -> bool:
    try:
        return bool(before == after)
    except Exception:
        return before is ABSENT
