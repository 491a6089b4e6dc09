"""Epics: effects as streams, and the session that is made of them."""

from .api_client import ApiClient
from .api_store import create_api_store
from .catch_error import catch_error
from .combine_epics import combine_epics
from .errors import ApiCallError
from .fetch_data import fetch_data_epic
from .flatten import concat_map, exhaust_map, merge_map, switch_map
from .from_async import from_async
from .login import login_epic
from .logout import logout_epic
from .of_type import of_type
from .persist import Persistor, persist
from .policy import RefreshPolicy
from .refresh_ahead import refresh_ahead_epic
from .refresh_on_unauthorized import refresh_on_unauthorized
from .refresh_token import refresh_token_epic
from .session import ApiDependencies
from .session_auth import BodyNotReplayableError, SessionAuth
from .shared_session import SharedSession, SharedSessionError
from .storage import FileStorage, KeyringStorage, MemoryStorage, PersistError, Storage

__all__ = [
    "ApiCallError",
    "ApiClient",
    "ApiDependencies",
    "BodyNotReplayableError",
    "FileStorage",
    "KeyringStorage",
    "MemoryStorage",
    "PersistError",
    "Persistor",
    "RefreshPolicy",
    "SessionAuth",
    "SharedSession",
    "SharedSessionError",
    "Storage",
    "catch_error",
    "combine_epics",
    "concat_map",
    "create_api_store",
    "exhaust_map",
    "fetch_data_epic",
    "from_async",
    "login_epic",
    "logout_epic",
    "merge_map",
    "of_type",
    "persist",
    "refresh_ahead_epic",
    "refresh_on_unauthorized",
    "refresh_token_epic",
    "switch_map",
]
