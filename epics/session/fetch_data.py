"""The epic that fetches data, and survives an expired token."""

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ...actions import (
    Action,
    CancelFetch,
    FetchData,
    FetchFailure,
    FetchSuccess,
    LoginSuccess,
    Logout,
    SignIn,
    TokenSet,
)
from ...store import ActionStream, StateStream
from ..operators import direct
from ..operators.flatten import switch_map
from ..operators.from_async import from_async
from ..operators.of_type import of_type
from .errors import TokenNotReadyError, api_error_of, hider_of
from .needs import HasApi, HasAuth
from .one_session import session_epic
from .refresh_on_unauthorized import refresh_on_unauthorized
from .unauthorized import BUSY, Decision, failure_of


@session_epic
def fetch_data_epic(actions: ActionStream, state: StateStream[HasAuth], dependencies: HasApi) -> Observable[Action]:
    """FETCH_DATA -> API call -> FETCH_SUCCESS or FETCH_FAILURE; a 401 is refreshed away.

    A newer fetch for the same key cancels the older, CANCEL_FETCH the one under way, and the end of
    the session all of them.
    """
    api = dependencies.api

    def fetch(action: FetchData) -> Observable[Action]:
        signed_in = state.value.auth.tokens is not None

        def current_tokens() -> TokenSet | None:
            nonlocal signed_in
            auth = state.value.auth
            if auth.status in BUSY:
                msg = "The session is getting a new token: the request waits for it."
                raise TokenNotReadyError(msg)
            if signed_in and auth.tokens is None:
                raise failure_of(Decision.EXPIRED, auth)
            signed_in = auth.tokens is not None
            return auth.tokens

        async def call() -> Action:
            data = await api.request(
                action.method,
                action.path,
                current_tokens,
                params=action.params,
                body=action.body,
                headers=action.headers,
                timeout=action.timeout,
                expect=action.expect,
            )
            return FetchSuccess(key=action.key, data=data)

        return from_async(call).pipe(
            refresh_on_unauthorized(actions, state, policy=api.policy, request=action.key),
            direct.catch(
                lambda error: direct.just(FetchFailure(key=action.key, error=api_error_of(error, hider_of(api))))
            ),
        )

    def fetch_or_stop(action: FetchData | CancelFetch) -> Observable[Action]:
        return fetch(action) if isinstance(action, FetchData) else rx.empty()

    def fetches(_epoch: int) -> Observable[Action]:
        return actions.pipe(of_type(FetchData, CancelFetch), switch_map(fetch_or_stop, by=lambda action: action.key))

    return actions.pipe(
        of_type(SignIn, LoginSuccess, Logout),
        ops.map(lambda _: state.value.auth.epoch),
        ops.start_with(state.value.auth.epoch),
        ops.distinct_until_changed(),
        switch_map(fetches),
    )
