"""The documentation: every block of code runs, and prints what the page says that it prints."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

import rxdux
import rxdux.oauth
import rxdux.query
import rxdux.shared
import rxdux.testing
import rxdux.textual

from .pages import DOCS, PAGES, ROOT, Block, blocks_of, name_of

RUNNER = Path(__file__).with_name("docs_runner.py")
TUTORIAL = DOCS / "tutorial.md"
RUNNABLE = [page for page in PAGES if page != TUTORIAL and any(block.language == "python" for block in blocks_of(page))]


def run(page: Path, blocks: list[Block]) -> list[str]:
    content = {"name": str(page), "blocks": [{"line": block.line, "source": block.text} for block in blocks]}
    done = subprocess.run(
        [sys.executable, "-W", "error", RUNNER],
        input=json.dumps(content),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("page", RUNNABLE, ids=name_of)
def test_each_block_prints_what_the_page_says(page: Path) -> None:
    """In one namespace a page, in the order of reading."""
    blocks = blocks_of(page)
    programs = [block for block in blocks if block.language == "python"]
    said = [
        after.text if after.language == "text" else ""
        for block, after in zip(blocks, [*blocks[1:], Block("", None, 0, "")], strict=True)
        if block.language == "python"
    ]
    assert run(page, programs) == said


def test_every_block_is_of_a_kind_that_runs() -> None:
    """Python, what it prints, pictures, and in the tutorial the commands of a console."""
    kinds = {(name_of(page) if page == TUTORIAL else "", block.language) for page in PAGES for block in blocks_of(page)}
    assert kinds <= {
        ("", "python"),
        ("", "text"),
        ("", "mermaid"),
        ("tutorial.md", "python"),
        ("tutorial.md", "console"),
    }


def test_the_architecture_names_files_that_are_there() -> None:
    """And every wing."""
    page = (DOCS / "architecture.md").read_text()
    named = re.findall(r"`((?:\w+/)+(?:\w+\.py)?)`", page)
    assert [name for name in named if not (ROOT / name).exists()] == []
    wings = {
        f"{file.parent.relative_to(ROOT)}/"
        for layer in ("actions", "reducers", "store", "epics")
        for file in (ROOT / layer).rglob("__init__.py")
    }
    assert {wing for wing in wings if wing.count("/") <= 2} <= {*named, "epics/"}


@pytest.mark.slow
def test_the_test_in_the_page_about_tests_passes(tmp_path: Path) -> None:
    """With the plugin, as pytest finds it."""
    source = "\n".join(block.text for block in blocks_of(DOCS / "concepts/testing.md") if block.language == "python")
    (tmp_path / "test_page.py").write_text(source)
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "test_page.py"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "1 passed" in done.stdout, done.stdout


def test_every_public_name_is_in_the_reference() -> None:
    """Once."""
    reference = "\n".join(page.read_text() for page in DOCS.glob("reference/*.md"))
    listed = re.findall(r"^::: rxdux\.(?:\w+\.)*(\w+)$", reference, re.MULTILINE)
    named = (rxdux, rxdux.oauth, rxdux.query, rxdux.shared, rxdux.testing, rxdux.textual)
    assert sorted(listed) == sorted([*(name for module in named for name in module.__all__), "store_factory"])


def test_every_page_is_in_the_navigation() -> None:
    """None is left out of the site."""
    config = (ROOT / "mkdocs.yml").read_text()
    assert [name_of(page) for page in PAGES if name_of(page) not in config] == []


def follow(page: Path, folder: Path, python: str | None = None) -> None:
    """Do what a page says, word for word: write its files, run its commands, compare what they print.

    With a `python`, it takes the place of the virtual environment that the page makes.
    """
    for block in blocks_of(page):
        if block.title:
            (folder / block.title).write_text(block.text)
        elif block.language == "console":
            for command, output in re.findall(r"^\$ (.*)\n((?:(?!\$ ).*\n)*)", block.text, re.MULTILINE):
                if python and not command.startswith(".venv/bin/python "):
                    continue
                words = command.replace(".venv/bin/python", python) if python else command
                done = subprocess.run(
                    words, shell=True, cwd=folder, capture_output=True, text=True, timeout=240, check=False
                )
                assert done.returncode == 0, done.stderr
                assert done.stdout == output, f"{page.name}, line {block.line}: {command}"


@pytest.mark.slow
def test_the_programs_of_the_tutorial_print_what_it_says(tmp_path: Path) -> None:
    """With the packages that are there."""
    follow(TUTORIAL, tmp_path, python=f"{sys.executable} -W error")


@pytest.mark.slow
def test_the_tutorial_can_be_followed_word_for_word(tmp_path: Path) -> None:
    """On a fresh clone, in a new virtual environment."""
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(tmp_path / "clone")], check=True)
    follow(TUTORIAL, tmp_path / "clone")


EXPORTS = {
    "redux": """
        __DO_NOT_USE__ActionTypes applyMiddleware bindActionCreators combineReducers compose createStore isAction
        isPlainObject legacy_createStore
    """,
    "reselect": """
        createSelector createSelectorCreator createStructuredSelector lruMemoize referenceEqualityCheck
        setGlobalDevModeChecks weakMapMemoize
    """,
    "@reduxjs/toolkit": """
        ReducerType SHOULD_AUTOBATCH TaskAbortError Tuple addListener asyncThunkCreator autoBatchEnhancer
        buildCreateSlice clearAllListeners combineSlices configureStore createAction
        createActionCreatorInvariantMiddleware createAsyncThunk createDraftSafeSelector createDraftSafeSelectorCreator
        createDynamicMiddleware createEntityAdapter createImmutableStateInvariantMiddleware createListenerMiddleware
        createNextState createReducer createSerializableStateInvariantMiddleware createSlice current
        findNonSerializableValue formatProdErrorMessage freeze isActionCreator isAllOf isAnyOf isAsyncThunkAction
        isDraft isFluxStandardAction isFulfilled isImmutableDefault isPending isPlain isRejected isRejectedWithValue
        miniSerializeError nanoid original prepareAutoBatched removeListener unwrapResult
    """,
    "redux-observable": "StateObservable __FOR_TESTING__resetDeprecationsSeen combineEpics createEpicMiddleware ofType",
}
"""What `Object.keys(require(...))` gives for redux 5.0.1, reselect 5.3.0, @reduxjs/toolkit 2.14.0 (without what it
re-exports) and redux-observable 2.0.0 and 3.0.0-rc.3."""


@pytest.mark.parametrize("package", EXPORTS)
def test_every_export_has_its_row(package: str) -> None:
    """None is forgotten, and none is made up."""
    _, rest = (DOCS / "exports.md").read_text().split(f"\n## {package}\n")
    table = rest.split("\n## ")[0]
    assert sorted(re.findall(r"^\| `(\w+)` \|", table, re.MULTILINE)) == sorted(EXPORTS[package].split())


def test_the_tables_name_only_what_exists() -> None:
    """Each name in backticks of the columns about rxdux that looks like one of its own is one."""
    rows = [
        row.split(" | ")[1]
        for page in ("exports.md", "coming-from.md")
        for row in (DOCS / page).read_text().splitlines()
        if row.startswith("| `")
    ]
    called = {
        name
        for row in rows
        for code in re.findall(r"`([^`]+)`", row)
        for name in re.findall(r"(?<![\w.\"'])([a-z]+_[a-z_]+|[A-Z][a-z]+[A-Z]\w+)\b(?!=)", code)
    }
    known = {*rxdux.__all__, *rxdux.query.__all__, *rxdux.textual.__all__} | {
        "TypeError",
        "run_epic",
        "invalid_response",
        "open_todos",
        "result_func",
        "select_count",
        "select_todos",
        "select_id",
        "call_next",
        "AppState",
    }
    assert called - known - set(dir(rxdux.Store)) - set(dir(rxdux.EntityAdapter)) == set()
