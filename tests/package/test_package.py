"""The package: its names, its examples, its layers, what it installs, what it costs to import."""

import doctest
import importlib
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

import rxdux
from rxdux.demo.server import DemoServer

from .house import MODULES, PROJECT, ROOT, installed_at

README = (ROOT / "README.md").read_text()

CONTRACT = """
Action bind_actions ReducerFn Reducer combine_reducers State Store StoreError StoreClosedError ReducerError Supervision
ActionStream StateStream Epic Middleware Subscription of_type combine_epics from_async merge_map switch_map concat_map
exhaust_map catch_error thunk logger Login LoginSuccess LoginFailure RefreshToken RefreshSuccess RefreshFailure Logout
FetchData FetchSuccess FetchFailure CancelFetch TokenSet ApiError AuthState DataState Resource auth_reducer data_reducer
ApiState create_api_store login_epic refresh_token_epic fetch_data_epic logout_epic ApiClient RefreshPolicy
refresh_on_unauthorized
""".split()


def test_all_names_what_is_there() -> None:
    """`__all__` is sorted, complete, and holds every name of the contract."""
    layers = [importlib.import_module(f"rxdux.{layer}") for layer in ("actions", "reducers", "store", "epics")]
    assert all(any(hasattr(layer, name) for layer in layers) for name in rxdux.__all__)
    assert all(getattr(rxdux, name) is not None for name in rxdux.__all__)
    assert set(rxdux.__all__) <= set(dir(rxdux))
    assert rxdux.__all__ == sorted(rxdux.__all__, key=str)
    assert set(CONTRACT) <= set(rxdux.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings_run(name: str) -> None:
    """Each public docstring's example does what it says."""
    module = importlib.import_module(name)
    result = doctest.testmod(module, optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
    assert result.failed == 0


def test_every_public_name_is_documented() -> None:
    """In the words of a docstring of its own; an alias is explained where it is defined."""
    aliases = {"Epic", "Middleware", "ReducerFn", "auth_reducer", "data_reducer"}
    undocumented = [
        name for name in rxdux.__all__ if name not in aliases and not (getattr(rxdux, name).__doc__ or "").strip()
    ]
    assert undocumented == []


def run(program: str, cwd: Path) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=cwd, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_import_brings_no_extra(tmp_path: Path) -> None:
    """Neither Textual nor a server nor a JWT library."""
    extras = {"textual", "uvicorn", "starlette", "jwt", "pytest", "keyring", "authlib", "joserfc", "cryptography"}
    program = "import sys, rxdux; from rxdux import *; print(*{name.partition('.')[0] for name in sys.modules})"
    assert extras & set(run(program, tmp_path).split()) == set()


@pytest.mark.slow
@pytest.mark.parametrize("missing", ["authlib", "joserfc", "h11"])
def test_oauth_without_its_extra_says_what_to_install(missing: str, tmp_path: Path) -> None:
    """It is imported by name, and tells the command."""
    program = f"""
        import sys
        sys.modules[{missing!r}] = None
        try:
            import rxdux.oauth
        except ImportError as error:
            print(error)
    """
    words = run(textwrap.dedent(program), tmp_path)
    assert words.endswith("is not installed. Install the extra: pip install 'rxdux[oauth]'\n")


def test_a_store_does_not_load_what_a_session_needs(tmp_path: Path) -> None:
    """Nor does the bare import load anything; an unknown name is an AttributeError."""
    program = """
        import sys, rxdux
        print(sorted({"pydantic", "reactivex", "httpx", "stamina"} & set(sys.modules)))
        rxdux.Store(rxdux.Reducer(0))
        print(sorted({"pydantic", "reactivex", "httpx", "stamina"} & set(sys.modules)))
        print(hasattr(rxdux, "create_store"), "History" in dir(rxdux))
    """
    assert run(textwrap.dedent(program), tmp_path) == "[]\n['pydantic', 'reactivex']\nFalse True\n"


def test_dependencies_are_few() -> None:
    """Five at run time; all else is an extra."""
    names = {re.split(r"[<>=]", dependency)[0] for dependency in PROJECT["project"]["dependencies"]}
    assert names == {"reactivex", "httpx", "pydantic", "immutables", "stamina"}


def python_blocks() -> list[str]:
    return re.findall(r"```python.*?\n(.*?)```", README, re.DOTALL)


def test_the_first_epic_of_the_readme_runs(tmp_path: Path) -> None:
    """As written."""
    assert run(python_blocks()[0], tmp_path) == "['Ada', 'Alan']\n"


async def test_the_session_of_the_readme_runs(capsys: pytest.CaptureFixture[str]) -> None:
    """Against the demo server."""
    namespace: dict[str, Any] = {}
    exec(python_blocks()[1], namespace)
    with DemoServer() as server:
        await namespace["show_people"](server.url)
    assert capsys.readouterr().out == "300 people\n"


def test_the_slice_of_the_readme_runs(tmp_path: Path) -> None:
    """And prints what it says."""
    program = python_blocks()[2]
    assert run(program, tmp_path).splitlines() == re.findall(r"# (\[.*\])", program)


def test_the_query_of_the_readme_runs(tmp_path: Path) -> None:
    """And prints what it says."""
    program = python_blocks()[3]
    assert run(program, tmp_path).splitlines() == re.findall(r"# (id=.*)", program)


def test_the_textual_app_of_the_readme_counts(tmp_path: Path) -> None:
    """Driven by its key."""
    drive = """
import asyncio, sys

async def drive():
    with Store(counter) as store:
        async with CounterApp(store).run_test() as pilot:
            await pilot.press("up", "up")
            return store.state

sys.stdout.write(str(asyncio.run(drive())))
"""
    assert run(f"__name__ = 'readme'\n{python_blocks()[4]}{drive}", tmp_path) == "2"


def test_the_readme_shows_its_picture() -> None:
    """Every file that it links is there."""
    prose = re.sub(r"```.*?```", "", README, flags=re.DOTALL)
    for link in re.findall(r"\]\(((?!http)[^)]+)\)", prose):
        assert (ROOT / link).exists(), link


@pytest.mark.slow
def test_installing_adds_rxdux_and_nothing_generic(tmp_path: Path) -> None:
    """In an empty virtual environment; and it imports from an empty folder."""
    source = tmp_path / "anyname"
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(source)], check=True)
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
    python = venv / ("Scripts" if os.name == "nt" else "bin") / "python"
    site = Path(
        subprocess.check_output(
            [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"], text=True
        ).strip()
    )
    before = set(site.iterdir())
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-deps", str(source)], check=True)
    assert {path.name for path in set(site.iterdir()) - before} == {
        "rxdux",
        f"rxdux-{PROJECT['project']['version']}.dist-info",
    }
    assert (site / "rxdux" / "py.typed").is_file()
    installed = {path.relative_to(site) for path in (site / "rxdux").rglob("*.py")}
    assert installed == {installed_at(file) for file in MODULES.values()}
    subprocess.run([python, "-m", "pip", "install", "--quiet", str(source)], check=True)
    (tmp_path / "empty").mkdir()
    subprocess.run([python, "-c", "import rxdux; rxdux.Store"], check=True, cwd=tmp_path / "empty")
