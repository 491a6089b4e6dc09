"""All cases, against all peers, in turn: tables, JSON and plots in benchmarks/results/, and what became of the last ones.

python -m benchmarks                      needs the extra `benchmarks`; peers come from the registries
python -m benchmarks --only slices        some cases, to look at: nothing is written

It fails where a ratio that README or docs claim (`claims.toml`) does not hold any more.
"""

import argparse
import importlib.metadata
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from . import fetches, memory
from .claims import read_claims
from .contestants import CONTESTANTS
from .report import LAST, RESULTS, change_of, last_committed, medians, pairs_of, plot, table_of
from .turns import Spread, Turns, measure_all

CLAIMED_HEAD = [
    "| case | against | claimed | wanted | reached (the middle half of the turns) |",
    "|---|---|---|---|---|",
]


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


def measure(rounds: int, turns: int) -> tuple[Turns, dict[str, float]]:
    """The seconds of everything, and the bytes of what there is many of."""
    table = measure_all(CONTESTANTS, rounds, turns)
    print("fetches over HTTP", flush=True)
    table |= fetches.measure()
    print("imports and memory", flush=True)
    table |= memory.measure_imports()
    return table, {name: each() for name, each in memory.CASES.items()}


def page_of(table: Turns, sizes: dict[str, float], where: dict[str, Any], claimed: list[str]) -> list[str]:
    """All that was found, as Markdown. It draws the plots."""
    found = medians(table)
    names = [each.name for each in CONTESTANTS]
    side_by_side = {case: row for case, row in found.items() if set(row) <= set(names)}
    rest = {case: row for case, row in found.items() if case not in side_by_side}
    return [
        "# Benchmarks",
        "",
        "Measured by `python -m benchmarks`: case by case, the contestants in turn, each in a process and an environment",
        "of its own, all Python ones with the same reducer. Times are medians; a ratio is the median of the pairs of",
        "one turn, with where the middle half of them lies. "
        + ", ".join(f"{name} {value}" for name, value in where.items())
        + ".",
        "",
        "## Claims",
        "",
        *claimed,
        "",
        "## Times of one operation",
        "",
        *table_of(side_by_side, names),
        "",
        "## Fetches and imports",
        "",
        "Fetches go over loopback HTTP through an expired token; bare httpx makes the same calls.",
        "",
        *table_of(rest, list(dict.fromkeys(name for row in rest.values() for name in row))),
        "",
        "## Pairs",
        "",
        *pairs_of(table),
        "",
        "## Memory",
        "",
        "| what | |",
        "|---|---|",
        *(f"| {name} | {size:,.0f} bytes |" for name, size in sizes.items()),
        "",
        "## Cost against size",
        "",
        *plot(side_by_side, names),
        "",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument(
        "--rounds", type=int, default=3, help="how often each contestant gets a new process (default: 3)"
    )
    parser.add_argument(
        "--turns", type=int, default=7, help="how often each case is timed in each of them (default: 7)"
    )
    parser.add_argument("--only", metavar="PART", help="only cases with this in their name; nothing is written")
    arguments = parser.parse_args()
    names = [each.name for each in CONTESTANTS]
    if arguments.only is not None:
        table = measure_all(CONTESTANTS, arguments.rounds, arguments.turns, arguments.only)
        print("\n".join([*table_of(medians(table), names), "", *pairs_of(table)]))
        return
    table, sizes = measure(arguments.rounds, arguments.turns)
    where = machine()
    reached = [(claim, claim.reached(table)) for claim in read_claims()]
    claimed = [*CLAIMED_HEAD, *(claim.row(found) for claim, found in reached)]
    content = {
        "machine": where,
        "claims": {claim.what: None if isinstance(found, str) else asdict(found) for claim, found in reached},
        "seconds": medians(table),
        "bytes": sizes,
    }
    before = last_committed()
    RESULTS.mkdir(exist_ok=True)
    LAST.write_text(json.dumps(content, indent=1, ensure_ascii=False) + "\n")
    (RESULTS / "results.md").write_text("\n".join(page_of(table, sizes, where, claimed)))
    print("\n".join(["", *change_of(before, content), "", *claimed, "", str(RESULTS / "results.md")]))
    broken = [claim.what for claim, found in reached if isinstance(found, Spread) and not claim.holds(found)]
    if broken:
        sys.exit(f"{len(broken)} of {len(reached)} claims do not hold: {', '.join(broken)}")


if __name__ == "__main__":
    main()
