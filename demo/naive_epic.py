"""What many apps do: every fetch that meets a 401 refreshes for itself. Here to show what comes of it."""

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from rxdux import (
    Action,
    ActionStream,
    ApiCallError,
    ApiDependencies,
    ApiError,
    AuthState,
    FetchData,
    FetchFailure,
    FetchSuccess,
    Logout,
    RefreshSuccess,
    RequestRejected,
    StateStream,
    from_async,
    merge_map,
    of_type,
)

from .actions import NaiveRefresh, NaiveReplay
from .state import DemoState

ENDED = "One refresh token, many refreshes: taken for theft, the session is over."


def naive_fetch_epic(actions: ActionStream, state: StateStream[DemoState], deps: ApiDependencies) -> Observable[Action]:
    """FETCH_DATA -> call -> 401 -> a refresh of its own -> call; there is no single flight."""
    api = deps.api

    def fetch(action: FetchData) -> Observable[Action]:
        sent = state.value.auth

        def call() -> Observable[Action]:
            return from_async(
                lambda: api.request(action.method, action.path, state.value.auth.tokens, params=action.params)
            ).pipe(ops.map(lambda data: FetchSuccess(key=action.key, data=data)))

        def recover(error: Exception) -> Observable[Action]:
            if not (isinstance(error, ApiCallError) and error.error.kind == "unauthorized"):
                return failed(error)
            note = RequestRejected(request=action.key, generation=sent.generation, decision="refresh")
            return rx.of(note, NaiveRefresh(request=action.key)).pipe(ops.concat(rx.defer(lambda _: refresh(sent))))

        def refresh(before: AuthState) -> Observable[Action]:
            return from_async(lambda: api.refresh(before.tokens)).pipe(
                merge_map(
                    lambda tokens: rx.of(
                        RefreshSuccess(tokens=tokens, epoch=before.epoch), NaiveReplay(request=action.key)
                    ).pipe(ops.concat(rx.defer(lambda _: call())))
                ),
                ops.catch(lambda error, _: give_up(error)),
            )

        def give_up(error: Exception) -> Observable[Action]:
            is_over = state.value.auth.tokens is None
            return failed(error) if is_over else rx.of(Logout(reason=ENDED)).pipe(ops.concat(failed(error)))

        def failed(error: Exception) -> Observable[Action]:
            known = error.error if isinstance(error, ApiCallError) else ApiError(kind="network", message=str(error))
            return rx.of(FetchFailure(key=action.key, error=known))

        return rx.defer(lambda _: call()).pipe(ops.catch(lambda error, _: recover(error)))

    return actions.pipe(of_type(FetchData), merge_map(fetch))
