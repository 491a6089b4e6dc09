"""All cases, against all peers, side by side: tables, JSON and plots in benchmarks/results/.

python -m benchmarks            needs the extra `benchmarks`; peers come from the registries
python -m benchmarks --rounds 1
"""

import argparse
import importlib
import importlib.metadata
import json
import os
import platform
import subprocess
import tempfile
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from statistics import median
from typing import Any

from . import fetches, memory
from .contestants import CONTESTANTS, RXDUX, Samples, Unavailable

RESULTS = Path(__file__).parent / "results"
REACH: tuple[tuple[str, str, str, float], ...] = (
    # what, the case, against whom, at least so many times
    ("dispatch, 1 reducer", "dispatch, 1 reducer", "pydux 0.2.2", 0.8),
    ("dispatch, 1 reducer", "dispatch, 1 reducer", "python-redux 0.25.4", 3.0),
    ("10 slices, one hit", "slices, one hit|10", "pydux 0.2.2", 3.0),
    ("100 slices, one hit", "slices, one hit|100", "pydux 0.2.2", 12.0),
    ("1,000 slices, one hit", "slices, one hit|1000", "pydux 0.2.2", 60.0),
    ("1,000 epics, ping to pong", "epics, ping to pong|1000", "pystorex 0.2.1", 300.0),
    ("1,000 epics, ping to pong", "epics, ping to pong|1000", "redux-observable 2", 300.0),
    ("1,000 epics, ping to pong", "epics, ping to pong|1000", "redux-observable 3.0.0-rc.3", 300.0),
    ("1,000 subscribers", "subscribers|1000", "pydux 0.2.2", 0.9),
    ("10,000 selections", "10,000 selections over 100 slices, one changed", "pystorex 0.2.1", 50.0),
    ("update one of 100,000 entities", "update one of many entities|100000", "pystorex 0.2.1", 2.0),
    ("update one of 100,000 entities", "update one of many entities|100000", "@reduxjs/toolkit 2", 10_000.0),
)
OWN_REACH: tuple[tuple[str, str, str, float], ...] = (
    # what, the quicker case of ours, the slower one, at least so many times
    ("rate at 1,000 epics to that at 1", "epics, ping to pong|1000", "epics, ping to pong|1", 0.8),
    ("1,000 slices, no hit, to 1 reducer", "slices, no hit|1000", "dispatch, 1 reducer", 1.0),
    ("merge_map to flat_map", "merge_map of a ready value", "reactivex flat_map of a ready value", 10.0),
)

Table = dict[str, dict[str, float | str]]
"""Seconds, or why there are none, by case and contestant."""


def measure_all(rounds: int) -> Table:
    """Every contestant in turn, again and again: what disturbs the machine disturbs all."""
    samples: dict[str, Samples] = {each.name: {} for each in CONTESTANTS}
    missing: dict[str, str] = {}
    with tempfile.TemporaryDirectory() as scratch:
        for number in range(rounds):
            for each in CONTESTANTS:
                if each.name in missing:
                    continue
                print(f"round {number + 1} of {rounds}: {each.name}", flush=True)
                try:
                    each.prepare()
                    for case, seconds in each.measure(Path(scratch)).items():
                        samples[each.name].setdefault(case, []).extend(seconds)
                except (Unavailable, subprocess.TimeoutExpired) as reason:
                    missing[each.name] = str(reason)[:60]
    cases = list(dict.fromkeys(case for found in samples.values() for case in found))
    return {
        case: {
            each.name: missing[each.name] if each.name in missing else median(samples[each.name][case])
            for each in CONTESTANTS
            if each.name in missing or case in samples[each.name]
        }
        for case in cases
    }


def words(seconds: float) -> str:
    """A time with its unit."""
    for unit, size in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1e9:.0f} ns"


def table_of(table: Table) -> list[str]:
    """The times of all, as Markdown."""
    names = [each.name for each in CONTESTANTS]
    lines = [f"| case | {' | '.join(names)} |", f"|---|{'---|' * len(names)}"]
    for case, row in table.items():
        cells = [row.get(name, "") for name in names]
        shown = [words(cell) if isinstance(cell, float) else str(cell) for cell in cells]
        title, _, size = case.partition("|")
        lines.append(f"| {title}{f' ({int(size):,})' if size else ''} | {' | '.join(shown)} |")
    return lines


