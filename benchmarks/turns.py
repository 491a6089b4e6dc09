"""Case by case, the contestants in turn, A B A B: what disturbs the machine for a while disturbs all of them, and no ratio."""

import contextlib
import math
import time
from collections.abc import Callable, Generator, Iterable, Mapping
from dataclasses import dataclass
from itertools import groupby
from statistics import median, quantiles

from .contestants import Contestant, Running, Unavailable

Turns = dict[str, dict[str, list[float] | str]]
"""Seconds of one operation, by case and contestant, one for each turn; or why there are none."""


@dataclass(frozen=True)
class Spread:
    """The middle of some values, and between which two the middle half of them lies."""

    low: float
    middle: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> "Spread":
        found = sorted(values)
        low, _, high = quantiles(found, n=4, method="inclusive") if len(found) > 1 else found * 3
        return cls(low, median(found), high)


def in_turn(
    timed: Mapping[str, Callable[[], float]], turns: int, patience: float = math.inf
) -> dict[str, list[float] | str]:
    """The seconds that each says of itself, for so many turns; every second turn the other way round.

    Args:
        patience: seconds after which no turn is begun; one that would end later than that, if it is as long as the
            last, is not begun either. The first one always is.
    """
    seconds: dict[str, list[float]] = {name: [] for name in timed}
    failed: dict[str, str] = {}
    began, took = time.monotonic(), 0.0
    for turn in range(turns):
        turn_began = time.monotonic()
        if turn and turn_began - began + took > patience:
            break
        for name, measure in list(timed.items())[:: -1 if turn % 2 else 1]:
            if name in failed:
                continue
            try:
                seconds[name].append(measure())
            except Unavailable as reason:
                failed[name] = str(reason)[:60]
        took = time.monotonic() - turn_began
    return {name: failed.get(name, seconds[name]) for name in timed}


def measure_all(contestants: Iterable[Contestant], rounds: int, turns: int, only: str = "") -> Turns:
    """Time all cases of all contestants.

    Args:
        rounds: how often each contestant gets a new process.
        turns: how often each case is timed in each of them.
        only: part of the name of the cases that are wanted.
    """
    table: Turns = {}
    missing: dict[str, str] = {}
    for number in range(rounds):
        with _running(contestants, missing) as running:
            cases = dict.fromkeys(case for each in running.values() for case in each.cases if only in case)
            for title, group in groupby(cases, key=_title):
                print(f"round {number + 1} of {rounds}: {title}", flush=True)
                _measure_group(list(group), running, turns, table)
    for case in table:
        table[case].update(missing)
    return table


def _title(case: str) -> str:
    return case.partition("|")[0]


@contextlib.contextmanager
def _running(contestants: Iterable[Contestant], missing: dict[str, str]) -> Generator[dict[str, Running]]:
    running: dict[str, Running] = {}
    try:
        for each in contestants:
            if each.name in missing:
                continue
            try:
                each.prepare()
                running[each.name] = each.start()
            except Unavailable as reason:
                missing[each.name] = str(reason)[:60]
        yield running
    finally:
        for each in running.values():
            each.end()


def _measure_group(cases: list[str], running: Mapping[str, Running], turns: int, table: Turns) -> None:
    """Time one case in all its sizes: these are compared too, so they take turns as well."""
    timed: dict[tuple[str, str], Callable[[], float]] = {}
    for case in cases:
        for name, each in running.items():
            if case not in each.cases:
                continue
            try:
                each.prepare(case)
            except Unavailable as reason:
                table.setdefault(case, {})[name] = str(reason)[:60]
            else:
                timed[case, name] = lambda each=each, case=case: each.seconds(case)
    found = in_turn({f"{case}\n{name}": measure for (case, name), measure in timed.items()}, turns)
    for key, seconds in found.items():
        case, _, name = key.partition("\n")
        before = table.setdefault(case, {}).setdefault(name, [])
        if isinstance(seconds, str) or isinstance(before, str):
            table[case][name] = seconds if isinstance(seconds, str) else before
        else:
            before.extend(seconds)
    for each in running.values():
        with contextlib.suppress(Unavailable):
            each.forget()


def ratio(slower: list[float], quicker: list[float]) -> Spread:
    """How many times as quick: of what was timed in the same turn."""
    return Spread.of(one / other for one, other in zip(slower, quicker, strict=True))
