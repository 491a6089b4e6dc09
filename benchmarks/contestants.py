"""Who takes part, and where it runs: each in an environment of its own, since their dependencies disagree."""

import json
import shutil
import subprocess
import sys
import venv
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyperf  # pyright: ignore[reportMissingTypeStubs] -- it has none

HERE = Path(__file__).parent / "cases"
ENVIRONMENTS = Path(__file__).parents[1] / "build" / "benchmarks"
TIMEOUT = 600.0  # seconds for all cases of one contestant, once

Samples = dict[str, list[float]]
"""Seconds of one operation, by case."""


class Unavailable(Exception):  # noqa: N818 -- it is no error of ours
    """A contestant cannot take part, and why."""


@dataclass(frozen=True)
class PythonContestant:
    """A Python package from the registry, in a virtual environment that is made for it."""

    name: str
    script: str
    requirements: tuple[str, ...]

    def prepare(self) -> None:
        """Make its environment.

        Raises:
            Unavailable: when it cannot be installed.
        """
        if self._python().exists():
            return
        folder = ENVIRONMENTS / self.script
        venv.create(folder, with_pip=True, clear=True)
        command = [str(self._python()), "-m", "pip", "install", "--quiet", "pyperf", *self.requirements]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            shutil.rmtree(folder)
            msg = "cannot be installed"
            raise Unavailable(msg)

    def measure(self, scratch: Path) -> Samples:
        """Time all its cases once, in a process of its own each."""
        output = scratch / f"{self.script}.json"
        output.unlink(missing_ok=True)
        options = ["--processes", "1", "--values", "3", "--warmups", "1", "--min-time", "0.03", "--quiet"]
        command = [str(self._python()), str(HERE / f"{self.script}.py"), *options, "--output", str(output)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False, cwd=HERE)
        if not output.exists():
            raise Unavailable(done.stderr.strip().splitlines()[-1] if done.stderr else "gave no result")
        suite: Any = pyperf.BenchmarkSuite.load(str(output))  # pyright: ignore[reportUnknownMemberType]
        return {bench.get_name(): list(bench.get_values()) for bench in suite.get_benchmarks()}

    def _python(self) -> Path:
        return ENVIRONMENTS / self.script / "bin" / "python"


@dataclass(frozen=True)
class Ourselves(PythonContestant):
    """rxdux, in the environment that runs the benchmarks."""

    def prepare(self) -> None:
        pass

    def _python(self) -> Path:
        return Path(sys.executable)


@dataclass(frozen=True)
class NodeContestant:
    """A package of Node's registry."""

    name: str
    cases: str
    requirements: tuple[str, ...]

    def prepare(self) -> None:
        """Install it.

        Raises:
            Unavailable: without node, or when it cannot be installed.
        """
        if shutil.which("node") is None or shutil.which("npm") is None:
            msg = "there is no node"
            raise Unavailable(msg)
        folder = self._folder()
        if (folder / "node_modules").exists():
            return
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "package.json").write_text('{"private": true}')
        command = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--legacy-peer-deps", *self.requirements]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
        if done.returncode:
            msg = "cannot be installed"
            raise Unavailable(msg)

    def measure(self, scratch: Path) -> Samples:
        """Time all its cases once."""
        script = self._folder() / "cases.mjs"
        shutil.copy(HERE / "node_cases.mjs", script)
        command = ["node", str(script), self.cases]
        done = subprocess.run(command, capture_output=True, text=True, timeout=TIMEOUT, check=False)
        if done.returncode:
            raise Unavailable(done.stderr.strip().splitlines()[0] if done.stderr else "gave no result")
        found: Mapping[str, list[float]] = json.loads(done.stdout)
        return dict(found)

    def _folder(self) -> Path:
        return ENVIRONMENTS / f"node {self.name}"


RXDUX = Ourselves("rxdux", "rxdux_cases", ())
RTK = ("@reduxjs/toolkit@2", "rxjs@7")
CONTESTANTS: tuple[PythonContestant | NodeContestant, ...] = (
    RXDUX,
    PythonContestant("pydux 0.2.2", "pydux_cases", ("pydux==0.2.2",)),
    PythonContestant("python-redux 0.25.4", "python_redux_cases", ("python-redux==0.25.4", "typing_extensions")),
    PythonContestant("pystorex 0.2.1", "pystorex_cases", ("pystorex==0.2.1",)),
    PythonContestant("redux-py 0.1.12", "redux_py_cases", ("redux-py==0.1.12",)),
    NodeContestant("redux 5", "redux", (*RTK, "redux@5", "redux-observable@3.0.0-rc.3")),
    NodeContestant("@reduxjs/toolkit 2", "rtk", (*RTK, "redux@5", "redux-observable@3.0.0-rc.3")),
    NodeContestant("redux-observable 2", "redux-observable", (*RTK, "redux@5", "redux-observable@2")),
    NodeContestant("redux-observable 3.0.0-rc.3", "redux-observable", (*RTK, "redux@5", "redux-observable@3.0.0-rc.3")),
)
