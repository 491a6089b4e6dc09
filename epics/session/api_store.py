"""A store with a session, ready to use."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any, TypeVar, overload

import httpx

from ...reducers import ApiState, ReducerFn, auth_reducer, combine_reducers, data_reducer
from ...reducers.reducer import initial_state
from ...store import Epic, Middleware, Store
from ...store.engine.report import OnError
from .api_client import ApiClient
from .fetch_data import fetch_data_epic
from .login import login_epic
from .logout import logout_epic
from .needs import ApiDependencies, HasAuth
from .policy import RefreshPolicy
from .refresh_ahead import refresh_ahead_epic
from .refresh_token import refresh_token_epic
from .sharing.share_session import share_session
from .sharing.shared_session import SharedSession

S = TypeVar("S", bound=HasAuth)


@overload
def create_api_store(
    base_url: str,
    *,
    client: httpx.AsyncClient | None = None,
    token_path: str = "/token",
    revoke_path: str | None = "/revoke",
    client_id: str | None = None,
    policy: RefreshPolicy | None = None,
    session: SharedSession | None = None,
    reducer: None = None,
    epics: Iterable[Epic[ApiState, ApiDependencies]] = (),
    middleware: Iterable[Middleware] = (),
    on_error: OnError | None = None,
) -> AbstractAsyncContextManager[Store[ApiState]]: ...
@overload
def create_api_store(
    base_url: str,
    *,
    client: httpx.AsyncClient | None = None,
    token_path: str = "/token",
    revoke_path: str | None = "/revoke",
    client_id: str | None = None,
    policy: RefreshPolicy | None = None,
    session: SharedSession | None = None,
    reducer: ReducerFn[S],
    epics: Iterable[Epic[S, ApiDependencies]] = (),
    middleware: Iterable[Middleware] = (),
    on_error: OnError | None = None,
) -> AbstractAsyncContextManager[Store[S]]: ...
def create_api_store(
    base_url: str,
    *,
    client: httpx.AsyncClient | None = None,
    token_path: str = "/token",
    revoke_path: str | None = "/revoke",
    client_id: str | None = None,
    policy: RefreshPolicy | None = None,
    session: SharedSession | None = None,
    reducer: ReducerFn[Any] | None = None,
    epics: Iterable[Epic[Any, ApiDependencies]] = (),
    middleware: Iterable[Middleware] = (),
    on_error: OnError | None = None,
) -> AbstractAsyncContextManager[Store[Any]]:
    """A store with a session: login, API calls, token refresh and logout are wired.

    Args:
        base_url: of the API, absolute.
        client: an `httpx.AsyncClient`, or one with its interface; it is used and left open.
        token_path: the OAuth 2 token endpoint, below the base URL.
        revoke_path: the revocation endpoint (RFC 7009); None for a server without.
        client_id: sent to the token endpoint.
        policy: time-outs, retries and limits.
        session: one that several processes share; the store begins with it, and keeps it up to date.
        reducer: by default that of `ApiState`; yours must give a state with `.auth` and `.data`.
        epics: yours, beside those of the session. They get `ApiDependencies` as their third argument.
        middleware: as for `Store`.
        on_error: as for `Store`.

    Raises:
        ValueError: for a `base_url` without scheme.
        TypeError: for a reducer whose state has no `.auth`.

    Examples:
        ```python
        async with create_api_store("https://api.example.com") as store:
            store.dispatch(Login(username="ada", password="secret"))
            await store.wait_for(lambda state: state.auth.status == "signed_in")
            store.dispatch(FetchData(key="users", path="/users"))
        ```
    """
    api = ApiClient(
        base_url,
        client=client,
        token_path=token_path,
        revoke_path=revoke_path,
        client_id=client_id,
        policy=policy,
    )
    root: ReducerFn[Any] = reducer or combine_reducers(ApiState, auth=auth_reducer, data=data_reducer)
    if not hasattr(initial_state(root), "auth"):
        msg = "The reducer given to create_api_store must make a state with '.auth', such as combine_reducers(AppState, auth=auth_reducer, ...)."
        raise TypeError(msg)
    own: tuple[Epic[Any, Any], ...] = (login_epic, logout_epic, refresh_token_epic, refresh_ahead_epic, fetch_data_epic)
    if session is not None:
        own = (share_session(session), *own)

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Store[Any]]:
        try:
            async with Store(
                root,
                epics=(*own, *epics),
                dependencies=ApiDependencies(api, session),
                middleware=middleware,
                on_error=on_error,
            ) as store:
                yield store
        finally:
            await api.aclose()

    return opened()
