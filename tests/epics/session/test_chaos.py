"""Hundreds of fetches, logins, logouts and cancellations against a server that cannot be trusted."""

import asyncio
import random
from collections import Counter
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest

from rxdux import (
    CancelFetch,
    FetchData,
    FetchFailure,
    FetchSuccess,
    Login,
    Logout,
    RefreshPolicy,
    create_api_store,
)
from rxdux.demo.chaos import Chaos
from rxdux.demo.server import DemoServer
from rxdux.demo.users import USERS

STEPS = 400
POLICY = RefreshPolicy(
    request_timeout=0.5,
    refresh_retries=1,
    fetch_retries=1,
    backoff_initial=0.01,
    backoff_max=0.02,
    retry_after_max=0.05,
    cool_off=0.02,
    max_refreshes_per_minute=100_000,
)


class WatchedClient(httpx.AsyncClient):
    """Sees what goes over the wire: refreshes at once, refresh tokens that were used up, all secrets."""

    def __init__(self) -> None:
        super().__init__()
        self.secrets: set[str] = set(USERS.values())
        self.wrong: list[str] = []
        self.refreshes = 0
        self._used: set[str] = set()
        self._session: dict[str, int] = {}  # refresh token -> the login that it descends from
        self._refreshing: Counter[int] = Counter()

    async def request(self, method: Any, url: Any, **options: Any) -> httpx.Response:
        form: dict[str, str] = options.get("data") or {}
        token = form.get("refresh_token")
        if token is None:
            return self._learn(await super().request(method, url, **options))
        session = self._session.get(token, 0)
        self.refreshes += 1
        self._refreshing[session] += 1
        if self._refreshing[session] > 1:
            self.wrong.append("two refreshes of a session at once")
        if token in self._used:
            self.wrong.append("a used refresh token was sent again")
        try:
            response = self._learn(await super().request(method, url, **options), session)
        finally:
            self._refreshing[session] -= 1
        if response.status_code == 200 and "refresh_token" in response.text:
            self._used.add(token)
        return response

    def _learn(self, response: httpx.Response, session: int | None = None) -> httpx.Response:
        sent = response.request.headers.get("Authorization", "").removeprefix("Bearer ")
        form = parse_qs(response.request.content.decode())
        received = response.json() if response.text.startswith('{"access_token"') else {}
        if "refresh_token" in received:
            self._session[received["refresh_token"]] = len(self._session) if session is None else session
        named = [received.get(name, "") for name in ("access_token", "refresh_token")]
        self.secrets |= {secret for secret in (sent, *form.get("refresh_token", []), *named) if secret}
        return response


@pytest.mark.slow
@pytest.mark.parametrize("seed", [1, 2, 3])
async def test_chaos(seed: int, caplog: pytest.LogCaptureFixture) -> None:
    """Whatever the server does: one refresh at a time, nothing left loading, no stranger's data, no secret shown."""
    caplog.set_level(0)
    dice = random.Random(seed)
    shown: list[str] = []
    ends: Counter[str] = Counter()
    wrong: list[str] = []
    user = ""

    def around(app: Any) -> Any:
        return Chaos(app, seed=seed, rate=0.25, hang=0.7)

    def watch(store: Any, action: Any, call_next: Any) -> Any:
        nonlocal user
        if isinstance(action, Login):
            user = action.username
        result = call_next(action)
        shown.append(f"{action!r} {action.serialize()}")
        if isinstance(action, FetchSuccess | FetchFailure):
            ends[action.type] += 1
        me = store.state.data["me"]
        if me.status == "success" and me.data["name"] != user:
            wrong.append(f"the answer of {me.data['name']} reached {user}")
        return result

    with DemoServer(token_life=0.5, around=around) as server:
        async with WatchedClient() as client:
            errors: list[Any] = []
            async with create_api_store(
                server.url, client=client, policy=POLICY, middleware=[watch], on_error=errors.append
            ) as store:
                for step in range(STEPS):
                    if store.state.auth.status == "signed_out" or dice.random() < 0.02:
                        name = dice.choice(sorted(USERS))
                        store.dispatch(Login(username=name, password=USERS[name]))
                    match dice.choices(("fetch", "me", "cancel", "logout", "expire", "wait"), (60, 10, 5, 1, 10, 20))[
                        0
                    ]:
                        case "fetch":
                            store.dispatch(
                                FetchData(key=f"{step % 40}", path="/people", params={"delay": dice.random() / 20})
                            )
                        case "me":
                            store.dispatch(FetchData(key="me", path="/me", params={"delay": dice.random() / 20}))
                        case "cancel":
                            store.dispatch(CancelFetch(key=f"{dice.randrange(40)}"))
                        case "logout":
                            store.dispatch(Logout())
                        case "expire":
                            server.issuer.expire_access_tokens()
                        case _:
                            await asyncio.sleep(dice.random() / 20)
                await store.idle(60)
                statuses = Counter(each.status for each in store.state.data.values())
                shown.append(store.state.model_dump_json() + repr(store.state))
        assert asyncio.all_tasks() == {asyncio.current_task()}
    unforeseen = [error for error in errors if "could not be revoked" not in str(error)]
    assert (wrong, client.wrong, unforeseen) == ([], [], [])
    assert statuses["loading"] == 0
    assert client.refreshes >= 2
    assert ends["FETCH_SUCCESS"] > 0  # how many there are depends on the machine
    assert len(client.secrets) > 10
    everything = "\n".join(shown) + caplog.text
    assert [secret for secret in client.secrets if secret in everything] == []
