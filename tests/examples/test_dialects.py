"""Each dialect is short, and keeps the session's promises at a server that speaks it."""

import ast
import runpy
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from rxdux import FetchData, Login, LoginFailure, Logout, create_api_store
from rxdux.demo.listen import listen, url_of

from ..conftest import Session
from ..servers.dialects import EXAMPLES, class_of
from ..servers.running import RunningServer

FILES = sorted(EXAMPLES.glob("*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_dialect_is_short(file: Path) -> None:
    """Beside the lines that say what a method is called and takes, under 15."""
    classes = [node for node in ast.parse(file.read_text()).body if isinstance(node, ast.ClassDef | ast.FunctionDef)]
    bodies = [
        node for cls in classes for node in ast.walk(cls) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    ]
    assert sum(len(body.body) for body in bodies) < 15


class SupabaseLike:
    """A small auth server of that manner, with an API behind it; it wants its key with every call."""

    def __init__(self) -> None:
        self.count: Counter[str] = Counter()
        self.live: dict[str, str] = {}
        self.alive: set[str] = set()
        self._socket = listen()
        self.url = url_of(self._socket)
        routes = [
            Route("/auth/v1/token", self._token, methods=["POST"]),
            Route("/auth/v1/logout", self._logout, methods=["POST"]),
            Route("/rest/v1/people", self._people),
        ]
        config = uvicorn.Config(Starlette(routes=routes), log_config=None, lifespan="off", timeout_graceful_shutdown=1)
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, args=([self._socket],), daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._server.should_exit = True
        self._thread.join(20)
        self._socket.close()

    async def _token(self, request: Request) -> Response:
        body, grant = await request.json(), request.query_params["grant_type"]
        self.count["login" if grant == "password" else "refresh"] += 1
        if request.headers.get("apikey") != "key":
            return JSONResponse({"message": "No API key found in request"}, 401)
        if grant == "password" and body["password"] != "lovelace":
            return JSONResponse({"code": 400, "error_code": "invalid_credentials", "msg": "Invalid login"}, 400)
        if grant == "refresh_token" and self.live.pop(body["refresh_token"], None) is None:
            wrong = {"code": 400, "error_code": "refresh_token_not_found", "msg": "Invalid Refresh Token"}
            return JSONResponse(wrong, 400)
        number = sum(self.count.values())
        self.live[f"refresh-{number}"] = "ada"
        self.alive = {f"access-{number}"}
        tokens = {"access_token": f"access-{number}", "refresh_token": f"refresh-{number}"}
        return JSONResponse({**tokens, "token_type": "bearer", "expires_in": 3600, "user": {"email": "ada"}})

    async def _logout(self, request: Request) -> Response:
        self.count["revoke"] += 1
        self.live.clear()
        return Response(status_code=204 if self._knows(request) else 401)

    async def _people(self, request: Request) -> Response:
        return JSONResponse({"for": "ada"}) if self._knows(request) else JSONResponse({"message": "JWT expired"}, 401)

    def _knows(self, request: Request) -> bool:
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return request.headers.get("apikey") == "key" and token in self.alive


@pytest.fixture
def supabase() -> Iterator[SupabaseLike]:
    server = SupabaseLike()
    yield server
    server.close()


@asynccontextmanager
async def signed_in(url: str, backend: Any, password: str = "lovelace") -> Any:
    async with create_api_store(url, backend=backend) as store:
        session = Session(store)
        if password == "lovelace":
            await session.sign_in("ada", password)
        yield session


async def test_supabase(supabase: SupabaseLike) -> None:
    """Fifty expired fetches, one refresh; a dead token ends the session; logout revokes."""
    make = runpy.run_path(str(EXAMPLES / "supabase.py"))["Supabase"]
    async with signed_in(f"{supabase.url}/rest/v1", make(supabase.url, "key")) as session:
        store = session.store
        assert store.state.auth.tokens.extra["user"] == {"email": "ada"}
        supabase.alive.clear()
        for n in range(50):
            store.dispatch(FetchData(key=str(n), path="/people"))
        await session.settle()
        assert {each.status for each in store.state.data.values()} == {"success"}
        assert supabase.count == {"login": 1, "refresh": 1}
        store.dispatch(Logout())
        await session.settle()
        assert supabase.count["revoke"] == 1
        await session.sign_in("ada", "lovelace")
        supabase.live.clear()
        supabase.alive.clear()
        store.dispatch(FetchData(key="last", path="/people"))
        await session.settle()
        assert (store.state.auth.status, supabase.count["refresh"]) == ("signed_out", 2)


async def test_supabase_refuses_a_wrong_password(supabase: SupabaseLike) -> None:
    """With its own code."""
    make = runpy.run_path(str(EXAMPLES / "supabase.py"))["Supabase"]
    async with create_api_store(f"{supabase.url}/rest/v1", backend=make(supabase.url, "key")) as store:
        session = Session(store)

        store.dispatch(Login(username="ada", password="wrong"))
        await session.settle()
        (failure,) = [action for action in session.log if isinstance(action, LoginFailure)]
        assert (failure.error.kind, failure.error.code) == ("unauthorized", "invalid_credentials")


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["simplejwt", "cookies"])
async def test_the_real_servers(request: pytest.FixtureRequest, dialect: str) -> None:
    """The life of a token is known, fifty expired fetches cause one refresh, and logout revokes; and a wrong password is told."""
    fixture = {"simplejwt": "simplejwt", "cookies": "jwt_cookies"}[dialect]
    server: RunningServer = request.getfixturevalue(fixture)
    async with signed_in(server.url, class_of(dialect)()) as session:
        store = session.store
        assert 500 < store.state.auth.tokens.expires_in <= 601
        server.expire()
        for n in range(50):
            store.dispatch(FetchData(key=str(n), path="/people"))
        await session.settle()
        assert {each.data["for"] for each in store.state.data.values()} == {"ada"}
        store.dispatch(Logout())
        await session.settle()
        assert {kind: server.counts[kind] for kind in ("login", "refresh", "revoke")} == dict.fromkeys(
            ("login", "refresh", "revoke"), 1
        )

        store.dispatch(Login(username="ada", password="wrong"))
        await session.settle()
        assert store.state.auth.error == "The user name or the password is wrong."
