"""The examples do what they say, each as a program of its own."""

import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from ..epics.shared.engines import RedisServer
from ..servers.running import HERE, RunningServer

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
    "query_service.py": ["101 requests, the last but one costs 1158.30 NOK", "upstream: {'EUR': 1, 'NOK': 1}"],
    "threads.py": ["20 downloads, 20 different"],
    "workers.py": ["16 workers, 64 of 64 requests answered", "refresh calls: 1, tokens sent twice: 0"],
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
def test_a_command_keeps_its_cache(tmp_path: Path) -> None:
    """The second run shows at once what the first one knew."""
    file = str(tmp_path / "cache.json")
    lines = len((EXAMPLES / "query_command.py").read_text().splitlines())
    assert output_of("query_command.py", file) == ["nothing known yet", f"now: {lines} lines"]
    assert output_of("query_command.py", file) == [f"last time: {lines} lines", f"now: {lines} lines"]


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
    apps = {
        "textual_counter.py",
        "textual_screens.py",
        "drawing.py",
        "device_flow.py",
        "shared_board.py",
        "query_list.py",
        "query_command.py",
    }
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
def test_the_list_of_people_shows_the_details_of_one() -> None:
    """A query for the list, one for the details, and a greeting that shows at once."""
    program = """
        from textual.widgets import Static

        async def main():
            app = new_app()
            async with app.run_test() as pilot:
                async def shown(wanted):
                    async with asyncio.timeout(20):
                        while str(app.query_one(Details).content) != wanted:
                            await pilot.pause(0.01)

                await shown("Ada was greeted 0 times.")
                await pilot.press("down")
                await shown("Grace was greeted 0 times.")
                await pilot.press("g")
                await shown("Grace was greeted 1 times.")
            app.store.close()

        asyncio.run(main())
        sys.stdout.write("seen")
    """
    assert drive("query_list", program) == "seen"


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


@pytest.mark.slow
def test_brackets_that_are_drawn_are_drawn() -> None:
    """What users type is no markup: it is shown as it is, and ends nothing."""
    program = """
        async def main():
            with Store(editor) as store:
                app = DrawingApp(store)
                async with app.run_test(size=(80, 24)) as pilot:
                    await pilot.press("left_square_bracket", "b", "right_square_bracket")
                    await pilot.press("left_square_bracket", "slash", "right_square_bracket")
                    await pilot.pause()
                    canvas = app.query_one(Canvas)
                    return "".join(segment.text for segment in canvas.render_line(0)).strip()

        sys.stdout.write(asyncio.run(main()))
    """
    assert drive("drawing", program) == "[b][/]▏"


@pytest.mark.slow
def test_the_drawing_is_undone_in_groups() -> None:
    """What is typed within a second is one step, a pause begins another; the cursor's moves are none."""
    program = """
        from rxdux.textual import wait_for_state

        async def main():
            said = []
            with Store(editor) as store:
                app = DrawingApp(store)
                async with app.run_test() as pilot:
                    canvas = app.query_one(Canvas)

                    async def press(*keys):
                        seen = store.state
                        await pilot.press(*keys)
                        await wait_for_state(pilot, lambda state: state is not seen)
                        await pilot.pause()
                        said.append(f"{store.state.present.rows[0].rstrip()!r} {store.state.present.rows[1].rstrip()!r} {canvas.status}")

                    for character, at in (("a", 1.0), ("b", 1.5), ("c", 2.4), ("d", 9.0)):
                        store.dispatch(write(character, at=at))
                    await press("down")
                    store.dispatch(write("e", at=9.5))
                    await press("ctrl+z")
                    await press("ctrl+z")
                    await press("ctrl+y")
                    await press("home")
                    await press("x")
                    await press("ctrl+l")
                    await press("ctrl+z")
            return said

        for line in asyncio.run(main()):
            print(line)
    """
    assert drive("drawing", program).splitlines() == [
        "'abcd' '' 2 steps back, 0 forward",
        "'abc' '' 1 steps back, 1 forward",
        "'' '' 0 steps back, 2 forward",
        "'abc' '' 1 steps back, 1 forward",
        "'' '' 0 steps back, 2 forward",
        "'x' '' 1 steps back, 0 forward",
        "'' '' 2 steps back, 0 forward",
        "'x' '' 1 steps back, 1 forward",
    ]


