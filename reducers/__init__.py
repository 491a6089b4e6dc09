"""Reducers: how an action changes the state."""

from .api import ApiState
from .auth import AuthState, auth_reducer
from .combine_reducers import CombinedReducer, combine_reducers
from .data import DataState, Resource, data_reducer
from .entity_adapter import EntityAdapter
from .entity_state import EntityState
from .errors import ReducerError
from .produce import produce
from .reducer import Reducer, ReducerFn
from .slice import ActionCreator, Slice
from .state import State

__all__ = [
    "ActionCreator",
    "ApiState",
    "AuthState",
    "CombinedReducer",
    "DataState",
    "EntityAdapter",
    "EntityState",
    "Reducer",
    "ReducerError",
    "ReducerFn",
    "Resource",
    "Slice",
    "State",
    "auth_reducer",
    "combine_reducers",
    "data_reducer",
    "produce",
]
