"""Whether keys stay responsive while another thread dispatches 10,000 times a second; and what the start costs.

python -m benchmarks.textual_latency
"""

import asyncio
import os
import pty
import subprocess
import sys
import tempfile
import time
import tracemalloc
from collections.abc import Callable
from functools import partial
from pathlib import Path
from statistics import median
from threading import Event, Thread
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.widgets import Label

import rxdux.demo
from rxdux import History, Slice, State, Store, combine_reducers
from rxdux.textual import StoreApp, bind

from .installed import environment_of_installed
from .turns import in_turn, ratio

SECONDS, RATE, WIDGETS = 5.0, 10_000, 22
ACTIONS = 100_000

Counts = tuple[int, ...]


class Load(State):
    counts: Counts
    total: int


counts = Slice[Counts]("benchmark-counts", initial=(0,) * WIDGETS)
total = Slice("benchmark-total", initial=0)


@counts.action
def count(state: Counts, at: int) -> Counts:
    return (*state[:at], state[at] + 1, *state[at + 1 :])


@total.on(count)
def _(state: int, action: object) -> int:
    return state + 1


def select_count(at: int) -> Callable[[Load], str]:
    return lambda state: f"{at}: {state.counts[at]}"


class LoadApp(StoreApp[Load]):
    """22 labels that follow the store, and a key whose way is timed."""

    BINDINGS: ClassVar = [("k", "pressed", "Pressed")]

    def __init__(self, store: Store[Load]) -> None:
        super().__init__(store)
        self.arrived = asyncio.Event()

    def compose(self) -> ComposeResult:
        for at in range(WIDGETS):
            yield bind(Label(), update=select_count(at))

    def action_pressed(self) -> None:
        self.arrived.set()


def dispatch_at_rate(store: Store[Load], stop: Event) -> None:
    """10,000 a second, in batches of a millisecond."""
    actions = [count(at) for at in range(WIDGETS)]
    started, done = time.perf_counter(), 0
    while not stop.is_set():
        due = int((time.perf_counter() - started) * RATE)
        for number in range(done, due):
            store.dispatch(actions[number % WIDGETS])
        done = max(done, due)
        time.sleep(0.001)


async def key_latency() -> tuple[list[float], int]:
    """Seconds from a key to its handler, again and again."""
    latencies: list[float] = []
    with Store(combine_reducers(Load, counts=counts, total=total)) as store:
        app = LoadApp(store)
        async with app.run_test():
            stop = Event()
            producer = Thread(target=dispatch_at_rate, args=(store, stop))
            producer.start()
            ends = time.perf_counter() + SECONDS
            while time.perf_counter() < ends:
                app.arrived.clear()
                pressed = time.perf_counter()
                app.post_message(events.Key("k", "k"))
                await app.arrived.wait()
                latencies.append(time.perf_counter() - pressed)
                await asyncio.sleep(0.02)
            stop.set()
            producer.join()
        return latencies, store.state.total


def memory_of_history() -> tuple[float, float]:
    """MiB after a tenth of the actions, and after all of them."""
    tracemalloc.start()
    with Store(combine_reducers(Load, counts=counts, total=total)) as store, History(store, limit=1000):
        sizes: list[float] = []
        for number in range(ACTIONS):
            store.dispatch(count(number % WIDGETS))
            if number in (ACTIONS // 10, ACTIONS - 1):
                sizes.append(tracemalloc.get_traced_memory()[0] / 2**20)
    tracemalloc.stop()
    return sizes[0], sizes[1]


STYLES = Path(rxdux.demo.__file__).with_name("demo.tcss")  # by its path: the bare app loads nothing of the demo

FIRST_FRAME = """
import os, time
def first_frame(self):
    with open(os.environ["RXDUX_FIRST_FRAME"], "w") as file:
        file.write(str(time.process_time()))
    self.exit()
"""
DEMO_START = """
import sys
from rxdux.demo.start import load
main = load()
from rxdux.demo.app import DemoApp
DemoApp.on_ready = first_frame
sys.argv = ["demo"]
main()
"""
BARE_START = """
from textual.app import App
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.widgets import DataTable, Footer, Input, RichLog, Static
class SessionPanel(Static): pass
class PeopleTable(Vertical):
    def compose(self):
        yield Input(placeholder="/ search", id="search")
        yield DataTable(cursor_type="row", zebra_stripes=True)
    def on_mount(self):
        self.query_one(DataTable).add_columns("#", "Name", "Role", "City")
        self.query_one(DataTable).focus()
class TimelineView(VerticalScroll):
    def compose(self): yield Static("No request yet.", id="lanes", markup=False)
class LogView(RichLog): pass
class TimeSlider(Static):
    DEFAULT_CSS = "TimeSlider { height: 1; padding: 0 1; } TimeSlider.past { background: $warning 20%; }"
class Bare(App):
    BINDINGS = [(key, "quit", "A key") for key in "sfmetihqrxlnkuoc1234"]
    CSS_PATH = os.environ["RXDUX_STYLES"]
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (70, "-wide")]
    VERTICAL_BREAKPOINTS = [(0, "-low"), (18, "-normal"), (32, "-tall")]
    def compose(self):
        yield SessionPanel("session")
        yield Static("small", id="small")
        with Horizontal():
            yield PeopleTable()
            with Vertical(id="side"):
                yield TimelineView()
                yield LogView()
        yield TimeSlider("slider")
        yield Footer(compact=True)
    on_ready = first_frame
Bare().run()
"""
"""The same widgets in the same styles, without a store and what it shows."""


def seconds_to_first_frame(program: str) -> float:
    """Of the processor, from the start of the process to the first frame, in a terminal of its own."""
    with tempfile.TemporaryDirectory() as folder:
        noted = Path(folder) / "first_frame"
        environment = environment_of_installed(RXDUX_FIRST_FRAME=str(noted), RXDUX_STYLES=str(STYLES))
        controller, terminal = pty.openpty()
        command = [sys.executable, "-c", FIRST_FRAME + program]
        process = subprocess.Popen(command, stdin=terminal, stdout=terminal, stderr=terminal, env=environment)
        os.close(terminal)
        Thread(target=_read_all, args=(controller,), daemon=True).start()
        process.wait()
        return float(noted.read_text())


def _read_all(controller: int) -> None:
    try:
        while os.read(controller, 65536):
            pass
    except OSError:
        pass  # the terminal is closed


def main() -> None:
    latencies, dispatched = asyncio.run(key_latency())
    print(
        f"{dispatched / SECONDS:,.0f} dispatches a second from another thread for {SECONDS:.0f} s, {WIDGETS} widgets:"
    )
    print(
        f"  key latency: median {median(latencies) * 1000:.2f} ms, worst {max(latencies) * 1000:.1f} ms, {len(latencies)} keys"
    )
    early, late = memory_of_history()
    print(
        f"history of 1,000 entries: {early:.1f} MiB after {ACTIONS // 10:,} actions, {late:.1f} MiB after {ACTIONS:,}"
    )
    programs = {
        "demo": partial(seconds_to_first_frame, DEMO_START),
        "bare": partial(seconds_to_first_frame, BARE_START),
    }
    for program in programs.values():
        program()  # which leaves the bytecode behind
    took = {name: list(map(float, seconds)) for name, seconds in in_turn(programs, 7).items()}
    found = ratio(took["demo"], took["bare"])
    print(
        f"start to first frame, of the processor: bare {median(took['bare']):.2f} s, demo {median(took['demo']):.2f} s: "
        f"{found.middle:.2f} times ({found.low:.2f} to {found.high:.2f})"
    )


if __name__ == "__main__":
    main()
