"""Which types the slices of a state have, as far as the code tells."""

import typing
from typing import Any, NamedTuple

from pydantic import BaseModel

from .combine_reducers import CombinedReducer
from .containers import StateMapping, read_slices
from .reducer import ReducerFn


class SliceType(NamedTuple):
    """The type of a slice.

    Attributes:
        kind: the type; of a mapping of slices a dict of `SliceType`.
        guessed: whether nothing but the value that is there tells it, so that others may come.
    """

    kind: Any
    guessed: bool = False


def slice_types(reducer: ReducerFn[Any], state: Any) -> dict[str, SliceType]:
    """The slices of a state with their types; nothing for a state without slices.

    The fields of a state class tell; for a mapping its reducers, where they were made with a type,
    such as `Slice[tuple[Todo, ...]]("todos", initial=())`; else the value that is there.
    """
    if isinstance(state, BaseModel):
        fields = type(state).__pydantic_fields__
        return {name: SliceType(field.rebuild_annotation()) for name, field in fields.items()}
    if isinstance(state, StateMapping):
        return _of_mapping(reducer, state)
    hints = typing.get_type_hints(state.__class__, include_extras=True)
    return {name: SliceType(hints[name]) for name in read_slices(state)}


def _of_mapping(reducer: ReducerFn[Any] | None, state: StateMapping) -> dict[str, SliceType]:
    parts = reducer.parts if isinstance(reducer, CombinedReducer) else {}
    return {name: type_of(parts.get(name), value) for name, value in state.items()}


def type_of(reducer: ReducerFn[Any] | None, value: Any) -> SliceType:
    """The type of a reducer's state: what it was made with, as in `Reducer[list[str]]([])`, else that of its initial value."""
    if isinstance(value, StateMapping):
        return SliceType(_of_mapping(reducer, value))
    made_as = getattr(reducer, "__orig_class__", None)
    if made_as is not None:
        return SliceType(typing.get_args(made_as)[0])
    initial = getattr(reducer, "initial", value)
    return SliceType(Any if initial is None else initial.__class__, guessed=True)  # None tells nothing
