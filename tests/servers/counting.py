"""What the servers of this folder that are written in Python have in common: counting, holding, serving."""

import io
import json
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import parse_qs, parse_qsl

from werkzeug.serving import WSGIRequestHandler, make_server

USERS = {"ada": "lovelace", "grace": "hopper"}

WsgiApp = Callable[[dict[str, Any], Any], Iterable[bytes]]


class Counting:
    """Counts the calls of an app by kind, holds those that it is told to hold, and does what the test asks for.

    Args:
        kinds: of each path; a path of the token endpoint is counted by its grant type.
        turn: what else the test may do, by name: functions of the query.
    """

    def __init__(self, app: WsgiApp, kinds: Mapping[str, str], turn: Mapping[str, Callable[..., object]]) -> None:
        self._app = app
        self._kinds = kinds
        self._turn = {"reset": self._reset, "hold": self._hold_next, "release": self._release, **turn}
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._held: str | None = None
        self._released = threading.Event()

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/_/counts":
            return self._answer(start_response, self._counts)
        if path.startswith("/_/"):
            self._turn[path.removeprefix("/_/")](**dict(parse_qsl(environ["QUERY_STRING"])))
            return self._answer(start_response, {})
        kind = self._kind(path, environ)
        held = self._take_hold() if kind in ("refresh", "login") else None
        if held == "before":
            self._released.wait(30)
            start_response("503 Service Unavailable", [])
            return []
        if kind is None:
            return self._app(environ, start_response)

        def start(status: str, *rest: Any) -> Any:
            with self._lock:
                self._counts[kind] += 1
                self._counts["unauthorized"] += kind == "api" and status.startswith("401")
            if held == "after":
                self._released.wait(30)
            return start_response(status, *rest)

        return self._app(environ, start)

    def _kind(self, path: str, environ: dict[str, Any]) -> str | None:
        kind = self._kinds.get(path)
        if kind != "token":
            return kind
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        environ["wsgi.input"] = io.BytesIO(body)
        grant_type = parse_qs(body.decode()).get("grant_type", [""])[0]
        return {"refresh_token": "refresh", "client_credentials": "service"}.get(grant_type, "login")

    def _take_hold(self) -> str | None:
        with self._lock:
            held, self._held = self._held, None
            self._counts["held"] += held is not None
            return held

    def _hold_next(self, when: str) -> None:
        self._released.clear()
        self._held = when

    def _release(self) -> None:
        self._released.set()

    def _reset(self) -> None:
        with self._lock:
            self._counts.clear()

    @staticmethod
    def _answer(start_response: Any, content: Mapping[str, int]) -> list[bytes]:
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps({name: count for name, count in content.items() if count}).encode()]


class _KeepAlive(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_request(self, code: object = "-", size: object = "-") -> None:
        pass


def serve(app: WsgiApp) -> None:
    """Serve on a free port of loopback, tell the address, and go on until the input ends."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_KeepAlive)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    print(json.dumps({"url": f"http://127.0.0.1:{server.port}"}), flush=True)
    sys.stdin.read()
