"""Runs pyright and mypy, both strict, over files that use the package as it is installed."""

import json
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = "package"  # the folder, beside the files that are checked, that the package is copied to


@dataclass(frozen=True, order=True)
class Complaint:
    """An error that a type checker has found."""

    file: str
    line: int
    words: str


def copy_package(folder: Path) -> None:
    """Lay the package out as an installation does: an editable one hides it from type checkers."""
    mapping: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"]
    for name, source in mapping.items():
        target = folder / PACKAGE / Path(*name.split("."))
        shutil.copytree(ROOT / source, target, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))


def pyright(folder: Path, files: Sequence[str], **options: object) -> list[Complaint]:
    """What pyright says of these files in a folder with the package."""
    config = {
        "include": list(files),
        "extraPaths": [PACKAGE],
        "typeCheckingMode": "strict",
        "reportUnnecessaryTypeIgnoreComment": True,
        "pythonVersion": "3.11",
        **options,
    }
    (folder / "pyrightconfig.json").write_text(json.dumps(config))
    command = [sys.executable, "-m", "pyright", "--outputjson", "--pythonpath", sys.executable, "-p", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = json.loads(done.stdout)
    assert found["summary"]["filesAnalyzed"] == len(files)
    return sorted(
        Complaint(Path(each["file"]).name, each["range"]["start"]["line"] + 1, each["message"])
        for each in found["generalDiagnostics"]
        if each["severity"] == "error"
    )


def mypy(folder: Path, files: Sequence[str]) -> list[Complaint]:
    """What mypy says of these files in a folder with the package."""
    command = [sys.executable, "-m", "mypy", "--strict", "--follow-imports=silent", "--output=json", "--no-incremental"]
    done = subprocess.run(
        [*command, *files],
        capture_output=True,
        text=True,
        cwd=folder,
        env={"MYPYPATH": PACKAGE, "PATH": ""},
        check=False,
    )
    assert done.returncode in (0, 1), done.stdout + done.stderr
    found = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]  # "Success" is not
    return sorted(
        Complaint(Path(each["file"]).name, each["line"], each["message"])
        for each in found
        if each["severity"] == "error"
    )
