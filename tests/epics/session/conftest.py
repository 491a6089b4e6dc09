"""A laboratory: a real server on loopback whose answers each test swaps for what it needs, and that counts what came."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rxdux import Login, Store
from rxdux.demo.listen import listen, url_of

from ...closing import close_later


@dataclass(frozen=True)
class Received:
    """A request that was accepted: whose, and what."""

    user: str
    method: str
    body: bytes


class Lab:
    """Refresh tokens are used up at once; access tokens live until `expire`.

    Attributes:
        count: calls by kind; `unauthorized` is a part of `api`, `reuse` one of `refresh`.
        received: what the API accepted.
        instead: the API's answer to a request of a user (None: of nobody), None for the usual one.
        token_instead: as that, for a refresh.
        after: called with a request that was accepted, before its answer goes out.
        paths: of the requests that were accepted.
        token_delay: seconds before the answer to a refresh, after the rotation.
        life: of an access token, in seconds, as the server tells it; None for one that does not tell.
    """

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.received: list[Received] = []
        self.instead: Callable[[Request, str | None], Response | None] | None = None
        self.token_instead: Callable[[], Response | None] | None = None
        self.token_delay = 0.0
        self.life: float | None = 3600.0
        self.after: Callable[[Request, str | None], None] | None = None
        self.paths: list[str] = []
        self.refusal = b'{"error": "invalid_token"}'
        self._access: dict[str, str] = {}
        self._refresh: dict[str, str] = {}
        self._issued = 0
        self._socket = listen()
        self.url = url_of(self._socket)
        methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
        app = Starlette(
            routes=[
                Route("/token", self._token, methods=["POST"]),
                Route("/revoke", self._revoke, methods=["POST"]),
                Route("/{path:path}", self._api, methods=methods),
            ]
        )
        config = uvicorn.Config(app, log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()

    def expire(self) -> None:
        self._access.clear()

    def of(self, method: str) -> list[str]:
        """Whose requests with this method were accepted."""
        return [each.user for each in self.received if each.method == method]

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._socket.close()

    def _issue(self, user: str) -> dict[str, Any]:
        self._issued += 1
        access, refresh = f"access-{self._issued}", f"refresh-{self._issued}"
        self._access[access] = self._refresh[refresh] = user
        tokens = {"access_token": access, "refresh_token": refresh, "token_type": "bearer", "expires_in": self.life}
        return {name: value for name, value in tokens.items() if value is not None}

    async def _token(self, request: Request) -> Response:
        form = dict(parse_qsl((await request.body()).decode()))
        if form["grant_type"] == "password":
            self.count["login"] += 1
            return JSONResponse(self._issue(form["username"]))
        self.count["refresh"] += 1
        instead = None if self.token_instead is None else self.token_instead()
        if instead is not None:
            return instead
        user = self._refresh.pop(form["refresh_token"], None)
        if user is None:
            self.count["reuse"] += 1
            return JSONResponse({"error": "invalid_grant"}, 400)
        tokens = self._issue(user)
        await asyncio.sleep(self.token_delay)
        return JSONResponse(tokens)

    async def _revoke(self, _: Request) -> Response:
        self.count["revoke"] += 1
        return Response()

    async def _api(self, request: Request) -> Response:
        body = await request.body()
        user = self._access.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        self.count["api"] += 1
        instead = None if self.instead is None else self.instead(request, user)
        if instead is not None:
            return instead
        if user is None:
            self.count["unauthorized"] += 1
            return Response(self.refusal, 401, media_type="application/json")
        self.received.append(Received(user, request.method, body))
        self.paths.append(request.url.path)
        if self.after is not None:
            self.after(request, user)
        return JSONResponse({"user": user, "path": request.url.path, "query": request.url.query, "size": len(body)})


@pytest.fixture
def lab() -> Iterator[Lab]:
    made = Lab()
    yield made
    close_later(made.close)


async def sign_in(store: Store[Any], username: str = "ada") -> None:
    store.dispatch(Login(username=username, password="x"))
    await store.wait_for(lambda state: state.auth.status == "signed_in" and state.auth.tokens is not None, 20)
    await store.idle(20)
