"""Answers, read within bounds: what a few bytes unpack to is not read beyond what may be kept.

httpx unpacks a whole piece at once, and packings within packings one after the other: 800 bytes become 800 MB before anybody
can count them. So gzip and deflate are unpacked here, a bounded piece at a time, and a packing within a packing is not unpacked.
"""

import zlib
from collections.abc import AsyncIterator, Iterator

import httpx

PIECE = 64 << 10  # bytes that are unpacked at a time


class TooLargeError(Exception):
    """An answer is larger than it may be, unpacked; or packed so that nobody can tell."""


class Bounded:
    """What has come of an answer so far, unpacked.

    Args:
        response: not read yet, or read to its end by whoever made it.
        largest: the most bytes that it may have.

    Raises:
        TooLargeError: for a packing within a packing; and from `add`, beyond `largest`.
    """

    def __init__(self, response: httpx.Response, largest: int) -> None:
        packings = codings_of(response)
        is_here = not getattr(response, "is_stream_consumed", True)
        if is_here and len(packings) > 1:
            raise TooLargeError
        self._unpacker = UNPACKERS[packings[0]]() if is_here and packings and packings[0] in UNPACKERS else None
        self._is_raw = self._unpacker is not None
        self._response = response
        self._largest = largest
        self._came = 0
        self._size = 0
        self._pieces: list[bytes] = []

    def pieces(self) -> AsyncIterator[bytes]:
        """What `add` takes."""
        return self._response.aiter_raw() if self._is_raw else self._response.aiter_bytes()

    def pieces_here(self) -> Iterator[bytes]:
        """The same, of a synchronous client."""
        return self._response.iter_raw() if self._is_raw else self._response.iter_bytes()

    def add(self, came: bytes) -> None:
        """Take the next piece."""
        self._came += len(came)
        if self._came > self._largest:
            raise TooLargeError
        for piece in (came,) if self._unpacker is None else self._unpacker.unpacked(came):
            self._keep(piece)

    def content(self) -> bytes:
        """All of it, when nothing more comes."""
        if self._unpacker is not None:
            self._keep(self._unpacker.rest())
        return b"".join(self._pieces)

    def _keep(self, piece: bytes) -> None:
        self._size += len(piece)
        if self._size > self._largest:
            raise TooLargeError
        self._pieces.append(piece)


class _Unpacker:
    def __init__(self, window: int) -> None:
        self._inner = zlib.decompressobj(window)
        self._is_begun = False

    def unpacked(self, came: bytes) -> Iterator[bytes]:
        while came and not self._inner.eof:
            piece = self._next(came)
            came = self._inner.unconsumed_tail
            self._is_begun = True
            if piece:
                yield piece

    def rest(self) -> bytes:
        return self._inner.flush()  # some KiB at most

    def _next(self, came: bytes) -> bytes:
        try:
            return self._inner.decompress(came, PIECE)
        except zlib.error as error:
            raise httpx.DecodingError(str(error)) from error


class _Deflate(_Unpacker):
    """With the header of zlib or, as some servers have it, without (RFC 9110, section 8.4.1.2)."""

    def __init__(self) -> None:
        super().__init__(zlib.MAX_WBITS)

    def _next(self, came: bytes) -> bytes:
        try:
            return super()._next(came)
        except httpx.DecodingError:
            if self._is_begun:
                raise
        self._inner = zlib.decompressobj(-zlib.MAX_WBITS)
        return super()._next(came)


class _Gzip(_Unpacker):
    def __init__(self) -> None:
        super().__init__(zlib.MAX_WBITS | 16)


UNPACKERS: dict[str, type[_Deflate] | type[_Gzip]] = {"gzip": _Gzip, "x-gzip": _Gzip, "deflate": _Deflate}


def codings_of(response: httpx.Response) -> list[str]:
    """How an answer is packed, the first packing first (RFC 9110, section 8.4)."""
    codings = response.headers.get("content-encoding", "").lower().split(",")
    return [coding.strip() for coding in codings if coding.strip() not in ("", "identity")]


async def read(response: httpx.Response, largest: int) -> bytes:
    """Read an answer to its end.

    Raises:
        TooLargeError: beyond `largest` bytes.
    """
    bounded = Bounded(response, largest)
    async for piece in bounded.pieces():
        bounded.add(piece)
    return bounded.content()
