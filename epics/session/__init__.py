"""The session: sign-in, the requests it authorises, and the one refresh that they share."""

from typing import TYPE_CHECKING

from ...lazy_names import hand_on

if TYPE_CHECKING:
    from .api_client import ApiClient
    from .api_store import create_api_store
    from .backends import HttpAnswer, HttpBackend, PasswordBackend, SessionBackend, SessionRefused, SessionUnavailable
    from .errors import ApiCallError
    from .fetch_data import fetch_data_epic
    from .login import login_epic
    from .logout import logout_epic
    from .needs import ApiDependencies
    from .policy import RefreshPolicy
    from .refresh_ahead import refresh_ahead_epic
    from .refresh_on_unauthorized import refresh_on_unauthorized
    from .refresh_token import refresh_token_epic
    from .replay import BodyNotReplayableError
    from .session import Session
    from .session_auth import SessionAuth
    from .sharing import (
        NatsSessions,
        RedisSessions,
        SessionStorage,
        SessionStorageUnavailable,
        SharedSession,
        SharedSessionError,
        StoredSession,
    )
    from .valid_token import valid_token

__all__ = [
    "ApiCallError",
    "ApiClient",
    "ApiDependencies",
    "BodyNotReplayableError",
    "HttpAnswer",
    "HttpBackend",
    "NatsSessions",
    "PasswordBackend",
    "RedisSessions",
    "RefreshPolicy",
    "Session",
    "SessionAuth",
    "SessionBackend",
    "SessionRefused",
    "SessionStorage",
    "SessionStorageUnavailable",
    "SessionUnavailable",
    "SharedSession",
    "SharedSessionError",
    "StoredSession",
    "create_api_store",
    "fetch_data_epic",
    "login_epic",
    "logout_epic",
    "refresh_ahead_epic",
    "refresh_on_unauthorized",
    "refresh_token_epic",
    "valid_token",
]

hand_on(
    __name__,
    {
        ".api_client": "ApiClient",
        ".api_store": "create_api_store",
        ".backends": "HttpAnswer HttpBackend PasswordBackend SessionBackend SessionRefused SessionUnavailable",
        ".errors": "ApiCallError",
        ".fetch_data": "fetch_data_epic",
        ".login": "login_epic",
        ".logout": "logout_epic",
        ".needs": "ApiDependencies",
        ".policy": "RefreshPolicy",
        ".refresh_ahead": "refresh_ahead_epic",
        ".refresh_on_unauthorized": "refresh_on_unauthorized",
        ".refresh_token": "refresh_token_epic",
        ".replay": "BodyNotReplayableError",
        ".session": "Session",
        ".session_auth": "SessionAuth",
        ".sharing": "NatsSessions RedisSessions SessionStorage SessionStorageUnavailable SharedSession SharedSessionError StoredSession",
        ".valid_token": "valid_token",
    },
)
