"""Headers of a session that go along a redirect only within the origin they were made for.

httpx takes all headers but two to any origin. An auth cannot keep its client from following, but the transport says
what it is about to send: its `trace` (https://www.encode.io/httpcore/extensions/#trace).
"""

from collections.abc import Callable, Coroutine, Mapping
from typing import Any

import httpx

from .origin import same_origin

KEPT_BY_HTTPX = frozenset({"authorization", "cookie"})
"""What httpx itself takes to no other origin."""

Tell = Callable[[str, Mapping[str, Any]], None]
TellAsync = Callable[[str, Mapping[str, Any]], Coroutine[Any, Any, None]]


def keep_at_origin(request: httpx.Request, names: set[str], *, is_async: bool) -> None:
    """Have these headers taken away before the request, or what it is redirected to, goes to another origin."""
    own = {name.lower().encode() for name in names if name.lower() not in KEPT_BY_HTTPX}
    if not own:
        return
    home, before = request.url, request.extensions.get("trace")
    before = getattr(before, "before", before)  # a request that is sent again has one of ours already

    def strip(info: Mapping[str, Any]) -> None:
        going: Any = info.get("request")
        if going is not None and not same_origin(_url_of(going), home):
            going.headers = [(name, value) for name, value in going.headers if name.lower() not in own]

    def tell(name: str, info: Mapping[str, Any]) -> None:
        strip(info)
        if before is not None:
            before(name, info)

    async def tell_async(name: str, info: Mapping[str, Any]) -> None:
        strip(info)
        if before is not None:
            await before(name, info)

    trace: Tell | TellAsync = tell_async if is_async else tell
    vars(trace)["before"] = before
    request.extensions = {**request.extensions, "trace": trace}


def _url_of(going: Any) -> httpx.URL:
    """Where a request of the transport leads; to a proxy it has the whole URL as its target."""
    target = going.url.target
    return httpx.URL((target if target.startswith(b"http") else bytes(going.url)).decode("ascii"))
