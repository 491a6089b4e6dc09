"""The refresh has a connection of its own, whatever was made of the client that is given."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import httpx
import pytest
from starlette.responses import StreamingResponse

from rxdux import SessionAuth, create_api_store
from rxdux.epics.session import own_pool

from .conftest import Lab, sign_in

ONE = httpx.Limits(max_connections=1)


class Signing(httpx.AsyncClient):
    """Does something of its own to each request."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.turn = asyncio.Lock()
        self.signed: list[str] = []

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        self.signed.append(request.url.path)
        return await super().send(request, **options)


class Asking(httpx.AsyncClient):
    """Has a way of its own from the beginning."""

    async def request(self, *args: Any, **options: Any) -> httpx.Response:
        return await super().request(*args, **options)


class OneAtATime(Signing):
    """Lets one request through at once, until its answer is there: with a token that has to be waited for, if need be."""

    async def send(self, request: httpx.Request, **options: Any) -> httpx.Response:
        async with self.turn:
            return await super().send(request, **options)


class Wrapped(httpx.AsyncBaseTransport):
    """A transport around a transport, such as one that caches."""

    def __init__(self) -> None:
        self.inner = httpx.AsyncHTTPTransport(limits=ONE)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        return await self.inner.handle_async_request(request)

    async def aclose(self) -> None:
        await self.inner.aclose()


CLIENTS = {
    "httpx": lambda: httpx.AsyncClient(limits=ONE),
    "wraps send": lambda: Signing(limits=ONE),
    "wraps request": lambda: Asking(limits=ONE),
    "wraps a transport": lambda: httpx.AsyncClient(transport=Wrapped()),
    "both": lambda: Signing(transport=Wrapped()),
}


@pytest.mark.parametrize("make", CLIENTS.values(), ids=CLIENTS)
async def test_the_only_connection_is_held_while_it_is_waited_for(lab: Lab, make: Any) -> None:
    """By a download that ends when the new token is there."""
    end = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x"
        while not end.is_set():
            await asyncio.sleep(0.01)

    lab.instead = lambda request, _: StreamingResponse(endless()) if request.url.path == "/endless" else None
    async with (
        make() as given,
        create_api_store(lab.url, client=given) as store,
        httpx.AsyncClient(base_url=lab.url, auth=SessionAuth(store)) as client,
    ):
        await sign_in(store)
        lab.expire()
        async with given.stream("GET", f"{lab.url}/endless"):
            assert (await asyncio.wait_for(client.get("/x"), 20)).status_code == 200
            end.set()
        assert lab.count["refresh"] == 1


async def test_a_client_that_waits_for_the_refresh_cannot_hold_it(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    """It lets one request through at once, and that one waits for the refresh: which goes without that client's say."""
    monkeypatch.setattr(own_pool, "HELD", 0.1)
    async with OneAtATime() as given, create_api_store(lab.url, client=given) as store:
        await sign_in(store)
        lab.expire()
        auth = SessionAuth(store)
        answers = await asyncio.wait_for(asyncio.gather(*(given.get(f"{lab.url}/x", auth=auth) for _ in range(3))), 20)
        assert [each.status_code for each in answers] == [200] * 3
        assert (lab.count["refresh"], lab.count["reuse"]) == (1, 0)
    assert asyncio.all_tasks() == {asyncio.current_task()}


async def test_what_a_client_does_to_requests_is_done_to_the_refresh(lab: Lab) -> None:
    """Where it does not hold it."""
    async with Signing() as given, create_api_store(lab.url, client=given) as store:
        await sign_in(store)
        await store.dependencies.api.get("/x", store.state.auth.tokens)
        await store.dependencies.api.refresh(store.state.auth.tokens)
        assert given.signed == ["/token", "/x", "/token"]
