"""What the epics of a session ask of the state and of the dependencies."""

from dataclasses import dataclass
from typing import Protocol

from ...reducers import AuthState
from .api_client import ApiClient
from .sharing.shared_session import SharedSession


class HasAuth(Protocol):
    """A state with a session."""

    @property
    def auth(self) -> AuthState: ...


class HasApi(Protocol):
    """Dependencies with an API client."""

    @property
    def api(self) -> ApiClient: ...


@dataclass(frozen=True)
class ApiDependencies:
    """What `create_api_store` hands to its epics, and to yours."""

    api: ApiClient
    session: SharedSession | None = None
