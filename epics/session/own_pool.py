"""A connection of one's own beside an HTTP client, as that client would make it: with its certificates and proxies.

httpx has no public way to this. Its private names stand here and nowhere else; where they are not found, as in
a transport of another make, the client itself is used.
"""

import asyncio
import copy
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import dataclass
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any, TypeVar

import httpx

R = TypeVar("R")

HELD = (
    2.0  # seconds that a client of another make may hold a request back, before it goes out without that client's say
)


@dataclass(frozen=True)
class OwnPool:
    """Two clients over a pool that is nobody else's.

    It keeps no cookies, and no connection: a used one might be closed by the server in the moment in which it
    is given a refresh token, and nobody could tell whether that is used up. So there is nothing to close, either.

    Attributes:
        client: of the same make as the one beside it: what that does to each request is done to these as well.
        plain: one of httpx itself; the same one where the make is httpx's.
    """

    client: httpx.AsyncClient
    plain: httpx.AsyncClient


def own_pool(client: httpx.AsyncClient, url: httpx.URL) -> OwnPool | None:
    """Clients that connect as this one does, over a pool of their own; None where there is no way."""
    plain = _plain(client)
    if plain is None:
        return None
    try:
        transport = _with_own_pool(client._transport_for_url(url))  # pyright: ignore[reportPrivateUsage] -- see above
        if transport is None:
            return None
        make: Any = plain
        bare = make(transport=transport, cookies=no_cookies(), event_hooks=client.event_hooks, trust_env=False)
        if keeps(client, "request", "send"):
            return OwnPool(bare, bare)
        return OwnPool(_same_over(client, _telling(transport)), bare)
    except (AttributeError, TypeError):
        return None


async def unless_held(call: Callable[[], Awaitable[R]], otherwise: Callable[[], Awaitable[R]], patience: float) -> R:
    """Send by a client of another make; if that has not let it go in time, the other way: it has not been sent yet.

    Such a client may let few requests through at once, and all of them may be waiting for what this one brings.
    """
    gone = asyncio.Event()
    before = _GONE.set(gone)
    asking, leaving = asyncio.ensure_future(call()), asyncio.ensure_future(gone.wait())
    _GONE.reset(before)
    try:
        await asyncio.wait({asking, leaving}, timeout=min(HELD, patience / 2), return_when=asyncio.FIRST_COMPLETED)
        if asking.done() or gone.is_set():
            return await asking
        asking.cancel()
        await asyncio.wait({asking})
        if gone.is_set():  # in the last moment: nobody knows how far it came
            raise TimeoutError
        return await otherwise()
    finally:
        asking.cancel()
        leaving.cancel()
        await asyncio.wait({asking, leaving})
        if not asking.cancelled():
            asking.exception()  # it is seen: what asyncio would log of it might hold a secret


def keeps(client: httpx.AsyncClient, *methods: str) -> bool:
    """Whether a client does these as httpx does: one that has changed them wants every request to go that way."""
    plain = _plain(client)
    return plain is not None and all(getattr(type(client), name) is getattr(plain, name) for name in methods)


def no_cookies() -> CookieJar:
    """A jar that takes none: a session's cookies are its tokens, and belong to its state alone."""
    return CookieJar(DefaultCookiePolicy(allowed_domains=[]))


_GONE: ContextVar[asyncio.Event | None] = ContextVar("rxdux_gone", default=None)
"""Set when the request of this task goes out."""


def _plain(client: httpx.AsyncClient) -> Any:
    return next((cls for cls in reversed(type(client).__mro__) if cls.__name__ == "AsyncClient"), None)


def _same_over(client: Any, transport: Any) -> Any:
    """The same client, all that it keeps included, over another transport, and without cookies."""

    def one_transport(_client: Any, _url: httpx.URL) -> Any:
        return transport

    jar = httpx.Cookies(no_cookies())
    make: Any = client.__class__
    names = {"_transport_for_url": one_transport, "_cookies": property(lambda _: jar), "__module__": make.__module__}
    same: Any = object.__new__(type(make.__name__, (make,), names))
    same.__dict__ = vars(client)
    return same


def _with_own_pool(transport: Any) -> Any:
    """A transport as this one, with a pool of its own, however it is wrapped; None for one without a pool."""
    pool: Any = getattr(transport, "_pool", None)
    twin = copy.copy(transport)
    if pool is None:
        parts: Any = transport.__dict__
        inner = {name: own for name, each in parts.items() if _sends(each) and (own := _with_own_pool(each))}
        twin.__dict__.update(inner)
        return twin if inner else None
    if not (isinstance(pool._connections, list) and isinstance(pool._requests, list)):
        return None
    twin._pool = pool = copy.copy(pool)
    pool._connections, pool._requests, pool._max_keepalive_connections = [], [], 0
    pool._optional_thread_lock = type(pool._optional_thread_lock)()
    return twin


def _sends(value: object) -> bool:
    return hasattr(type(value), "handle_async_request")


def _telling(transport: Any) -> Any:
    """The same transport, which says when a request goes out."""
    send: Any = transport.handle_async_request
    telling = copy.copy(transport)

    async def handle_async_request(request: httpx.Request) -> httpx.Response:
        gone = _GONE.get()
        if gone is not None:
            gone.set()
        return await send(request)

    telling.handle_async_request = handle_async_request
    return telling
