"""How to get a new access token with the refresh token: the catch block, as an operator.

The user of the app notices nothing when a token merely expired: a request that is answered with 401
waits for one refresh, which it shares with all others, and is then started over with the new token.
"""

from collections.abc import Callable
from typing import TypeVar

import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops

from ..actions import (
    Action,
    Login,
    LoginFailure,
    LoginSuccess,
    Logout,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    TokenAccepted,
)
from ..store import ActionStream, StateStream
from .errors import ApiCallError
from .flatten import merge_map
from .of_type import of_type
from .policy import RefreshPolicy
from .session import HasAuth
from .unauthorized import BUSY, Decision, Sent, decide, expired, is_accepted

T = TypeVar("T")

GAVE_UP = "The server refuses every new access token. You were signed out; please sign in again."


def refresh_on_unauthorized(
    actions: ActionStream, state: StateStream[HasAuth], *, policy: RefreshPolicy | None = None
) -> Callable[[Observable[T]], Observable[T | Action]]:
    """Refresh the access token when the source fails with 401, and start the source over.

    The source must read the token anew on each subscription, as `from_async` does. It may fail with
    the API client's own error or with an `httpx.HTTPStatusError`. Other errors pass through. When
    there is no new token, it fails with an `ApiCallError`.

    Args:
        actions: the action stream of the epic.
        state: its state stream; the state has an `AuthState` as `.auth`.
        policy: of it `max_refreshes` counts.

    See https://redux-observable.js.org/docs/recipes/ErrorHandling.html

        ops.flat_map(lambda action: from_async(lambda: deps.api.get("/users", state.value.auth.tokens)).pipe(
            ops.map(UsersLoaded),
            refresh_on_unauthorized(actions, state),
            ops.catch(lambda error, _: rx.just(UsersFailed(error=str(error)))),
        ))
    """
    max_refreshes = (policy or RefreshPolicy()).max_refreshes

    def start_over_when_renewed(source: Observable[T]) -> Observable[T | Action]:
        def attempt(replays: int = 0) -> Observable[T | Action]:
            # 1. defer: each subscription sees the current token, and notes which one it is.
            def start(_: abc.SchedulerBase) -> Observable[T | Action]:
                auth = state.value.auth
                if auth.status in BUSY:  # no doomed call: a new token is on its way
                    return renewed()
                sent = Sent.now(auth)
                # 2. catch the 401, with the source that failed.
                return _watched(source, sent, state).pipe(ops.catch(lambda error, _: recover(error, sent, replays)))

            return rx.defer(start)

        def recover(error: Exception, sent: Sent, replays: int) -> Observable[T | Action]:
            auth = state.value.auth
            match decide(error, sent, auth, replays=replays, max_refreshes=max_refreshes):
                case Decision.PASS_ON:
                    return rx.throw(error)
                case Decision.EXPIRED:
                    return rx.throw(expired())
                case Decision.GIVE_UP:
                    return rx.concat(rx.just(Logout(reason=GAVE_UP)), rx.throw(expired()))
                case Decision.REPLAY:
                    return attempt(replays + 1)
                case Decision.WAIT:
                    return renewed()
                case Decision.REFRESH:
                    # 3. emit REFRESH_TOKEN; whoever waits for the answer listens before the question goes out.
                    return rx.merge(renewed(), rx.just(RefreshToken(generation=auth.generation, epoch=auth.epoch)))

        def renewed() -> Observable[T | Action]:
            # 4. wait for the first REFRESH_SUCCESS, until a REFRESH_FAILURE: a failure must not end in silence.
            return actions.pipe(
                of_type(RefreshSuccess, RefreshFailure, LoginSuccess, LoginFailure, Login, Logout),
                ops.filter(lambda _: state.value.auth.status not in BUSY),
                ops.take(1),
                # 5. start the source over, with the new token.
                merge_map(
                    lambda outcome: (
                        attempt()
                        if state.value.auth.tokens is not None and _is_success(outcome)
                        else rx.throw(_failure(outcome))
                    )
                ),
            )

        return attempt()

    return start_over_when_renewed


def _is_success(outcome: Action) -> bool:
    return isinstance(outcome, RefreshSuccess | LoginSuccess)


def _failure(outcome: Action) -> ApiCallError:
    match outcome:
        case RefreshFailure(error=error, permanent=False):
            return ApiCallError(error)
        case LoginFailure(error=error):
            return ApiCallError(error)
        case _:
            return expired()


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
                observer.on_error(expired())
                return
            note_acceptance()
            observer.on_next(value)

        def on_error(error: Exception) -> None:
            if is_accepted(error):
                note_acceptance()
            observer.on_error(error)

        return source.subscribe(on_next, on_error, observer.on_completed, scheduler=scheduler)

    return Observable(subscribe)
