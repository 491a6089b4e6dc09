"""Programs run as those are that somebody has installed: with their bytecode at hand, whatever the environment says."""

import os
import subprocess
import sys
from collections.abc import Mapping

from .contestants import ENVIRONMENTS


def environment_of_installed(**more: str) -> dict[str, str]:
    """Environment variables by which Python keeps its bytecode, in a folder of the benchmarks, and reads it there."""
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, "PYTHONPYCACHEPREFIX": str(ENVIRONMENTS / "bytecode"), **more}


def output_of(program: str, environment: Mapping[str, str]) -> str:
    """What a program prints in a process of its own."""
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, check=True, text=True, env=environment).stdout
