"""What to do when a request could not be authorised: one pure decision."""

import time
from dataclasses import dataclass, replace
from enum import Enum
from typing import TYPE_CHECKING

from ...actions import TokenSet
from ...reducers import AuthState
from .answers import Meaning, describe
from .errors import ApiCallError, TokenNotReadyError
from .policy import RefreshPolicy

if TYPE_CHECKING:
    import httpx

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
    REFUSED = "refused"  # other requests are accepted: it is this one that is refused, whatever the token
    GIVE_UP = "give_up"  # refreshing does not help


@dataclass(frozen=True, slots=True)
class Now:
    """What time it is: by the clock, for when a token expires; and in steady seconds, for how long something takes."""

    clock: float
    steady: float

    @classmethod
    def read(cls) -> "Now":
        return cls(time.time(), time.monotonic())


@dataclass(frozen=True, slots=True)
class Sent:
    """When a request was started: with which generation of tokens, in which session."""

    generation: int
    epoch: int

    @classmethod
    def now(cls, auth: AuthState) -> "Sent":
        return cls(auth.generation, auth.epoch)


@dataclass(frozen=True, slots=True)
class Asked:
    """A request from when it is first asked for until its end: the one place that says whose it is.

    Attributes:
        epoch: the session in which it was asked for. It is never sent in another.
        name: what it is for; empty where nobody said.
        renewals: how often it has got a new token after it was refused.
        replays: how often it was started over in a row, without a refresh in between.
    """

    epoch: int
    name: str = ""
    renewals: int = 0
    replays: int = 0

    def may_go_out(self, auth: AuthState) -> bool:
        """Whether its session still goes on; asked before every send."""
        return auth.epoch == self.epoch

    def renewed(self) -> "Asked":
        return replace(self, renewals=self.renewals + 1, replays=0)

    def waited(self) -> "Asked":
        """It has got a new token without having been sent: that tells nothing about it."""
        return replace(self, replays=0)

    def replayed(self) -> "Asked":
        return replace(self, replays=self.replays + 1)


def decide(error: Exception, asked: Asked, sent: Sent, auth: AuthState, *, now: Now, policy: RefreshPolicy) -> Decision:
    """What to do after a request failed.

    Args:
        asked: the request, with what it went through so far.
        sent: when it was started this time.
        auth: the session as it is now.
    """
    if not isinstance(error, TokenNotReadyError) and not is_unauthorized(error, policy):
        return Decision.UNRELATED
    if auth.epoch != sent.epoch or not asked.may_go_out(auth):
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
        stuck = asked.replays > 0 and sent.generation == auth.generation
        return Decision.UNRELATED if stuck else Decision.REPLAY
    return _about_the_present_token(asked, auth, now, policy)


ASSUMED_LIFE = 3600.0  # seconds, of a token that comes without `expires_in`


def _is_living(auth: AuthState, now: Now) -> bool:
    """Whether the present token should not be expired yet."""
    if auth.expires_at is not None:
        return now.clock < auth.expires_at
    return auth.tokens is not None and now.clock < auth.tokens.issued_at + ASSUMED_LIFE


def is_news(auth: AuthState, request: str) -> bool:
    """Whether it is worth telling that a request was accepted with the present token."""
    return auth.unproven > 0 or request in auth.refused


def _about_the_present_token(asked: Asked, auth: AuthState, now: Now, policy: RefreshPolicy) -> Decision:
    """Whether it is the token that is refused, or the request.

    A token that is not expired and that other requests are accepted with is not what is wrong. That another was accepted
    earlier in this session counts for twice `max_refreshes` tokens; if none of them is accepted anywhere, nothing is any more.
    """
    if _is_living(auth, now) and (
        (asked.name and asked.name in auth.refused) or (asked.renewals and not auth.unproven)
    ):
        return Decision.REFUSED
    if asked.renewals >= policy.max_refreshes or auth.fruitless >= policy.max_refreshes:
        was_accepted_elsewhere = auth.accepted not in (None, asked.name) and auth.unproven < 2 * policy.max_refreshes
        return Decision.REFUSED if not auth.unproven or was_accepted_elsewhere else Decision.GIVE_UP
    return may_refresh(auth, now, policy)


def may_refresh(auth: AuthState, now: Now, policy: RefreshPolicy) -> Decision:
    """Whether the session may start a refresh: REFRESH, or what forbids it."""
    if auth.fruitless >= policy.max_refreshes:
        return Decision.GIVE_UP
    if now.steady < auth.cool_until:
        return Decision.COOL_OFF
    if now.steady < budget_from(auth, policy):
        return Decision.OVER_BUDGET
    return Decision.REFRESH


