"""The epic that signs the user in."""

import reactivex as rx
from reactivex import Observable, abc
from reactivex import operators as ops
from reactivex.subject import Subject

from ...actions import Action, LoginFailure, LoginSuccess, Logout, SignIn, TokenSet
from ...store import ActionStream, StateStream
from ..operators.flatten import merge_map, switch_map
from ..operators.from_async import from_async
from ..operators.of_type import of_type
from .errors import api_error_of, hider_of
from .needs import HasApi, HasAuth
from .one_session import session_epic
from .refresh_token import in_session


@session_epic
def login_epic(actions: ActionStream, state: StateStream[HasAuth], dependencies: HasApi) -> Observable[Action]:
    """SIGN_IN or LOGIN -> the backend's way of signing in -> LOGIN_SUCCESS or LOGIN_FAILURE.

    Another sign-in and LOGOUT cancel one that is under way; tokens that come for a session that is over
    are revoked.
    """
    api = dependencies.api

    def sign_in(action: SignIn) -> Observable[Action]:
        epoch = state.value.auth.epoch
        told: Subject[Action] = Subject()

        def start(scheduler: abc.SchedulerBase) -> Observable[Action]:
            def tell(progress: Action) -> None:  # from any thread: it is told in turn with all else
                def pass_on(_: abc.SchedulerBase, _state: object = None) -> None:
                    told.on_next(progress)

                scheduler.schedule(pass_on)

            async def call() -> TokenSet:
                return await api.sign_in(action, tell)

            signed_in = from_async(call).pipe(
                ops.finally_action(told.on_completed),
                merge_map(in_session(epoch, state, api, lambda tokens: LoginSuccess(tokens=tokens, epoch=epoch))),
                ops.catch(
                    lambda error, _: rx.just(LoginFailure(error=api_error_of(error, hider_of(api)), epoch=epoch))
                ),
            )
            return rx.merge(told, signed_in)

        return rx.defer(start)

    def sign_in_or_stop(action: SignIn | Logout) -> Observable[Action]:
        return sign_in(action) if isinstance(action, SignIn) else rx.empty()

    return actions.pipe(of_type(SignIn, Logout), switch_map(sign_in_or_stop))
