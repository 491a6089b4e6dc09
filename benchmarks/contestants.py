"""Who takes part, and where it runs: each in an environment of its own, since their dependencies disagree."""

import json
import shutil
import subprocess
import sys
import venv
from abc import abstractmethod
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

HERE = Path(__file__).parent / "cases"
ENVIRONMENTS = Path(__file__).parents[1] / "build" / "benchmarks"
INSTALL_TIMEOUT = 120.0  # seconds for a package of Node's registry
TIMEOUT = 60.0  # seconds for one turn, or for what is to be set up


class Unavailable(Exception):  # noqa: N818 -- it is no error of ours
    """A contestant cannot take part, and why."""


class Running:
    """A contestant in a process of its own, which times what it is told to, one turn at a time.

    Raises:
        Unavailable: when it ends, or does not answer in time.
    """

    def __init__(self, command: list[str], folder: Path) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=folder
        )
        self._answers: SimpleQueue[str] = SimpleQueue()
        self._errors: list[str] = []
        Thread(target=self._read, daemon=True).start()
        Thread(target=self._read_errors, daemon=True).start()
        try:
            self.cases: list[str] = self._answer()
        except Unavailable:
            self.end()
            raise

    def prepare(self, case: str) -> None:
        self._ask(f"prepare {case}")

    def seconds(self, case: str) -> float:
        """What one operation took in this turn."""
        return self._ask(f"time {case}")

    def forget(self) -> None:
        self._ask("forget")

    def end(self) -> None:
        self._process.kill()
        self._process.wait()

    def _ask(self, what: str) -> Any:
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(what + "\n")
            self._process.stdin.flush()
        except OSError:
            pass  # it has ended, and the answer says so
        return self._answer()

    def _answer(self) -> Any:
        try:
            line = self._answers.get(timeout=TIMEOUT)
        except Empty:
            msg = f"gave no answer in {TIMEOUT:.0f} s"
            raise Unavailable(msg) from None
        if not line:
            self._answers.put(line)  # whoever asks again need not wait either
            self._process.wait()
            raise Unavailable(self._errors[-1] if self._errors else "gave no result")
        return json.loads(line)

    def _read(self) -> None:
        assert self._process.stdout is not None
        for line in self._process.stdout:
            self._answers.put(line)
        self._answers.put("")

    def _read_errors(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            if line.strip():
                self._errors.append(line.strip())


@dataclass(frozen=True)
class Contestant:
    """Whose cases are timed."""

    name: str
    cases: str
    requirements: tuple[str, ...]

    @abstractmethod
    def prepare(self) -> None:
        """Install it.

        Raises:
            Unavailable: when it cannot be.
        """

    @abstractmethod
    def start(self) -> Running:
        """Run it.

        Raises:
            Unavailable: when it does not start.
        """


@dataclass(frozen=True)
class PythonContestant(Contestant):
    """A Python package from the registry, in a virtual environment that is made for it."""

    def prepare(self) -> None:
        if self._python().exists():
            return
        folder = ENVIRONMENTS / self.cases
        venv.create(folder, with_pip=True, clear=True)
        command = [str(self._python()), "-m", "pip", "install", "--quiet", *self.requirements]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(folder)
            msg = "cannot be installed"
            raise Unavailable(msg)

    def start(self) -> Running:
        return Running([str(self._python()), str(HERE / f"{self.cases}.py")], HERE)

    def _python(self) -> Path:
        return ENVIRONMENTS / self.cases / "bin" / "python"


@dataclass(frozen=True)
class Ourselves(PythonContestant):
    """rxdux, or what it stands on, in the environment that runs the benchmarks."""

    def prepare(self) -> None:
        pass

    def _python(self) -> Path:
        return Path(sys.executable)


@dataclass(frozen=True)
class NodeContestant(Contestant):
    """A package of Node's registry."""

    def prepare(self) -> None:
        if shutil.which("node") is None or shutil.which("npm") is None:
            msg = "there is no node"
            raise Unavailable(msg)
        folder = self.folder()
        if (folder / "node_modules").exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--legacy-peer-deps", *self.requirements]
        try:
            subprocess.run(command, capture_output=True, check=True, cwd=folder, timeout=INSTALL_TIMEOUT)
        except subprocess.SubprocessError:
            shutil.rmtree(folder)
            msg = "cannot be installed"
            raise Unavailable(msg) from None

    def start(self) -> Running:
        script = self.folder() / "cases.mjs"
        shutil.copy(HERE / "node_cases.mjs", script)
        return Running(["node", str(script), self.cases], self.folder())

    def folder(self) -> Path:
        return ENVIRONMENTS / f"node {self.name}"


RXDUX = Ourselves("rxdux", "rxdux_cases", ())
RTK = ("@reduxjs/toolkit@2", "rxjs@7")
CONTESTANTS: tuple[Contestant, ...] = (
    RXDUX,
    PythonContestant("pydux 0.2.2", "pydux_cases", ("pydux==0.2.2",)),
    PythonContestant("python-redux 0.25.4", "python_redux_cases", ("python-redux==0.25.4", "typing_extensions")),
    PythonContestant("pystorex 0.2.1", "pystorex_cases", ("pystorex==0.2.1",)),
    PythonContestant("redux-py 0.1.12", "redux_py_cases", ("redux-py==0.1.12",)),
    NodeContestant("redux 5", "redux", (*RTK, "redux@5", "redux-observable@3.0.0-rc.3")),
    NodeContestant("@reduxjs/toolkit 2", "rtk", (*RTK, "redux@5", "redux-observable@3.0.0-rc.3")),
    NodeContestant("redux-observable 2", "redux-observable", (*RTK, "redux@5", "redux-observable@2")),
    NodeContestant("redux-observable 3.0.0-rc.3", "redux-observable", (*RTK, "redux@5", "redux-observable@3.0.0-rc.3")),
    Ourselves("asyncio, reactivex", "bare_cases", ()),
)