@pytest.mark.slow
def test_a_device_signs_in_at_a_real_server(oidc_provider: RunningServer) -> None:
    """Code, address, QR code and time left are on the screen; a cancelled one is gone; the user says yes elsewhere."""
    program = f"""
        from rxdux.textual import wait_for_state

        sys.path.append({str(HERE)!r})
        from browser import Browser

        def shown(app):
            return [str(app.screen.query_one(name).render()) for name in ("#what", "#code", "TimeLeft")]

        async def main():
            backend = OAuthBackend(issuer={oidc_provider.url!r}, client_id="public", flow="device", scope="openid")
            async with create_api_store({oidc_provider.url!r}, backend=backend, reducer=app_reducer) as store:
                app = DeviceApp(store)
                async with app.run_test(size=(100, 50)) as pilot:
                    await wait_for_state(pilot, lambda state: state.sign_in.user_code)
                    first = store.state.sign_in
                    await pilot.press("c")
                    await pilot.pause()
                    assert shown(app) == ["You are signed out. Press s to sign in.", "", ""], shown(app)
                    await pilot.press("s")
                    await wait_for_state(pilot, lambda state: state.sign_in.user_code not in (None, first.user_code))
                    await pilot.pause()
                    asked = store.state.sign_in
                    what, code, left = shown(app)
                    assert what == f"Open {{asked.verification_uri}} and enter the code:"
                    assert code == asked.user_code
                    assert left in ("10:00 left", "9:59 left", "9:58 left"), left
                    qr = app.screen.query_one("#qr")
                    assert qr.region.width > 25 and qr.region.height > 12 and qr.region.bottom < 50
                    with Browser() as browser:
                        await asyncio.to_thread(browser.approve, asked.verification_uri_complete)
                    await wait_for_state(pilot, lambda state: state.auth.status == "signed_in")
                    await pilot.pause()
                    return shown(app)

        sys.stdout.write(repr(asyncio.run(main())))
    """
    assert drive("device_flow", program) == "['You are signed in.', '', '']"


NOTEBOOK = (EXAMPLES / "notebook.md").read_text()
CELLS: list[str] = re.findall(r"^```python\n(.*?)^```$", NOTEBOOK, re.MULTILINE | re.DOTALL)
SHOWN: list[str] = [
    shown
    for _, shown in re.findall(
        r"^```python\n(.*?)^```$(?:\n\n```text\n(.*?)^```$)?", NOTEBOOK, re.MULTILINE | re.DOTALL
    )
]


def run_cells(shell: str, cells: list[str], folder: Path) -> list[str]:
    command = [sys.executable, Path(__file__).with_name("notebook_runner.py"), shell]
    done = subprocess.run(
        command,
        input=json.dumps(cells),
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        env={**os.environ, "IPYTHONDIR": str(folder)},
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["plain", "ipython"])
def test_the_notebook_shows_what_it_says_run_after_run(shell: str, tmp_path: Path) -> None:
    """All cells, and all of them again in the same kernel."""
    assert len(CELLS) == len(SHOWN) > 5
    assert run_cells(shell, CELLS * 2, tmp_path) == SHOWN * 2


@pytest.mark.slow
@pytest.mark.parametrize("shell", ["plain", "ipython"])
def test_each_cell_of_the_notebook_can_be_run_twice(shell: str, tmp_path: Path) -> None:
    """In a row: what defines defines anew, what does does it again."""
    cells = [cell for cell in CELLS for _ in range(2)]
    shown = run_cells(shell, [*cells[:-2], "store.state.readings"], tmp_path)
    assert shown[-1] == "(21.5, 30.5, 24.0, 21.5, 30.5, 24.0, 25.0, 25.0, 40.0, 40.0)\n"


@pytest.mark.slow
def test_workers_anywhere_refresh_once(tmp_path: Path) -> None:
    """Over a real Redis."""
    server = RedisServer(tmp_path)
    server.start()
    try:
        assert output_of("workers.py", server.url) == SAYS["workers.py"]
    finally:
        server.stop()


@pytest.mark.slow
def test_two_boards_are_one(tmp_path: Path) -> None:
    """What one adds the other sees and votes for; each sees who is here, and one that is cut off catches up."""
    program = f"""
        from textual.widgets import Static

        async def until(predicate):
            for _ in range(500):
                if predicate():
                    return
                await asyncio.sleep(0.02)
            raise TimeoutError

        async def main():
            place = {str(tmp_path / "board.sqlite")!r}
            with new_store() as one, new_store() as other:
                ada, bob = BoardApp(one, log_of(place), "Ada"), BoardApp(other, log_of(place), "Bob")
                async with ada.run_test() as pilot:
                    async with bob.run_test() as second:
                        await pilot.press(*"milk", "enter")
                        await until(lambda: [each.text for each in other.state.todos] == ["milk"])
                        await second.press("f3")
                        await until(lambda: select_lines(one.state) == ("- milk  *",))
                        here = ada.query_one("#here", Static)
                        await until(lambda: str(here.content) == "live. Here: Ada, Bob")
                    await pilot.press(*"bread", "left_square_bracket", "slash", "right_square_bracket", "enter")
                    await until(lambda: str(here.content) == "live. Here: Ada")
                late = BoardApp(new_store(), log_of(place), "Cy")
                async with late.run_test() as third:
                    await until(lambda: len(late.store.state.todos) == 2)
                    return select_lines(late.store.state)

        sys.stdout.write(repr(asyncio.run(main())))
    """
    assert drive("shared_board", program) == "('- milk  *', '- bread[/]  ')"
