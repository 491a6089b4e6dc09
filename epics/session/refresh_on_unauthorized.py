"""How to get a new access token with the refresh token: the catch block, as an operator.

The user of the app notices nothing when a token merely expired: a request that is answered with 401
waits for one refresh, which it shares with all others, and is then started over with the new token.
"""

import logging
import time
from collections.abc import Callable
from typing import TypeVar

import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops

from ...actions import (
    Action,
    Login,
    LoginFailure,
    LoginSuccess,
    Logout,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    RequestRejected,
    RequestReplayed,
    TokenAccepted,
)
from ...reducers import AuthState
from ...store import ActionStream, StateStream
from ..operators.flatten import merge_map
from ..operators.of_type import of_type
from .errors import ApiCallError
from .needs import HasAuth
from .policy import RefreshPolicy
from .unauthorized import BUSY, Decision, Sent, decide, failure_of, is_accepted, is_due, may_refresh

T = TypeVar("T")

GAVE_UP = "The server refuses every new access token. You were signed out; please sign in again."

log = logging.getLogger("rxdux")


def refresh_on_unauthorized(
    actions: ActionStream,
    state: StateStream[HasAuth],
    *,
    policy: RefreshPolicy | None = None,
    request: str = "",
) -> Callable[[Observable[T]], Observable[T | Action]]:
    """Refresh the access token when the source fails with 401, and start the source over.

    The source must read the token anew on each subscription, as `from_async` does. It may fail with
    the API client's own error or with an `httpx.HTTPStatusError`. Other errors pass through. When
    there is no new token, it fails with an `ApiCallError`.

    Args:
        actions: the action stream of the epic.
        state: its state stream; the state has an `AuthState` as `.auth`.
        policy: when to refresh, and when not.
        request: what the source is for, in the log.

    See https://redux-observable.js.org/docs/recipes/ErrorHandling.html

    Examples:
        ```python
        ops.flat_map(lambda action: from_async(lambda: deps.api.get("/users", state.value.auth.tokens)).pipe(
            ops.map(UsersLoaded),
            refresh_on_unauthorized(actions, state),
            ops.catch(lambda error, _: rx.just(UsersFailed(error=str(error)))),
        ))
        ```
    """
    rules = policy or RefreshPolicy()

    def start_over_when_renewed(source: Observable[T]) -> Observable[T | Action]:
        def attempt(replays: int = 0, *, ahead: bool = True) -> Observable[T | Action]:
            # 1. defer: each subscription sees the current token, and notes which one it is.
            def start(_: abc.SchedulerBase) -> Observable[T | Action]:
                auth, now = state.value.auth, time.time()
                if auth.status in BUSY:  # no doomed call: a new token is on its way
                    return renewed(now, auth)
                if ahead and is_due(auth, now, rules) and may_refresh(auth, now, rules) is Decision.REFRESH:
                    return rx.merge(renewed(now, auth), rx.just(ask_for_refresh(auth, now)))
                sent = Sent.now(auth)
                # 2. catch the 401, with the source that failed.
                return _watched(source, sent, state).pipe(ops.catch(lambda error, _: recover(error, sent, replays)))

            return rx.defer(start)

        def recover(error: Exception, sent: Sent, replays: int) -> Observable[T | Action]:
            auth, now = state.value.auth, time.time()
            decision = decide(error, sent, auth, now=now, replays=replays, policy=rules)
            if decision is Decision.UNRELATED:
                return rx.throw(error)
            log.debug("request %s with token generation %s: %s", request, sent.generation, decision.value)
            note = RequestRejected(request=request, generation=sent.generation, decision=decision.value)
            return rx.merge(rx.just(note), after(decision, auth, now, replays))

        def after(decision: Decision, auth: AuthState, now: float, replays: int) -> Observable[T | Action]:
            match decision:
                case Decision.REPLAY:
                    return attempt(replays + 1)
                case Decision.WAIT:
                    return renewed(now, auth)
                case Decision.REFRESH:
                    # 3. emit REFRESH_TOKEN; whoever waits for the answer listens before the question goes out.
                    return rx.merge(renewed(now, auth), rx.just(ask_for_refresh(auth, now)))
                case Decision.GIVE_UP:
                    return rx.concat(rx.just(Logout(reason=GAVE_UP)), rx.throw(failure_of(decision, auth)))
                case _:
                    return rx.throw(failure_of(decision, auth))

        def ask_for_refresh(auth: AuthState, now: float) -> RefreshToken:
            return RefreshToken(generation=auth.generation, epoch=auth.epoch, cause=request, at=now)

        def renewed(since: float, before: AuthState) -> Observable[T | Action]:
            # 4. wait for the first REFRESH_SUCCESS, until a REFRESH_FAILURE: a failure must not end in silence.
            return actions.pipe(
                of_type(RefreshSuccess, RefreshFailure, LoginSuccess, LoginFailure, Login, Logout),
                ops.filter(lambda _: state.value.auth.status not in BUSY),
                ops.take(1),
                merge_map(lambda outcome: go_on(outcome, since, before)),
            )

        def go_on(outcome: Action, since: float, before: AuthState) -> Observable[T | Action]:
            auth, now = state.value.auth, time.time()
            is_renewed = isinstance(outcome, RefreshSuccess | LoginSuccess) and auth.tokens is not None
            if not is_renewed and not _still_good(outcome, before, auth, now, rules):
                return rx.throw(_failure(outcome))
            log.debug("request %s waited %.3f s for token generation %s", request, now - since, auth.generation)
            note = RequestReplayed(request=request, generation=auth.generation, waited=now - since)
            # 5. start the source over, with the new token.
            return rx.merge(rx.just(note), attempt(ahead=False))

        return attempt()

    return start_over_when_renewed


def _still_good(outcome: Action, before: AuthState, auth: AuthState, now: float, policy: RefreshPolicy) -> bool:
    """Whether a token outlives a refresh ahead of its expiry that failed for a passing reason."""
    is_passing = isinstance(outcome, RefreshFailure) and not outcome.permanent
    is_ahead = policy.refresh_before_expiry > 0 and auth.generation == before.generation
    return is_passing and is_ahead and auth.expires_at is not None and now < auth.expires_at


def _failure(outcome: Action) -> ApiCallError:
    match outcome:
        case RefreshFailure(error=error, permanent=False) | LoginFailure(error=error):
            return ApiCallError(error)
        case _:
            return failure_of(Decision.EXPIRED, AuthState())


def _watched(source: Observable[T], sent: Sent, state: StateStream[HasAuth]) -> Observable[T | Action]:
    """The source, up to the end of its session; the first answer after a refresh says that the token was accepted."""

    def subscribe(
        observer: abc.ObserverBase[T | Action], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        def note_acceptance() -> None:
            auth = state.value.auth
            if auth.unproven and Sent.now(auth) == sent:
                observer.on_next(TokenAccepted(generation=sent.generation))

        def on_next(value: T) -> None:
            if state.value.auth.epoch != sent.epoch:
                observer.on_error(failure_of(Decision.EXPIRED, state.value.auth))
                return
            note_acceptance()
            observer.on_next(value)

        def on_error(error: Exception) -> None:
            if is_accepted(error):
                note_acceptance()
            observer.on_error(error)

        return source.subscribe(on_next, on_error, observer.on_completed, scheduler=scheduler)

    return Observable(subscribe)
