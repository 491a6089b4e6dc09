"""Sign-in at OAuth 2 authorization servers. Needs the extra `oauth`, which is loaded with the backend."""

from importlib.util import find_spec
from typing import TYPE_CHECKING

from .lazy_names import hand_on

if TYPE_CHECKING:
    from .epics.session.oauth import (
        AuthMethod,
        BrowserWanted,
        DeviceCodeIssued,
        DevicePolled,
        Flow,
        OAuthBackend,
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

for _needed in ("authlib", "joserfc", "h11"):
    if find_spec(_needed) is None:
        msg = f"rxdux.oauth needs {_needed}, which is not installed. Install the extra: pip install 'rxdux[oauth]'"
        raise ImportError(msg, name=_needed)

hand_on(__name__, {".epics.session.oauth": " ".join(__all__)})
