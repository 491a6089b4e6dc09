"""The demo without a screen: sign in, let the token expire, fetch fifty at once, and count."""

import asyncio
import time
from collections.abc import Callable

from rxdux import (
    Action,
    ApiState,
    FetchData,
    FetchSuccess,
    Login,
    RefreshPolicy,
    RefreshToken,
    Store,
    create_api_store,
)

from .log_line import line_of
from .traffic import new_client, watch

FETCHES = 50
PATIENCE = 60.0  # seconds


async def run_script(url: str) -> bool:
    """Tell the story on standard output.

    Returns:
        Whether all fifty were fetched, with one refresh.
    """
    policy = RefreshPolicy()
    async with new_client(policy) as client, create_api_store(url, client=client, policy=policy) as store:
        watch(client, store.dispatch)
        log: list[Action] = []
        store.actions.subscribe(log.append)
        store.actions.subscribe(_printer(time.monotonic()))
        if not await _sign_in(store):
            print(f"Not signed in: {store.state.auth.error}")
            return False
        await _wait_until_expired(store)
        for number in range(1, FETCHES + 1):
            store.dispatch(FetchData(key=f"people {number}", path="/people", params={"page": number, "size": 6}))
        await store.idle(PATIENCE)
    fetched = sum(isinstance(action, FetchSuccess) for action in log)
    refreshes = sum(isinstance(action, RefreshToken) for action in log)
    print(f"\n{fetched} fetched, {refreshes} refresh{'' if refreshes == 1 else 'es'}")
    return (fetched, refreshes) == (FETCHES, 1)


async def _sign_in(store: Store[ApiState]) -> bool:
    store.dispatch(Login(username="ada", password="lovelace"))
    await store.wait_for(lambda state: state.auth.status != "signing_in", PATIENCE)
    return store.state.auth.status == "signed_in"


async def _wait_until_expired(store: Store[ApiState]) -> None:
    expires_at = store.state.auth.expires_at or time.time()
    left = max(0.0, expires_at - time.time())
    print(f"           ... waiting {left:.1f} s until the token has expired")
    await asyncio.sleep(left)


def _printer(started: float) -> Callable[[Action], None]:
    def show(action: Action) -> None:
        print(f"{time.monotonic() - started:8.3f}s  {line_of(action)}")

    return show
