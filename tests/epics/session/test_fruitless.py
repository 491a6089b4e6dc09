"""Promise 7: only refreshes that a refused request asked for count towards the end of the session, and all towards the budget."""

import pytest

from rxdux import FetchData, Login, RefreshPolicy, RefreshToken, create_api_store, valid_token

from .conftest import Lab, sign_in


async def test_a_websocket_app_goes_on(lab: Lab) -> None:
    """It asks for a valid token again and again, and never for a resource."""
    lab.life = 0.1
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        tokens: set[str] = set()
        while len(tokens) < 6:
            tokens.add((await valid_token(store)).get_secret_value())
        assert store.state.auth.status == "signed_in"


async def test_an_idle_app_that_refreshes_ahead_is_not_signed_out(lab: Lab) -> None:
    """Five refreshes ahead of the expiry, and then a server that forgot its tokens: the request gets a new one."""
    lab.life = 0.1
    async with create_api_store(lab.url, policy=RefreshPolicy(refresh_before_expiry=0.97)) as store:
        store.dispatch(Login(username="ada", password="x"))
        await store.wait_for(lambda state: state.auth.refreshes >= 5, 20)
        lab.life = 3600.0
        store.dispatch(RefreshToken())
        await store.wait_for(lambda state: state.auth.refreshes >= 6 and state.auth.status == "signed_in", 20)
        await store.idle(20)
        lab.expire()
        store.dispatch(FetchData(key="people", path="/people"))
        await store.idle(20)
        assert store.state.data["people"].status == "success"
        assert store.state.auth.status == "signed_in"


async def test_refreshes_ahead_keep_to_the_budget(lab: Lab) -> None:
    """Beyond `max_refreshes_per_minute` there is none, though each token is due again soon."""
    lab.life = 0.1
    policy = RefreshPolicy(refresh_before_expiry=60.0, max_refreshes_per_minute=3)
    async with create_api_store(lab.url, policy=policy) as store:
        store.dispatch(Login(username="ada", password="x"))
        await store.wait_for(lambda state: state.auth.refreshes == 3, 20)
        with pytest.raises(TimeoutError):
            await store.wait_for(lambda state: state.auth.status == "refreshing", 0.3)
        assert lab.count["refresh"] == 3
        assert store.state.auth.status == "signed_in"
