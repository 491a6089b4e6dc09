"""The epic that refreshes the access token before it expires."""

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ...actions import Action, LoginSuccess, Logout, RefreshFailure, RefreshSuccess, RefreshToken, SignIn
from ...reducers import AuthState
from ...store import ActionStream, StateStream
from ..operators.flatten import merge_map, switch_map
from ..operators.of_type import of_type
from .needs import HasApi, HasAuth
from .one_session import session_epic
from .unauthorized import Decision, Now, budget_from, may_refresh, refresh_time

LEAST_PAUSE = 1.0  # seconds between two tries, when a refresh ahead of time fails


@session_epic
def refresh_ahead_epic(actions: ActionStream, state: StateStream[HasAuth], dependencies: HasApi) -> Observable[Action]:
    """New tokens -> a timer -> REFRESH_TOKEN, `refresh_before_expiry` seconds ahead of the expiry.

    A failure for a passing reason is tried again while the token is good, and so is what would be beyond
    `max_refreshes_per_minute`; after that the next request finds out. A timer is not work: `idle` does not wait for it.
    """
    policy = dependencies.api.policy
    asks_anew: bool = getattr(dependencies.api.backend, "asks_anew", False)

    def at_its_time(auth: AuthState) -> Observable[Action]:
        due = refresh_time(auth, policy, asks_anew=asks_anew)
        now = Now.read()
        if due is None or auth.status != "signed_in" or auth.expires_at is None or now.clock >= auth.expires_at:
            return rx.empty()
        pause = max(auth.cool_until - now.steady, LEAST_PAUSE) if auth.cool_until else 0.0
        wait = max(due - now.clock, pause, budget_from(auth, policy) - now.steady)
        if now.clock + wait >= auth.expires_at:
            return rx.empty()
        return rx.timer(wait).pipe(merge_map(lambda _: refresh_if_allowed(auth)))

    def refresh_if_allowed(auth: AuthState) -> Observable[Action]:
        match may_refresh(auth, Now.read(), policy):
            case Decision.REFRESH:
                return rx.just(refresh(auth))
            case Decision.GIVE_UP:  # the next request ends the session
                return rx.empty()
            case _:  # the timer was early
                return at_its_time(auth)

    def refresh(auth: AuthState) -> Action:
        return RefreshToken(generation=auth.generation, epoch=auth.epoch, cause="expiry", at=Now.read().steady)

    return actions.pipe(
        of_type(SignIn, LoginSuccess, RefreshSuccess, RefreshFailure, Logout),
        ops.map(lambda _: state.value.auth),
        ops.start_with(state.value.auth),
        switch_map(at_its_time),
    )
