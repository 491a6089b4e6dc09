"""The token of a session for what is no HTTP request of ours: a websocket, gRPC, another library."""

from typing import Any

from pydantic import SecretStr

from ...actions import ApiError, RefreshToken
from ...reducers import AuthState
from ...store import Store
from .answers import describe
from .errors import ApiCallError
from .one_session import AUTH, auth_of
from .policy import RefreshPolicy
from .session_auth import Named
from .unauthorized import BUSY, Decision, Now, failure_of, may_refresh

LEAD = 10.0  # seconds that a token should still be good for; at most half of its life


async def valid_token(store: Store[Any], session: Named | None = None) -> SecretStr:
    """An access token that is good now. It shares the one refresh of the session.

    Args:
        store: one with `.auth` in its state and the `refresh_token_epic`.
        session: a `Session`, where a store has several.

    Raises:
        ApiCallError: when nobody is signed in, there is no new token, or the session in which it was asked for is over.

    Examples:
        ```python
        token = await valid_token(store)
        websocket = await connect(url, additional_headers={"Authorization": f"Bearer {token.get_secret_value()}"})
        ```
    """
    name = AUTH if session is None else session.name
    api = getattr(store.dependencies if session is None else session, "api", None)
    policy: RefreshPolicy = getattr(api, "policy", None) or RefreshPolicy()

    epoch = auth_of(store.state, name).epoch

    async def settled() -> AuthState:
        await store.wait_for(
            lambda state: auth_of(state, name).status not in BUSY or auth_of(state, name).epoch != epoch
        )
        auth = auth_of(store.state, name)  # it may have gone on since
        if auth.epoch != epoch:  # never the token of another user
            raise ApiCallError(_signed_out(auth))
        return auth

    auth = await settled()
    now = Now.read()
    if auth.tokens is not None and _ends_soon(auth, now):
        decision = may_refresh(auth, now, policy)
        if decision is Decision.REFRESH:
            store.dispatch(
                RefreshToken(
                    generation=auth.generation, epoch=auth.epoch, cause="valid_token", at=now.steady, session=name
                )
            )
            auth = await settled()
        if _is_over(auth, Now.read()):
            raise ApiCallError(auth.refresh_error) if auth.refresh_error else failure_of(decision, auth)
    if auth.tokens is None:
        raise ApiCallError(_signed_out(auth))
    return auth.tokens.access_token


def _ends_soon(auth: AuthState, now: Now) -> bool:
    if auth.expires_at is None or auth.tokens is None or auth.tokens.expires_in is None:
        return False
    return now.clock >= auth.expires_at - min(LEAD, auth.tokens.expires_in / 2)


def _is_over(auth: AuthState, now: Now) -> bool:
    return auth.tokens is not None and auth.expires_at is not None and now.clock >= auth.expires_at


def _signed_out(auth: AuthState) -> ApiError:
    told = describe("session_expired")
    return told if auth.error is None else told.model_copy(update={"message": auth.error})
