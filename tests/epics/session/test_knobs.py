"""The knobs of the policy, and what can be observed: against a real server."""

import dataclasses
import logging
import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
import stamina

from rxdux import (
    FetchData,
    FetchFailure,
    FetchSuccess,
    RefreshFailure,
    RefreshSuccess,
    RefreshToken,
    RequestRejected,
    RequestReplayed,
)
from rxdux.demo.trouble import Trouble


def people(key: str = "people", **params: Any) -> FetchData:
    return FetchData(key=key, path="/people", params={"size": 1, **params})


async def test_promise_6_a_passing_failure_is_retried(server: Any, open_session: Any) -> None:
    """The token endpoint recovers within the retries: nobody notices."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        answers = iter(["<html>", "<html>"])

        class Recovering(type(server.api.trouble)):
            @property
            def token_answer(self) -> str | None:
                return next(answers, None)

            @token_answer.setter
            def token_answer(self, value: str | None) -> None:
                pass

        server.api.trouble = Recovering()
        session.store.dispatch(people())
        await session.settle()
        assert session.store.state.data["people"].status == "success"
        assert server.api.count["refresh"] == 3
        assert session.count(RefreshSuccess) == 1


async def test_promise_6_cool_off(server: Any, open_session: Any, quick: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a failed refresh, fetches that need one fail at once for a while; then one may try again."""
    policy = dataclasses.replace(quick, refresh_retries=0, cool_off=600.0)
    async with open_session(server, policy=policy) as session:
        server.issuer.expire_access_tokens()
        server.api.trouble.token_answer = "<html>"
        for n in range(5):
            session.store.dispatch(people(f"people {n}"))
            await session.settle()
        assert server.api.count["refresh"] == 1
        assert [action.error.kind for action in session.log if isinstance(action, FetchFailure)] == [
            "invalid_response"
        ] * 5
        assert session.store.state.auth.status == "signed_in"
        server.api.trouble.token_answer = None
        later = time.monotonic() + 601
        client_side = sys.modules["rxdux.epics.session.unauthorized"]
        monkeypatch.setattr(client_side, "time", SimpleNamespace(time=time.time, monotonic=lambda: later))
        session.store.dispatch(people())
        await session.settle()
        assert session.store.state.data["people"].status == "success"
        assert session.store.state.auth.error is None


async def test_the_budget_of_refreshes(server: Any, open_session: Any, quick: Any) -> None:
    """Beyond it fetches fail with `rate_limited`; nobody is logged out."""
    async with open_session(server, policy=dataclasses.replace(quick, max_refreshes_per_minute=3)) as session:
        for n in range(5):
            server.issuer.expire_access_tokens()
            session.store.dispatch(people(f"people {n}"))
            await session.settle()
        assert server.api.count["refresh"] == 3
        assert [session.store.state.data[f"people {n}"].status for n in range(5)] == ["success"] * 3 + ["failure"] * 2
        assert session.store.state.data["people 4"].error.kind == "rate_limited"
        assert session.store.state.auth.status == "signed_in"


async def test_promise_10_a_get_survives_a_busy_server(server: Any, open_session: Any) -> None:
    """Two retries are enough for two refusals."""
    async with open_session(server) as session:
        answers = iter([503, 429])
        trouble = type(server.api.trouble)
        server.api.trouble = type("Recovering", (trouble,), {"status": property(lambda self: next(answers, None))})()
        session.store.dispatch(people())
        await session.settle()
        assert session.store.state.data["people"].status == "success"
        assert server.api.count["api"] == 3


async def test_retries_wait(server: Any, open_session: Any, quick: Any) -> None:
    """As stamina is told to; its testing mode takes the wait away."""
    policy = dataclasses.replace(quick, backoff_initial=30.0, backoff_max=60.0)
    stamina.set_testing(True, attempts=3)
    try:
        async with open_session(server, policy=policy) as session:
            server.api.trouble.fail(60, 503)
            session.store.dispatch(people())
            await session.settle()
            assert server.api.count["api"] == 3
    finally:
        stamina.set_testing(False)


async def test_requests_are_bounded_in_front_of_the_pool(server: Any, open_session: Any, quick: Any) -> None:
    """`max_in_flight` at once; a refresh does not queue behind them."""
    at_once: list[int] = []

    async def guarded(request: Any) -> Any:
        at_once.append(1)
        most.append(len(at_once))
        try:
            return await original(request)
        finally:
            at_once.pop()

    most: list[int] = []
    original = server.api._guarded
    server.api._guarded = guarded
    async with open_session(server, policy=dataclasses.replace(quick, max_in_flight=4)) as session:
        server.issuer.expire_access_tokens()
        for n in range(30):
            session.store.dispatch(people(f"people {n}", delay=0.01))
        await session.settle()
        assert session.count(FetchSuccess) == 30
    assert max(most) == 4


def tell_a_life_of(server: Any, seconds: object) -> None:
    """At a sign-in. The token lives longer, so that no test races with its end."""
    log_in = server.issuer.log_in

    def telling(username: str, password: str) -> Any:
        grant = log_in(username, password)
        return dataclasses.replace(grant, tokens={**grant.tokens, "expires_in": seconds})

    server.issuer.log_in = telling


