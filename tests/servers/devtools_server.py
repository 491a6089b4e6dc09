"""The real server of the Redux DevTools as a fixture."""

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest

HERE = Path(__file__).parent / "devtools"
PATIENCE = 30.0


class DevToolsServer:
    """One that runs, or is stopped.

    Attributes:
        url: where apps and who looks at them connect.
    """

    def __init__(self, command: list[str]) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"ws://127.0.0.1:{self.port}"
        self._command = [*command, f"--port={self.port}"]
        self._process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 -- open as long as it runs
        self._process = subprocess.Popen(
            self._command,
            stdout=self._log,
            stderr=self._log,
            stdin=subprocess.DEVNULL,
            text=True,
            start_new_session=True,
        )
        deadline = time.monotonic() + PATIENCE
        while True:
            try:
                httpx.get(f"http://127.0.0.1:{self.port}/", trust_env=False, timeout=5).raise_for_status()
                return
            except httpx.HTTPError:
                if self._process.poll() is not None or time.monotonic() > deadline:
                    self.stop()
                    raise
                time.sleep(0.05)

    def stop(self) -> None:
        if self._process is not None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
            self._log.close()


@pytest.fixture(scope="session")
def devtools_command() -> list[str]:
    node = shutil.which("node")
    cli = HERE / "node_modules" / "@redux-devtools" / "cli" / "bin" / "redux-devtools.js"
    reason = None
    if node is None:
        reason = "Node.js is not installed (apt-get install nodejs npm)"
    elif not cli.is_file():
        reason = "the Redux DevTools are not installed (npm ci --ignore-scripts --prefix tests/servers/devtools)"
    if reason is not None:
        if os.environ.get("CI") or os.environ.get("RXDUX_CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    return [str(node), str(cli), "--hostname=127.0.0.1", f"--dbOptions={HERE / 'no_database.json'}"]


@pytest.fixture
def devtools_server(devtools_command: list[str]) -> Iterator[Callable[[], DevToolsServer]]:
    """Starts servers that the test may stop."""
    servers: list[DevToolsServer] = []

    def start() -> DevToolsServer:
        server = DevToolsServer(devtools_command)
        servers.append(server)
        server.start()
        return server

    yield start
    for server in servers:
        server.stop()


@pytest.fixture(scope="session")
def devtools(devtools_command: list[str]) -> Iterator[DevToolsServer]:
    """npm's @redux-devtools/cli, without a database."""
    server = DevToolsServer(devtools_command)
    server.start()
    yield server
    server.stop()
