"""What authorises a request goes along a redirect only within its origin, whatever header it is in."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from rxdux import FetchData, PasswordBackend, RefreshPolicy, SessionAuth, TokenSet, create_api_store

from ...closing import close_later
from .conftest import Lab, sign_in


@pytest.fixture
def other() -> Iterator[Lab]:
    made = Lab()
    yield made
    close_later(made.close)


class ByHeader(PasswordBackend):
    def authorize(self, request: httpx.Request, tokens: TokenSet) -> Mapping[str, str]:
        return {"X-Session": tokens.access_token.get_secret_value()}


class ByCookie(PasswordBackend):
    def authorize(self, request: httpx.Request, tokens: TokenSet) -> Mapping[str, str]:
        return {"Cookie": f"sid={tokens.access_token.get_secret_value()}"}


class Kept(httpx.AsyncClient):
    """One that wants every request to go its own way."""

    async def request(self, *args: Any, **options: Any) -> httpx.Response:
        return await super().request(*args, **options)


def get(auth: SessionAuth, url: str) -> httpx.Response:
    with httpx.Client(auth=auth, follow_redirects=True) as client:
        return client.get(url)


def noted_headers(lab: Lab) -> list[Mapping[str, str]]:
    headers: list[Mapping[str, str]] = []

    def note(request: Request, user: str | None) -> None:
        headers.append(request.headers)

    lab.instead = note
    return headers


@pytest.mark.parametrize("kind", [httpx.AsyncClient, Kept], ids=["httpx", "a client of its own make"])
async def test_a_header_of_a_dialect_stays_at_home(lab: Lab, other: Lab, kind: type[httpx.AsyncClient]) -> None:
    """In fetches, and in any httpx code, synchronous or not."""
    seen, away = noted_headers(other), f"{other.url}/away"
    carried: list[str | None] = []

    def move(request: Request, user: str | None) -> Response:
        carried.append(request.headers.get("x-session"))
        return RedirectResponse(away, 307)

    lab.instead = move
    async with (
        kind(follow_redirects=True) as given,
        create_api_store(lab.url, backend=ByHeader(), client=given) as store,
        httpx.AsyncClient(auth=SessionAuth(store), follow_redirects=True) as client,
    ):
        await sign_in(store)
        store.dispatch(FetchData(key="k", path="/x"))
        await store.idle(20)
        assert (await client.get(f"{lab.url}/x")).status_code == 401
        assert (await asyncio.to_thread(get, SessionAuth(store), f"{lab.url}/x")).status_code == 401
        assert store.state.auth.status == "signed_in"
    assert carried == ["access-1"] * 3
    assert [each.get("x-session") for each in seen] == [None] * (3 if kind is httpx.AsyncClient else 2)
    assert lab.count["refresh"] == 0


@pytest.mark.parametrize("backend", [ByHeader, ByCookie])
async def test_a_redirect_within_the_origin_is_authorised(lab: Lab, backend: type[PasswordBackend]) -> None:
    """Such as one to the same path with a slash: no refresh, and nobody is signed out."""

    def api(request: Request, user: str | None) -> Response:
        if not request.url.path.endswith("/"):
            return RedirectResponse(f"{request.url.path}/", 307)
        token = request.headers.get("x-session") or request.cookies.get("sid")
        return Response(b"{}", 200 if token == "access-1" else 401)

    lab.instead = api
    async with (
        httpx.AsyncClient(follow_redirects=True) as given,
        create_api_store(lab.url, backend=backend(), client=given) as store,
        httpx.AsyncClient(auth=SessionAuth(store), follow_redirects=True) as client,
    ):
        await sign_in(store)
        store.dispatch(FetchData(key="k", path="/x"))
        await store.idle(20)
        assert store.state.data["k"].status == "success"
        assert (await client.get(f"{lab.url}/x")).status_code == 200
        assert (await client.post(f"{lab.url}/x", json={})).status_code == 200
    assert lab.count["refresh"] == 0


async def test_redirects_without_end(lab: Lab) -> None:
    """They are a failure, as in httpx."""
    lab.instead = lambda request, _: RedirectResponse("/x", 307)
    async with (
        httpx.AsyncClient(follow_redirects=True, max_redirects=3) as given,
        create_api_store(lab.url, client=given, policy=RefreshPolicy(fetch_retries=0)) as store,
    ):
        await sign_in(store)
        store.dispatch(FetchData(key="k", path="/x"))
        await store.idle(20)
        assert store.state.data["k"].error.kind == "invalid_response"
    assert lab.count["api"] == 4
