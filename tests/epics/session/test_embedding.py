"""The parts of the session in a store of one's own."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from rxdux import (
    ApiClient,
    ApiDependencies,
    ApiState,
    AuthState,
    DataState,
    FetchData,
    Login,
    Reducer,
    Store,
    TokenSet,
    auth_reducer,
    combine_reducers,
    data_reducer,
    fetch_data_epic,
    login_epic,
    logout_epic,
    refresh_token_epic,
    thunk,
)

from .conftest import Lab, sign_in


@dataclass(frozen=True)
class AppState:
    auth: AuthState
    data: DataState
    clicks: int


def test_a_plain_threaded_script_without_a_loop(server: Any) -> None:
    """A state of one's own, dependencies of one's own, the store's own loop; twenty fetches, one refresh."""
    reducer = combine_reducers(AppState, auth=auth_reducer, data=data_reducer, clicks=Reducer(0))
    dependencies = SimpleNamespace(api=ApiClient(server.url), other="mine")
    epics = [login_epic, logout_epic, refresh_token_epic, fetch_data_epic]

    async def close_client(_: Store[AppState]) -> None:
        await dependencies.api.aclose()

    with Store(reducer, epics=epics, dependencies=dependencies, middleware=[thunk]) as store:
        store.dispatch(Login(username="ada", password="lovelace"))
        store.dispatch(FetchData(key="early", path="/me"))
        store.wait_idle(20)
        assert store.state.auth.status == "signed_in"
        assert store.state.data["early"].data == {"name": "ada"}
        server.issuer.expire_access_tokens()
        for n in range(20):
            store.dispatch(FetchData(key=f"people {n}", path="/people"))
        store.wait_idle(20)
        assert [each.status for each in store.state.data.values()] == ["success"] * 21
        assert server.api.count["refresh"] == 1
        assert server.api.count["unauthorized"] <= 20
        closing: Any = store.dispatch(close_client)  # on the loop that the client worked on
        closing.result(10)


class OwnRefresh(ApiClient):
    """It refreshes in a way of its own."""

    async def refresh(self, tokens: TokenSet | None) -> TokenSet:
        assert tokens is not None
        assert tokens.refresh_token is not None
        form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token.get_secret_value()}
        return TokenSet.model_validate((await self.client.post(f"{self.base_url}/token", data=form)).json())


async def test_a_client_that_refreshes_in_its_own_way(lab: Lab) -> None:
    """It overrides one method, and takes the tokens alone."""
    reducer = combine_reducers(ApiState, auth=auth_reducer, data=data_reducer)
    epics = [login_epic, refresh_token_epic, fetch_data_epic]
    api = OwnRefresh(lab.url)
    async with Store(reducer, epics=epics, dependencies=ApiDependencies(api)) as store:
        await sign_in(store)
        lab.expire()
        store.dispatch(FetchData(key="x", path="/x"))
        await store.idle(20)
        assert store.state.data["x"].status == "success"
        assert lab.count["refresh"] == 1
    await api.aclose()
