"""The house: each wing knows only those that it may, and no idea stands in it twice."""

import ast
import subprocess
import sysconfig
from collections import defaultdict
from pathlib import Path

import pytest

from .house import FOLDERS, MODULES, PROJECT, ROOT, lay_out

CONTRACTS: list[str] = [contract["name"] for contract in PROJECT["tool"]["importlinter"]["contracts"]]

ALIKE = {
    "epics/session/look_into.py": "the synchronous and the asynchronous reading of one answer: `await` cannot be left out",
    "epics/session/session_auth.py": "the synchronous and the asynchronous driver of one flow: `await` cannot be left out",
}
"""Where lines stand twice on purpose, and why."""


def lint_imports(package: Path) -> subprocess.CompletedProcess[str]:
    linter = Path(sysconfig.get_path("scripts")) / "lint-imports"
    return subprocess.run(
        [linter, ROOT / "pyproject.toml", "--no-cache"], cwd=package, capture_output=True, text=True, check=False
    )


def words(text: str) -> str:
    """Without the line breaks of a narrow terminal."""
    return " ".join(text.split())


@pytest.mark.slow
def test_the_wings_keep_apart(tmp_path: Path) -> None:
    """As the contracts say, each by its name."""
    lay_out(tmp_path)
    done = lint_imports(tmp_path)
    assert done.returncode == 0, done.stdout
    assert [name for name in CONTRACTS if f"{name} KEPT" not in words(done.stdout)] == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("module", "line", "contract"),
    [
        ("store/errors.py", "from ..epics import of_type", "Imports point one way"),
        ("store/engine/core.py", "from ..tools.history import History", "The engine knows no tool"),
        ("epics/operators/of_type.py", "from ..session.policy import RefreshPolicy", "The session stands on"),
        ("epics/query/__init__.py", "from ..persist import persist", "Queries know neither persistence"),
    ],
)
def test_a_forbidden_import_is_told_with_its_reason(module: str, line: str, contract: str, tmp_path: Path) -> None:
    """The linter names the contract that it breaks, and the contract says why."""
    lay_out(tmp_path)
    file = tmp_path / "rxdux" / module
    file.parent.mkdir(exist_ok=True)
    file.write_text(f"{file.read_text() if file.exists() else ''}\n{line}\n")
    done = lint_imports(tmp_path)
    assert done.returncode == 1
    broken = next(name for name in CONTRACTS if name.startswith(contract))
    assert f"{broken} BROKEN" in words(done.stdout)


class _Code(ast.NodeTransformer):
    """Leaves what runs: no imports, no docstrings, no overloads."""

    def visit_Import(self, node: ast.Import) -> None:
        return None

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        return None

    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        return None if isinstance(node.value, ast.Constant) else node

    def visit_FunctionDef(self, node: ast.FunctionDef) -> ast.FunctionDef | None:
        if any(isinstance(each, ast.Name) and each.id == "overload" for each in node.decorator_list):
            return None
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node

    def visit_ClassDef(self, node: ast.ClassDef) -> ast.ClassDef:
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node

    def visit_If(self, node: ast.If) -> ast.If:
        self.generic_visit(node)
        node.body = node.body or [ast.Pass()]
        return node


def test_no_idea_stands_twice() -> None:
    """No six lines of code in a row are found in two places, but where it is said why."""
    places: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for file in MODULES.values():
        lines = ast.unparse(_Code().visit(ast.parse(file.read_text()))).splitlines()
        code = [line for line in lines if line.strip()]
        for start in range(len(code) - 5):
            places[tuple(code[start : start + 6])].append(str(file.relative_to(ROOT)))
    twice = {run: where for run, where in places.items() if len(where) > 1 and not set(where) <= ALIKE.keys()}
    assert {"\n".join(run): where for run, where in twice.items()} == {}


def test_every_folder_is_a_wing_that_says_what_it_is_for() -> None:
    """In a sentence at the top of its `__init__`."""
    folders = {file.parent for file in MODULES.values()}
    assert [folder for folder in folders if not (folder / "__init__.py").exists()] == []
    silent = [
        file
        for file in MODULES.values()
        if file.name == "__init__.py" and not ast.get_docstring(ast.parse(file.read_text()))
    ]
    assert silent == []
    assert set(FOLDERS) == {"rxdux", *(f"rxdux.{name}" for name in ("actions", "reducers", "store", "epics", "demo"))}


def test_no_helper_module_is_named_utils() -> None:
    """A file is one idea, named by it, and not longer than one can hold in the head."""
    names = [
        file.name
        for file in MODULES.values()
        if any(word in file.name for word in ("util", "helper", "misc", "common"))
    ]
    assert names == []
    long = {file.name: lines for file in MODULES.values() if (lines := len(file.read_text().splitlines())) > 420}
    assert long == {}
