"""The state of the demo: a session, the people as queries, and what the user has set."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from rxdux import (
    Action,
    AuthState,
    Login,
    SignIn,
    Slice,
    State,
    auth_reducer,
    combine_reducers,
    selector,
)
from rxdux.oauth import SignInState, sign_in_reducer
from rxdux.query import QueryState, Run

from .actions import HttpAnswer, SignedInAs, TroubleMade
from .queries import api, name_person

Switch = Literal["server_errors", "slow", "offline", "skewed", "refusing", "naive"]


class View(State, defer_build=True):
    """What the user has set.

    Attributes:
        user: who signed in last.
        requests: how many the server has got, by its own count; None where it does not tell.
        server_errors: the server answers 503.
        slow: the server takes a second for each answer.
        offline: nothing gets through to the server.
        skewed: the server's clock is an hour ahead.
        refusing: the server refuses the next change.
        naive: every fetch refreshes for itself.
    """

    user: str = ""
    requests: int | None = None
    server_errors: bool = False
    slow: bool = False
    offline: bool = False
    skewed: bool = False
    refusing: bool = False
    naive: bool = False


class DemoState(State, defer_build=True):
    """Session, queries, view, and a sign-in that waits for its user."""

    auth: AuthState
    api: QueryState
    view: View
    sign_in: SignInState


view = Slice("demo", initial=View())


@view.action
def switch(state: View, name: Switch, on: bool) -> View:
    return state.replace(**{name: on})


def switched(action: Action) -> tuple[Switch, bool] | None:
    """Which switch the user has turned with an action, and to what; None for any other action.

    Examples:
        >>> switched(switch("naive", True))
        ('naive', True)
    """
    return _turn(action) if isinstance(action, switch.action_class) else None


@switch.unpack
def _turn(name: Switch, on: bool) -> tuple[Switch, bool]:
    return name, on


@view.on(TroubleMade)
def _trouble_made(state: View, action: TroubleMade) -> View:
    return state if action.switch is None else state.replace(**{action.switch: action.on})


@view.on(SignIn)
def _sign_in(state: View, action: SignIn) -> View:
    """Who that is shows when they have come in."""
    return state.replace(user="")


@view.on(SignedInAs)
def _signed_in_as(state: View, action: SignedInAs) -> View:
    return state.replace(user=action.name)


@view.on(Login)
def _login(state: View, action: Login) -> View:
    return state.replace(user=action.username)


@view.on(HttpAnswer)
def _http_answer(state: View, action: HttpAnswer) -> View:
    """Answers may overtake each other; the count of one server only grows."""
    known = state.requests or 0
    return state if action.requests is None or action.requests <= known else state.replace(requests=action.requests)


@view.on(name_person.succeeded, name_person.failed)
def _answered(state: View, action: Any) -> View:
    """The refusal was for one change."""
    return state.replace(refusing=False)


demo_reducer = combine_reducers(DemoState, auth=auth_reducer, api=api, view=view, sign_in=sign_in_reducer)


class Progress(State, defer_build=True):
    """How many pages are in which state."""

    fetched: int = 0
    loading: int = 0
    failed: int = 0
    reason: str = ""


def select_entries(state: DemoState) -> Mapping[str, Any]:
    return state.api.entries


def select_runs(state: DemoState) -> Mapping[str, Run[Any]]:
    return state.api.mutations


@selector(select_entries)
def select_progress(entries: Mapping[str, Any]) -> Progress:
    settled = [result for result in entries.values() if not result.fetching]
    failed = [result.error for result in settled if result.error is not None]
    return Progress(
        fetched=sum(result.error is None and result.fetched_at is not None for result in settled),
        loading=len(entries) - len(settled),
        failed=len(failed),
        reason=str(failed[0]) if failed else "",
    )


def select_online(state: DemoState) -> bool:
    return state.api.online


@selector(select_runs, select_online)
def select_edits(runs: Mapping[str, Run[Any]], online: bool) -> dict[int, str]:
    """The people whose new name the server has not taken yet: it is `loading`, or `paused` while there is no network."""
    open_runs = (run for run in runs.values() if run.status in ("loading", "paused"))
    return {run.mutation.id: run.status if online else "paused" for run in open_runs}


@dataclass
class DemoDependencies:
    """What the epics get. The client is there once the session is connected."""

    api: Any = None
