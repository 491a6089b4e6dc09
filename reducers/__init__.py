"""Reducers: how an action changes the state."""

from typing import TYPE_CHECKING

from ..lazy_names import hand_on

if TYPE_CHECKING:
    from .action_creator import ActionCreator
    from .api import ApiState
    from .auth import AuthState, auth_reducer
    from .combine_reducers import CombinedReducer, combine_reducers
    from .data import DataState, Resource, data_reducer
    from .drafts import JsonPatch, PatchError, apply_patches, current, is_draft, original, produce, produce_with_patches
    from .entity_adapter import EntityAdapter, EntitySelectors
    from .entity_state import EntityState
    from .errors import ReducerError
    from .reducer import Reducer, ReducerFn
    from .slice import Slice
    from .state import State
    from .undoable import Redo, Undo, Undoable, UndoableReducer, UndoTo, undoable

__all__ = [
    "ActionCreator",
    "ApiState",
    "AuthState",
    "CombinedReducer",
    "DataState",
    "EntityAdapter",
    "EntitySelectors",
    "EntityState",
    "JsonPatch",
    "PatchError",
    "Redo",
    "Reducer",
    "ReducerError",
    "ReducerFn",
    "Resource",
    "Slice",
    "State",
    "Undo",
    "UndoTo",
    "Undoable",
    "UndoableReducer",
    "apply_patches",
    "auth_reducer",
    "combine_reducers",
    "current",
    "data_reducer",
    "is_draft",
    "original",
    "produce",
    "produce_with_patches",
    "undoable",
]

hand_on(
    __name__,
    {
        ".action_creator": "ActionCreator",
        ".api": "ApiState",
        ".auth": "AuthState auth_reducer",
        ".combine_reducers": "CombinedReducer combine_reducers",
        ".data": "DataState Resource data_reducer",
        ".drafts": "JsonPatch PatchError apply_patches current is_draft original produce produce_with_patches",
        ".entity_adapter": "EntityAdapter EntitySelectors",
        ".entity_state": "EntityState",
        ".errors": "ReducerError",
        ".reducer": "Reducer ReducerFn",
        ".slice": "Slice",
        ".state": "State",
        ".undoable": "Redo Undo Undoable UndoableReducer UndoTo undoable",
    },
)
