"""The state of the demo: a session, its data, and what the user has set."""

from dataclasses import dataclass
from typing import Any, Literal

from rxdux import (
    ApiState,
    DataState,
    Login,
    Logout,
    Slice,
    State,
    auth_reducer,
    combine_reducers,
    data_reducer,
    selector,
)

from .actions import TroubleMade
from .people import Person

Column = Literal["id", "name", "role", "city"]
Switch = Literal["server_errors", "slow", "offline", "skewed", "naive"]


class View(State, defer_build=True):
    """What the user has set.

    Attributes:
        user: who signed in last.
        search: what the table is searched for.
        sort: the column that the table is sorted by.
        descending: whether from the last to the first.
        server_errors: the server answers 503.
        slow: the server takes a second for each answer.
        offline: nothing gets through to the server.
        skewed: the server's clock is an hour ahead.
        naive: every fetch refreshes for itself.
    """

    user: str = ""
    search: str = ""
    sort: Column = "id"
    descending: bool = False
    server_errors: bool = False
    slow: bool = False
    offline: bool = False
    skewed: bool = False
    naive: bool = False


class DemoState(ApiState):
    """Session, data and view."""

    view: View


view = Slice("demo", initial=View())


@view.action
def search_for(state: View, text: str) -> View:
    return state.replace(search="".join(letter for letter in text if letter.isprintable()).strip())


@view.action
def sort_by(state: View, column: Column) -> View:
    """The same column again turns the order round."""
    return state.replace(sort=column, descending=column == state.sort and not state.descending)


@view.action
def switch(state: View, name: Switch, on: bool) -> View:
    return state.replace(**{name: on})


@view.on(TroubleMade)
def _trouble_made(state: View, action: TroubleMade) -> View:
    return state if action.switch is None else state.replace(**{action.switch: action.on})


@view.on(Login)
def _login(state: View, action: Login) -> View:
    return state.replace(user=action.username)


@view.on(Logout)
def _logout(state: View, action: Logout) -> View:
    return state.replace(search="")


demo_reducer = combine_reducers(DemoState, auth=auth_reducer, data=data_reducer, view=view)


class Progress(State, defer_build=True):
    """How many fetches of the table are in which state."""

    fetched: int = 0
    loading: int = 0
    failed: int = 0
    reason: str = ""


def select_data(state: DemoState) -> DataState:
    return state.data


def select_view(state: DemoState) -> View:
    return state.view


@selector(select_data)
def select_progress(data: DataState) -> Progress:
    statuses = [resource.status for resource in data.values()]
    reason = next((str(resource.error) for resource in data.values() if resource.error), "")
    return Progress(
        fetched=statuses.count("success"),
        loading=statuses.count("loading"),
        failed=statuses.count("failure"),
        reason=reason,
    )


@selector(select_data)
def select_people(data: DataState) -> dict[int, Person]:
    """All rows that were fetched, by id."""
    return {row["id"]: row for resource in data.values() if resource.data for row in resource.data["items"]}


@selector(select_people, select_view)
def select_rows(people: dict[int, Person], view: View) -> tuple[Person, ...]:
    """The rows that the search leaves, in order."""
    wanted = view.search.lower()
    rows = [row for row in people.values() if wanted in f"{row['name']} {row['role']} {row['city']}".lower()]
    return tuple(sorted(rows, key=lambda row: row[view.sort], reverse=view.descending))


@dataclass
class DemoDependencies:
    """What the epics get. The client is there once the session is connected."""

    api: Any = None
