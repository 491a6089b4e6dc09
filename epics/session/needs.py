"""What the epics of a session ask of the state and of the dependencies."""

from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from ...reducers import AuthState

if TYPE_CHECKING:
    from .api_client import ApiClient
    from .sharing.shared_session import SharedSession

IS_WANTED: ContextVar[Callable[[], bool]] = ContextVar("whether the refresh is still wanted", default=lambda: True)
"""Asked before each try of a refresh; where it says no, there is none."""


class HasAuth(Protocol):
    """A state with a session."""

    @property
    def auth(self) -> AuthState: ...


class HasApi(Protocol):
    """Dependencies with an API client."""

    @property
    def api(self) -> "ApiClient": ...


@dataclass(frozen=True)
class ApiDependencies:
    """What `create_api_store` hands to its epics, and to yours."""

    api: "ApiClient"
    session: "SharedSession | None" = None
