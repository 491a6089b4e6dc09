"""A session with a name of its own, beside others in one store."""

from typing import TYPE_CHECKING, Any

from ...reducers import AuthState
from ...reducers.auth import auth_reducer_of
from ...reducers.reducer import Reducer
from ...store import Epic, Store
from .fetch_data import fetch_data_epic
from .login import login_epic
from .logout import logout_epic
from .needs import ApiDependencies
from .one_session import epic_for
from .policy import RefreshPolicy
from .refresh_ahead import refresh_ahead_epic
from .refresh_token import refresh_token_epic

if TYPE_CHECKING:
    import httpx

    from .backends import SessionBackend
    from .session_auth import SessionAuth

SESSION_EPICS = (login_epic, logout_epic, refresh_token_epic, refresh_ahead_epic, fetch_data_epic)


class Session:
    """One of several sessions in a store: it lives in `state.<name>`, and its actions carry `session=name`.

    That of `create_api_store` is the one called `auth`.

    Args:
        name: of the session, and of its slice in the state.
        base_url: of its API.
        backend: how its server signs in, refreshes and revokes; by default a `PasswordBackend`.
        policy: time-outs, retries and limits.
        client: an `httpx.AsyncClient`, or one with its interface; it is left open.

    Attributes:
        reducer: of its slice.
        epics: its own; they bring its API client with them.
        api: its API client.

    Raises:
        ValueError: for a name that is no identifier, and as `ApiClient`.

    Examples:
        ```python
        billing = Session("billing", "https://billing.example.com")
        reducer = combine_reducers(AppState, auth=auth_reducer, data=data_reducer, billing=billing.reducer)
        async with create_api_store("https://api.example.com", reducer=reducer, epics=billing.epics) as store:
            store.dispatch(Login(username="ada", password="secret", session="billing"))
            store.dispatch(FetchData(key="bills", path="/bills", session="billing"))
        ```
    """

    def __init__(
        self,
        name: str,
        base_url: str,
        *,
        backend: "SessionBackend | None" = None,
        policy: RefreshPolicy | None = None,
        client: "httpx.AsyncClient | None" = None,
    ) -> None:
        if not name.isidentifier():
            msg = f"A session is called as its slice in the state, by an identifier such as 'billing', not {name!r}."
            raise ValueError(msg)
        from .api_client import ApiClient  # noqa: PLC0415 -- httpx takes its time to load

        self.name = name
        self.api = ApiClient(base_url, backend=backend, policy=policy, client=client)
        self.reducer: Reducer[AuthState] = auth_reducer_of(name)
        dependencies = ApiDependencies(self.api)
        self.epics: tuple[Epic[Any, Any], ...] = tuple(epic_for(name, epic, dependencies) for epic in SESSION_EPICS)

    def __repr__(self) -> str:
        return f"<Session {self.name!r} at {self.api.base_url}>"

    def auth(self, store: Store[Any]) -> "SessionAuth":
        """Authorises any httpx code with this session."""
        from .session_auth import SessionAuth  # noqa: PLC0415 -- few ask for it

        return SessionAuth(store, base_url=str(self.api.base_url), policy=self.api.policy, session=self)

    async def aclose(self) -> None:
        """Close the HTTP clients that were made here. `create_api_store` does so for the sessions whose epics it runs."""
        await self.api.aclose()
