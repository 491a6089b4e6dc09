"""The epic that gets a new access token with the refresh token."""

import time
from collections.abc import Callable

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ...actions import Action, RefreshFailure, RefreshSuccess, RefreshToken, TokenSet
from ...reducers import AuthState
from ...store import ActionStream, StateStream
from ..operators.flatten import merge_map
from ..operators.from_async import from_async
from ..operators.of_type import of_type
from .answers import Meaning
from .api_client import ApiClient
from .errors import ApiCallError, api_error_of
from .needs import HasApi, HasAuth
from .sharing.shared_session import SharedSession


def refresh_token_epic(actions: ActionStream, state: StateStream[HasAuth], dependencies: HasApi) -> Observable[Action]:
    """REFRESH_TOKEN -> one call to the token endpoint -> REFRESH_SUCCESS or REFRESH_FAILURE.

    The reducer is the lock: only the action that moved the session to `refreshing` starts a call.
    The call belongs to nobody's request. It is not cancelled: the server may have used up the refresh
    token already. When the session ended meanwhile, what the call brings is revoked.
    """
    api = dependencies.api
    session: SharedSession | None = getattr(dependencies, "session", None)  # shared with other processes

    def refresh(auth: AuthState) -> Observable[Action]:
        def failed(error: Exception) -> Action:
            permanent = isinstance(error, ApiCallError) and error.meaning is Meaning.SIGN_OUT
            retry_at = None if permanent else time.time() + api.policy.cool_off
            return RefreshFailure(error=api_error_of(error), permanent=permanent, epoch=auth.epoch, retry_at=retry_at)

        def succeeded(tokens: TokenSet) -> Action:
            return RefreshSuccess(tokens=tokens, epoch=auth.epoch, at=time.time())

        async def call() -> TokenSet:
            return await (api.refresh(auth.tokens) if session is None else session.refresh(api.refresh))

        return from_async(call).pipe(
            merge_map(in_session(auth.epoch, state, api, succeeded)),
            ops.catch(lambda error, _: rx.just(failed(error))),
        )

    return actions.pipe(
        of_type(RefreshToken),
        ops.map(lambda _: state.value.auth),
        ops.start_with(state.value.auth),  # a refresh that an earlier run of this epic, or of the app, left behind
        ops.filter(lambda auth: auth.status == "refreshing"),
        ops.distinct_until_changed(lambda auth: auth.attempts),
        merge_map(refresh),
    )


def in_session(
    epoch: int, state: StateStream[HasAuth], api: ApiClient, succeed: Callable[[TokenSet], Action]
) -> Callable[[TokenSet], Observable[Action]]:
    """Announce new tokens if their session still goes on; else revoke them, and say nothing."""

    def announce_or_revoke(tokens: TokenSet) -> Observable[Action]:
        if state.value.auth.epoch == epoch:
            return rx.just(succeed(tokens))
        return revoke(api, tokens)

    return announce_or_revoke


def revoke(api: ApiClient, tokens: TokenSet) -> Observable[Action]:
    """Revoke a refresh token, best effort. The stream has no values."""

    async def call() -> None:
        await api.revoke(tokens)

    return from_async(call).pipe(ops.filter(lambda _: False))  # pyright: ignore[reportReturnType] -- it has no values
