"""Clients of httpx2 work wherever one of httpx does."""

import asyncio
from typing import Any

import httpx
import httpx2
import pytest

from rxdux import BodyNotReplayableError, FetchData, RefreshPolicy, SessionAuth, create_api_store

from .conftest import Lab, sign_in


async def test_a_client_of_httpx2_in_the_store(lab: Lab) -> None:
    """Twenty expired fetches, one refresh, over a connection of its own; the client is left open."""
    limits = httpx2.Limits(max_connections=2)
    client: Any = httpx2.AsyncClient(limits=limits)
    async with client, create_api_store(lab.url, client=client) as store:
        await sign_in(store)
        lab.expire()
        for n in range(20):
            store.dispatch(FetchData(key=str(n), path="/x", params={"n": n}))
        await store.idle(20)
        assert {each.status for each in store.state.data.values()} == {"success"}
        assert lab.count["refresh"] == 1
        assert not client.is_closed


async def test_its_errors_are_told_alike() -> None:
    """No server, and one that hangs."""
    client: Any = httpx2.AsyncClient()
    policy = RefreshPolicy(fetch_retries=0)
    async with client, create_api_store("http://127.0.0.1:9", client=client, policy=policy) as store:
        store.dispatch(FetchData(key="x", path="/x"))
        await store.idle(20)
        assert store.state.data["x"].error.kind == "network"


async def test_session_auth_in_both_kinds_of_client(lab: Lab) -> None:
    """Asynchronous and synchronous: one session, one refresh."""
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        auth: Any = SessionAuth(store)
        lab.expire()
        async with (
            httpx2.AsyncClient(base_url=lab.url, auth=auth) as one,
            httpx.AsyncClient(base_url=lab.url, auth=auth) as other,
        ):
            answers = await asyncio.gather(*(client.get("/x") for client in (one, other) for _ in range(10)))
        assert {answer.status_code for answer in answers} == {200}
        assert lab.count["refresh"] == 1
        lab.expire()

        def post() -> int:
            with httpx2.Client(base_url=lab.url, auth=auth) as client:
                return client.post("/notes", json={"text": "x"}).status_code

        assert await asyncio.to_thread(post) == 200
        assert lab.count["refresh"] == 2


async def test_bodies_in_httpx2(lab: Lab) -> None:
    """Bytes are replayed whole, a generator is not sent empty."""

    async def generated() -> Any:
        yield b"words"

    async with create_api_store(lab.url) as store:
        await sign_in(store)
        auth: Any = SessionAuth(store)
        async with httpx2.AsyncClient(base_url=lab.url, auth=auth) as client:
            lab.expire()
            assert (await client.post("/x", files={"file": b"words"})).status_code == 200
            assert b"words" in lab.received[-1].body
            lab.expire()
            with pytest.raises(BodyNotReplayableError):
                await client.post("/x", content=generated())
