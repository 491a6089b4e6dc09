"""Which types the slices of a state have, as far as the code tells."""

import typing
from typing import Any

from pydantic import BaseModel

from .combine_reducers import CombinedReducer
from .containers import StateMapping, read_slices
from .reducer import ReducerFn


def slice_types(reducer: ReducerFn[Any], state: Any) -> dict[str, Any]:
    """The slices of a state with their types; nothing for a state without slices.

    The fields of a state class tell; for a mapping its reducers, where they were made with a type,
    such as `Slice[tuple[Todo, ...]]("todos", initial=())`; else the value that is there.
    """
    if isinstance(state, BaseModel):
        fields = type(state).__pydantic_fields__
        return {name: field.rebuild_annotation() for name, field in fields.items()}
    if isinstance(state, StateMapping):
        return _of_mapping(reducer, state)
    hints = typing.get_type_hints(state.__class__, include_extras=True)
    return {name: hints[name] for name in read_slices(state)}


def _of_mapping(reducer: ReducerFn[Any] | None, state: StateMapping) -> dict[str, Any]:
    parts = reducer.parts if isinstance(reducer, CombinedReducer) else {}
    return {name: type_of(parts.get(name), value) for name, value in state.items()}


def type_of(reducer: ReducerFn[Any] | None, value: Any) -> Any:
    """The type of a reducer's state: what it was made with, as in `Reducer[list[str]]([])`, else that of the value.

    Of a mapping of slices it is a dict of types.
    """
    if isinstance(value, StateMapping):
        return _of_mapping(reducer, value)
    made_as = getattr(reducer, "__orig_class__", None)
    return value.__class__ if made_as is None else typing.get_args(made_as)[0]
