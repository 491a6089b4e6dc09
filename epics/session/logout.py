"""The epic that tells the server when a session is over."""

from dataclasses import dataclass

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from ...actions import Action, LoginSuccess, Logout, RefreshSuccess, RefreshToken, SignIn, TokenSet
from ...reducers import AuthState
from ...store import ActionStream, StateStream
from ..operators.flatten import merge_map
from ..operators.of_type import of_type
from .needs import HasApi, HasAuth
from .one_session import session_epic
from .refresh_token import revoke


@dataclass(frozen=True)
class _Change:
    """A session before and after an action."""

    before: AuthState
    after: AuthState

    def next(self, after: AuthState) -> "_Change":
        return _Change(self.after, after)

    @property
    def orphaned(self) -> TokenSet | None:
        """Tokens whose session has ended with this action. Those that are being refreshed are used up by that."""
        ended = self.before.epoch != self.after.epoch
        return self.before.tokens if ended and self.before.status == "signed_in" else None


@session_epic
def logout_epic(actions: ActionStream, state: StateStream[HasAuth], dependencies: HasApi) -> Observable[Action]:
    """Revoke the refresh token of a session that was left, by LOGOUT or for another user (RFC 7009, best effort)."""

    def revoke_orphaned(change: _Change) -> Observable[Action]:
        return rx.empty() if change.orphaned is None else revoke(dependencies.api, change.orphaned)

    present = state.value.auth
    return actions.pipe(
        of_type(SignIn, LoginSuccess, RefreshToken, RefreshSuccess, Logout),
        ops.scan(lambda change, _: change.next(state.value.auth), _Change(present, present)),
        merge_map(revoke_orphaned),
    )
