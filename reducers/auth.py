"""The session: who is signed in, with which tokens, and whether they are being refreshed.

This reducer is the lock of the refresh: REFRESH_TOKEN moves `signed_in` to `refreshing`, once, and
only the action that did so starts a call.
"""

from typing import Literal

from ..actions import (
    ApiError,
    Login,
    LoginFailure,
    LoginSuccess,
    Logout,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    TokenAccepted,
    TokenSet,
)
from .reducer import Reducer
from .state import State

AuthStatus = Literal["signed_out", "signing_in", "signed_in", "refreshing"]


class AuthState(State):
    """A session.

    Attributes:
        tokens: None while nobody is signed in. Masked wherever the state is shown.
        expires_at: when the access token expires, in seconds since 1970; None when not known.
        generation: +1 on each new token set. It answers: is this 401 news?
        epoch: +1 on login, logout and change of user. It answers: is this still my session?
        refreshes: successful refreshes of this session.
        unproven: successful refreshes in a row with no accepted request in between.
        attempts: how often a refresh was started; tells one from the next.
        recent: when the refreshes of the last minute were started, in seconds since 1970.
        refresh_seconds: how long the last refresh took.
        refresh_error: why the last refresh failed for a passing reason; None when it succeeded.
        retry_at: until then, in seconds since 1970, requests that need a refresh fail at once.
        error: why the session ended or did not begin, in words for a person.
    """

    status: AuthStatus = "signed_out"
    tokens: TokenSet | None = None
    expires_at: float | None = None
    generation: int = 0
    epoch: int = 0
    refreshes: int = 0
    unproven: int = 0
    attempts: int = 0
    recent: tuple[float, ...] = ()
    refresh_seconds: float | None = None
    refresh_error: ApiError | None = None
    retry_at: float = 0.0
    error: str | None = None

    def restored(self) -> "AuthState":
        """The session after a restart: no login and no refresh is under way any more."""
        return self.replace(status="signed_out" if self.tokens is None else "signed_in")


auth_reducer = Reducer(AuthState())


def _is_stale(auth: AuthState, epoch: int | None) -> bool:
    return epoch is not None and epoch != auth.epoch


def _seconds_since_start(auth: AuthState, at: float | None) -> float | None:
    if auth.status != "refreshing" or at is None or not auth.recent:
        return None  # nobody measured it, or another process did it
    return max(0.0, at - auth.recent[-1])


def _ended(auth: AuthState, error: str | None) -> AuthState:
    """Signed out. What tells this session from others, and what limits refreshes, stays."""
    return AuthState(
        generation=auth.generation, epoch=auth.epoch, attempts=auth.attempts, recent=auth.recent, error=error
    )


@auth_reducer.on(Login)
def _sign_in(auth: AuthState, action: Login) -> AuthState:
    return _ended(auth, None).replace(status="signing_in", epoch=auth.epoch + 1)


@auth_reducer.on(LoginSuccess)
def _signed_in(auth: AuthState, action: LoginSuccess) -> AuthState:
    if _is_stale(auth, action.epoch):
        return auth
    asked = auth.status == "signing_in"  # else the session comes from elsewhere, and is another
    return _ended(auth, None).replace(
        status="signed_in",
        tokens=action.tokens,
        expires_at=action.tokens.expires_at,
        generation=auth.generation + 1,
        epoch=auth.epoch if asked else auth.epoch + 1,
    )


@auth_reducer.on(LoginFailure)
def _not_signed_in(auth: AuthState, action: LoginFailure) -> AuthState:
    if _is_stale(auth, action.epoch) or auth.status != "signing_in":
        return auth
    return _ended(auth, str(action.error))


@auth_reducer.on(RefreshToken)
def _refresh(auth: AuthState, action: RefreshToken) -> AuthState:
    replaced = action.generation is not None and action.generation != auth.generation
    if auth.status != "signed_in" or replaced or _is_stale(auth, action.epoch):
        return auth
    recent = auth.recent
    if action.at is not None:
        recent = (*(at for at in recent if at > action.at - 60.0), action.at)
    return auth.replace(status="refreshing", attempts=auth.attempts + 1, recent=recent, error=None)


@auth_reducer.on(RefreshSuccess)
def _refreshed(auth: AuthState, action: RefreshSuccess) -> AuthState:
    if _is_stale(auth, action.epoch) or auth.tokens is None:
        return auth
    tokens = action.tokens
    if tokens.refresh_token is None:  # RFC 6749 section 6: the old one stays valid
        tokens = tokens.model_copy(update={"refresh_token": auth.tokens.refresh_token})
    return auth.replace(
        status="signed_in",
        tokens=tokens,
        expires_at=tokens.expires_at,
        generation=auth.generation + 1,
        refreshes=auth.refreshes + 1,
        unproven=auth.unproven + 1,
        refresh_seconds=_seconds_since_start(auth, action.at),
        refresh_error=None,
        retry_at=0.0,
        error=None,
    )


@auth_reducer.on(RefreshFailure)
def _not_refreshed(auth: AuthState, action: RefreshFailure) -> AuthState:
    if _is_stale(auth, action.epoch) or auth.tokens is None:
        return auth
    if action.permanent:
        return _ended(auth, str(action.error))
    return auth.replace(
        status="signed_in",
        refresh_error=action.error,
        retry_at=action.retry_at or 0.0,
        error=str(action.error),
    )


@auth_reducer.on(TokenAccepted)
def _accepted(auth: AuthState, action: TokenAccepted) -> AuthState:
    return auth.replace(unproven=0) if action.generation == auth.generation else auth


@auth_reducer.on(Logout)
def _signed_out(auth: AuthState, action: Logout) -> AuthState:
    return _ended(auth, action.reason).replace(epoch=auth.epoch + 1)
