"""The epic that signs the user in."""

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ...actions import Action, Login, LoginFailure, LoginSuccess, TokenSet
from ...store import ActionStream, StateStream
from ..operators.flatten import merge_map
from ..operators.from_async import from_async
from ..operators.of_type import of_type
from .errors import api_error_of
from .needs import HasApi, HasAuth
from .refresh_token import in_session


def login_epic(actions: ActionStream, state: StateStream[HasAuth], dependencies: HasApi) -> Observable[Action]:
    """LOGIN -> one call to the token endpoint -> LOGIN_SUCCESS or LOGIN_FAILURE.

    Of two logins the later one counts; tokens that come for a session that is over are revoked.
    """
    api = dependencies.api

    def log_in(action: Login) -> Observable[Action]:
        epoch = state.value.auth.epoch

        async def call() -> TokenSet:
            return await api.log_in(action.username, action.password)

        return from_async(call).pipe(
            merge_map(in_session(epoch, state, api, lambda tokens: LoginSuccess(tokens=tokens, epoch=epoch))),
            ops.catch(lambda error, _: rx.just(LoginFailure(error=api_error_of(error), epoch=epoch))),
        )

    return actions.pipe(of_type(Login), merge_map(log_in))