async def test_promise_13_a_refresh_ahead_of_the_expiry(server: Any, open_session: Any, quick: Any) -> None:
    """Once, and without a failing request."""
    tell_a_life_of(server, 1.0)
    policy = dataclasses.replace(quick, refresh_before_expiry=0.5)
    async with open_session(server, policy=policy, sign_in=False) as session:
        await session.sign_in()
        await session.store.wait_for(lambda state: state.auth.generation == 2, 20)
        assert session.types(RefreshToken, RefreshSuccess) == ["REFRESH_TOKEN", "REFRESH_SUCCESS"]
        session.store.dispatch(people())
        await session.settle()
        assert server.api.count["unauthorized"] == 0
        assert server.api.count["refresh"] == 1


async def test_promise_13_a_short_token_is_not_refreshed_on_every_call(open_session: Any, quick: Any) -> None:
    """The lead is at most half of its life, and idle does not wait for it."""
    from rxdux.demo.server import DemoServer

    with DemoServer(token_life=60.0) as server:
        async with open_session(server, policy=dataclasses.replace(quick, refresh_before_expiry=3600.0)) as session:
            for n in range(5):
                session.store.dispatch(people(page=n + 1))
                await session.settle()
            assert server.api.count == {"api": 5}


async def test_promise_13_a_laptop_that_slept_past_the_expiry(
    server: Any, open_session: Any, quick: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first use refreshes, once, without a doomed call."""
    async with open_session(server, policy=dataclasses.replace(quick, refresh_before_expiry=10.0)) as session:
        server.issuer.expire_access_tokens()
        awake = time.time() + 3_600
        client_side = sys.modules["rxdux.epics.session.unauthorized"]
        monkeypatch.setattr(client_side, "time", SimpleNamespace(time=lambda: awake, monotonic=time.monotonic))
        for n in range(10):
            session.store.dispatch(people(f"people {n}"))
        await session.settle()
        assert session.count(FetchSuccess) == 10
        assert server.api.count["unauthorized"] == 0


class NoRefresh(Trouble):
    """The token endpoint answers a sign-in, and no refresh."""

    def __init__(self, server: Any) -> None:
        self.server = server
        super().__init__()

    @property
    def token_answer(self) -> str | None:
        return "<html>" if self.server.api.count["refresh"] else None

    @token_answer.setter
    def token_answer(self, _: str | None) -> None: ...


async def test_promise_13_a_failure_ahead_of_time_harms_nobody(server: Any, open_session: Any, quick: Any) -> None:
    """The token is still good: a fetch goes on with it."""
    tell_a_life_of(server, 1.0)
    policy = dataclasses.replace(quick, refresh_before_expiry=60.0, refresh_retries=0, cool_off=60.0)
    async with open_session(server, policy=policy, sign_in=False) as session:
        server.api.trouble = NoRefresh(server)
        await session.sign_in()
        await session.store.wait_for(lambda state: state.auth.retry_at > 0, 20)
        session.store.dispatch(people())
        await session.settle()
        assert session.store.state.data["people"].status == "success"
        assert session.count(RefreshFailure) == 1


@pytest.mark.parametrize("expires_in", [0, -1, None, 1e300, "soon", "30"])
async def test_promise_13_absurd_lives_are_tolerated(
    server: Any, open_session: Any, quick: Any, expires_in: Any
) -> None:
    """Whatever the server says of it, the session works."""
    tell_a_life_of(server, expires_in)
    async with open_session(server, policy=dataclasses.replace(quick, refresh_before_expiry=10.0)) as session:
        session.store.dispatch(people())
        await session.settle()
        assert session.store.state.data["people"].status == "success"
        assert server.api.count["refresh"] == 0


async def test_each_decision_is_in_the_log(server: Any, open_session: Any) -> None:
    """Which request met the 401, with which generation, who waited and how long; how long the refresh took."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        server.api.trouble.token_delay = 0.1
        for key in ("a", "b"):
            session.store.dispatch(people(key))
        await session.settle()
        rejected = {action.request: action for action in session.log if isinstance(action, RequestRejected)}
        assert {key: (each.generation, each.decision) for key, each in rejected.items()} in (
            {"a": (1, "refresh"), "b": (1, "wait")},
            {"b": (1, "refresh"), "a": (1, "wait")},
            {"a": (1, "refresh"), "b": (1, "refresh")},
        )
        replayed = {action.request: action for action in session.log if isinstance(action, RequestReplayed)}
        assert {key: each.generation for key, each in replayed.items()} == {"a": 2, "b": 2}
        assert all(0.05 < each.waited < 20 for each in replayed.values())
        assert next(action.cause for action in session.log if isinstance(action, RefreshToken)) in ("a", "b")
        auth = session.store.state.auth
        assert auth.refreshes == 1
        assert 0.05 < auth.refresh_seconds < 20


async def test_debug_records_tell_the_story(server: Any, open_session: Any, caplog: pytest.LogCaptureFixture) -> None:
    """At level DEBUG, without a secret."""
    caplog.set_level(logging.DEBUG, logger="rxdux")
    async with open_session(server) as session:
        tokens = session.store.state.auth.tokens
        server.issuer.expire_access_tokens()
        session.store.dispatch(people("a"))
        await session.settle()
    records = [record.getMessage() for record in caplog.records if record.name == "rxdux"]
    assert records[0] == "request a with token generation 1: refresh"
    assert records[1].startswith("request a waited")
    assert tokens.access_token.get_secret_value() not in caplog.text
