"""The epic that makes trouble: asks the server to expire, revoke, fail, dawdle."""

from typing import Any

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from rxdux import Action, ActionStream, ApiCallError, ApiDependencies, StateStream, from_async, merge_map, of_type

from .actions import MakeTrouble, TroubleMade, TroubleRefused


def trouble_epic(actions: ActionStream, state: StateStream[Any], deps: ApiDependencies) -> Observable[Action]:
    """MAKE_TROUBLE -> an admin call -> TROUBLE_MADE or TROUBLE_REFUSED."""

    def ask(action: MakeTrouble) -> Observable[Action]:
        async def call() -> Action:
            await deps.api.request("POST", action.path)
            return TroubleMade(words=action.words, switch=action.switch, on=action.on)

        return from_async(call).pipe(ops.catch(lambda error, _: rx.just(refused(error))))

    return actions.pipe(of_type(MakeTrouble), merge_map(ask))


def refused(error: Exception) -> Action:
    missing = isinstance(error, ApiCallError) and error.error.kind == "not_found"
    return TroubleRefused(words="This server makes no trouble on demand." if missing else str(error))
