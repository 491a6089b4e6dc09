"""OAuth 2: sign-in by device code, browser, as a service or with a password; discovery, client authentication, revocation."""

from typing import TYPE_CHECKING

from ....lazy_names import hand_on

if TYPE_CHECKING:
    from .backend import Flow, OAuthBackend
    from .program import AuthMethod
    from .progress import (
        BrowserWanted,
        DeviceCodeIssued,
        DevicePolled,
        SignInState,
        sign_in_reducer,
        sign_in_reducer_of,
    )

__all__ = [
    "AuthMethod",
    "BrowserWanted",
    "DeviceCodeIssued",
    "DevicePolled",
    "Flow",
    "OAuthBackend",
    "SignInState",
    "sign_in_reducer",
    "sign_in_reducer_of",
]

hand_on(
    __name__,
    {
        ".backend": "Flow OAuthBackend",
        ".program": "AuthMethod",
        ".progress": "BrowserWanted DeviceCodeIssued DevicePolled SignInState sign_in_reducer sign_in_reducer_of",
    },
)
