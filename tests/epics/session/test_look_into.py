"""What SessionAuth reads of an answer is bounded, and a stream stays the caller's."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from rxdux import RefreshPolicy, SessionAuth, create_api_store

from .conftest import Lab, sign_in

SMALL = RefreshPolicy(largest_answer=64 << 10)


def unauthenticated(response: httpx.Response) -> bool:
    return "error" in response.json()


def get(lab: Lab, policy: RefreshPolicy, *, sync: bool) -> Callable[[], Any]:
    """Sign in, let the token expire, and get `/x`; the answer, and how many refreshes there were."""

    async def run() -> tuple[httpx.Response, int]:
        async with create_api_store(lab.url, policy=policy) as store:
            await sign_in(store)
            lab.expire()
            auth = SessionAuth(store)
            if sync:
                with httpx.Client(base_url=lab.url, auth=auth) as client:
                    return await asyncio.to_thread(client.get, "/x"), lab.count["refresh"]
            async with httpx.AsyncClient(base_url=lab.url, auth=auth) as client:
                return await client.get("/x"), lab.count["refresh"]

    return run


@pytest.mark.parametrize("sync", [False, True])
@pytest.mark.parametrize("coding", ["gzip", "gzip, gzip", ""])
async def test_a_401_that_is_too_large_is_a_401(lab: Lab, coding: str, sync: bool) -> None:
    """Its body is dropped, and the request is sent again with the new token."""
    bomb = bytes(4 << 20) if not coding else gzip.compress(bytes(4 << 20), 1)
    bomb = gzip.compress(bomb) if coding == "gzip, gzip" else bomb[: 2 << 20]
    headers = {"Content-Encoding": coding} if coding else {}
    lab.instead = lambda _, user: Response(bomb, 401, headers=headers) if user is None else None
    answer, refreshes = await get(lab, SMALL, sync=sync)()
    assert (answer.status_code, answer.json()["user"], refreshes) == (200, "ada", 1)


@pytest.mark.parametrize("sync", [False, True])
async def test_the_caller_gets_the_body_of_a_401_that_stays(lab: Lab, sync: bool) -> None:
    """As the server sent it, unpacked."""
    body = gzip.compress(b'{"detail": "no"}')
    lab.instead = lambda *_: Response(body, 401, headers={"Content-Encoding": "gzip"})
    answer, _ = await get(lab, SMALL, sync=sync)()
    assert (answer.status_code, answer.json()) == (401, {"detail": "no"})


@pytest.mark.parametrize("sync", [False, True])
@pytest.mark.parametrize("coding", ["gzip", ""])
async def test_a_hook_looks_into_a_json_document(lab: Lab, coding: str, sync: bool) -> None:
    """In chunks, as a server sends it that packs on the fly."""

    def packed(request: Request, user: str | None) -> Response:
        content = json.dumps({"data": "x"} if user else {"error": "UNAUTHENTICATED"}).encode()

        async def chunks() -> AsyncIterator[bytes]:
            yield gzip.compress(content) if coding else content

        headers = {"Content-Encoding": coding} if coding else {}
        return StreamingResponse(chunks(), headers=headers, media_type="application/graphql-response+json")

    lab.instead = packed
    answer, refreshes = await get(lab, RefreshPolicy(is_expired=unauthenticated), sync=sync)()
    assert (answer.json(), refreshes) == ({"data": "x"}, 1)


@pytest.mark.parametrize("sync", [False, True])
@pytest.mark.parametrize("is_length_told", [False, True])
async def test_a_large_document_is_the_callers(lab: Lab, is_length_told: bool, sync: bool) -> None:
    """Nothing of it is lost."""
    large = json.dumps(["x" * 1000] * 3000).encode()

    async def chunks() -> AsyncIterator[bytes]:
        for at in range(0, len(large), 50_000):
            yield large[at : at + 50_000]

    def instead(*_: object) -> Response:
        if is_length_told:
            return Response(large, media_type="application/json")
        return StreamingResponse(chunks(), media_type="application/json")

    lab.instead = instead
    answer, refreshes = await get(lab, RefreshPolicy(is_expired=unauthenticated), sync=sync)()
    assert (answer.content, refreshes) == (large, 0)


@pytest.mark.parametrize(
    "kind", ["application/x-ndjson", "application/stream+json", "application/json-seq", "text/plain"]
)
async def test_a_stream_is_not_read_to_ask_the_hook(lab: Lab, kind: str) -> None:
    """Its first line is there while the server has no end of it."""
    end = asyncio.Event()

    async def lines() -> AsyncIterator[bytes]:
        yield b'{"a": 1}\n'
        while not end.is_set():
            yield b"\n" * 10
            await asyncio.sleep(0.01)

    lab.instead = lambda *_: StreamingResponse(lines(), media_type=kind)
    async with (
        create_api_store(lab.url, policy=RefreshPolicy(is_expired=unauthenticated)) as store,
        httpx.AsyncClient(base_url=lab.url, auth=SessionAuth(store)) as client,
    ):
        await sign_in(store)
        async with asyncio.timeout(20), client.stream("GET", "/feed") as answer:
            assert json.loads(await anext(answer.aiter_lines())) == {"a": 1}
        end.set()
