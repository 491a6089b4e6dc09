"""What a history holds: an entry for each action, and all of them at one moment."""

from dataclasses import dataclass
from typing import Any, Generic, NamedTuple, TypeVar

from ...actions import Action
from .devtools import Recording
from .threads import Threads

S = TypeVar("S")


@dataclass(frozen=True)
class Entry(Generic[S]):
    """One action in a history.

    Attributes:
        state: after the action.
        time: when it was applied, in seconds since 1970.
        source: the name of the epic that emitted it; None for the app; `shared:<node>` where it comes from another node.
        skipped: whether `toggle` took it out.
        error: why its reducer failed when the history was computed anew; the state is that before it then.
        cause: the action that it answers: that of which an epic made it, or a listener, a task or a timer that came of it. None
            for what the app dispatches by itself.
        awaited: the action that it waited for before, such as the success of a refresh that somebody else had asked for.
        id: its number in this history, from 1 on; it stays the same, and is never given again.
    """

    action: Action
    state: S
    time: float
    source: str | None = None
    skipped: bool = False
    error: str | None = None
    before: S | None = None  # where it does not follow the entry before it: something went unrecorded
    id: int = 0
    cause: Action | None = None
    awaited: Action | None = None


class Snapshot(NamedTuple, Generic[S]):
    """A history at one moment. Between two of one `version` entries were appended, and nothing else has changed."""

    version: int
    base: S
    entries: list[Entry[S]]
    position: int
    present: S
    is_paused: bool
    is_locked: bool
    last_id: int  # that was given


def entries_of(recording: Recording, base: S) -> list[Entry[S]]:
    """What was recorded as entries, whose states are to be computed."""
    actions = [step[0] for step in recording.actions]

    def action_at(place: int | None, before: int) -> Action | None:
        return actions[place] if place is not None and place < before else None

    def entry_of(place: int) -> Entry[S]:
        action, at, source, skipped = recording.actions[place]
        cause, awaited = recording.causes.get(place, (None, None))
        return Entry(
            action,
            base,
            at,
            source,
            skipped,
            before=recording.before.get(place),
            cause=action_at(cause, place),
            awaited=action_at(awaited, place),
        )

    return [entry_of(place) for place in range(len(actions))]


def recording_of(snapshot: Snapshot[Any]) -> Recording:
    """A history as it is written."""
    entries = snapshot.entries
    states = [snapshot.base, *(entry.state for entry in entries)]
    return Recording(
        [(entry.action, entry.time, entry.source, entry.skipped) for entry in entries],
        states,
        snapshot.position,
        {place: entry.before for place, entry in enumerate(entries) if entry.before is not None},
        None if snapshot.present is states[-1] else (snapshot.present,),
        ids=[entry.id for entry in entries],
        causes=Threads(entries).causes(),
        errors={place: entry.error for place, entry in enumerate(entries) if entry.error is not None},
        is_paused=snapshot.is_paused,
        is_locked=snapshot.is_locked,
        next_id=snapshot.last_id + 1,
    )
