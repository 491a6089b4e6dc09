"""What goes over the wire, as actions: so that the log shows the 401 and the replay."""

from collections.abc import Callable
from typing import Any

import httpx

from rxdux import Action, RefreshPolicy

from .actions import HttpAnswer


def new_client(policy: RefreshPolicy) -> httpx.AsyncClient:
    """A client with room for all requests at once, and one connection to spare for the refresh."""
    return httpx.AsyncClient(limits=httpx.Limits(max_connections=policy.max_in_flight + 4))


def watch(
    client: httpx.AsyncClient,
    dispatch: Callable[[Action], Any],
    is_offline: Callable[[], bool] = lambda: False,
) -> None:
    """Dispatch an `HttpAnswer` for each answer that the client gets, but for the demo's own admin calls.

    Args:
        is_offline: whether nothing gets through at the moment.
    """
    refused: set[tuple[str, str]] = set()

    async def on_request(request: httpx.Request) -> None:
        if is_offline():
            msg = "The network is switched off."
            raise httpx.ConnectError(msg, request=request)

    async def on_response(response: httpx.Response) -> None:
        method, url = response.request.method, response.request.url.raw_path.decode()
        if url.startswith("/admin/"):
            return
        replay = (method, url) in refused and response.status_code != 401
        if response.status_code == 401:
            refused.add((method, url))
        elif replay:
            refused.discard((method, url))
        count = response.headers.get("X-Requests", "")
        requests = int(count) if count.isdecimal() else None
        dispatch(HttpAnswer(method=method, url=url, status=response.status_code, replay=replay, requests=requests))

    client.event_hooks = {"request": [on_request], "response": [on_response]}
