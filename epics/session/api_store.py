"""A store with a session, ready to use."""

import contextlib
from collections.abc import AsyncGenerator, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import TYPE_CHECKING, Any, TypeVar, overload

from pydantic import SecretStr

from ...reducers import ApiState, AuthState, ReducerFn, auth_reducer, combine_reducers, data_reducer
from ...reducers.containers import read_slices
from ...reducers.reducer import initial_state
from ...store import Epic, Middleware, Store, StoreClosedError
from ...store.engine.report import OnError
from .needs import ApiDependencies, HasAuth
from .one_session import AUTH, check_names, sessions_in
from .policy import RefreshPolicy
from .refresh_token import CLOSE_PATIENCE
from .session import SESSION_EPICS

if TYPE_CHECKING:
    import httpx

    from .backends import SessionBackend
    from .sharing.shared_session import SharedSession

S = TypeVar("S", bound=HasAuth)


@overload
def create_api_store(
    base_url: str,
    *,
    client: "httpx.AsyncClient | None" = None,
    token_path: str = "/token",
    revoke_path: str | None = "/revoke",
    client_id: str | None = None,
    client_secret: str | SecretStr | None = None,
    backend: "SessionBackend | None" = None,
    policy: RefreshPolicy | None = None,
    session: "SharedSession | None" = None,
    reducer: None = None,
    epics: Iterable[Epic[ApiState, ApiDependencies]] = (),
    middleware: Iterable[Middleware] = (),
    on_error: OnError | None = None,
) -> AbstractAsyncContextManager[Store[ApiState]]: ...
@overload
def create_api_store(
    base_url: str,
    *,
    client: "httpx.AsyncClient | None" = None,
    token_path: str = "/token",
    revoke_path: str | None = "/revoke",
    client_id: str | None = None,
    client_secret: str | SecretStr | None = None,
    backend: "SessionBackend | None" = None,
    policy: RefreshPolicy | None = None,
    session: "SharedSession | None" = None,
    reducer: ReducerFn[S],
    epics: Iterable[Epic[S, ApiDependencies]] = (),
    middleware: Iterable[Middleware] = (),
    on_error: OnError | None = None,
) -> AbstractAsyncContextManager[Store[S]]: ...
def create_api_store(
    base_url: str,
    *,
    client: "httpx.AsyncClient | None" = None,
    token_path: str = "/token",
    revoke_path: str | None = "/revoke",
    client_id: str | None = None,
    client_secret: str | SecretStr | None = None,
    backend: "SessionBackend | None" = None,
    policy: RefreshPolicy | None = None,
    session: "SharedSession | None" = None,
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
        client_secret: of a confidential client.
        backend: how the server signs in, refreshes and revokes; by default a `PasswordBackend` of the four before.
        policy: time-outs, retries and limits.
        session: one that several processes share; the store begins with it, and keeps it up to date.
        reducer: by default that of `ApiState`; yours must give a state with `.auth` and `.data`.
        epics: yours, beside those of the session. They get `ApiDependencies` as their third argument.
        middleware: as for `Store`.
        on_error: as for `Store`.

    Raises:
        ValueError: for a `base_url` that is not absolute or holds more than a path; for a client with an auth
            of its own; for paths or a client id beside a backend; for two sessions of one name.
        TypeError: for a reducer whose state has no `.auth`.

    Examples:
        ```python
        async with create_api_store("https://api.example.com") as store:
            store.dispatch(Login(username="ada", password="secret"))
            await store.wait_for(lambda state: state.auth.status == "signed_in")
            store.dispatch(FetchData(key="users", path="/users"))
        ```
    """
    if backend is not None and (token_path, revoke_path, client_id, client_secret) != ("/token", "/revoke", None, None):
        msg = "Paths and client go into the backend: give them to it, or leave backend out."
        raise ValueError(msg)
    from .api_client import ApiClient  # noqa: PLC0415 -- httpx takes its time to load

    api = ApiClient(
        base_url,
        client=client,
        backend=backend,
        token_path=token_path,
        revoke_path=revoke_path,
        client_id=client_id,
        client_secret=client_secret,
        policy=policy,
    )
    root: ReducerFn[Any] = reducer or combine_reducers(ApiState, auth=auth_reducer, data=data_reducer)
    if not hasattr(initial_state(root), "auth"):
        msg = "The reducer given to create_api_store must make a state with '.auth', such as combine_reducers(AppState, auth=auth_reducer, ...)."
        raise TypeError(msg)
    own: tuple[Epic[Any, Any], ...] = SESSION_EPICS
    others = tuple(epics)
    beside = sessions_in(others)
    check_names([AUTH, *beside.values()])
    if session is not None:
        from .sharing.share_session import share_session  # noqa: PLC0415 -- most have a session of their own

        own = (share_session(session), *own)

    @asynccontextmanager
    async def opened() -> AsyncGenerator[Store[Any]]:
        try:
            if session is not None:
                await session.begin()
            async with Store(
                root,
                epics=(*own, *others),
                dependencies=ApiDependencies(api, session),
                middleware=middleware,
                on_error=on_error,
            ) as store:
                try:
                    yield store
                finally:
                    await _let_refresh_finish(store, min(CLOSE_PATIENCE, api.policy.request_timeout))
        finally:
            if session is not None:
                await session.end()
            for each in (api, *beside):
                await each.aclose()

    return opened()


async def _let_refresh_finish(store: Store[Any], patience: float) -> None:
    """A token that the server has issued is in the state, and saved with it, before the store closes."""
    with contextlib.suppress(TimeoutError, StoreClosedError):
        if not _is_at_rest(store.state):
            await store.wait_for(_is_at_rest, patience)


def _is_at_rest(state: Any) -> bool:
    slices = read_slices(state).values()
    return all(each.status != "refreshing" for each in slices if isinstance(each, AuthState))
