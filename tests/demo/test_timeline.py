"""The timeline: what the log says of each request. Pure, without a clock."""

from rxdux import (
    Action,
    ApiError,
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
    TokenSet,
)
from rxdux.demo.actions import NaiveRefresh, NaiveReplay
from rxdux.demo.timeline import Refresh, Timeline, timeline_of
from rxdux.demo.timeline_view import draw

TOKENS = TokenSet(access_token="a")


def fetch(key: str) -> Action:
    return FetchData(key=key, path="/")


def rejected(key: str, decision: str) -> Action:
    return RequestRejected(request=key, generation=1, decision=decision)


def timeline(*actions: Action, start: float = 100.0) -> Timeline:
    """Of actions a tenth of a second apart."""
    return timeline_of((action, start + number / 10) for number, action in enumerate(actions))


def kinds(found: Timeline) -> dict[str, list[str]]:
    return {lane.name: [mark.kind for mark in lane.marks] for lane in found.lanes}


def test_the_story_of_the_article_is_one_lane() -> None:
    """Request, 401, the wait for a refresh, replay, success."""
    found = timeline(
        fetch("a"),
        rejected("a", "refresh"),
        RefreshToken(),
        RefreshSuccess(tokens=TOKENS),
        RequestReplayed(request="a", generation=2, waited=0.2),
        FetchSuccess(key="a", data=[]),
    )
    assert kinds(found) == {"a": ["request", "rejected", "replay", "success"]}
    assert found.refreshes == (Refresh(100.2, 100.3, good=True),)


def test_a_late_401_starts_over_at_once() -> None:
    """There is a newer token already: it waits for nothing."""
    found = timeline(fetch("a"), rejected("a", "replay"), FetchSuccess(key="a", data=[]))
    assert kinds(found) == {"a": ["request", "rejected", "replay", "success"]}
    assert found.refreshes == ()


def test_without_single_flight_each_has_a_refresh() -> None:
    """The sign-out ends what is open."""
    found = timeline(
        fetch("a"),
        fetch("b"),
        NaiveRefresh(request="a"),
        NaiveRefresh(request="b"),
        RefreshSuccess(tokens=TOKENS),
        NaiveReplay(request="a"),
        Logout(reason="theft"),
    )
    assert kinds(found) == {
        "a": ["request", "refresh", "replay", "cancelled"],
        "b": ["request", "refresh", "cancelled"],
    }
    assert [refresh.good for refresh in found.refreshes] == [True, False]


def test_failures_and_cancelled_requests_end_their_lanes() -> None:
    """What comes later for them does not count; a newer request of the same name has a lane of its own."""
    error = ApiError(kind="server", status=500, message="no")
    found = timeline(
        fetch("a"),
        fetch("b"),
        RefreshFailure(error=error, permanent=False),
        FetchFailure(key="a", error=error),
        CancelFetch(key="b"),
        FetchSuccess(key="b", data=[]),
        fetch("a"),
    )
    assert [(lane.name, [mark.kind for mark in lane.marks]) for lane in found.lanes] == [
        ("a", ["request", "failure"]),
        ("b", ["request", "cancelled"]),
        ("a", ["request"]),
    ]


def test_a_new_burst_begins_after_a_rest() -> None:
    """Lanes are drawn to scale: those of long ago would press the new ones flat."""
    log = [(fetch("a"), 1.0), (FetchSuccess(key="a", data=[]), 1.1), (fetch("b"), 1.5), (fetch("c"), 9.0)]
    assert list(kinds(timeline_of(log))) == ["a", "b", "c"]
    log[2:3] = []
    assert list(kinds(timeline_of(log))) == ["c"]


def test_each_mark_has_a_cell_of_its_own() -> None:
    """However short the time between two of them."""
    found = timeline_of([(fetch("a"), 1.0), (rejected("a", "replay"), 1.0), (FetchSuccess(key="a", data=[]), 9.0)])
    [_, _, lane] = draw(found, 20).plain.splitlines()
    assert lane == "a         ▸✗↻━━━━━━━━━━━━━━━━✓8000 ms"
