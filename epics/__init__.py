"""Epics: effects as streams, and the session that is made of them."""

from typing import TYPE_CHECKING

from ..lazy_names import hand_on

if TYPE_CHECKING:
    from .operators import (
        catch_error,
        combine_epics,
        concat_map,
        exhaust_map,
        from_async,
        merge_map,
        of_type,
        switch_map,
    )
    from .persist import FileStorage, KeyringStorage, MemoryStorage, PersistError, Persistor, Storage, persist
    from .session import (
        ApiCallError,
        ApiClient,
        ApiDependencies,
        BodyNotReplayableError,
        HttpAnswer,
        HttpBackend,
        NatsSessions,
        PasswordBackend,
        RedisSessions,
        RefreshPolicy,
        Session,
        SessionAuth,
        SessionBackend,
        SessionRefused,
        SessionStorage,
        SessionStorageUnavailable,
        SessionUnavailable,
        SharedSession,
        SharedSessionError,
        StoredSession,
        create_api_store,
        fetch_data_epic,
        login_epic,
        logout_epic,
        refresh_ahead_epic,
        refresh_on_unauthorized,
        refresh_token_epic,
        valid_token,
    )

__all__ = [
    "ApiCallError",
    "ApiClient",
    "ApiDependencies",
    "BodyNotReplayableError",
    "FileStorage",
    "HttpAnswer",
    "HttpBackend",
    "KeyringStorage",
    "MemoryStorage",
    "NatsSessions",
    "PasswordBackend",
    "PersistError",
    "Persistor",
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
    "Storage",
    "StoredSession",
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
    "valid_token",
]

hand_on(
    __name__,
    {
        ".operators": "catch_error combine_epics concat_map exhaust_map from_async merge_map of_type switch_map",
        ".persist": "FileStorage KeyringStorage MemoryStorage PersistError Persistor Storage persist",
        ".session": (
            "ApiCallError ApiClient ApiDependencies BodyNotReplayableError HttpAnswer HttpBackend NatsSessions "
            "PasswordBackend RedisSessions RefreshPolicy Session SessionAuth SessionBackend SessionRefused "
            "SessionStorage SessionStorageUnavailable SessionUnavailable SharedSession SharedSessionError "
            "StoredSession create_api_store fetch_data_epic login_epic logout_epic refresh_ahead_epic "
            "refresh_on_unauthorized refresh_token_epic valid_token"
        ),
    },
)
