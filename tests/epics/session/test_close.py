"""Promise 15: who closes in the middle of a refresh keeps what it brings; and nothing waits for ever."""

import asyncio
from pathlib import Path

from rxdux import (
    FetchData,
    RefreshPolicy,
    SharedSession,
    create_api_store,
)

from .conftest import Lab, sign_in


async def test_a_refresh_in_flight_is_in_the_state_of_a_closed_store(lab: Lab) -> None:
    """The server has rotated; the new token is there for who saves the state."""
    lab.token_delay = 0.3
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        lab.expire()
        store.dispatch(FetchData(key="k", path="/x"))
        await store.wait_for(lambda state: state.auth.status == "refreshing", 20)
    assert store.state.auth.tokens.refresh_token.get_secret_value() == "refresh-2"
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_a_shared_session_is_stored_when_its_store_is_closed_at_once(lab: Lab, tmp_path: Path) -> None:
    """By `close`, which waits for nothing itself; the next start goes on with the new token."""
    lab.token_delay = 0.3
    path = tmp_path / "session"
    async with create_api_store(lab.url, session=SharedSession(path, keyring=None)) as store:
        await sign_in(store)
        lab.expire()
        store.dispatch(FetchData(key="k", path="/x"))
        while not lab.count["refresh"]:
            await asyncio.sleep(0.01)
        store.close()
    async with create_api_store(lab.url, session=SharedSession(path, keyring=None)) as store:
        await store.wait_for(lambda state: state.auth.status == "signed_in", 20)
        store.dispatch(FetchData(key="k", path="/x"))
        await store.idle(20)
        assert store.state.data["k"].status == "success"
    assert (lab.count["refresh"], lab.count["reuse"]) == (1, 0)


async def test_the_wait_is_bounded(lab: Lab) -> None:
    """A server that hangs holds nobody up for longer than a request may take."""
    lab.token_delay = 30
    policy = RefreshPolicy(request_timeout=1, refresh_retries=5_000)
    async with asyncio.timeout(30), create_api_store(lab.url, policy=policy) as store:
        await sign_in(store)
        lab.expire()
        store.dispatch(FetchData(key="k", path="/x"))
        await store.wait_for(lambda state: state.auth.status == "refreshing", 20)
    assert asyncio.all_tasks() == {asyncio.current_task()}
