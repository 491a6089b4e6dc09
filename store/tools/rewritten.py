"""The entries of a history in another order, or fewer of them, and their states computed anew."""

from collections.abc import Sequence
from dataclasses import replace
from typing import TypeVar

from ...reducers import ReducerFn
from .entry import Entry

S = TypeVar("S")


def computed_anew(reducer: ReducerFn[S], base: S, entries: Sequence[Entry[S]]) -> list[Entry[S]]:
    """The entries with the states that the reducer gives them now. Where it fails, the state stays and the entry says why."""
    state, computed = base, list[Entry[S]]()
    for entry in entries:
        before = state if entry.before is None else entry.before
        state, error = before, None
        if not entry.skipped:
            try:
                state = reducer(before, entry.action)
            except Exception as failure:
                error = f"{type(failure).__name__}: {failure}"
        computed.append(replace(entry, state=state, error=error))
    return computed


def moved(entries: Sequence[Entry[S]], index: int, before: int) -> list[Entry[S]]:
    """The entries with one of them before another. Where something went unrecorded stays the same place."""
    ordered = list(entries)
    ordered.insert(before - (before > index), ordered.pop(index))
    return [replace(entry, before=old.before) for entry, old in zip(ordered, entries, strict=True)]


def without_skipped(entries: Sequence[Entry[S]]) -> list[Entry[S]]:
    """The entries that are not taken out. What went unrecorded before one that is comes before the next then."""
    kept, gap = list[Entry[S]](), None
    for entry in entries:
        gap = gap if entry.before is None else entry.before
        if not entry.skipped:
            kept.append(replace(entry, before=gap))
            gap = None
    return kept
