"""What happened to each request, out of the log: one lane each, and the refreshes that they waited for. Pure."""

from collections.abc import Iterable
from typing import Any, Literal, NamedTuple, cast

from rxdux import (
    Action,
    Logout,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    RequestRejected,
    RequestReplayed,
    SignIn,
)
from rxdux.query import (
    Cancelled,
    Failed,
    Mutation,
    MutationFailed,
    MutationPaused,
    MutationResumed,
    MutationSucceeded,
    Started,
    Succeeded,
)

from .actions import MakeTrouble, NaiveRefresh, NaiveReplay
from .queries import short

QUIET = 1.0  # seconds without a request under way, after which a new burst begins

Kind = Literal["request", "rejected", "refresh", "replay", "paused", "success", "failure", "cancelled"]
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

    A new burst begins after a rest, and with what comes after trouble on demand.

    Examples:
        >>> from rxdux.demo.queries import people
        >>> log = [(Started(query=people(2), request=1, at=1.0), 1.0)]
        >>> log += [(Succeeded(query=people(2), request=1, at=1.5, data=None), 1.5)]
        >>> [(lane.name, [mark.kind for mark in lane.marks]) for lane in timeline_of(log).lanes]
        [('page 2', ['request', 'success'])]
    """
    burst, refreshes = _Burst(), list[Refresh]()
    last = 0.0
    for action, at in log:
        begun = _begun(action)
        if begun is not None:
            if burst.is_over and at - last > QUIET:
                burst, refreshes = _Burst(), []
            burst.begin(*begun, at)
            last = at
        for request, kind in _marks(action):
            if burst.mark(request, Mark(at, kind)):
                last = at
        _note_refresh(refreshes, action, at)
        match action:
            case MakeTrouble():
                last = 0.0
            case SignIn() | Logout():
                burst.end(Mark(at, "cancelled"))
            case RefreshFailure(permanent=True):
                burst.end(Mark(at, "failure"))
            case _:
                pass
    return Timeline(burst.lanes, tuple(refreshes))


class _Burst:
    """The lanes of one burst. The log calls a query's request by its key, and a change's by its type: one is sent at a time."""

    def __init__(self) -> None:
        self._lanes: list[tuple[str, list[Mark]]] = []
        self._requests: dict[str, list[Mark]] = {}

    @property
    def lanes(self) -> tuple[Lane, ...]:
        return tuple(Lane(name, tuple(marks)) for name, marks in self._lanes)

    @property
    def is_over(self) -> bool:
        return all(_is_over(marks) for _, marks in self._lanes)

    def begin(self, request: str, name: str, at: float) -> None:
        marks = self._requests[request] = [Mark(at, "request")]
        self._lanes.append((name, marks))

    def mark(self, request: str, mark: Mark) -> bool:
        """Whether there is such a request, and under way."""
        marks = self._requests.get(request) or self._sent(request)
        if marks is None or _is_over(marks):
            return False
        marks.append(mark)
        return True

    def _sent(self, type: str) -> list[Mark] | None:
        changes = (marks for request, marks in self._requests.items() if request.startswith(f"{type} "))
        return next((marks for marks in changes if not _is_over(marks) and marks[-1].kind != "paused"), None)

    def end(self, mark: Mark) -> None:
        """End all that is under way."""
        for _, marks in self._lanes:
            if not _is_over(marks):
                marks.append(mark)


def _is_over(marks: list[Mark]) -> bool:
    return marks[-1].kind in LAST


def _begun(action: Action) -> tuple[str, str] | None:
    """The request that begins with an action, and the name of its lane."""
    match action:
        case Started(query=query):
            return query.cache_key, short(query)
        case Mutation():
            change = cast("Mutation[Any]", action)
            return _of_change(change), short(change)
        case _:
            return None


def _of_change(change: Mutation[Any]) -> str:
    return f"{change.type} {change.run_id}"


def _marks(action: Action) -> list[tuple[str, Kind]]:
    match action:
        case RequestRejected(request=request, decision="replay"):  # a late 401: there is a newer token already
            return [(request, "rejected"), (request, "replay")]
        case RequestRejected(request=request):
            return [(request, "rejected")]
        case NaiveRefresh(request=request):
            return [(request, "refresh")]
        case RequestReplayed(request=request) | NaiveReplay(request=request):
            return [(request, "replay")]
        case Succeeded(query=query):
            return [(query.cache_key, "success")]
        case Failed(query=query):
            return [(query.cache_key, "failure")]
        case Cancelled(query=query):
            return [(query.cache_key, "cancelled")]
        case MutationPaused(mutation=change):
            return [(_of_change(change), "paused")]
        case MutationResumed(mutation=change):
            return [(_of_change(change), "replay")]
        case MutationSucceeded(mutation=change):
            return [(_of_change(change), "success")]
        case MutationFailed(mutation=change):
            return [(_of_change(change), "failure")]
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
