"""The state of a store that `create_api_store` makes."""

from .auth import AuthState
from .data import DataState
from .state import State


class ApiState(State):
    """A session and what the API gave in it."""

    auth: AuthState = AuthState()
    data: DataState = DataState()
