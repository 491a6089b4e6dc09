"""The epic that gets a new access token with the refresh token."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import TYPE_CHECKING, Any, TypeVar

import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops

from ...actions import Action, RefreshFailure, RefreshSuccess, RefreshToken, TokenSet
from ...reducers import AuthState
from ...store import ActionStream, StateStream
from ...store.engine.scheduler import EpicScheduler
from ..operators import direct
from ..operators.flatten import merge_map
from ..operators.from_async import from_async
from ..operators.of_type import of_type
from .answers import Meaning
from .errors import ApiCallError, api_error_of, hider_of
from .needs import IS_WANTED, HasApi, HasAuth
from .one_session import session_epic
from .unauthorized import Now

if TYPE_CHECKING:
    from .api_client import ApiClient
    from .sharing.shared_session import SharedSession

T = TypeVar("T")

CLOSE_PATIENCE = 5.0  # seconds that the end of a store waits for a refresh in flight


@session_epic
def refresh_token_epic(actions: ActionStream, state: StateStream[HasAuth], dependencies: HasApi) -> Observable[Action]:
    """REFRESH_TOKEN -> one call to the token endpoint -> REFRESH_SUCCESS or REFRESH_FAILURE.

    The reducer is the lock: only the action that moved the session to `refreshing` starts a call.
    The call belongs to nobody's request. It is not cancelled: the server may have used up the refresh
    token already. When the session ended meanwhile, what the call brings is revoked; where it brings nothing,
    the old tokens are, and it is not tried again.

    `create_api_store` waits for a refresh in flight before it closes. A `Store` of your own does not: what comes after
    its end changes nothing, and the new token is lost. Wait for it before, see the example.

    Examples:
        ```python
        async with Store(reducer, epics=[refresh_token_epic, ...], dependencies=ApiDependencies(api)) as store:
            ...
            await store.wait_for(lambda state: state.auth.status != "refreshing", timeout=5)
        ```
    """
    api = dependencies.api
    session: SharedSession | None = getattr(dependencies, "session", None)  # shared with other processes

    def refresh(auth: AuthState) -> Observable[Action]:
        def is_wanted() -> bool:
            return state.value.auth.epoch == auth.epoch

        def is_final(error: Exception) -> bool:
            return isinstance(error, ApiCallError) and error.meaning is Meaning.SIGN_OUT

        def failed(error: Exception) -> Action:
            permanent = is_final(error)
            told = RefreshFailure(error=api_error_of(error, hider_of(api)), permanent=permanent, epoch=auth.epoch)
            if permanent:
                return told
            wait, now = api.policy.cool_off, Now.read()
            return told.model_copy(update={"retry_at": now.clock + wait, "cool_until": now.steady + wait})

        def succeeded(tokens: TokenSet) -> Action:
            return RefreshSuccess(tokens=tokens, epoch=auth.epoch, at=Now.read().steady)

        def fail_or_revoke(error: Exception) -> Observable[Action]:
            if is_wanted():
                return direct.just(failed(error))
            return rx.empty() if auth.tokens is None or is_final(error) else revoke(api, auth.tokens)

        async def ask(tokens: TokenSet | None) -> TokenSet:
            IS_WANTED.set(is_wanted)  # in the context of this task
            return await api.refresh(tokens)

        async def call() -> TokenSet:
            asked = ask(auth.tokens) if session is None else session.refresh(ask)
            return await finished(asked, min(CLOSE_PATIENCE, api.policy.request_timeout))

        return from_async(call).pipe(
            merge_map(in_session(auth.epoch, state, api, succeeded)),
            direct.catch(fail_or_revoke),
            direct.filter(lambda _: is_wanted()),  # of another session it is no news
        )

    return actions.pipe(
        of_type(RefreshToken),
        ops.map(lambda _: state.value.auth),
        ops.start_with(state.value.auth),  # a refresh that an earlier run of this epic, or of the app, left behind
        ops.filter(lambda auth: auth.status == "refreshing"),
        ops.distinct_until_changed(lambda auth: auth.attempts),
        merge_map(refresh),
    )


async def finished(asked: Coroutine[Any, Any, T], patience: float) -> T:
    """Await a refresh. Who is cancelled meanwhile waits for it, bounded: the server may have used up the old token
    already, and what comes is stored before the end."""
    refreshing = asyncio.ensure_future(asked)
    try:
        return await asyncio.shield(refreshing)
    except asyncio.CancelledError:
        await asyncio.wait({refreshing}, timeout=patience)
        refreshing.cancel()
        if refreshing.done() and not refreshing.cancelled():
            refreshing.exception()  # it is seen, and nobody is left to be told
        raise


def in_session(
    epoch: int, state: StateStream[HasAuth], api: "ApiClient", succeed: Callable[[TokenSet], Action]
) -> Callable[[TokenSet], Observable[Action]]:
    """Announce new tokens if their session still goes on; else revoke them, and say nothing."""

    def announce_or_revoke(tokens: TokenSet) -> Observable[Action]:
        if state.value.auth.epoch == epoch:
            return direct.just(succeed(tokens))
        return revoke(api, tokens)

    return announce_or_revoke


def revoke(api: "ApiClient", tokens: TokenSet) -> Observable[Action]:
    """Revoke tokens, best effort: a failure is reported, and they die of age. The stream has no values."""

    async def call() -> None:
        await api.revoke(tokens)

    def start(scheduler: abc.SchedulerBase) -> Observable[Action]:
        def tell(error: Exception) -> Observable[Action]:
            if isinstance(scheduler, EpicScheduler):
                scheduler.report(error, f"The tokens of a session that is over could not be revoked: {error}")
            return rx.empty()

        nothing: Observable[Action] = from_async(call).pipe(merge_map(lambda _: rx.empty()))
        return nothing.pipe(ops.catch(lambda error, _: tell(error)))

    return rx.defer(start)
