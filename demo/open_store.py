"""The demo's store: the parts of the session, embedded; and the switch between two epics that fetch."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from rxdux import (
    Action,
    ApiClient,
    RefreshPolicy,
    Store,
    StoreError,
    Subscription,
    fetch_data_epic,
    login_epic,
    logout_epic,
    refresh_ahead_epic,
    refresh_token_epic,
)

from .naive_epic import naive_fetch_epic
from .state import DemoDependencies, DemoState, Switch, demo_reducer, switch
from .traffic import new_client, watch
from .trouble_epic import trouble_epic

SESSION = (login_epic, logout_epic, refresh_token_epic, refresh_ahead_epic, trouble_epic)


def switched(action: Action, name: Switch) -> bool | None:
    """To what an action turns this switch; None for one that does not."""
    if not isinstance(action, switch.action_class):
        return None
    fields = action.model_dump()
    return fields["on"] if fields["name"] == name else None


class Network:
    """Whether the user has switched the network off."""

    def __init__(self, store: Store[DemoState]) -> None:
        self.is_off = False
        store.actions.subscribe(self._follow)

    def _follow(self, action: Action) -> None:
        on = switched(action, "offline")
        if on is not None:
            self.is_off = on


class FetchSwitch:
    """Which epic fetches: the one with a single flight, or the naive one. The other one is stopped."""

    def __init__(self, store: Store[DemoState]) -> None:
        self._store = store
        self._running: Subscription = store.add_epic(fetch_data_epic)
        store.actions.subscribe(self._follow)

    def _follow(self, action: Action) -> None:
        on = switched(action, "naive")
        if on is not None:
            self._running.unsubscribe()
            self._running = self._store.add_epic(naive_fetch_epic if on else fetch_data_epic)


@asynccontextmanager
async def connected(store: Store[DemoState], url: str, policy: RefreshPolicy | None = None) -> AsyncGenerator[None]:
    """Connect a store, made with `DemoDependencies`, to a server: its client, and the epics of the session.

    In the end the store is closed: its epics have no client any more.
    """
    rules = policy or RefreshPolicy()
    async with new_client(rules) as client:
        store.dependencies.api = ApiClient(url, client=client, policy=rules)
        for epic in SESSION:
            store.add_epic(epic)
        FetchSwitch(store)
        network = Network(store)
        watch(client, store.dispatch, is_offline=lambda: network.is_off)
        try:
            yield
        finally:
            store.close()


@asynccontextmanager
async def open_store(
    url: str, policy: RefreshPolicy | None = None, errors: list[StoreError] | None = None
) -> AsyncGenerator[Store[DemoState]]:
    """A store on a server. What goes wrong where nobody is told is put into `errors`."""
    noted: list[StoreError] = [] if errors is None else errors
    async with (
        Store(demo_reducer, dependencies=DemoDependencies(), on_error=noted.append) as store,
        connected(store, url, policy),
    ):
        yield store
