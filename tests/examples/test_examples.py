"""The examples do what they say, each as a program of its own."""

import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[2] / "examples"

SAYS = {
    "counter.py": ["count: 0", "count: 1", "count: 42"],
    "search.py": ["found: nothing", "found: Alan Liskov, Alan Keller, Alan Johnson", "calls: 2"],
    "infinite_list.py": [
        "100 people, starred: nobody",
        "200 people, starred: nobody",
        "300 people, starred: nobody",
        "300 people, starred: nobody",
        "300 people, starred: nobody",
        "300 people, starred: Ken Lamport, Hedy Bartik",
        "300 people, starred: Ken Lamport The server has a problem. Please try again later. (HTTP 500)",
    ],
    "asyncio_script.py": [
        "FETCH_DATA",
        "REQUEST_REJECTED",
        "REFRESH_TOKEN",
        "REFRESH_SUCCESS",
        "REQUEST_REPLAYED",
        "TOKEN_ACCEPTED",
        "FETCH_SUCCESS",
        "hello, ada",
    ],
    "threads.py": ["20 downloads, 20 different"],
}


def output_of(name: str, *arguments: str) -> list[str]:
    command = [sys.executable, "-W", "error", EXAMPLES / name, *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=True).stdout.splitlines()


@pytest.mark.slow
@pytest.mark.parametrize("name", SAYS)
def test_the_example_prints_what_happened(name: str) -> None:
    """Over real HTTP where there is a server in it."""
    assert output_of(name) == SAYS[name]


@pytest.mark.slow
def test_todos_survive_the_program(tmp_path: Path) -> None:
    """The second run goes on where the first ended, undo included."""
    file = str(tmp_path / "todos.json")
    assert output_of("todos.py", file)[-1] == "redone:   x todo 1"
    assert output_of("todos.py", file) == [
        "at first: x todo 1",
        "checked:  x todo 1, - todo 2",
        "undone:   x todo 1",
        "redone:   x todo 1, - todo 2",
    ]


def test_every_example_is_run() -> None:
    """None is forgotten here."""
    apps = {"textual_counter.py", "textual_screens.py"}
    assert {path.name for path in EXAMPLES.glob("*.py")} == {*SAYS, "todos.py", *apps}


def test_the_counter_is_twenty_lines() -> None:
    """The smallest store there is."""
    assert len((EXAMPLES / "counter.py").read_text().splitlines()) <= 20


def drive(name: str, program: str) -> str:
    """What a program prints that drives an example's app."""
    program = f"import asyncio, sys\nfrom {name} import *\n{textwrap.dedent(program)}"
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, cwd=EXAMPLES, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.slow
def test_the_textual_counter_counts() -> None:
    """Up and down."""
    program = """
        async def main():
            with Store(counter) as store:
                app = CounterApp(store)
                async with app.run_test() as pilot:
                    await pilot.press("up", "up", "up", "down")
                    await pilot.pause()
                    return app.query_one(Digits).value

        sys.stdout.write(asyncio.run(main()))
    """
    assert drive("textual_counter", program) == "2"


@pytest.mark.slow
def test_two_textual_screens_share_state() -> None:
    """What is chosen on one is shown on the other."""
    program = """
        from rxdux.textual import wait_for_state

        async def main():
            with Store(combine_reducers(AppState, colour=colour, changes=changes)) as store:
                app = ColourApp(store)
                async with app.run_test() as pilot:
                    await pilot.press("down", "enter")
                    await wait_for_state(pilot, lambda state: state.colour == "green")
                    await pilot.press("s")
                    await pilot.pause()
                    return f"{app.screen.query_one(Swatch).colour}, {app.screen.sub_title}"

        sys.stdout.write(asyncio.run(main()))
    """
    assert drive("textual_screens", program) == "green, chosen 1 times"