def budget_from(auth: AuthState, policy: RefreshPolicy) -> float:
    """From when on there may be one refresh more within `max_refreshes_per_minute`, in seconds of `time.monotonic()`."""
    last = auth.recent[-policy.max_refreshes_per_minute :]
    return last[0] + 60.0 if len(last) == policy.max_refreshes_per_minute else 0.0


def is_due(auth: AuthState, now: Now, policy: RefreshPolicy) -> bool:
    """Whether the token should be refreshed before it is used: it expires within `refresh_before_expiry`."""
    at = refresh_time(auth, policy)
    return auth.status == "signed_in" and at is not None and now.clock >= at


def refresh_time(auth: AuthState, policy: RefreshPolicy, *, asks_anew: bool = False) -> float | None:
    """When to refresh ahead of the expiry, in seconds since 1970; None for never.

    The lead is at most half of the token's life: a token of 30 seconds must not be refreshed at once.

    Args:
        asks_anew: a refresh needs no refresh token; without one another session would end too early.
    """
    if not policy.refresh_before_expiry or auth.tokens is None:
        return None
    if auth.tokens.refresh_token is None and not asks_anew:
        return None
    if auth.expires_at is None or auth.tokens.expires_in is None:
        return None
    return auth.expires_at - min(policy.refresh_before_expiry, auth.tokens.expires_in / 2)


def _is_current(error: Exception, carried: str, sent: Sent, tokens: TokenSet, generation: int) -> bool:
    """Whether a request carried the present token. Numbers count, not strings: a server may issue the same again."""
    if isinstance(error, ApiCallError) and error.tokens is tokens:
        return True
    return sent.generation == generation and carried == tokens.access_token.get_secret_value()


def is_unauthorized(error: Exception, policy: RefreshPolicy) -> bool:
    """Whether a request was refused for its token: 401, or what the policy says."""
    if isinstance(error, ApiCallError):
        return error.meaning is Meaning.REFRESH
    response = _response_of(error)
    return response is not None and is_rejection(response, policy)


def is_rejection(response: "httpx.Response", policy: RefreshPolicy) -> bool:
    """Whether an answer says that the token is expired: 401, or what the policy says.

    A hook that reads the body of an answer that is still to be streamed has no say: the stream is the caller's.
    """
    if response.status_code == 401:
        return True
    if policy.is_expired is None:
        return False
    try:
        return policy.is_expired(response)
    except Exception as error:
        if "ResponseNotRead" in {cls.__name__ for cls in type(error).__mro__}:
            return False
        raise


def proves_token(status: int) -> bool:
    """Whether an answer shows that the token was accepted: the server looked at the request itself.

    Who is busy has not looked: 408, 425, 429 and 5xx prove nothing.
    """
    return 200 <= status < 500 and status not in (401, 408, 425, 429)


def status_of(error: Exception) -> int | None:
    """The status in a failed request's error; None where no answer came."""
    if isinstance(error, ApiCallError):
        return error.error.status if error.meaning is not Meaning.REFRESH else 401
    response = _response_of(error)
    return None if response is None else response.status_code


def carried_token(error: Exception) -> str | None:
    """The bearer token that the failed request carried."""
    if isinstance(error, ApiCallError):
        return None if error.tokens is None else error.tokens.access_token.get_secret_value()
    response = _response_of(error)
    if response is None:
        return None
    scheme, _, token = response.request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token else None


def _response_of(error: Exception) -> "httpx.Response | None":
    """The answer in an HTTPStatusError, of httpx or of a client with its interface."""
    is_status_error = any(cls.__name__ == "HTTPStatusError" for cls in type(error).__mro__)
    return getattr(error, "response", None) if is_status_error else None


def failure_of(decision: Decision, auth: AuthState) -> ApiCallError:
    """The error of a request that will not be started over."""
    if decision is Decision.COOL_OFF and auth.refresh_error is not None:
        return ApiCallError(auth.refresh_error)
    if decision is Decision.REFUSED:
        return ApiCallError(describe("unauthorized", 401, "(other requests are accepted)"))
    if decision is Decision.OVER_BUDGET:
        return ApiCallError(describe("rate_limited", detail="(too many token refreshes)"))
    return ApiCallError(describe("session_expired"))
