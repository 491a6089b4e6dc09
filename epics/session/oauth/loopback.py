"""A server for one answer: where the browser comes back to, on this machine (RFC 8252, section 7.3)."""

import asyncio
import contextlib
import html
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any
from urllib.parse import SplitResult, parse_qs, urlsplit

import h11

from ..backends import SessionRefused

Query = dict[str, list[str]]

_PATIENCE = 10.0  # seconds for a browser to send its request
_FAREWELL = 1.0  # seconds for the browser to take its page
_LOOPBACK = {"127.0.0.1": "127.0.0.1", "localhost": "127.0.0.1", "::1": "::1"}

_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'; style-src 'unsafe-inline'"),
    ("Referrer-Policy", "no-referrer"),
    ("X-Content-Type-Options", "nosniff"),
    ("Connection", "close"),
]


def checked_redirect(redirect_uri: str) -> SplitResult:
    """A redirect address on this machine.

    Raises:
        ValueError: for any other: nothing would come back.

    Examples:
        >>> checked_redirect("https://app.example.com/callback")
        Traceback (most recent call last):
            ...
        ValueError: redirect_uri must be on this machine, such as 'http://127.0.0.1/callback', with or without a port, not 'https://app.example.com/callback'.
    """
    parts = urlsplit(redirect_uri)
    try:
        usable = parts.scheme == "http" and parts.hostname in _LOOPBACK and parts.username is None and parts.port != 0
    except ValueError:  # a port that is no number
        usable = False
    if not usable or parts.query or parts.fragment:
        msg = f"redirect_uri must be on this machine, such as 'http://127.0.0.1/callback', with or without a port, not {redirect_uri!r}."
        raise ValueError(msg)
    return parts


class Loopback:
    """Waits for the browser to come back, and shows it a page.

    Attributes:
        redirect_uri: with the port that was free.
    """

    def __init__(self, redirect: SplitResult) -> None:
        self._redirect = redirect
        self._path = redirect.path or "/"
        self._answer: asyncio.Future[Query] = asyncio.get_running_loop().create_future()
        self._page: asyncio.Future[tuple[int, str]] = asyncio.get_running_loop().create_future()
        self._visits: set[asyncio.Task[None]] = set()
        self._answering: asyncio.Task[Any] | None = None
        self._port = redirect.port or 0

    @property
    def redirect_uri(self) -> str:
        host = self._redirect.hostname or ""
        shown = f"[{host}]" if ":" in host else host
        return self._redirect._replace(netloc=f"{shown}:{self._port}").geturl()

    async def answer(self) -> Query:
        """What the browser brought to the redirect address. Until `show` its page stays empty."""
        return await self._answer

    async def show(self, status: int, words: str) -> None:
        """End with a page, and let the browser take it."""
        if not self._page.done():
            self._page.set_result((status, words))
        if self._answering is not None:
            await asyncio.wait([self._answering], timeout=_FAREWELL)

    async def listen(self) -> asyncio.Server:
        host = _LOOPBACK[self._redirect.hostname or ""]
        try:
            server = await asyncio.start_server(self._accept, host, self._port)
        except OSError as error:
            msg = f"The program cannot wait for the browser at port {self._port} of {host}: {error.strerror or 'it is taken'}."
            raise SessionRefused(msg) from None
        self._port = server.sockets[0].getsockname()[1]
        return server

    async def leave(self) -> None:
        """Drop whoever is still there."""
        for future in (self._answer, self._page):
            future.cancel()
        for visit in self._visits:
            visit.cancel()
        await asyncio.gather(*self._visits, return_exceptions=True)

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Begin a visit, in a task of our own: asyncio reports one that is cancelled as an error."""
        visit = asyncio.ensure_future(self._visit(reader, writer))
        self._visits.add(visit)
        visit.add_done_callback(self._visits.discard)
        visit.add_done_callback(lambda _: writer.close())  # of one that is cancelled before it has begun, too

    async def _visit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = h11.Connection(h11.SERVER)
        try:
            async with asyncio.timeout(_PATIENCE):
                request = await _read_request(connection, reader)
            status, words = await self._respond(request)
            writer.write(_page(connection, status, words))
            await writer.drain()
        except (OSError, TimeoutError, h11.ProtocolError):
            pass  # a browser that opens a connection in advance, or leaves: another one may come
        finally:
            writer.close()
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await writer.wait_closed()

    async def _respond(self, request: h11.Request | None) -> tuple[int, str]:
        if request is None:
            return 400, "This is no request that can be understood."
        target = urlsplit(request.target.decode("ascii", "replace"))
        if target.path != self._path:
            return 404, "There is nothing at this address."
        if request.method != b"GET":
            return 405, "Only GET is understood here."
        query = parse_qs(target.query, keep_blank_values=True)
        if not query.keys() & {"code", "error"}:
            return 400, "This is not the answer to a sign-in. The program still waits for it."
        if self._answer.done():
            return 400, "The sign-in was answered already."
        self._answering = asyncio.current_task()
        self._answer.set_result(query)
        return await asyncio.shield(self._page)


@asynccontextmanager
async def loopback(redirect: SplitResult) -> AsyncGenerator[Loopback]:
    """A server on loopback for as long as the block lasts; nothing of it is left afterwards."""
    waiting = Loopback(redirect)
    server = await waiting.listen()
    try:
        yield waiting
    finally:
        server.close()
        await waiting.leave()
        await server.wait_closed()


async def _read_request(connection: h11.Connection, reader: asyncio.StreamReader) -> h11.Request | None:
    while True:
        try:
            event = connection.next_event()
        except h11.RemoteProtocolError:
            return None
        if isinstance(event, h11.Request):
            return event
        if event is not h11.NEED_DATA:
            raise ConnectionResetError
        connection.receive_data(await reader.read(4096))


def _page(connection: h11.Connection, status: int, words: str) -> bytes:
    text = f"<!doctype html><meta charset=utf-8><title>Sign-in</title><p style='font: 1.2em sans-serif; margin: 3em'>{html.escape(words)}</p>"
    body = text.encode()
    headers = [*_HEADERS, ("Content-Length", str(len(body)))]
    sent = connection.send(h11.Response(status_code=status, headers=headers, reason=b""))
    return (sent or b"") + (connection.send(h11.Data(data=body)) or b"") + (connection.send(h11.EndOfMessage()) or b"")
