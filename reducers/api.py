"""The state of a store that `create_api_store` makes."""

from pydantic import ConfigDict

from .auth import AuthState
from .data import DataState
from .state import State


class ApiState(State, defer_build=True):
    """A session and what the API gave in it."""

    model_config = ConfigDict(hide_input_in_errors=True)

    auth: AuthState = AuthState()
    data: DataState = DataState()
