"""The parts of the session in a store of one's own."""

from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from rxdux import (
    ApiClient,
    AuthState,
    DataState,
    FetchData,
    Login,
    Reducer,
    Store,
    auth_reducer,
    combine_reducers,
    data_reducer,
    fetch_data_epic,
    login_epic,
    logout_epic,
    refresh_token_epic,
    thunk,
)


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
        store.wait_idle(10)
        assert store.state.auth.status == "signed_in"
        assert store.state.data["early"].data == {"name": "ada"}
        server.issuer.expire_access_tokens()
        for n in range(20):
            store.dispatch(FetchData(key=f"people {n}", path="/people"))
        store.wait_idle(10)
        assert [each.status for each in store.state.data.values()] == ["success"] * 21
        assert server.api.count["refresh"] == 1
        assert server.api.count["unauthorized"] <= 20
        closing: Any = store.dispatch(close_client)  # on the loop that the client worked on
        closing.result(10)
