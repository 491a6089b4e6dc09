"""Queries side by side with RTK Query and query-core: a table, JSON and plots in benchmarks/results/.

python -m benchmarks.query             peers come from the registry of Node; the extra `benchmarks` draws the plots
                                       it ends within ten minutes: a case has fewer rounds where they are long
python -m benchmarks.query --quick     few rounds over small sizes, to see that it works; nothing is written
"""

import argparse
import json
import math
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from statistics import median
from typing import Any

from .__main__ import machine
from .contestants import HERE, NodeContestant, Unavailable
from .report import NO_PLOTS, RESULTS, find_pyplot, picture, width_of, words
from .turns import in_turn

LIMIT = 40.0  # seconds for one case of one contestant, once
PATIENCE = 540.0  # seconds for all: what is left of them is shared among the cases that are left
SAMPLES = 3  # of each case in a process; fewer of one that takes seconds
TITLES = {
    "hit": "a hit, among so many entries",
    "change": "a change of one entry that is watched, among so many",
    "invalidation": "an invalidation of the tag of one entry that is watched, among so many",
    "watchers": "one answer to so many watchers of one query",
    "at once": "so many queries at once, in a new store",
    "equal": "an answer of so many items that equals the last",
    "memory": "bytes of an entry, of so many",
}
SIZES: dict[str, tuple[int, ...]] = {
    "hit": (10, 100, 1_000, 10_000),
    "change": (10, 100, 1_000, 10_000),
    "invalidation": (10, 100, 1_000, 10_000),
    "watchers": (1_000,),
    "at once": (1_000,),
    "equal": (10, 1_000, 10_000),
    "memory": (1_000, 10_000),
}
PLOTTED = ("hit", "change", "invalidation")

Measured = dict[str, dict[str, list[float] | str]]
"""The median of each process, or why there is none, by `case|size` and contestant."""


class Ourselves:
    """rxdux, in the environment that runs the benchmarks."""

    name = "rxdux"

    def prepare(self) -> None:
        pass

    def command(self) -> list[str]:
        return [sys.executable, str(HERE / "query_rxdux.py")]


@dataclass(frozen=True)
class Peer(NodeContestant):
    """A package of Node's registry that keeps what a server said."""

    def command(self) -> list[str]:
        script = self.folder() / "query_peers.mjs"
        shutil.copy(HERE / "query_peers.mjs", script)
        return ["node", "--expose-gc", str(script), self.cases]


Contestant = Ourselves | Peer
CONTESTANTS: tuple[Contestant, ...] = (
    Ourselves(),
    Peer("@reduxjs/toolkit 2 (RTK Query)", "rtk", ("@reduxjs/toolkit@2",)),
    Peer("@tanstack/query-core 5", "tanstack", ("@tanstack/query-core@5",)),
)


def run(contestant: Contestant, case: str, size: int) -> float:
    """The median of one process.

    Raises:
        Unavailable: when it gave no number.
    """
    command = [*contestant.command(), case, str(size), str(SAMPLES)]
    environment = {**os.environ, "NODE_ENV": "production"}
    try:
        done = subprocess.run(
            command, capture_output=True, text=True, timeout=LIMIT, check=False, cwd=HERE, env=environment
        )
    except subprocess.TimeoutExpired:
        msg = f"did not end in {LIMIT:.0f} s"
        raise Unavailable(msg) from None
    if done.returncode:
        raise Unavailable((done.stderr.strip().splitlines() or ["gave no result"])[-1][:60])
    return median(json.loads(done.stdout))


def measure(
    contestants: tuple[Contestant, ...], sizes: dict[str, tuple[int, ...]], rounds: int, patience: float = math.inf
) -> Measured:
    """Case by case, all contestants in turn, again and again: what disturbs the machine disturbs all.

    Args:
        rounds: how often at most.
        patience: seconds for all cases; each is run once, however long it takes.
    """
    missing: dict[str, str] = {}
    for each in contestants:
        try:
            each.prepare()
        except Unavailable as reason:
            missing[each.name] = str(reason)
    there = [each for each in contestants if each.name not in missing]
    found: Measured = {}
    cases = [(case, size) for case, each in sizes.items() for size in each]
    began = time.monotonic()
    for place, (case, size) in enumerate(cases):
        case_began = time.monotonic()
        left = patience - (case_began - began)
        print(f"{TITLES[case]}: {size:,}", end=" ", flush=True)
        timed = in_turn(
            {each.name: partial(run, each, case, size) for each in there}, rounds, left / (len(cases) - place)
        )
        row = found[f"{case}|{size}"] = {each.name: (missing | timed)[each.name] for each in contestants}
        print(_said(row, time.monotonic() - case_began), flush=True)
    return found


