"""What to do when a request could not be authorised: one pure decision."""

from dataclasses import dataclass
from enum import Enum, auto

import httpx

from ..actions import ApiError, TokenSet
from ..reducers import AuthState
from .errors import ApiCallError, TokenNotReadyError

BUSY = ("refreshing", "signing_in")
"""While the session is in one of these, a new token is on its way."""


class Decision(Enum):
    PASS_ON = auto()  # no matter of the session
    WAIT = auto()  # a new token is on its way
    REPLAY = auto()  # there is a newer token already
    REFRESH = auto()  # the token is expired
    EXPIRED = auto()  # the session that sent the request is over
    GIVE_UP = auto()  # refreshing does not help


@dataclass(frozen=True)
class Sent:
    """When a request was started: with which generation of tokens, in which session."""

    generation: int
    epoch: int

    @classmethod
    def now(cls, auth: AuthState) -> "Sent":
        return cls(auth.generation, auth.epoch)


def decide(error: Exception, sent: Sent, auth: AuthState, *, replays: int, max_refreshes: int) -> Decision:
    """What to do after a request failed.

    Args:
        sent: when it was started.
        auth: the session as it is now.
        replays: how often it was started over in a row, without a refresh in between.
        max_refreshes: successful refreshes in a row after which refreshing is no help.
    """
    if not isinstance(error, TokenNotReadyError) and not is_unauthorized(error):
        return Decision.PASS_ON
    if auth.epoch != sent.epoch:
        return Decision.EXPIRED
    if auth.status in BUSY:
        return Decision.WAIT
    if isinstance(error, TokenNotReadyError):
        return Decision.REPLAY
    carried = carried_token(error)
    if carried is None:
        return Decision.PASS_ON
    if auth.tokens is None:
        return Decision.EXPIRED
    if not _is_current(error, carried, sent, auth.tokens, auth.generation):
        # Started anew with the same old token: the source does not read it from the state.
        stuck = replays > 0 and sent.generation == auth.generation
        return Decision.PASS_ON if stuck else Decision.REPLAY
    return Decision.GIVE_UP if auth.unproven >= max_refreshes else Decision.REFRESH


def _is_current(error: Exception, carried: str, sent: Sent, tokens: TokenSet, generation: int) -> bool:
    """Whether a request carried the present token. Numbers count, not strings: a server may issue the same again."""
    if isinstance(error, ApiCallError) and error.tokens is tokens:
        return True
    return sent.generation == generation and carried == tokens.access_token.get_secret_value()


def is_unauthorized(error: Exception) -> bool:
    if isinstance(error, ApiCallError):
        return error.error.kind == "unauthorized"
    return isinstance(error, httpx.HTTPStatusError) and error.response.status_code == 401


def is_accepted(error: Exception) -> bool:
    """Whether a failed request's token was accepted nevertheless: the server looked at the request itself."""
    status = error.error.status if isinstance(error, ApiCallError) else None
    if isinstance(error, httpx.HTTPStatusError):
        status = error.response.status_code
    return status is not None and 400 <= status < 500 and status not in (401, 429)


def carried_token(error: Exception) -> str | None:
    """The bearer token that the failed request carried."""
    if isinstance(error, ApiCallError):
        return None if error.tokens is None else error.tokens.access_token.get_secret_value()
    if isinstance(error, httpx.HTTPStatusError):
        scheme, _, token = error.response.request.headers.get("Authorization", "").partition(" ")
        return token.strip() if scheme.lower() == "bearer" and token else None
    return None


def expired() -> ApiCallError:
    return ApiCallError(ApiError(kind="session_expired", message="Your session has ended. Please sign in again."))
