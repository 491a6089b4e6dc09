"""What users write is typed: what is right passes pyright and mypy, what is wrong is an error in the editor."""

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import textual.widgets

from .checkers import ROOT, Complaint, copy_package, mypy, pyright
from .pages import PAGES, Block, blocks_of

FILES = ROOT / "tests/typing"
CHECKERS: dict[str, Callable[[Path, list[str]], list[Complaint]]] = {"pyright": pyright, "mypy": mypy}
ACCEPTED = {
    "pyright": ["queries.py", "reveal.py", "toolkit.py", "widgets.py"],
    "mypy": [
        "queries.py",
        "toolkit.py",
        "widgets.py",
    ],  # in reveal.py it joins two action classes to Action, and knows no lambda's argument in a pipe
}

SHOWN = {
    page: programs
    for page in (*PAGES, ROOT / "README.md")
    if (programs := [block for block in blocks_of(page) if block.language == "python"])
}

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The package, and the files that use it."""
    made = tmp_path_factory.mktemp("typing")
    copy_package(made)
    for name in (*ACCEPTED["pyright"], "refused.py"):
        shutil.copy(FILES / name, made / name)
    return made


@pytest.mark.parametrize("checker", CHECKERS)
def test_what_is_right_is_accepted(folder: Path, checker: str) -> None:
    """Strictly, and inferred as far as it can be: nothing is annotated that need not be."""
    assert CHECKERS[checker](folder, ACCEPTED[checker]) == []


@pytest.mark.parametrize("checker", CHECKERS)
def test_what_is_wrong_is_an_error_on_its_line_and_nowhere_else(folder: Path, checker: str) -> None:
    """Each line that ends with `# wrong` has one at least."""
    lines = (FILES / "refused.py").read_text().splitlines()
    marked = {number for number, line in enumerate(lines, 1) if re.search(r"# wrong\b", line)}
    complaints = CHECKERS[checker](folder, ["refused.py"])
    assert marked
    assert {each.line for each in complaints} - marked == set(), complaints
    assert marked - {each.line for each in complaints} == set()


def test_no_widget_is_forgotten() -> None:
    """Each that Textual has is checked as a consumer."""
    checked = set(re.findall(r"StoreConsumer, widgets\.(\w+)", (FILES / "widgets.py").read_text()))
    assert checked >= set(textual.widgets.__all__)


def programs_of(page: Path, blocks: list[Block]) -> dict[str, str]:
    """What a page shows, as files: a titled block is one, the others are one together, each at its own lines."""
    name = str(page.relative_to(ROOT)).replace("/", "_").replace("-", "_").removesuffix(".md")
    files: dict[str, str] = {}
    for block in blocks:
        file = f"{name}.py" if block.title is None else f"{name}_{block.title}"
        before = files.get(file, "")
        files[file] = before + "\n" * (block.line - before.count("\n")) + block.text
    return files


def test_what_the_pages_show_is_typed(tmp_path: Path) -> None:
    """Strictly: all blocks of a page together, nothing ignored and nothing cast."""
    copy_package(tmp_path)
    files = {name: text for page, blocks in SHOWN.items() for name, text in programs_of(page, blocks).items()}
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    assert pyright(tmp_path, list(files)) == []
    assert [
        name for name, text in files.items() if "type: ignore" in text or "pyright:" in text or "cast(" in text
    ] == []


def test_a_page_that_shows_a_slice_shows_it_used_elsewhere() -> None:
    """From another slice, and from an epic."""
    with_slices = {
        page: "\n".join(block.text for block in blocks)
        for page, blocks in SHOWN.items()
        if any(re.search(r"\bSlice(\[.*\])?\(", block.text) for block in blocks)
    }
    assert len(with_slices) > 5
    assert [page for page, text in with_slices.items() if ".when(" not in text] == []
    assert [page for page, text in with_slices.items() if not re.search(r"of_type\((\w+)\).*\1\.unpack\(", text)] == []
