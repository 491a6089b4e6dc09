"""Engines that tests start for themselves, on loopback: real servers, stopped, killed and started again."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from pathlib import Path

import pytest

PATIENCE = 20.0


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return listening.getsockname()[1]


class Server:
    """A program that serves on a port of loopback."""

    program = ""

    def __init__(self, folder: Path) -> None:
        if shutil.which(self.program) is None:
            if os.environ.get("CI"):
                pytest.fail(f"{self.program} is missing: .ci/run installs it.")
            pytest.skip(f"{self.program} is not installed (apt-get install {self.program})")
        self.folder = folder
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        raise NotImplementedError

    def command(self) -> list[str]:
        raise NotImplementedError

    def start(self) -> None:
        log = (self.folder / "server.log").open("ab")
        self.process = subprocess.Popen(self.command(), stdout=log, stderr=log, cwd=self.folder)
        log.close()
        deadline = time.monotonic() + PATIENCE
        while True:
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 1):
                return
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError((self.folder / "server.log").read_text())
            time.sleep(0.02)

    def signal(self, number: int) -> None:
        assert self.process is not None
        self.process.send_signal(number)

    def stop(self) -> None:
        process, self.process = self.process, None
        if process is not None and process.poll() is None:
            process.send_signal(signal.SIGCONT)
            process.kill()
            process.wait()

    def lose_data(self) -> None:
        for path in self.folder.iterdir():
            if path.name != "server.log":
                shutil.rmtree(path) if path.is_dir() else path.unlink()

    def restart(self, *, lose: bool = False) -> None:
        self.stop()
        if lose:
            self.lose_data()
        self.start()


class RedisServer(Server):
    """redis-server with its append-only file on each write, so that what it acknowledged survives kill -9."""

    program = "redis-server"

    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__(folder)
        self.options = options

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def command(self) -> list[str]:
        kept = ["--appendonly", "yes", "--appendfsync", "everysec", "--save", ""]
        return [
            self.program,
            "--port",
            str(self.port),
            "--bind",
            "127.0.0.1",
            *kept,
            "--dir",
            str(self.folder),
            *self.options,
        ]


class NatsServer(Server):
    program = "nats-server"

    def __init__(self, folder: Path, *options: str) -> None:
        super().__init__(folder)
        self.options = options or ("-js", "-sd", str(folder / "data"))

    @property
    def url(self) -> str:
        return f"nats://127.0.0.1:{self.port}"

    def command(self) -> list[str]:
        return [self.program, "-a", "127.0.0.1", "-p", str(self.port), *self.options]

    def start(self) -> None:
        super().start()
        deadline = time.monotonic() + PATIENCE  # it listens before JetStream has read its files
        while "-js" in self.options and b"Server is ready" not in (self.folder / "server.log").read_bytes():
            assert time.monotonic() < deadline
            time.sleep(0.02)


class Proxy:
    """A TCP proxy whose connections can be cut, or left hanging."""

    def __init__(self, port: int) -> None:
        self.target = port
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listening.getsockname()[1]
        self._pairs: list[tuple[socket.socket, socket.socket]] = []
        self._open = True
        self.refuses = False
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self) -> None:
        while self._open:
            try:
                near, _ = self.listening.accept()
            except OSError:
                return
            try:
                if self.refuses:
                    raise ConnectionRefusedError
                far = socket.create_connection(("127.0.0.1", self.target), 5)
                far.settimeout(None)
            except OSError:
                near.close()
                continue
            self._pairs.append((near, far))
            for one, other in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(one, other), daemon=True).start()

    @staticmethod
    def _pump(one: socket.socket, other: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while data := one.recv(65536):
                other.sendall(data)
        for each in (one, other):
            with contextlib.suppress(OSError):
                each.shutdown(socket.SHUT_RDWR)
            each.close()

    def cut(self, *, refuse: bool = False) -> None:
        """End all connections in the middle of whatever they carry."""
        self.refuses = refuse
        pairs, self._pairs = self._pairs, []
        for pair in pairs:
            for each in pair:
                with contextlib.suppress(OSError):
                    each.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self._open = False
        self.cut(refuse=True)
        self.listening.close()
