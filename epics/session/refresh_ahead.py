"""The epic that refreshes the access token before it expires."""

import time

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ...actions import Action, Login, LoginSuccess, Logout, RefreshFailure, RefreshSuccess, RefreshToken
from ...reducers import AuthState
from ...store import ActionStream, StateStream
from ..operators.flatten import switch_map
from ..operators.of_type import of_type
from .needs import HasApi, HasAuth
from .unauthorized import refresh_time

LEAST_PAUSE = 1.0  # seconds between two tries, when a refresh ahead of time fails


def refresh_ahead_epic(actions: ActionStream, state: StateStream[HasAuth], dependencies: HasApi) -> Observable[Action]:
    """New tokens -> a timer -> REFRESH_TOKEN, `refresh_before_expiry` seconds ahead of the expiry.

    A failure for a passing reason is tried again while the token is good; after that the next
    request finds out. A timer is not work: `idle` does not wait for it.
    """
    policy = dependencies.api.policy

    def at_its_time(auth: AuthState) -> Observable[Action]:
        due = refresh_time(auth, policy)
        now = time.time()
        if due is None or auth.status != "signed_in" or auth.expires_at is None or now >= auth.expires_at:
            return rx.empty()
        earliest = max(auth.retry_at, now + LEAST_PAUSE) if auth.retry_at else now
        return rx.timer(max(due, earliest) - now).pipe(ops.map(lambda _: refresh(auth)))

    def refresh(auth: AuthState) -> Action:
        return RefreshToken(generation=auth.generation, epoch=auth.epoch, cause="expiry", at=time.time())

    return actions.pipe(
        of_type(Login, LoginSuccess, RefreshSuccess, RefreshFailure, Logout),
        ops.map(lambda _: state.value.auth),
        ops.start_with(state.value.auth),
        switch_map(at_its_time),
    )
