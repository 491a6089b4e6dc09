"""What is loaded, and when: each name with the module that defines it, and no library before it is needed."""

import ast
import importlib
import pickle
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from .house import MODULES

LAZY = [name for name, file in MODULES.items() if re.search(r"^hand_on\(", file.read_text(), re.MULTILINE)]
NEEDED_LATER = {
    "httpx",
    "stamina",
    "authlib",
    "joserfc",
    "h11",
    "cryptography",
    "uvicorn",
    "starlette",
    "qrcode",
}


def handed_on(name: str) -> set[tuple[str, str]]:
    """What the type checker sees a lazy module import: from where, and which names."""
    tree = ast.parse(MODULES[name].read_text())
    blocks = [each for each in tree.body if isinstance(each, ast.If)]
    imports = [each for block in blocks for each in block.body if isinstance(each, ast.ImportFrom)]
    return {("." * each.level + (each.module or ""), alias.name) for each in imports for alias in each.names}


def loaded_by(program: str, folder: Path) -> set[str]:
    """The modules that a program in a process of its own has loaded."""
    program = f"{textwrap.dedent(program)}\nimport sys\nprint(*sys.modules, file=sys.__stdout__)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=folder, check=False)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def below(package: str, modules: set[str]) -> set[str]:
    return {each for each in modules if each == package or each.startswith(f"{package}.")}


@pytest.mark.parametrize("name", LAZY)
def test_a_name_comes_from_where_the_type_checker_finds_it(name: str) -> None:
    """The two lists agree, all of them are in `__all__` and in `dir()`, and each is what its module defines."""
    module = importlib.import_module(name)
    homes: dict[str, str] = vars(module)["_homes"]
    assert {(home, each) for each, home in homes.items()} == handed_on(name)
    assert set(homes) <= set(module.__all__) <= set(dir(module))
    for each, home in homes.items():
        assert getattr(module, each) is getattr(importlib.import_module(home, module.__package__), each)
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        _ = module.nonsense


@pytest.mark.parametrize("first", ["rxdux.reducers.undoable", "rxdux.epics.persist.storage", "rxdux.store.selector"])
def test_a_function_is_found_though_its_module_of_the_same_name_was_imported_first(first: str, tmp_path: Path) -> None:
    """Python puts an imported module into its package, under its name."""
    program = f"""
        import {first}
        from rxdux import persist, selector, undoable
        import rxdux.reducers, rxdux.store, rxdux.epics
        assert callable(rxdux.reducers.undoable) and callable(rxdux.store.selector) and callable(rxdux.epics.persist)
        assert [persist, selector, undoable] == [rxdux.epics.persist, rxdux.store.selector, rxdux.reducers.undoable]
    """
    loaded_by(program, tmp_path)


def test_what_was_handed_on_is_pickled_by_where_it_is_defined() -> None:
    """So a pickle of today is read tomorrow, whoever hands the class on by then."""
    from rxdux import ApiState

    assert ApiState.__module__ == "rxdux.reducers.api"
    assert pickle.loads(pickle.dumps(ApiState)) is ApiState


def test_who_makes_a_store_with_a_session_loads_nothing_else(tmp_path: Path) -> None:
    """No drafts, time travel, persistence, queries; no HTTP before there is a client, no retries before a failure."""
    imported = loaded_by("from rxdux import create_api_store", tmp_path)
    unused = ("reducers.drafts", "reducers.undoable", "store.tools", "store.middleware", "epics.persist", "epics.query")
    others = (
        "reducers.entity_adapter",
        "epics.session.sharing",
        "epics.session.oauth",
        "epics.shared",
        "oauth",
        "query",
    )
    assert not {found for each in (*unused, *others) for found in below(f"rxdux.{each}", imported)}
    assert not NEEDED_LATER & imported
    made = loaded_by("from rxdux import create_api_store; create_api_store('http://localhost')", tmp_path)
    assert NEEDED_LATER & made >= {"httpx"}
    assert "stamina" not in made


@pytest.mark.parametrize("module", ["rxdux.query", "rxdux.oauth"])
def test_a_front_door_loads_no_library_for_who_only_looks(module: str, tmp_path: Path) -> None:
    """A screen that shows a query, or how far a sign-in is, needs neither httpx nor Authlib."""
    program = (
        "from rxdux.query import Api, Query" if module == "rxdux.query" else "from rxdux.oauth import sign_in_reducer"
    )
    assert not NEEDED_LATER & loaded_by(program, tmp_path)


def test_the_demo_shows_its_first_frame_before_it_loads_what_it_calls_the_server_with(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Nor what signs in, nor the server, nor dialogs that nobody has opened."""
    program = """
        import os, sys
        from rxdux.demo.cli import main
        from rxdux.demo.app import DemoApp

        def first_frame(self):
            seen.update(sys.modules)
            self.exit()

        seen, DemoApp.on_ready, sys.argv = set(), first_frame, ["demo"]
        main()
        for each in set(sys.modules) - seen:
            del sys.modules[each]
    """
    monkeypatch.setenv("TEXTUAL_DRIVER", "textual.drivers.headless_driver:HeadlessDriver")
    seen = loaded_by(program, tmp_path)
    assert "rxdux.demo.people_table" in seen
    assert not NEEDED_LATER & seen
    later = ("open_store", "server", "sign_in_screen", "story_view", "describe", "recording")
    assert not {f"rxdux.demo.{each}" for each in later} & seen
    assert not below("rxdux.textual.inspector", seen)
