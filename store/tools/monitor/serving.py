"""Listens for apps that speak the protocol of the DevTools, on a socket of this machine."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncGenerator, Collection
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING
from uuid import uuid4

from ..remote.extra import importing_websockets
from ..remote.socketcluster import PATH, PING, PING_EVERY
from .apps import Apps
from .caller import Caller
from .origins import refusal_of

if TYPE_CHECKING:
    from websockets.asyncio.server import ServerConnection
    from websockets.http11 import Request, Response

LONGEST = 128 * 2**20  # bytes of a message: a history in JSON within JSON
MOST_CONNECTIONS = 32

quiet = logging.getLogger("rxdux.devtools.server")  # what it would say, the screen does
quiet.addHandler(logging.NullHandler())
quiet.propagate = False


@asynccontextmanager
async def serving(
    apps: Apps, host: str = "127.0.0.1", port: int = 8000, origins: Collection[str] = ()
) -> AsyncGenerator[str]:
    """Listen for apps, for as long as the block lasts. It gives the URL that they connect to.

    Args:
        apps: are told of them.
        port: 0 for any that is free.
        origins: of pages that may connect though they come from another address, such as "http://localhost:3000".

    Raises:
        ImportError: without the extra `devtools`.
        OSError: where nobody can listen there.
    """
    with importing_websockets("A server of the DevTools"):
        from websockets.asyncio.server import serve  # noqa: PLC0415 -- an extra
    count = 0

    def admit(connection: "ServerConnection", request: "Request") -> "Response | None":
        """Decide about a request before it becomes a connection."""
        origin = _header(request, "Origin")
        refused = refusal_of(origin, _header(request, "Host"), origins, host)
        if refused is not None:
            apps.say(f"Refused: {refused}. To let it: --origin {origin}")
            return connection.respond(HTTPStatus.FORBIDDEN, f"Refused: {refused}.\n")
        if "upgrade" not in (_header(request, "Connection") or "").lower():
            return connection.respond(HTTPStatus.OK, "Apps of Redux connect here, by WebSocket.\n")
        if request.path.partition("?")[0] != PATH:
            return connection.respond(HTTPStatus.NOT_FOUND, f"Apps of Redux connect at {PATH}.\n")
        if count >= MOST_CONNECTIONS:
            apps.say(f"There are {MOST_CONNECTIONS} connections already: another one was refused.")
            return connection.respond(HTTPStatus.SERVICE_UNAVAILABLE, "There are too many connections.\n")
        return None

    async def converse(connection: "ServerConnection") -> None:
        nonlocal count
        count += 1
        try:
            await _converse(connection, apps)
        finally:
            count -= 1

    async with serve(
        converse,
        host,
        port,
        process_request=admit,
        compression=None,
        max_size=LONGEST,
        max_queue=1,
        ping_timeout=None,  # an app that stands at a breakpoint is still there
        close_timeout=1,
        server_header=None,
        logger=quiet,
    ) as server:
        address = next(iter(server.sockets)).getsockname()
        name = f"[{host}]" if ":" in host else host
        yield f"ws://{name}:{address[1]}"


async def _converse(connection: "ServerConnection", apps: Apps) -> None:
    from websockets.asyncio.server import broadcast  # noqa: PLC0415 -- an extra
    from websockets.exceptions import ConnectionClosed  # noqa: PLC0415
    from websockets.frames import CloseCode  # noqa: PLC0415

    caller = Caller(uuid4().hex, lambda text: broadcast([connection], text), apps.hear)
    pinging = asyncio.create_task(_ping(connection))
    try:
        async for frame in connection:
            began = time.perf_counter()
            caller.take(frame)
            await asyncio.sleep(time.perf_counter() - began)  # the screen has as much time as what it shows
    except ValueError as error:
        apps.say(f"Somebody at {_place(connection)} does not speak as apps do, and was sent away: {error}.")
        await connection.close(1003, "This is no packet of SocketCluster.")
    except ConnectionClosed as end:
        if end.sent is not None and end.sent.code == CloseCode.MESSAGE_TOO_BIG:
            apps.say(f"An app at {_place(connection)} sent more than {LONGEST >> 20} MB at once, and was sent away.")
    except Exception as error:  # what nobody has foreseen ends this connection alone
        apps.say(f"What {_place(connection)} sent could not be taken: {error!r}.")
    finally:
        pinging.cancel()
        apps.leave(caller)


async def _ping(connection: "ServerConnection") -> None:
    from websockets.exceptions import ConnectionClosed  # noqa: PLC0415 -- an extra

    with contextlib.suppress(ConnectionClosed):
        while True:
            await asyncio.sleep(PING_EVERY)
            await connection.send(PING)


def _header(request: "Request", name: str) -> str | None:
    """A header; one that came more than once is none that anybody would send."""
    return ", ".join(request.headers.get_all(name)) if name in request.headers else None


def _place(connection: "ServerConnection") -> str:
    address = connection.remote_address
    return f"{address[0]}:{address[1]}" if isinstance(address, tuple) else "nowhere"
