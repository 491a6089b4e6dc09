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
from .state import DemoDependencies, DemoState, demo_reducer, switch
from .traffic import new_client, watch
from .trouble_epic import trouble_epic

SESSION = (login_epic, logout_epic, refresh_token_epic, refresh_ahead_epic, trouble_epic)


class Network:
    """Whether the user has switched the network off."""

    def __init__(self, store: Store[DemoState]) -> None:
        self.is_off = False
        store.actions.subscribe(self._follow)

    def _follow(self, action: Action) -> None:
        if isinstance(action, switch.action_class) and action.model_dump()["name"] == "offline":
            self.is_off = action.model_dump()["on"]


class FetchSwitch:
    """Which epic fetches: the one with a single flight, or the naive one. The other one is stopped."""

    def __init__(self, store: Store[DemoState]) -> None:
        self._store = store
        self._running: Subscription = store.add_epic(fetch_data_epic)
        store.actions.subscribe(self._follow)

    def _follow(self, action: Action) -> None:
        if isinstance(action, switch.action_class) and action.model_dump()["name"] == "naive":
            self._running.unsubscribe()
            epic = naive_fetch_epic if action.model_dump()["on"] else fetch_data_epic
            self._running = self._store.add_epic(epic)


@asynccontextmanager
async def connected(store: Store[DemoState], url: str, policy: RefreshPolicy | None = None) -> AsyncGenerator[None]:
    """Connect a store, made with `DemoDependencies`, to a server: its client, and the epics of the session."""
    rules = policy or RefreshPolicy()
    async with new_client(rules) as client:
        store.dependencies.api = ApiClient(url, client=client, policy=rules)
        running = [store.add_epic(epic) for epic in SESSION]
        FetchSwitch(store)
        network = Network(store)
        watch(client, store.dispatch, is_offline=lambda: network.is_off)
        try:
            yield
        finally:
            for epic in running:
                epic.unsubscribe()


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
        store.close()
