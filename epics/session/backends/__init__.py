"""The dialects that servers speak: how to sign in, refresh and revoke there."""

from typing import TYPE_CHECKING

from ....lazy_names import hand_on

if TYPE_CHECKING:
    from .backend import Authorizes, SessionBackend, SessionRefused, SessionUnavailable
    from .http import HttpAnswer, HttpBackend
    from .password import PasswordBackend

__all__ = [
    "Authorizes",
    "HttpAnswer",
    "HttpBackend",
    "PasswordBackend",
    "SessionBackend",
    "SessionRefused",
    "SessionUnavailable",
]

hand_on(
    __name__,
    {
        ".backend": "Authorizes SessionBackend SessionRefused SessionUnavailable",
        ".http": "HttpAnswer HttpBackend",
        ".password": "PasswordBackend",
    },
)
