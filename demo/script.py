"""The demo without a screen: sign in by device code, then with a password; let the token expire, fetch fifty at once, and count."""

import asyncio
import time
from collections.abc import Callable

import httpx

from rxdux import (
    Action,
    ApiState,
    FetchData,
    FetchSuccess,
    Login,
    Logout,
    RefreshPolicy,
    RefreshToken,
    SignIn,
    Store,
    auth_reducer,
    combine_reducers,
    create_api_store,
    data_reducer,
)
from rxdux.oauth import SignInState, sign_in_reducer

from .log_line import line_of
from .traffic import new_client, watch
from .users import USERS
from .ways_in import WaysIn

FETCHES = 50
PATIENCE = 60.0  # seconds


class ScriptState(ApiState):
    """A session, its data, and a sign-in that waits for its user."""

    sign_in: SignInState


script_reducer = combine_reducers(ScriptState, auth=auth_reducer, data=data_reducer, sign_in=sign_in_reducer)


async def run_script(url: str) -> bool:
    """Tell the story on standard output.

    Returns:
        Whether both ways in worked, and all fifty were fetched, with one refresh.
    """
    policy = RefreshPolicy()
    async with (
        new_client(policy) as client,
        create_api_store(
            url, client=client, backend=WaysIn(url, client), policy=policy, reducer=script_reducer
        ) as store,
    ):
        watch(client, store.dispatch)
        log: list[Action] = []
        store.actions.subscribe(log.append)
        store.actions.subscribe(_printer(time.monotonic()))
        if not (await _sign_in_by_device(store) and await _sign_in(store)):
            print(f"Not signed in: {store.state.auth.error or 'the page did not take the approval'}")
            return False
        await _wait_until_expired(store)
        for number in range(1, FETCHES + 1):
            store.dispatch(FetchData(key=f"people {number}", path="/people", params={"page": number, "size": 6}))
        await store.idle(PATIENCE)
    fetched = sum(isinstance(action, FetchSuccess) for action in log)
    refreshes = sum(isinstance(action, RefreshToken) for action in log)
    print(f"\n{fetched} fetched, {refreshes} refresh{'' if refreshes == 1 else 'es'}")
    return (fetched, refreshes) == (FETCHES, 1)


async def _sign_in_by_device(store: Store[ScriptState]) -> bool:
    """Come in by a code, approved as a user would in a browser; and go again."""
    store.dispatch(SignIn())
    state = await store.wait_for(_asks_user_or_is_done, PATIENCE)
    if state.sign_in.user_code is not None:
        if not await _approve(state.sign_in):
            return False
        await store.wait_for(_is_done, PATIENCE)
    if store.state.auth.status != "signed_in":
        return False
    store.dispatch(Logout())
    return True


async def _approve(asked: SignInState) -> bool:
    """Open the page with the code in it, and send its form."""
    form = {"user_code": asked.user_code, "username": "grace", "password": USERS["grace"], "decision": "approve"}
    try:
        async with httpx.AsyncClient(timeout=PATIENCE) as browser:
            page = await browser.get(str(asked.verification_uri_complete or asked.verification_uri))
            answer = await browser.post(str(asked.verification_uri), data=form)
    except httpx.HTTPError as error:
        print(f"           ... opening {asked.verification_uri}: {error}")
        return False
    print(f"           ... opening {asked.verification_uri}: {page.status_code}, approving: {answer.status_code}")
    return answer.status_code == 200


def _asks_user_or_is_done(state: ScriptState) -> ScriptState | None:
    return state if state.sign_in.user_code is not None or _is_done(state) else None


def _is_done(state: ScriptState) -> bool:
    return state.auth.status != "signing_in"


async def _sign_in(store: Store[ScriptState]) -> bool:
    store.dispatch(Login(username="ada", password=USERS["ada"]))
    await store.wait_for(_is_done, PATIENCE)
    return store.state.auth.status == "signed_in"


async def _wait_until_expired(store: Store[ScriptState]) -> None:
    expires_at = store.state.auth.expires_at or time.time()
    left = max(0.0, expires_at - time.time())
    print(f"           ... waiting {left:.1f} s until the token has expired")
    await asyncio.sleep(left)


def _printer(started: float) -> Callable[[Action], None]:
    def show(action: Action) -> None:
        print(f"{time.monotonic() - started:8.3f}s  {line_of(action)}")

    return show
