"""Promise 15: a 401 is replayed with its whole body, or fails; and the refresh is never queued behind those who wait."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from rxdux import BodyNotReplayableError, FetchData, RefreshToken, SessionAuth, create_api_store

from .conftest import Lab, sign_in

WORDS = b"important " * 20_000


class Raw(io.RawIOBase):
    """A file that cannot seek, such as a pipe."""

    def __init__(self) -> None:
        self._inner = io.BytesIO(WORDS)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._inner.readinto(buffer)


class Pipe:
    """What has a `read`, and nothing else of a file."""

    def __init__(self) -> None:
        self._inner = io.BytesIO(WORDS)

    def read(self, size: int = -1) -> bytes:
        return self._inner.read(size)


class Chunks:
    """A body that starts anew each time it is iterated."""

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(WORDS), 65_536):
            yield WORDS[at : at + 65_536]


async def generated() -> AsyncIterator[bytes]:
    yield WORDS


USED_UP: dict[str, Callable[[], dict[str, Any]]] = {
    "multipart, cannot seek": lambda: {"files": {"file": ("a.bin", io.BufferedReader(Raw()))}},
    "multipart, no seek": lambda: {"files": {"file": ("a.bin", Pipe())}},
    "a generator": lambda: {"content": generated()},
}
REWINDS: dict[str, Callable[[], dict[str, Any]]] = {
    "bytes": lambda: {"content": WORDS},
    "json": lambda: {"json": {"words": WORDS.decode()}},
    "a form": lambda: {"data": {"words": WORDS.decode()}},
    "multipart of bytes": lambda: {"files": {"file": WORDS}, "data": {"more": "x"}},
    "multipart of a buffer": lambda: {"files": {"file": io.BytesIO(WORDS)}},
    "iterated anew": lambda: {"content": Chunks()},
}


async def post(lab: Lab, body: dict[str, Any], *, expired: bool) -> httpx.Response:
    async with (
        create_api_store(lab.url) as store,
        httpx.AsyncClient(base_url=lab.url, auth=SessionAuth(store)) as client,
    ):
        await sign_in(store)
        if expired:
            lab.expire()
        return await client.post("/upload", **body)


@pytest.mark.parametrize("make", REWINDS.values(), ids=REWINDS)
async def test_a_body_that_rewinds_is_replayed_whole(lab: Lab, make: Callable[[], dict[str, Any]]) -> None:
    """The server gets the same as without a 401."""
    await post(lab, make(), expired=False)
    assert (await post(lab, make(), expired=True)).status_code == 200
    first, second = (received.body for received in lab.received)
    assert len(first) == len(second)
    assert first.count(b"important") == second.count(b"important") >= 20_000


@pytest.mark.parametrize("make", USED_UP.values(), ids=USED_UP)
async def test_a_body_that_is_used_up_is_never_sent_empty(lab: Lab, make: Callable[[], dict[str, Any]]) -> None:
    """Without a 401 it arrives whole; with one the error says so."""
    assert (await post(lab, make(), expired=False)).status_code == 200
    assert lab.received[-1].body.count(b"important") == 20_000
    with pytest.raises(BodyNotReplayableError, match="used up"):
        await post(lab, make(), expired=True)
    assert len(lab.received) == 1


async def test_a_file_is_replayed_by_a_synchronous_client(lab: Lab, tmp_path: Path) -> None:
    """As a plain body, and as a part."""
    path = tmp_path / "words"
    path.write_bytes(WORDS)
    async with create_api_store(lab.url) as store:
        await sign_in(store)

        def upload(as_part: bool) -> int:
            with httpx.Client(base_url=lab.url, auth=SessionAuth(store)) as client, path.open("rb") as file:
                return client.post(
                    "/upload", **({"files": {"file": file}} if as_part else {"content": file})
                ).status_code

        for as_part in (True, False):
            lab.expire()
            assert await asyncio.to_thread(upload, as_part) == 200
            assert lab.received[-1].body.count(b"important") == 20_000


async def test_a_pool_that_is_full_of_401s_does_not_starve_the_refresh(lab: Lab) -> None:
    """Thirty requests over five connections, in the store's own client and in another: one refresh, all succeed."""
    lab.refusal = b'{"error": "' + b"x" * 200_000 + b'"}'
    limits = httpx.Limits(max_connections=5)
    async with (
        httpx.AsyncClient(limits=limits) as given,
        create_api_store(lab.url, client=given) as store,
        httpx.AsyncClient(base_url=lab.url, auth=SessionAuth(store), limits=limits, timeout=10) as client,
    ):
        await sign_in(store)
        lab.expire()
        for n in range(30):
            store.dispatch(FetchData(key=str(n), path=f"/{n}"))
        answers = await asyncio.gather(*(client.get(f"/{n}") for n in range(30)))
        await store.idle(20)
        assert {answer.status_code for answer in answers} == {200}
        assert {each.status for each in store.state.data.values()} == {"success"}
        assert lab.count["refresh"] == 1


async def test_the_refresh_has_a_connection_of_its_own(lab: Lab) -> None:
    """All connections of the given client are held by downloads that do not end: the refresh goes through."""
    from starlette.responses import StreamingResponse

    end = asyncio.Event()

    async def endless() -> AsyncIterator[bytes]:
        yield b"x"
        while not end.is_set():
            await asyncio.sleep(0.01)

    lab.instead = lambda request, _: StreamingResponse(endless()) if request.url.path == "/endless" else None
    async with (
        httpx.AsyncClient(limits=httpx.Limits(max_connections=2), timeout=20) as given,
        create_api_store(lab.url, client=given) as store,
        httpx.AsyncClient(base_url=lab.url, auth=SessionAuth(store)) as client,
    ):
        await sign_in(store)
        lab.expire()
        async with given.stream("GET", f"{lab.url}/endless"), given.stream("GET", f"{lab.url}/endless"):
            assert (await asyncio.wait_for(client.get("/x"), 20)).status_code == 200
            end.set()


@pytest.mark.parametrize("make", USED_UP.values(), ids=USED_UP)
async def test_a_body_that_was_never_sent_is_no_replay(lab: Lab, make: Callable[[], dict[str, Any]]) -> None:
    """The request waited for a refresh before it went out at all."""
    lab.token_delay = 0.1
    async with (
        create_api_store(lab.url) as store,
        httpx.AsyncClient(base_url=lab.url, auth=SessionAuth(store)) as client,
    ):
        await sign_in(store)
        store.dispatch(RefreshToken())
        assert (await client.post("/upload", **make())).status_code == 200
    assert lab.received[0].body.count(b"important") == 20_000
