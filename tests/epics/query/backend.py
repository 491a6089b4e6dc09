"""A real server for queries: it counts what it is asked, holds answers back, and notices who hangs up."""

import asyncio
import json
import socket
import time
from collections import Counter
from threading import Thread
from typing import Any, Self

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route


class Backend:
    """Serves users, orders, a feed and tokens on 127.0.0.1, in a thread of its own.

    Attributes:
        count: of requests by "METHOD /path".
        requests: what came, in order: method, path with query, headers, body.
        held: paths whose answers wait until they are taken out.
        failing: a status by path that is answered in place of the data.
        raw: a body by path in place of the data; once: bodies that are answered once each.
        hung_up: paths of requests whose client went before the answer.
        tokens: the access tokens that are accepted; None: none is asked for.
    """

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.requests: list[tuple[str, str, dict[str, str], Any]] = []
        self.held: set[str] = set()
        self.failing: dict[str, int] = {}
        self.raw: dict[str, bytes] = {}
        self.once: dict[str, list[bytes]] = {}
        self.hung_up: list[str] = []
        self.waiting: Counter[str] = Counter()
        self.etags = False
        self.tokens: set[str] | None = None
        self.users: dict[int, dict[str, Any]] = {n: {"id": n, "name": f"user {n}"} for n in range(1, 21)}
        self.feed = list(range(100))
        self.done_mutations: list[str] = []
        self.most_at_once = 0
        self._at_once = 0
        self._issued = 0
        self._start(0)

    def _start(self, port: int) -> None:
        self._socket = socket.socket()
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._socket.bind(("127.0.0.1", port))
        self._socket.listen(4096)
        self.port: int = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        routes = [
            Route("/token", self._token, methods=["POST"]),
            Route("/revoke", self._revoke, methods=["POST"]),
            Route("/{path:path}", self._answer, methods=["GET", "POST", "PATCH", "PUT", "DELETE"]),
        ]
        config = uvicorn.Config(
            Starlette(routes=routes), log_config=None, access_log=False, lifespan="off", timeout_graceful_shutdown=1
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([self._socket],), name="backend", daemon=True)
        self._thread.start()
        while not self._server.started:
            time.sleep(0.002)

    def go_away(self) -> None:
        """Nobody listens at the address any more."""
        self.held.clear()
        self._server.should_exit = True
        self._thread.join(20)
        self._socket.close()

    def come_back(self) -> None:
        self._start(self.port)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.go_away()

    def expire(self) -> None:
        """From now on the access tokens that were issued so far are refused."""
        self.tokens = set()

    # --- the answers -----------------------------------------------------------------------------

    async def _token(self, request: Request) -> Response:
        self.count["POST /token"] += 1
        self._issued += 1
        token = f"access-{self._issued}"
        if self.tokens is None:
            self.tokens = set()
        self.tokens.add(token)
        return JSONResponse({"access_token": token, "refresh_token": f"refresh-{self._issued}", "expires_in": 600})

    async def _revoke(self, _: Request) -> Response:
        return Response()

    async def _answer(self, request: Request) -> Response:
        path = request.url.path
        name = f"{request.method} {path}"
        body = await request.body()
        self.count[name] += 1
        where = f"{path}?{request.url.query}" if request.url.query else path
        self.requests.append((request.method, where, dict(request.headers), json.loads(body) if body else None))
        self._at_once += 1
        self.most_at_once = max(self.most_at_once, self._at_once)
        try:
            if not await self._may_answer(request, name, where):
                self.hung_up.append(path)
                return Response()
            return self._data(request, name, where, json.loads(body) if body else None)
        finally:
            self._at_once -= 1

    async def _may_answer(self, request: Request, *names: str) -> bool:
        self.waiting[request.url.path] += 1
        try:
            while any(name in self.held for name in (*names, request.url.path)):
                if await request.is_disconnected():
                    return False
                await asyncio.sleep(0.002)
        finally:
            self.waiting[request.url.path] -= 1
        return True

    def _data(self, request: Request, name: str, where: str, body: Any) -> Response:
        path = request.url.path
        bearer = request.headers.get("authorization", "").removeprefix("Bearer ")
        if self.tokens is not None and bearer not in self.tokens and not path.startswith("/public"):
            return JSONResponse({"error": "unauthorized"}, 401)
        for place in (where, name, path):
            if place in self.failing:
                return JSONResponse({"detail": "no"}, self.failing[place])
            if self.once.get(place):
                return Response(self.once[place].pop(0), media_type="application/json")
            if place in self.raw:
                return Response(self.raw[place], media_type="application/json")
        data = self._content(request, body)
        if data is None:
            return JSONResponse({"detail": "nothing there"}, 404)
        if self.etags and request.method == "GET":
            etag = f'"{hash(json.dumps(data))}"'
            if request.headers.get("if-none-match") == etag:
                return Response(status_code=304, headers={"ETag": etag})
            return JSONResponse(data, headers={"ETag": etag})
        return JSONResponse(data)

    def _content(self, request: Request, body: Any) -> Any:
        match [request.method, *request.url.path.strip("/").split("/")]:
            case ["GET", "users"]:
                return list(self.users.values())
            case ["GET", "users" | "public", id]:
                return self.users.get(int(id))
            case ["PATCH", "users", id]:
                self.users[int(id)] = {**self.users[int(id)], **body}
                self.done_mutations.append(f"{id}:{body.get('name')}")
                return self.users[int(id)]
            case ["POST", "users"]:
                id = len(self.users) + 1
                self.users[id] = {"id": id, **body}
                return self.users[id]
            case ["GET", "feed"]:
                start = int(request.query_params.get("cursor", "0"))
                items = self.feed[start : start + 10]
                more = start + 10 < len(self.feed)
                return {"items": items, "cursor": str(start + 10) if more else None}
            case [_, "echo", *_]:
                return {"path": request.url.path}
            case _:
                return None
