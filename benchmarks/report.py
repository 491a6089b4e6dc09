"""What a run found, as Markdown, JSON and plots, and beside what the last committed run found."""

import importlib
import json
import subprocess
from collections.abc import Generator, Iterable, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from .turns import Turns, ratio

RESULTS = Path(__file__).parent / "results"
LAST = RESULTS / "results.json"
OURS = "rxdux"

Medians = dict[str, dict[str, float | str]]
"""Seconds, or why there are none, by case and contestant."""


def medians(table: Turns) -> Medians:
    return {
        case: {name: each if isinstance(each, str) else median(each) for name, each in row.items()}
        for case, row in table.items()
    }


def words(seconds: float) -> str:
    """A time with its unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def title_of(case: str) -> str:
    title, _, size = case.partition("|")
    return f"{title}{f' ({int(size):,})' if size else ''}"


def table_of(found: Medians, names: Sequence[str]) -> list[str]:
    """The times of all, as Markdown."""
    lines = [f"| case | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for case, row in found.items():
        cells = [row.get(name, "") for name in names]
        shown = [words(cell) if isinstance(cell, float) else str(cell) for cell in cells]
        lines.append(f"| {title_of(case)} | {' | '.join(shown)} |")
    return lines


def pairs_of(table: Turns) -> list[str]:
    """Ours against each other one: the median of the pairs, and between which two the middle half of them lies."""
    lines = ["| case | against | times as quick | middle half |", "|---|---|---|---|"]
    for case, row in table.items():
        ours = row.get(OURS)
        for name, other in row.items():
            if name == OURS or not isinstance(ours, list) or not isinstance(other, list):
                continue
            found = ratio(other, ours)
            lines.append(f"| {title_of(case)} | {name} | {found.middle:,.3g} | {found.low:,.3g} to {found.high:,.3g} |")
    return lines


def last_committed() -> dict[str, Any]:
    """The results as they were last committed; those of the file where there is no git, none where there is no file."""
    command = ["git", "show", "HEAD:./results.json"]
    try:
        done = subprocess.run(command, cwd=RESULTS, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return json.loads(LAST.read_text()) if LAST.exists() else {}
    return json.loads(done.stdout)


def change_of(before: dict[str, Any], content: dict[str, Any]) -> list[str]:
    """What became of the last results: our time, and how it stands to the others', which drifts less."""
    lines = ["| case | of | before | now | now / before |", "|---|---|---|---|---|"]
    then, now = before.get("seconds", {}), content["seconds"]
    for case, row in now.items():
        old = then.get(case, {})
        if isinstance(row.get(OURS), float) and isinstance(old.get(OURS), float):
            lines.append(_change(title_of(case), "time", old[OURS], row[OURS], words))
            for name, other in row.items():
                if name != OURS and isinstance(other, float) and isinstance(old.get(name), float):
                    lines.append(
                        _change("", f"time to {name}'s", old[OURS] / old[name], row[OURS] / other, "{:.3g}".format)
                    )
        elif OURS in row:
            lines.append(f"| {title_of(case)} | time | not measured | {_cell(row[OURS])} | |")
    for name, size in content["bytes"].items():
        if name in before.get("bytes", {}):
            lines.append(_change(name, "bytes", before["bytes"][name], size, "{:,.0f}".format))
    return lines


def _change(case: str, of: str, then: float, now: float, shown: Any) -> str:
    return f"| {case} | {of} | {shown(then)} | {shown(now)} | {now / then:.2f} |"


def _cell(cell: float | str) -> str:
    return cell if isinstance(cell, str) else words(cell)


def plot(found: Medians, names: Iterable[str]) -> list[str]:
    """Cost against size, one picture for each case with sizes; what was drawn, as Markdown."""
    pyplot = find_pyplot()
    if pyplot is None:
        return NO_PLOTS
    lines: list[str] = []
    for title in dict.fromkeys(case.partition("|")[0] for case in found if "|" in case):
        name = title.replace(",", "").replace(" ", "-") + ".svg"
        with picture(pyplot, name, title, "size") as axes:
            for each in names:
                points = sorted(
                    (int(case.partition("|")[2]), seconds * 1e6)
                    for case, row in found.items()
                    if case.partition("|")[0] == title and isinstance(seconds := row.get(each), float)
                )
                if points:
                    axes.plot(*zip(*points, strict=True), marker="o", label=each, lw=width_of(each))
        lines.append(f"![{title}: cost against size]({name})")
    return lines


NO_PLOTS = ["There is no matplotlib, and so there are no plots."]


def find_pyplot() -> Any:
    """What draws; None without matplotlib."""
    try:
        import matplotlib as mpl

        mpl.use("svg")
        pyplot = importlib.import_module("matplotlib.pyplot")
    except ImportError:
        return None
    mpl.rcParams["svg.hashsalt"] = "rxdux"
    return pyplot


@contextmanager
def picture(pyplot: Any, name: str, title: str, sizes: str) -> Generator[Any]:
    """What is drawn on the axes, saved under this name: microseconds against sizes, both by their logarithm."""
    figure, axes = pyplot.subplots(figsize=(6, 3.6))
    yield axes
    axes.set(xscale="log", yscale="log", xlabel=sizes, ylabel="µs each", title=title)
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="small")
    figure.tight_layout()
    figure.savefig(RESULTS / name, metadata={"Date": None})
    pyplot.close(figure)


def width_of(name: str) -> float:
    """Of the line of a contestant: ours is the thicker one."""
    return 2.5 if name == OURS else 1.2
