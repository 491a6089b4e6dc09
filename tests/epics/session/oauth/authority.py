"""An authorization server that answers as the test wants it to, on loopback, over real HTTP."""

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

OPENID = "/.well-known/openid-configuration"
RFC_8414 = "/.well-known/oauth-authorization-server"


@dataclass
class Asked:
    """A request that came in."""

    path: str
    headers: Mapping[str, str]
    form: dict[str, str]


@dataclass
class Answer:
    """What goes back. A `content` that is no text is sent as JSON; status 0 closes the connection without an answer.

    Attributes:
        held: what it waits for before it goes out.
    """

    content: Any = None
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    held: threading.Event | None = None


class _Quiet(ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A client that leaves in the middle of an answer is what some tests are about."""


class Authority:
    """Answers each path by a script; a list is worked off, and its last answer stays.

    Attributes:
        asked: all requests, in order.
    """

    def __init__(self) -> None:
        self.asked: list[Asked] = []
        self._answers: dict[str, list[Answer]] = {}
        self._server = _Quiet(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self.describe()

    def describe(self, **changes: Any) -> None:
        """Publish metadata; a change to None leaves a name out."""
        named = {
            "issuer": self.url,
            "token_endpoint": f"{self.url}/token",
            "authorization_endpoint": f"{self.url}/authorize",
            "device_authorization_endpoint": f"{self.url}/device",
            "revocation_endpoint": f"{self.url}/revoke",
            **changes,
        }
        self.answer(OPENID, Answer({name: value for name, value in named.items() if value is not None}))

    def answer(self, path: str, *answers: Answer) -> None:
        self._answers[path] = list(answers)

    def answers(self, path: str) -> list[Answer]:
        """What it would answer there."""
        return list(self._answers[path])

    def forms(self, path: str) -> list[dict[str, str]]:
        return [each.form for each in self.asked if each.path == path]

    def _next(self, asked: Asked) -> Answer:
        self.asked.append(asked)
        answers = self._answers.get(asked.path)
        if not answers:
            return Answer({"error": "not_found"}, 404)
        return answers.pop(0) if len(answers) > 1 else answers[0]

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        respond = self._next

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                self._serve({})

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self._serve(dict(parse_qsl(body.decode(), keep_blank_values=True)))

            def _serve(self, form: dict[str, str]) -> None:
                answer = respond(Asked(urlsplit(self.path).path, dict(self.headers), form))
                if answer.held is not None:
                    answer.held.wait(20)
                if answer.status == 0:
                    self.close_connection = True
                    return
                content = answer.content
                body = content if isinstance(content, bytes) else json.dumps(content).encode()
                self.send_response(answer.status)
                for name, value in {"Content-Type": "application/json", **answer.headers}.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        return Handler

    @contextmanager
    def serving(self) -> Iterator["Authority"]:
        thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield self
        finally:
            self._server.shutdown()
            thread.join()
            self._server.server_close()


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address, each of which may come once."""
    parameters = parse_qs(urlsplit(url).query, strict_parsing=True)
    assert all(len(values) == 1 for values in parameters.values())
    return {name: values[0] for name, values in parameters.items()}
