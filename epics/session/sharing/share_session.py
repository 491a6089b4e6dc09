"""The epic that keeps a store and a shared session in step."""

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ....actions import Action, LoginSuccess, Logout, RefreshFailure, RefreshSuccess, TokenSet
from ....store import ActionStream, Epic, StateStream
from ...operators.flatten import concat_map
from ...operators.from_async import from_async
from ...operators.of_type import of_type
from ..needs import HasAuth
from ..one_session import AUTH, actions_of
from .shared_session import SharedSession
from .stored_session import StoredSession

POLL = 0.5  # seconds between two looks at what other processes have stored


def share_session(session: SharedSession) -> Epic[HasAuth, object]:
    """An epic that signs in with the stored session, stores what changes, and tells what other processes did."""

    def share_session_epic(every: ActionStream, state: StateStream[HasAuth]) -> Observable[Action]:
        actions = actions_of(every, AUTH)
        adopted: TokenSet | None = None  # of another process: there is no need to store it again

        def follow(stored: StoredSession, *, is_same_login: bool) -> Observable[Action]:
            nonlocal adopted
            adopted, auth = stored.tokens, state.value.auth
            if stored.tokens is None:
                return rx.empty() if auth.tokens is None else rx.just(Logout(reason="You signed out elsewhere."))
            if auth.tokens is None or not is_same_login:
                return rx.just(LoginSuccess(tokens=stored.tokens))
            return rx.just(RefreshSuccess(tokens=stored.tokens, epoch=auth.epoch))

        def look(_: object) -> Observable[Action]:
            if state.value.auth.status not in ("signed_in", "signed_out"):
                return rx.empty()  # a login or a refresh of our own will find out
            news = session.news()
            return rx.empty() if news is None else follow(news[0], is_same_login=news[1])

        async def store(action: LoginSuccess | Logout | RefreshFailure) -> None:
            match action:
                case LoginSuccess(tokens=tokens) if tokens is not adopted:
                    await session.sign_in(tokens)
                case Logout() | RefreshFailure(permanent=True):
                    await session.sign_out()
                case _:
                    pass

        nothing: Observable[Action] = rx.empty()
        stored = actions.pipe(
            of_type(LoginSuccess, Logout, RefreshFailure),
            concat_map(lambda action: from_async(lambda: store(action)).pipe(ops.flat_map(lambda _: nothing))),
        )
        times = rx.merge(rx.just(None).pipe(ops.concat(rx.interval(POLL))), session.pushes)
        return rx.merge(stored, times.pipe(ops.flat_map(look)))

    return share_session_epic
