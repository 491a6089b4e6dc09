"""What there is to say, once and in one line: out of the log, so that it travels in time with the rest. Pure."""

from collections.abc import Iterable
from typing import Literal, NamedTuple, cast

from rxdux import (
    Action,
    Entry,
    LoginFailure,
    Logout,
    RefreshFailure,
    SignIn,
)
from rxdux.query import (
    Failed,
    Invalidate,
    Mutation,
    MutationFailed,
    MutationPaused,
    MutationSucceeded,
    Refetch,
    Watched,
)

from .actions import MakeTrouble, TroubleMade, TroubleRefused
from .queries import PERSON
from .state import DemoState, Switch, select_edits, select_progress, switched

Tone = Literal["plain", "warning", "bad"]
SWITCHED: dict[tuple[Switch, bool], str] = {
    ("naive", True): "Single flight is off: every fetch refreshes for itself.",
    ("naive", False): "Single flight is on: one refresh for all.",
    ("offline", True): "The network is off: changes wait.",
    ("offline", False): "The network is on: what waits is sent.",
}


class News(NamedTuple):
    """Words, and how they sound."""

    words: str = ""
    tone: Tone = "plain"


WELCOME = News("s signs in, h tells the story step by step.")


def news_of(latest_first: Iterable[Entry[DemoState]]) -> News:
    """What the newest action that says anything says. What the user does next puts it away."""
    for entry in latest_first:
        if not entry.skipped:
            said = _said(entry.action, entry.state)
            if said is not None:
                return said
    return WELCOME


def _said(action: Action, state: DemoState) -> News | None:
    match action:
        case TroubleMade(words=words):
            return News(words)
        case TroubleRefused(words=words):
            return News(words, "warning")
        case LoginFailure() | RefreshFailure() | Logout() if state.auth.error:
            return News(state.auth.error, "bad")
        case Failed():
            return _failed(state)
        case SignIn() | Logout() | Refetch() | Watched() | MakeTrouble():
            return News()
        case Invalidate(tags=tags) if tags == PERSON.keys:
            return News()
        case Mutation() if state.api.online:
            return News()
        case Mutation() | MutationPaused() | MutationSucceeded() | MutationFailed():
            return _changed(cast("Action", action), state)
        case _:
            return _switched(action)


def _failed(state: DemoState) -> News | None:
    """The cause, once: that of the session where it ended, else that of the fetches."""
    if state.auth.error:
        return News(state.auth.error, "bad")
    progress = select_progress(state)
    return News(f"{progress.failed} failed: {progress.reason}", "bad") if progress.failed else None


def _changed(action: Action, state: DemoState) -> News:
    match action:
        case MutationFailed(error=error):
            return News(f"The old name is back: {f'HTTP {error.status}' if error.status else error}.", "bad")
        case MutationSucceeded(data=person):
            return News(f"{person.name} is saved.")
        case _:
            count = len(select_edits(state))
            return News("One change waits for the network." if count == 1 else f"{count} changes wait for the network.")


def _switched(action: Action) -> News | None:
    turned = switched(action)
    return News(SWITCHED[turned]) if turned in SWITCHED else None
