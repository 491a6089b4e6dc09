"""The demo's store: the parts of the session, embedded; and the switches of what requests go through."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from rxdux import (
    Action,
    ApiClient,
    RefreshPolicy,
    Store,
    StoreError,
    login_epic,
    logout_epic,
    refresh_ahead_epic,
    refresh_token_epic,
)
from rxdux.query import Offline, Online

from .naive_client import NaiveClient
from .prefetch_epic import prefetch_epic
from .queries import api
from .state import DemoDependencies, DemoState, demo_reducer, switched
from .traffic import new_client, watch
from .trouble_epic import trouble_epic
from .ways_in import WaysIn

SESSION = (login_epic, logout_epic, refresh_token_epic, refresh_ahead_epic, trouble_epic)
PEOPLE = (api.epic, prefetch_epic)


class Network:
    """Whether the user has switched the network off; the queries are told, as an app does that hears it from its system."""

    def __init__(self, store: Store[DemoState]) -> None:
        self.is_off = False
        self._store = store
        store.actions.subscribe(self._follow)

    def _follow(self, action: Action) -> None:
        match switched(action):
            case ("offline", on):
                self.is_off = on
                self._store.dispatch(Offline() if on else Online())
            case _:
                pass


class ClientSwitch:
    """Which client calls the API: the one that leaves its 401s to the single flight, or the naive one."""

    def __init__(self, store: Store[DemoState], client: ApiClient) -> None:
        self._store = store
        self._clients = {False: client, True: NaiveClient(client, store)}
        store.actions.subscribe(self._follow)

    def _follow(self, action: Action) -> None:
        match switched(action):
            case ("naive", on):
                self._store.dependencies.api = self._clients[on]
            case _:
                pass


@asynccontextmanager
async def connected(store: Store[DemoState], url: str, policy: RefreshPolicy | None = None) -> AsyncGenerator[None]:
    """Connect a store, made with `DemoDependencies`, to a server: its client, and the epics of the session.

    In the end the store is closed: its epics have no client any more.
    """
    rules = policy or RefreshPolicy()
    async with new_client(rules) as client:
        api_client = ApiClient(url, client=client, backend=WaysIn(url, client), policy=rules)
        store.dependencies.api = api_client
        for epic in (*SESSION, *PEOPLE):
            store.add_epic(epic)
        ClientSwitch(store, api_client)
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
