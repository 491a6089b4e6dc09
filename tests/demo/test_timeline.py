"""The timeline: what the log says of each request. Pure, without a clock."""

from typing import Any

from rxdux import (
    Action,
    ApiError,
    Logout,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    RequestRejected,
    RequestReplayed,
    TokenSet,
)
from rxdux.demo.actions import MakeTrouble, NaiveRefresh, NaiveReplay
from rxdux.demo.queries import name_person, people
from rxdux.demo.timeline import Refresh, Timeline, timeline_of
from rxdux.demo.timeline_view import draw
from rxdux.query import (
    Cancelled,
    Failed,
    MutationFailed,
    MutationPaused,
    MutationResumed,
    MutationSucceeded,
    Started,
    Succeeded,
)

TOKENS = TokenSet(access_token="a")
ERROR = ApiError(kind="server", status=500, message="no")


def started(page: int) -> Action:
    return Started(query=people(page), request=1, at=0.0)


def succeeded(page: int) -> Action:
    return Succeeded(query=people(page), request=1, at=0.0, data=None)


def failed(page: int) -> Action:
    return Failed(query=people(page), request=1, error=ERROR)


def key(page: int) -> str:
    return people(page).cache_key


def rejected(request: str, decision: str) -> Action:
    return RequestRejected(request=request, generation=1, decision=decision)


def timeline(*actions: Action, start: float = 100.0) -> Timeline:
    """Of actions a tenth of a second apart."""
    return timeline_of((action, start + number / 10) for number, action in enumerate(actions))


def kinds(found: Timeline) -> dict[str, list[str]]:
    return {lane.name: [mark.kind for mark in lane.marks] for lane in found.lanes}


def test_the_story_of_the_article_is_one_lane() -> None:
    """Request, 401, the wait for a refresh, replay, success."""
    found = timeline(
        started(1),
        rejected(key(1), "refresh"),
        RefreshToken(),
        RefreshSuccess(tokens=TOKENS),
        RequestReplayed(request=key(1), generation=2, waited=0.2),
        succeeded(1),
    )
    assert kinds(found) == {"page 1": ["request", "rejected", "replay", "success"]}
    assert found.refreshes == (Refresh(100.2, 100.3, good=True),)


def test_a_late_401_starts_over_at_once() -> None:
    """There is a newer token already: it waits for nothing."""
    found = timeline(started(1), rejected(key(1), "replay"), succeeded(1))
    assert kinds(found) == {"page 1": ["request", "rejected", "replay", "success"]}
    assert found.refreshes == ()


def test_without_single_flight_each_has_a_refresh() -> None:
    """The sign-out ends what is open."""
    found = timeline(
        started(1),
        started(2),
        NaiveRefresh(request=key(1)),
        NaiveRefresh(request=key(2)),
        RefreshSuccess(tokens=TOKENS),
        NaiveReplay(request=key(1)),
        Logout(reason="theft"),
    )
    assert kinds(found) == {
        "page 1": ["request", "refresh", "replay", "cancelled"],
        "page 2": ["request", "refresh", "cancelled"],
    }
    assert [refresh.good for refresh in found.refreshes] == [True, False]


def test_failures_and_cancelled_requests_end_their_lanes() -> None:
    """What comes later for them does not count; a newer request of the same name has a lane of its own."""
    found = timeline(
        started(1),
        started(2),
        RefreshFailure(error=ERROR, permanent=False),
        failed(1),
        Cancelled(query=people(2), request=1),
        succeeded(2),
        started(1),
        RefreshFailure(error=ERROR, permanent=True),
    )
    assert [(lane.name, [mark.kind for mark in lane.marks]) for lane in found.lanes] == [
        ("page 1", ["request", "failure"]),
        ("page 2", ["request", "cancelled"]),
        ("page 1", ["request", "failure"]),
    ]


def test_changes_have_lanes_as_well() -> None:
    """One that is refused, and two that wait for a network and are sent one after the other: what the log tells of
    their type is told of the one that is sent."""
    refused, first, second = name_person(1, "Ada"), name_person(2, "Alan"), name_person(3, "Joan")
    waits: list[Any] = [first, MutationPaused(mutation=first), second]
    found = timeline(
        refused,
        MutationFailed(mutation=refused, error=ERROR),
        *waits,
        MutationResumed(mutation=first),
        rejected(name_person.type, "refresh"),
        RequestReplayed(request=name_person.type, generation=2, waited=0.2),
        MutationSucceeded(mutation=first, data=None, at=0.0),
        rejected(name_person.type, "replay"),
        MutationSucceeded(mutation=second, data=None, at=0.0),
    )
    assert kinds(found) == {
        "rename 1": ["request", "failure"],
        "rename 2": ["request", "paused", "replay", "rejected", "replay", "success"],
        "rename 3": ["request", "rejected", "replay", "success"],
    }


def test_a_new_burst_begins_after_a_rest() -> None:
    """Lanes are drawn to scale: those of long ago would press the new ones flat."""
    log = [(started(1), 1.0), (succeeded(1), 1.1), (started(2), 1.5), (started(3), 9.0)]
    assert list(kinds(timeline_of(log))) == ["page 1", "page 2", "page 3"]
    log[2:3] = []
    assert list(kinds(timeline_of(log))) == ["page 3"]


def test_a_new_burst_begins_after_trouble_on_demand() -> None:
    """What is asked then shows what comes of it."""
    log: list[Action] = [
        started(1),
        succeeded(1),
        MakeTrouble(path="/", words=""),
        started(2),
        succeeded(2),
        started(3),
    ]
    assert list(kinds(timeline(*log))) == ["page 2", "page 3"]


def test_each_mark_has_a_cell_of_its_own() -> None:
    """However short the time between two of them."""
    found = timeline_of([(started(1), 1.0), (rejected(key(1), "replay"), 1.0), (succeeded(1), 9.0)])
    _, lanes = draw(found, 20)
    assert lanes.plain == "page 1    ▸✗↻━━━━━━━━━━━━━━━━✓8000 ms"