def reach_of(table: Table, http: dict[str, tuple[float, float]], imports: dict[str, float]) -> list[str]:
    """What was to be reached, and what is."""
    lines = ["| case | against | at least | reached |", "|---|---|---|---|"]
    for what, case, peer, least in REACH:
        lines.append(_row(what, peer, least, table.get(case, {}).get(peer), table.get(case, {}).get(RXDUX.name)))
    for what, ours, other, least in OWN_REACH:
        lines.append(_row(what, "ourselves", least, table[other][RXDUX.name], table[ours][RXDUX.name]))
    seconds, bare = http["fetches through an expired token|1000"]
    lines.append(
        f"| 1,000 fetches through an expired token | bare httpx | within 1.3 | {seconds / bare:.2f} times its time |"
    )
    share = imports["import rxdux"] / imports["the dependencies"]
    lines.append(f"| import rxdux | its dependencies | under 1.2 | {share:.2f} times their time |")
    return lines


def _row(what: str, peer: str, least: float, slower: float | str | None, quicker: float | str | None) -> str:
    if not isinstance(slower, float) or not isinstance(quicker, float):
        return f"| {what} | {peer} | {least:,g} | {slower or 'not measured'} |"
    ratio = slower / quicker
    return f"| {what} | {peer} | {least:,g} | {'' if ratio >= least else 'missed: '}{ratio:,.3g} |"


def plot(table: Table) -> list[str]:
    """Cost against size, one picture for each case with sizes; what was drawn, as Markdown."""
    try:
        import matplotlib as mpl

        mpl.use("svg")
        pyplot: Any = importlib.import_module("matplotlib.pyplot")
    except ImportError:
        return ["There is no matplotlib, and so there are no plots."]
    lines: list[str] = []
    titles = dict.fromkeys(case.partition("|")[0] for case in table if "|" in case)
    for title in titles:
        figure, axes = pyplot.subplots(figsize=(6, 3.6))
        for each in CONTESTANTS:
            points = sorted(
                (int(case.partition("|")[2]), seconds * 1e6)
                for case, row in table.items()
                if case.partition("|")[0] == title and isinstance(seconds := row.get(each.name), float)
            )
            if points:
                axes.plot(*zip(*points, strict=True), marker="o", label=each.name, lw=2.5 if each is RXDUX else 1.2)
        axes.set(xscale="log", yscale="log", xlabel="size", ylabel="µs each", title=title)
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="small")
        name = title.replace(",", "").replace(" ", "-") + ".svg"
        figure.tight_layout()
        figure.savefig(RESULTS / name, metadata={"Date": None})
        pyplot.close(figure)
        lines.append(f"![{title}: cost against size]({name})")
    return lines


def machine() -> dict[str, Any]:
    """Where and with what it was measured."""
    node = ""
    try:
        node = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        node = "none"
    packages = ("reactivex", "httpx", "pydantic", "immutables", "stamina")
    return {
        "date": date.today().isoformat(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "node": node,
        **{name: importlib.metadata.version(name) for name in packages},
    }


def _processor() -> str:
    try:
        lines: Iterable[str] = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "unknown")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="how often each contestant runs (default: 3)")
    arguments = parser.parse_args()
    RESULTS.mkdir(exist_ok=True)
    table = measure_all(arguments.rounds)
    print("fetches over HTTP", flush=True)
    http = fetches.measure()
    sizes = {name: each() for name, each in memory.CASES.items()}
    imports = {name: memory.import_seconds(statement) for name, statement in memory.IMPORTS.items()}
    where = machine()
    content = {
        "machine": where,
        "seconds": table,
        "http seconds, ours and bare": http,
        "bytes": sizes,
        "import seconds": imports,
    }
    (RESULTS / "results.json").write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    lines = [
        "# Benchmarks",
        "",
        "Measured side by side in one run by `python -m benchmarks`; each contestant runs in an environment of its own,",
        "in turn, and medians are shown. " + ", ".join(f"{name} {value}" for name, value in where.items()) + ".",
        "",
        "## Reach",
        "",
        *reach_of(table, http, imports),
        "",
        "## Times of one operation",
        "",
        *table_of(table),
        "",
        "## Fetches through an expired token, over loopback HTTP",
        "",
        "| fetches | rxdux | bare httpx, the same calls | |",
        "|---|---|---|---|",
        *(
            f"| {int(case.partition('|')[2]):,} | {words(ours)} | {words(bare)} | {ours / bare:.2f} times |"
            for case, (ours, bare) in http.items()
        ),
        "",
        "## Memory and import",
        "",
        "| what | |",
        "|---|---|",
        *(f"| {name} | {size:,.0f} bytes |" for name, size in sizes.items()),
        *(f"| `{name}` | {words(seconds)} |" for name, seconds in imports.items()),
        "",
        "## Cost against size",
        "",
        *plot(table),
        "",
    ]
    (RESULTS / "results.md").write_text("\n".join(lines))
    print("\n".join(reach_of(table, http, imports)))
    print(f"\n{RESULTS / 'results.md'}")


if __name__ == "__main__":
    main()
