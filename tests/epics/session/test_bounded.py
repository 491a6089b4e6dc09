"""What an answer unpacks to is bounded before it is in memory, however it is packed."""

import gzip
import os
import tracemalloc
import zlib
from collections.abc import Callable

import httpx
import pytest

from rxdux.epics.session.bounded import TooLargeError, read

WORDS = os.urandom(1000) + b"important " * 50_000


def raw_deflate(content: bytes) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    return packer.compress(content) + packer.flush()


PACKED: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "deflate, without a header": raw_deflate,
    "identity": lambda content: content,
    "": lambda content: content,
}


class Stream(httpx.AsyncByteStream):
    def __init__(self, content: bytes, step: int) -> None:
        self._pieces = [content[at : at + step] for at in range(0, len(content), step)]

    async def __aiter__(self):
        for piece in self._pieces:
            yield piece


def answer(content: bytes, coding: str, *, step: int = 4096) -> httpx.Response:
    return httpx.Response(200, headers={"Content-Encoding": coding.partition(",")[0]}, stream=Stream(content, step))


@pytest.mark.parametrize("step", [2, 977, 1 << 20])
@pytest.mark.parametrize(("coding", "pack"), PACKED.items(), ids=PACKED)
async def test_what_was_packed_is_unpacked(coding: str, pack: Callable[[bytes], bytes], step: int) -> None:
    """In pieces of any size."""
    assert await read(answer(pack(WORDS), coding, step=step), 1 << 20) == WORDS


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
async def test_a_bomb_is_not_unpacked(coding: str) -> None:
    """A hundredfold of what may be kept, in one piece."""
    bomb = PACKED[coding](bytes(100 << 20))
    tracemalloc.start()
    try:
        with pytest.raises(TooLargeError):
            await read(answer(bomb, coding, step=1 << 20), 1 << 20)
        assert tracemalloc.get_traced_memory()[1] < 8 << 20
    finally:
        tracemalloc.stop()


@pytest.mark.parametrize("codings", ["gzip, gzip", "gzip,deflate", "br, gzip"])
async def test_a_packing_within_a_packing_is_refused(codings: str) -> None:
    """Nobody can count what is within."""
    packed = httpx.Response(200, headers={"Content-Encoding": codings}, stream=Stream(b"x", 1))
    with pytest.raises(TooLargeError):
        await read(packed, 1 << 20)


async def test_what_is_no_gzip_is_an_error() -> None:
    """The client's own."""
    with pytest.raises(httpx.DecodingError):
        await read(answer(b"<html>", "gzip"), 1 << 20)
