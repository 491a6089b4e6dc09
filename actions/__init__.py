"""Actions: what happened, as immutable values."""

from .action import Action
from .api_error import ApiError, ErrorKind
from .auth import (
    Login,
    LoginFailure,
    LoginSuccess,
    Logout,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    RequestRejected,
    RequestReplayed,
    SignIn,
    TokenAccepted,
)
from .bind_actions import BoundActions, bind_actions
from .data import CancelFetch, FetchData, FetchFailure, FetchSuccess
from .errors import RxduxError
from .tokens import TokenSet

__all__ = [
    "Action",
    "ApiError",
    "BoundActions",
    "CancelFetch",
    "ErrorKind",
    "FetchData",
    "FetchFailure",
    "FetchSuccess",
    "Login",
    "LoginFailure",
    "LoginSuccess",
    "Logout",
    "RefreshFailure",
    "RefreshSuccess",
    "RefreshToken",
    "RequestRejected",
    "RequestReplayed",
    "RxduxError",
    "SignIn",
    "TokenAccepted",
    "TokenSet",
    "bind_actions",
]
