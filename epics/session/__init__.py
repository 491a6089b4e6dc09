"""The session: sign-in, the requests it authorises, and the one refresh that they share."""

from .api_client import ApiClient
from .api_store import create_api_store
from .errors import ApiCallError
from .fetch_data import fetch_data_epic
from .login import login_epic
from .logout import logout_epic
from .needs import ApiDependencies
from .policy import RefreshPolicy
from .refresh_ahead import refresh_ahead_epic
from .refresh_on_unauthorized import refresh_on_unauthorized
from .refresh_token import refresh_token_epic
from .session_auth import BodyNotReplayableError, SessionAuth
from .sharing import SharedSession, SharedSessionError

__all__ = [
    "ApiCallError",
    "ApiClient",
    "ApiDependencies",
    "BodyNotReplayableError",
    "RefreshPolicy",
    "SessionAuth",
    "SharedSession",
    "SharedSessionError",
    "create_api_store",
    "fetch_data_epic",
    "login_epic",
    "logout_epic",
    "refresh_ahead_epic",
    "refresh_on_unauthorized",
    "refresh_token_epic",
]