def _said(row: dict[str, list[float] | str], seconds: float) -> str:
    turns = max((len(values) for values in row.values() if isinstance(values, list)), default=0)
    without = [f"{name} {reason}" for name, reason in row.items() if isinstance(reason, str)]
    return "; ".join([f"({turns} rounds, {seconds:.0f} s)", *without])


def cell(values: list[float] | str, show: Callable[[float], str]) -> str:
    """The median, and from where to where the rounds went."""
    if isinstance(values, str):
        return values
    return f"{show(median(values))} ({show(min(values))} to {show(max(values))})"


def table_of(found: Measured) -> list[str]:
    """All that was measured, as Markdown."""
    names = list(next(iter(found.values())))
    lines = [f"| | | {' | '.join(names)} |", f"|---|---|{'---|' * len(names)}"]
    for key, row in found.items():
        case, _, size = key.partition("|")
        show = _bytes if case == "memory" else words
        lines.append(f"| {TITLES[case]} | {int(size):,} | {' | '.join(cell(row[name], show) for name in names)} |")
    return lines


def _bytes(size: float) -> str:
    return f"{size:,.0f}"


def plot(found: Measured) -> list[str]:
    """The cost against the number of entries, with the spread; what was drawn, as Markdown."""
    pyplot = find_pyplot()
    if pyplot is None:
        return NO_PLOTS
    lines: list[str] = []
    for case in PLOTTED:
        rows = [(int(key.partition("|")[2]), row) for key, row in found.items() if key.partition("|")[0] == case]
        name = f"query-{case}.svg"
        with picture(pyplot, name, TITLES[case], "entries") as axes:
            for each in rows[0][1]:
                _draw(axes, each, [(size, values) for size, row in rows if isinstance(values := row[each], list)])
        lines.append(f"![{TITLES[case]}]({name})")
    return lines


def _draw(axes: Any, name: str, points: list[tuple[int, list[float]]]) -> None:
    if points:
        middle = [median(values) * 1e6 for _, values in points]
        below = [each - min(values) * 1e6 for each, (_, values) in zip(middle, points, strict=True)]
        above = [max(values) * 1e6 - each for each, (_, values) in zip(middle, points, strict=True)]
        sizes = [size for size, _ in points]
        axes.errorbar(sizes, middle, yerr=[below, above], marker="o", capsize=3, lw=width_of(name), label=name)


def versions() -> dict[str, str]:
    """Of the peers, as they were installed."""
    found: dict[str, str] = {}
    for each in CONTESTANTS:
        if isinstance(each, Peer):
            package = each.requirements[0].rpartition("@")[0]
            file = each.folder() / "node_modules" / package / "package.json"
            found[package] = json.loads(file.read_text())["version"] if file.exists() else "none"
    return found


def write(found: Measured, rounds: int, seconds: float) -> None:
    where = {**machine(), **versions(), "rounds": f"{rounds} at most", "seconds in all": round(seconds)}
    content = {"machine": where, "seconds (memory: bytes)": found}
    (RESULTS / "query.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    lines = [
        "# Benchmarks of queries",
        "",
        "Measured side by side in one run by `python -m benchmarks.query`: case by case, each contestant in a process of",
        "its own, all in turn, as often as there is time for. Shown is the median of the rounds, with the lowest and the",
        f"highest; or that a contestant did not end in {LIMIT:.0f} seconds, and what else kept it away.",
        "All do the same work on plain JSON, without a network: what the endpoint returns is there at once. RTK Query and",
        "query-core run on Node with `NODE_ENV=production`, and without the timers that delay what they tell.",
        "",
        ", ".join(f"{name} {value}" for name, value in where.items()) + ".",
        "",
        *table_of(found),
        "",
        "## Cost against the number of entries",
        "",
        *plot(found),
        "",
    ]
    (RESULTS / "query.md").write_text("\n".join(lines))
    print(RESULTS / "query.md")


def main() -> None:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.query", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7, help="how often each contestant runs each case at most")
    parser.add_argument("--seconds", type=float, default=PATIENCE, help=f"for all of it, about ({PATIENCE:.0f})")
    parser.add_argument("--quick", action="store_true", help="small sizes, two rounds, nothing is written")
    arguments = parser.parse_args()
    sizes, rounds = SIZES, arguments.rounds
    if arguments.quick:
        sizes, rounds = {case: (min(each) if len(each) > 1 else min(each) // 10,) for case, each in SIZES.items()}, 2
    began = time.monotonic()
    found = measure(CONTESTANTS, sizes, rounds, arguments.seconds)
    print("\n".join(table_of(found)))
    if not arguments.quick:
        RESULTS.mkdir(exist_ok=True)
        write(found, rounds, time.monotonic() - began)


if __name__ == "__main__":
    main()
