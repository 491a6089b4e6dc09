"""The session: who is signed in, with which tokens, and whether they are being refreshed.

This reducer is the lock of the refresh: REFRESH_TOKEN moves `signed_in` to `refreshing`, once, and
only the action that did so starts a call.
"""

from collections.abc import Callable
from typing import Any, Literal

from pydantic import ConfigDict

from ..actions import (
    ApiError,
    FetchSuccess,
    LoginFailure,
    LoginSuccess,
    Logout,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    RequestRejected,
    SignIn,
    TokenAccepted,
    TokenSet,
)
from ..actions.auth import SessionAction
from .reducer import Reducer
from .state import State

REFUSED_KEPT = 100
"""How many refused requests are kept: of the oldest it has to be found out anew."""

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
        fruitless: those of them that a refused request asked for; so many are allowed, and then the session ends.
        is_refused: whether the refresh under way was asked for by a refused request.
        attempts: how often a refresh was started; tells one from the next.
        accepted: a request that the API accepted in this session, while none was found refused since; else None.
        refused: requests that the API refuses whatever the token is, as far as the present token is known.
        recent: when the refreshes of the last minute were started, in seconds of `time.monotonic()`.
        refresh_seconds: how long the last refresh took.
        refresh_error: why the last refresh failed for a passing reason; None when it succeeded.
        retry_at: until then, in seconds since 1970, requests that need a refresh fail at once.
        cool_until: the same in seconds of `time.monotonic()`: this is what counts.
        error: why the session ended or did not begin, in words for a person.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    status: AuthStatus = "signed_out"
    tokens: TokenSet | None = None
    expires_at: float | None = None
    generation: int = 0
    epoch: int = 0
    refreshes: int = 0
    unproven: int = 0
    fruitless: int = 0
    is_refused: bool = False
    attempts: int = 0
    accepted: str | None = None
    refused: tuple[str, ...] = ()
    recent: tuple[float, ...] = ()
    refresh_seconds: float | None = None
    refresh_error: ApiError | None = None
    retry_at: float = 0.0
    cool_until: float = 0.0
    error: str | None = None

    def restored(self) -> "AuthState":
        """The session after a restart: no login and no refresh is under way any more, and clocks began anew."""
        status = "signed_out" if self.tokens is None else "signed_in"
        return self.replace(status=status, is_refused=False, recent=(), retry_at=0.0, cool_until=0.0)


_Handler = Callable[[AuthState, Any], AuthState]
_handlers: list[tuple[type[SessionAction], _Handler]] = []


def _on(kind: type[SessionAction]) -> Callable[[_Handler], _Handler]:
    def note(handler: _Handler) -> _Handler:
        _handlers.append((kind, handler))
        return handler

    return note


def auth_reducer_of(name: str) -> Reducer[AuthState]:
    """The reducer of the session with this name; it leaves the actions of others alone."""

    def of_this_session(handle: _Handler) -> _Handler:
        def handle_own(auth: AuthState, action: SessionAction) -> AuthState:
            return handle(auth, action) if action.session == name else auth

        return handle_own

    reducer = Reducer(AuthState())
    for kind, handler in _handlers:
        reducer.on(kind)(of_this_session(handler))
    return reducer


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


@_on(SignIn)
def _sign_in(auth: AuthState, action: SignIn) -> AuthState:
    return _ended(auth, None).replace(status="signing_in", epoch=auth.epoch + 1)


@_on(LoginSuccess)
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


@_on(LoginFailure)
def _not_signed_in(auth: AuthState, action: LoginFailure) -> AuthState:
    if _is_stale(auth, action.epoch) or auth.status != "signing_in":
        return auth
    return _ended(auth, str(action.error))


@_on(RefreshToken)
def _refresh(auth: AuthState, action: RefreshToken) -> AuthState:
    replaced = action.generation is not None and action.generation != auth.generation
    if auth.status != "signed_in" or replaced or _is_stale(auth, action.epoch):
        return auth
    recent = auth.recent
    if action.at is not None:
        recent = (*(at for at in recent if at > action.at - 60.0), action.at)
    return auth.replace(
        status="refreshing", attempts=auth.attempts + 1, recent=recent, is_refused=action.refused, error=None
    )


@_on(RefreshSuccess)
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
        fruitless=auth.fruitless + auth.is_refused,
        is_refused=False,
        refresh_seconds=_seconds_since_start(auth, action.at),
        refresh_error=None,
        refused=(),
        retry_at=0.0,
        cool_until=0.0,
        error=None,
    )


@_on(RefreshFailure)
def _not_refreshed(auth: AuthState, action: RefreshFailure) -> AuthState:
    if _is_stale(auth, action.epoch) or auth.tokens is None:
        return auth
    if action.permanent:
        return _ended(auth, str(action.error)).replace(epoch=auth.epoch + 1)
    return auth.replace(
        status="signed_in",
        is_refused=False,
        refresh_error=action.error,
        retry_at=action.retry_at or 0.0,
        cool_until=action.cool_until or 0.0,
        error=str(action.error),
    )


@_on(TokenAccepted)
def _accepted(auth: AuthState, action: TokenAccepted) -> AuthState:
    if action.generation != auth.generation:
        return auth
    refused = tuple(each for each in auth.refused if each != action.request)
    return auth.replace(unproven=0, fruitless=0, accepted=auth.accepted or action.request, refused=refused)


@_on(FetchSuccess)
def _fetched(auth: AuthState, action: FetchSuccess) -> AuthState:
    return auth.replace(accepted=action.key) if auth.accepted is None and auth.tokens is not None else auth


@_on(RequestRejected)
def _rejected(auth: AuthState, action: RequestRejected) -> AuthState:
    if action.decision == "refused" and action.generation == auth.generation:
        refused = (*(each for each in auth.refused if each != action.request), action.request)[-REFUSED_KEPT:]
        fruitless = max(0, auth.fruitless - 1)  # another request may find out, with one refresh more, whose fault it is
        return auth.replace(refused=refused, fruitless=fruitless)
    if action.request == auth.accepted:  # it tells nothing about others any more
        return auth.replace(accepted=None)
    return auth


@_on(Logout)
def _signed_out(auth: AuthState, action: Logout) -> AuthState:
    return _ended(auth, action.reason).replace(epoch=auth.epoch + 1)


auth_reducer = auth_reducer_of("auth")
