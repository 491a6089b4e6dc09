"""What to do when a request could not be authorised: one pure decision."""

from dataclasses import dataclass
from enum import Enum

import httpx

from ...actions import TokenSet
from ...reducers import AuthState
from .answers import Meaning, describe
from .errors import ApiCallError, TokenNotReadyError
from .policy import RefreshPolicy

BUSY = ("refreshing", "signing_in")
"""While the session is in one of these, a new token is on its way."""


class Decision(Enum):
    """What to do after a request failed."""

    UNRELATED = "unrelated"  # no matter of the session
    WAIT = "wait"  # a new token is on its way
    REPLAY = "replay"  # there is a newer token already
    REFRESH = "refresh"  # the token is expired
    COOL_OFF = "cool_off"  # a refresh has failed just now
    OVER_BUDGET = "over_budget"  # there were too many refreshes in the last minute
    EXPIRED = "expired"  # the session that sent the request is over
    GIVE_UP = "give_up"  # refreshing does not help


@dataclass(frozen=True)
class Sent:
    """When a request was started: with which generation of tokens, in which session."""

    generation: int
    epoch: int

    @classmethod
    def now(cls, auth: AuthState) -> "Sent":
        return cls(auth.generation, auth.epoch)


def decide(
    error: Exception, sent: Sent, auth: AuthState, *, now: float, replays: int, policy: RefreshPolicy
) -> Decision:
    """What to do after a request failed.

    Args:
        sent: when it was started.
        auth: the session as it is now.
        now: in seconds since 1970.
        replays: how often it was started over in a row, without a refresh in between.
    """
    if not isinstance(error, TokenNotReadyError) and not is_unauthorized(error):
        return Decision.UNRELATED
    if auth.epoch != sent.epoch:
        return Decision.EXPIRED
    if auth.status in BUSY:
        return Decision.WAIT
    if isinstance(error, TokenNotReadyError):
        return Decision.REPLAY
    carried = carried_token(error)
    if carried is None:
        return Decision.UNRELATED
    if auth.tokens is None:
        return Decision.EXPIRED
    if not _is_current(error, carried, sent, auth.tokens, auth.generation):
        # Started anew with the same old token: the source does not read it from the state.
        stuck = replays > 0 and sent.generation == auth.generation
        return Decision.UNRELATED if stuck else Decision.REPLAY
    return may_refresh(auth, now, policy)


def may_refresh(auth: AuthState, now: float, policy: RefreshPolicy) -> Decision:
    """Whether the session may start a refresh: REFRESH, or what forbids it."""
    if auth.unproven >= policy.max_refreshes:
        return Decision.GIVE_UP
    if now < auth.retry_at:
        return Decision.COOL_OFF
    if sum(at > now - 60.0 for at in auth.recent) >= policy.max_refreshes_per_minute:
        return Decision.OVER_BUDGET
    return Decision.REFRESH


def is_due(auth: AuthState, now: float, policy: RefreshPolicy) -> bool:
    """Whether the token should be refreshed before it is used: it expires within `refresh_before_expiry`."""
    at = refresh_time(auth, policy)
    return auth.status == "signed_in" and at is not None and now >= at


def refresh_time(auth: AuthState, policy: RefreshPolicy) -> float | None:
    """When to refresh ahead of the expiry, in seconds since 1970; None for never.

    The lead is at most half of the token's life: a token of 30 seconds must not be refreshed at once.
    """
    if not policy.refresh_before_expiry or auth.tokens is None or auth.tokens.refresh_token is None:
        return None
    if auth.expires_at is None or auth.tokens.expires_in is None:
        return None
    return auth.expires_at - min(policy.refresh_before_expiry, auth.tokens.expires_in / 2)


def _is_current(error: Exception, carried: str, sent: Sent, tokens: TokenSet, generation: int) -> bool:
    """Whether a request carried the present token. Numbers count, not strings: a server may issue the same again."""
    if isinstance(error, ApiCallError) and error.tokens is tokens:
        return True
    return sent.generation == generation and carried == tokens.access_token.get_secret_value()


def is_unauthorized(error: Exception) -> bool:
    if isinstance(error, ApiCallError):
        return error.meaning is Meaning.REFRESH
    response = _response_of(error)
    return response is not None and response.status_code == 401


def is_accepted(error: Exception) -> bool:
    """Whether a failed request's token was accepted nevertheless: the server looked at the request itself."""
    response = _response_of(error)
    status = error.error.status if isinstance(error, ApiCallError) else response and response.status_code
    return status is not None and 400 <= status < 500 and status not in (401, 429)


def carried_token(error: Exception) -> str | None:
    """The bearer token that the failed request carried."""
    if isinstance(error, ApiCallError):
        return None if error.tokens is None else error.tokens.access_token.get_secret_value()
    response = _response_of(error)
    if response is None:
        return None
    scheme, _, token = response.request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


def _response_of(error: Exception) -> httpx.Response | None:
    """The answer in an HTTPStatusError, of httpx or of a client with its interface."""
    is_status_error = any(cls.__name__ == "HTTPStatusError" for cls in type(error).__mro__)
    return getattr(error, "response", None) if is_status_error else None


def failure_of(decision: Decision, auth: AuthState) -> ApiCallError:
    """The error of a request that will not be started over."""
    if decision is Decision.COOL_OFF and auth.refresh_error is not None:
        return ApiCallError(auth.refresh_error)
    if decision is Decision.OVER_BUDGET:
        return ApiCallError(describe("rate_limited", detail="(too many token refreshes)"))
    return ApiCallError(describe("session_expired"))
