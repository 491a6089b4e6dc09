"""A real HTTP server for the demo and the tests: in this process, or alone.

python -m rxdux.demo.server --port 8000
"""

import argparse
import socket
from collections.abc import Callable
from threading import Thread
from typing import Self

import uvicorn
from starlette.types import ASGIApp

from .issuer import Issuer
from .listen import listen, url_of
from .routes import Api


class DemoServer:
    """Serves the demo's API on 127.0.0.1, in a thread and on an event loop of its own.

    Args:
        port: 0 takes a free one.
        token_life: of an access token, in seconds.
        database: where sessions are kept, a path or ":memory:".
        around: what to put around the app, such as `Chaos`.
        listening: a socket that listens already, in place of `port`.

    Examples:
        >>> import httpx
        >>> with DemoServer() as server:
        ...     httpx.get(f"{server.url}/people").status_code
        401
    """

    def __init__(
        self,
        port: int = 0,
        *,
        token_life: float = 15.0,
        database: str = ":memory:",
        around: Callable[[ASGIApp], ASGIApp] | None = None,
        listening: socket.socket | None = None,
    ) -> None:
        self.issuer = Issuer(token_life, database)
        self.api = Api(self.issuer)
        self._socket = listen(port) if listening is None else listening
        self.port: int = self._socket.getsockname()[1]
        self.url = url_of(self._socket)
        config = uvicorn.Config(
            around(self.api.app()) if around else self.api.app(),
            log_config=None,
            access_log=False,
            lifespan="off",
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self._thread = Thread(target=self._server.run, args=([self._socket],), name="demo-server", daemon=True)

    def start(self) -> Self:
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop serving. Requests that are under way get a second to end."""
        self._server.should_exit = True
        self._thread.join()
        self._socket.close()
        self.issuer.close()

    def wait(self) -> None:
        """Serve until the thread ends, or Ctrl+C."""
        self._thread.join()

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *exception: object) -> None:
        self.close()


def main() -> None:
    """Serve until Ctrl+C."""
    parser = argparse.ArgumentParser(prog="python -m rxdux.demo.server", description=__doc__)
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one (default: %(default)s)")
    parser.add_argument("--token-life", type=float, default=15.0, help="seconds (default: %(default)s)")
    parser.add_argument("--database", default=":memory:", help="a file for the sessions (default: in memory)")
    arguments = parser.parse_args()
    with DemoServer(arguments.port, token_life=arguments.token_life, database=arguments.database) as server:
        print(f"Serving on {server.url} until Ctrl+C. Users: ada/lovelace, grace/hopper.", flush=True)
        try:
            server.wait()
        except KeyboardInterrupt:
            print("Bye.")


if __name__ == "__main__":
    main()
