"""How SessionAuth reads an answer that is not its own: within bounds, and what the caller streams stays the caller's."""

import sys
import time
from collections.abc import AsyncIterator, Iterator
from functools import lru_cache
from typing import Any

import httpx

from .bounded import UNPACKERS, Bounded, TooLargeError, codings_of

LARGEST_LOOK = 1 << 20  # bytes of a JSON answer that a hook gets to see


def is_document(response: httpx.Response) -> bool:
    """Whether an answer is one JSON document, and no stream of them, which may never end."""
    kind = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    is_json = kind in ("application/json", "text/json") or (kind.endswith("+json") and not kind.endswith("stream+json"))
    length = response.headers.get("content-length", "0")
    return is_json and not (length.isdecimal() and int(length) > LARGEST_LOOK)


async def take(response: httpx.Response, largest: int, patience: float) -> None:
    """Read an answer, and let go of its connection. What is too large, or takes too long, is dropped."""
    if is_read(response):
        return
    content, until = b"", time.monotonic() + patience
    try:
        bounded = Bounded(response, largest)
        async for piece in bounded.pieces():
            bounded.add(piece)
            _check(until)
        content = bounded.content()
    except (TooLargeError, httpx.DecodingError):
        content = b""
    finally:
        await response.aclose()
    _fill(response, content)


def take_here(response: httpx.Response, largest: int, patience: float) -> None:
    """As `take`, of a synchronous client."""
    if is_read(response):
        return
    content, until = b"", time.monotonic() + patience
    try:
        bounded = Bounded(response, largest)
        for piece in bounded.pieces_here():
            bounded.add(piece)
            _check(until)
        content = bounded.content()
    except (TooLargeError, httpx.DecodingError):
        content = b""
    finally:
        response.close()
    _fill(response, content)


async def look_into(response: httpx.Response) -> None:
    """Read a small answer; of a large one give back what has come, for the caller to read all of it."""
    if is_read(response):
        return
    stream: Any = response.stream
    rest, head, size = aiter(stream), list[bytes](), 0
    while size <= LARGEST_LOOK:
        try:
            head.append(await anext(rest))
        except StopAsyncIteration:
            break
        size += len(head[-1])
    _give_back(response, head, rest)
    if size > LARGEST_LOOK:
        return
    if _is_for_the_client(response):
        await response.aread()
    elif (content := _unpacked(response, head)) is not None:
        await response.aclose()
        _fill(response, content)


def look_into_here(response: httpx.Response) -> None:
    """As `look_into`, of a synchronous client."""
    if is_read(response):
        return
    stream: Any = response.stream
    rest, head, size = iter(stream), list[bytes](), 0
    while size <= LARGEST_LOOK:
        try:
            head.append(next(rest))
        except StopIteration:
            break
        size += len(head[-1])
    _give_back(response, head, rest)
    if size > LARGEST_LOOK:
        return
    if _is_for_the_client(response):
        response.read()
    elif (content := _unpacked(response, head)) is not None:
        response.close()
        _fill(response, content)


def is_read(response: httpx.Response) -> bool:
    return response.is_stream_consumed or response.is_closed


class _Resumed:
    """A stream of which the beginning has come already."""

    def __init__(self, head: list[bytes], rest: Any, stream: Any) -> None:
        self._head = head
        self._rest = rest
        self._stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for piece in self._head:
            yield piece
        async for piece in self._rest:
            yield piece

    def __iter__(self) -> Iterator[bytes]:
        yield from self._head
        yield from self._rest

    async def aclose(self) -> None:
        await self._stream.aclose()

    def close(self) -> None:
        self._stream.close()


@lru_cache
def _resumed_of(library: str) -> Any:
    """The stream, as a client of this library takes it: it takes none but its own."""
    client = sys.modules[library]
    return type("Resumed", (_Resumed, client.AsyncByteStream, client.SyncByteStream), {})


def _give_back(response: httpx.Response, head: list[bytes], rest: Any) -> None:
    library = type(response).__module__.partition(".")[0]
    response.stream = _resumed_of(library)(head, rest, response.stream)


def _is_for_the_client(response: httpx.Response) -> bool:
    """Whether only the client knows how to unpack it."""
    return len(codings := codings_of(response)) == 1 and codings[0] not in UNPACKERS


def _unpacked(response: httpx.Response, head: list[bytes]) -> bytes | None:
    """What has come, all of it; None where it is too large."""
    try:
        bounded = Bounded(response, LARGEST_LOOK)
        for piece in head:
            bounded.add(piece)
        return bounded.content()
    except (TooLargeError, httpx.DecodingError):
        return None


def _check(until: float) -> None:
    if time.monotonic() > until:
        raise TooLargeError


def _fill(response: httpx.Response, content: bytes) -> None:
    """Make it an answer that was read: a client that sends the request anew reads the old answer first, without bounds."""
    response.is_stream_consumed = True
    vars(response)["_content"] = content
