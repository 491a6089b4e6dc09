"""What happened to each request, out of the log: one lane each, and the refreshes that they waited for. Pure."""

from collections.abc import Iterable
from typing import Literal, NamedTuple

from rxdux import (
    Action,
    CancelFetch,
    FetchData,
    FetchFailure,
    FetchSuccess,
    Logout,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    RequestRejected,
    RequestReplayed,
)

from .actions import NaiveRefresh, NaiveReplay

QUIET = 1.0  # seconds without a request under way, after which a new burst begins

Kind = Literal["request", "rejected", "refresh", "replay", "success", "failure", "cancelled"]
LAST: frozenset[Kind] = frozenset({"success", "failure", "cancelled"})


class Mark(NamedTuple):
    """What happened to a request, and when, in seconds since 1970."""

    at: float
    kind: Kind


class Lane(NamedTuple):
    """One request from its start to its end."""

    name: str
    marks: tuple[Mark, ...]

    @property
    def is_open(self) -> bool:
        return self.marks[-1].kind not in LAST

    @property
    def seconds(self) -> float:
        return self.marks[-1].at - self.marks[0].at


class Refresh(NamedTuple):
    """One refresh: when it began and ended, and whether it brought a token. It is under way while `end` is None."""

    start: float
    end: float | None = None
    good: bool = False


class Timeline(NamedTuple):
    """The lanes of the last burst of requests, and the refreshes beside them."""

    lanes: tuple[Lane, ...] = ()
    refreshes: tuple[Refresh, ...] = ()

    @property
    def start(self) -> float:
        return min((lane.marks[0].at for lane in self.lanes), default=0.0)

    @property
    def end(self) -> float:
        return max((mark.at for lane in self.lanes for mark in lane.marks), default=0.0)


def timeline_of(log: Iterable[tuple[Action, float]]) -> Timeline:
    """The timeline of actions and their times.

    Examples:
        >>> log = [(FetchData(key="people", path="/people"), 1.0), (FetchSuccess(key="people", data=[]), 1.5)]
        >>> [(lane.name, [mark.kind for mark in lane.marks]) for lane in timeline_of(log).lanes]
        [('people', ['request', 'success'])]
    """
    lanes: dict[str, list[Mark]] = {}
    finished: list[Lane] = []
    refreshes: list[Refresh] = []
    last = 0.0
    for action, at in log:
        if isinstance(action, FetchData):
            if all(marks[-1].kind in LAST for marks in lanes.values()) and at - last > QUIET:
                lanes, finished, refreshes = {}, [], []
            before = lanes.pop(action.key, None)
            if before is not None:
                over = before if before[-1].kind in LAST else [*before, Mark(at, "cancelled")]
                finished.append(Lane(action.key, tuple(over)))
        for name, kind in _marks(action):
            marks = lanes.setdefault(name, []) if kind == "request" else lanes.get(name)
            if marks is not None and (not marks or marks[-1].kind not in LAST):
                marks.append(Mark(at, kind))
                last = at
        _note_refresh(refreshes, action, at)
        if isinstance(action, Logout):
            for marks in lanes.values():
                if marks[-1].kind not in LAST:
                    marks.append(Mark(at, "cancelled"))
    return Timeline((*finished, *(Lane(name, tuple(marks)) for name, marks in lanes.items())), tuple(refreshes))


def _marks(action: Action) -> list[tuple[str, Kind]]:
    match action:
        case FetchData(key=name):
            return [(name, "request")]
        case RequestRejected(request=name, decision="replay"):  # a late 401: there is a newer token already
            return [(name, "rejected"), (name, "replay")]
        case RequestRejected(request=name):
            return [(name, "rejected")]
        case NaiveRefresh(request=name):
            return [(name, "refresh")]
        case RequestReplayed(request=name) | NaiveReplay(request=name):
            return [(name, "replay")]
        case FetchSuccess(key=name):
            return [(name, "success")]
        case FetchFailure(key=name):
            return [(name, "failure")]
        case CancelFetch(key=name):
            return [(name, "cancelled")]
        case _:
            return []


def _note_refresh(refreshes: list[Refresh], action: Action, at: float) -> None:
    match action:
        case RefreshToken() | NaiveRefresh():
            refreshes.append(Refresh(at))
        case RefreshSuccess() | RefreshFailure() | Logout():
            running = next((place for place, each in enumerate(refreshes) if each.end is None), None)
            if running is not None:
                refreshes[running] = Refresh(refreshes[running].start, at, isinstance(action, RefreshSuccess))
        case _:
            pass
