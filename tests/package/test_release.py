"""The release: what is uploaded holds the package and nothing else, and works where nothing else is."""

import re
import subprocess
import sys
import tarfile
import tomllib
import zipfile
from pathlib import Path

import pytest

from .house import FOLDERS, MODULES, PROJECT, ROOT, installed_at

pytestmark = pytest.mark.slow

VERSION: str = PROJECT["project"]["version"]


def run(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def release(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the archive of the sources, and the wheel built from that archive."""
    folder = tmp_path_factory.mktemp("release")
    run("git", "clone", "--quiet", ROOT, folder / "clone", cwd=folder)
    run(sys.executable, "-m", "build", "--outdir", folder / "dist", cwd=folder / "clone")
    return folder / "dist"


def test_a_release_is_an_archive_and_a_wheel(release: Path) -> None:
    """And PyPI would take them, and show the README."""
    assert {file.name for file in release.iterdir()} == {f"rxdux-{VERSION}.tar.gz", f"rxdux-{VERSION}-py3-none-any.whl"}
    run(sys.executable, "-m", "twine", "check", "--strict", *release.iterdir(), cwd=release)


def test_the_wheel_holds_rxdux_alone(release: Path) -> None:
    """With the mark of a typed package, its licence, and each file that it needs."""
    with zipfile.ZipFile(next(release.glob("*.whl"))) as wheel:
        names = set(wheel.namelist())
        metadata = wheel.read(f"rxdux-{VERSION}.dist-info/METADATA").decode()
    assert {name.partition("/")[0] for name in names} == {"rxdux", f"rxdux-{VERSION}.dist-info"}
    assert {name for name in names if name.endswith(".py")} == {
        installed_at(file).as_posix() for file in MODULES.values()
    }
    beside = {
        installed_at(file).as_posix()
        for folder in FOLDERS.values()
        for file in folder.rglob("*")
        if file.suffix in {".tcss", ".html", ".typed"}
    }
    assert beside <= names
    assert "rxdux/py.typed" in beside
    assert f"rxdux-{VERSION}.dist-info/licenses/LICENSE" in names
    assert "License-Expression: MIT\n" in metadata
    assert f"Requires-Python: {PROJECT['project']['requires-python']}\n" in metadata


def test_the_archive_can_be_built_from(release: Path) -> None:
    """It holds every module; it was what the wheel was built from."""
    with tarfile.open(next(release.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {file.relative_to(ROOT).as_posix() for file in MODULES.values()} <= names
    assert {"pyproject.toml", "setup.py", "README.md", "LICENSE"} <= names


@pytest.mark.parametrize("kind", ["*.whl", "*.tar.gz"])
def test_it_works_in_an_empty_environment(release: Path, kind: str, tmp_path: Path) -> None:
    """What the README shows first, with what pip fetches for it, from an empty folder."""
    run(sys.executable, "-m", "venv", tmp_path / "venv", cwd=tmp_path)
    python = tmp_path / "venv" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", next(release.glob(kind)), cwd=tmp_path)
    (tmp_path / "empty").mkdir()
    said = run(python, "-c", "import rxdux, importlib.metadata as m; print(m.version('rxdux'))", cwd=tmp_path / "empty")
    assert said == f"{VERSION}\n"
    program = re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)[0]
    assert run(python, "-W", "error", "-c", program, cwd=tmp_path / "empty") == "['Ada', 'Alan']\n"


def test_the_changelog_begins_with_this_version() -> None:
    """What is released is told under its number."""
    headings = re.findall(r"^## \[(.*)\]", (ROOT / "CHANGELOG.md").read_text(), re.MULTILINE)
    assert headings[0] in {VERSION, "Unreleased"}
    assert VERSION in headings


def test_the_licences_of_all_that_comes_along_are_listed() -> None:
    """DEPENDENCIES.md names each package that is installed for rxdux, with a licence."""
    listed = set((ROOT / "DEPENDENCIES.md").read_text().splitlines())
    found = run(sys.executable, ROOT / ".ci" / "licences.py", cwd=ROOT).splitlines()
    packages = {line.split(" | ")[0] for line in listed if line.startswith("| ")}
    assert {line.split(" | ")[0] for line in found if line.startswith("| ")} <= packages
    assert [line for line in listed if line.endswith("| not said |")] == []


def test_each_python_of_the_classifiers_may_install_it() -> None:
    """The oldest that is named is the oldest that is let in."""
    named = re.findall(r"Python :: (3\.\d+)", "\n".join(PROJECT["project"]["classifiers"]))
    assert f">={named[0]}" == PROJECT["project"]["requires-python"]
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["pyright"]["pythonVersion"] == named[0]
