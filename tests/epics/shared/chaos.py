"""Nodes that are killed, stopped, cut off and born, over an engine that is killed, stopped and emptied: do they converge?

Run it for longer with `python -m tests.epics.shared.chaos --minutes 10 --engine redis`.
"""

import argparse
import contextlib
import json
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from .engines import NatsServer, Proxy, RedisServer, Server

ROOT = Path(__file__).parents[3]
PATIENCE = 40.0  # seconds in which all have to converge
STEPS = 30
PAUSE = 0.05  # seconds between two steps, at most


class NodeProcess:
    """One node, in a process of its own, perhaps behind a proxy."""

    def __init__(self, engine: str, where: str, proxy: Proxy | None) -> None:
        command = [sys.executable, str(Path(__file__).with_name("chaos_node.py")), engine, where, "chaos"]
        self.proxy = proxy
        self.is_stopped = False
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)

    def tell(self, words: str) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.write(f"{words}\n".encode())
            self.process.stdin.flush()

    def stand(self) -> dict[str, Any]:
        self.tell("stand")
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], PATIENCE)
        assert ready, "a node does not answer"
        line = self.process.stdout.readline()
        assert line, f"a node ended with {self.process.wait()}"
        return json.loads(line)

    def stop(self) -> None:
        self.is_stopped = True
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        self.is_stopped = False
        self.process.send_signal(signal.SIGCONT)

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.end()

    def end(self) -> None:
        """Let it end by itself, and say how it did."""
        if self.process.poll() is None and self.is_stopped:
            self.go_on()
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        with contextlib.suppress(OSError):
            self.process.stdin.close()
        try:
            self.process.wait(PATIENCE)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()
            if self.proxy is not None:
                self.proxy.close()


class Chaos:
    """One run, by its seed."""

    def __init__(self, engine: str, seed: int, folder: Path) -> None:
        self.engine = engine
        self.chance = random.Random(seed)
        self.folder = folder
        self.server: Server | None = None
        if engine == "redis":
            self.server = RedisServer(folder / "server")
        if engine == "nats":
            self.server = NatsServer(folder / "server")
        if self.server is not None:
            self.server.start()
        self.nodes: list[NodeProcess] = []
        self.done: list[str] = []

    def bear(self) -> None:
        """One more node."""
        if self.server is None:
            self.nodes.append(NodeProcess(self.engine, str(self.folder / "log.sqlite"), None))
            return
        proxy = Proxy(self.server.port)
        where = self.server.url.replace(str(self.server.port), str(proxy.port))
        self.nodes.append(NodeProcess(self.engine, where, proxy))

    def step(self) -> None:
        """Something happens to somebody."""
        chance, node = self.chance, self.chance.choice(self.nodes)
        kind = chance.choices(
            ["say", "kill", "stop", "go on", "cut", "restart", "stop server", "empty", "bear"],
            [12, 1, 2, 3, 3, 1, 1, 0.7, 1],
        )[0]
        self.done.append(kind)
        match kind:
            case "say":
                node.tell(f"say {chance.randrange(1, 40)}")
            case "kill" if len(self.nodes) > 2:
                self.nodes.remove(node)
                node.kill()
                self.bear()
            case "stop":
                node.stop()
            case "go on":
                for each in self.nodes:
                    each.go_on()
            case "cut" if node.proxy is not None:
                node.proxy.cut(refuse=chance.random() < 0.3)
            case "restart" if self.server is not None:
                self.server.restart()
            case "stop server" if self.server is not None:
                self.server.signal(signal.SIGSTOP)
                time.sleep(chance.random())
                self.server.signal(signal.SIGCONT)
            case "empty" if self.server is not None:
                self.server.restart(lose=True)
            case "bear" if len(self.nodes) < 5:
                self.bear()
            case _:
                pass
        time.sleep(chance.random() * PAUSE)

    def run(self) -> None:
        try:
            for _ in range(3):
                self.bear()
            for _ in range(STEPS):
                self.step()
            self.check()
            for node in self.nodes:
                node.end()
                assert node.process.returncode == 0
        finally:
            for node in self.nodes:
                node.kill()
            if self.server is not None:
                self.server.stop()

    def check(self) -> None:
        """All converge; each living node's actions are there once, in order, and were heard once."""
        for node in self.nodes:
            node.go_on()
            if node.proxy is not None:
                node.proxy.refuses = False
        deadline = time.monotonic() + PATIENCE
        last: list[tuple[Any, ...]] = []
        while True:
            stands = [node.stand() for node in self.nodes]
            now = [(each["status"], each["position"], each["pending"], each["digest"]) for each in stands]
            is_one = len(set(now)) == 1 and now[0][0] == "live" and now[0][2] == 0
            if is_one and now == last:  # an empty engine is noticed within two seconds: once is not enough
                break
            last = now if is_one else []
            assert time.monotonic() < deadline, f"{self.done}\n{json.dumps(stands, indent=1)}"
            time.sleep(2.5 if is_one else 0.1)
        for each in stands:
            assert each["mine"] == [f"{each['node']}-{n + 1}" for n in range(each["dispatched"])], each
            assert each["count"] == each["distinct"], each
            assert each["heard"] == each["heard_distinct"], each


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--minutes", type=float, default=1.0)
    arguments.add_argument("--engine", choices=["redis", "nats", "sqlite"], default="redis")
    arguments.add_argument("--seed", type=int, default=0)
    given = arguments.parse_args()
    end, seed = time.monotonic() + given.minutes * 60, given.seed
    while time.monotonic() < end:
        with tempfile.TemporaryDirectory() as folder:
            Chaos(given.engine, seed, Path(folder)).run()
        sys.stdout.write(f"{given.engine}, seed {seed}: converged\n")
        sys.stdout.flush()
        seed += 1


if __name__ == "__main__":
    main()
