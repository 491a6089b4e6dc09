"""Queries in a session: they share its refresh, and end with it; counted at a real server."""

import asyncio
from typing import Any

import pytest

from rxdux import ApiCallError, ApiError, Login, LoginSuccess, Logout, RefreshFailure, TokenSet
from rxdux.query import Offline

from .conftest import until
from .shop import User, open_shop


async def test_promise_10_queries_and_mutations_share_the_refresh(backend: Any, open_store: Any) -> None:
    """However many meet an expired token: one refresh, and all succeed."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        await session.sign_in()
        backend.expire()
        backend.count.clear()
        asked = [shop.get_user(id).fetch(session.store) for id in range(1, 11)]
        changed = [shop.rename(id, "x").run(session.store) for id in range(11, 16)]
        answers = await asyncio.gather(*asked, *changed)
        assert [answer.id for answer in answers] == list(range(1, 16))
        assert backend.count["POST /token"] == 1
        assert session.store.state.auth.unproven == 0


async def test_promise_10_the_log_tells_of_each_401_once(backend: Any, open_store: Any) -> None:
    """Rejected, then started over; who was not sent at all has only waited."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        await session.sign_in()
        backend.expire()
        session.log.clear()
        await asyncio.gather(*(shop.get_user(id).fetch(session.store) for id in range(1, 21)))
        for id in range(1, 21):
            told = [action for action in session.log if getattr(action, "request", None) == shop.get_user(id).cache_key]
            refused = sum(action.type == "REQUEST_REJECTED" for action in told)
            assert refused == backend.count[f"GET /users/{id}"] - 1
            assert sum(action.type == "REQUEST_REPLAYED" for action in told) <= 1


async def test_promise_10_a_401_replays_the_one_http_call(backend: Any, open_store: Any) -> None:
    """Never the whole function: a mutation of two POSTs sends the first once."""
    shop = open_shop()

    @shop.api.mutation()
    async def add_two(call: Any) -> None:
        await call.post("/users", {"name": "a"})
        backend.expire()
        await call.post("/users", {"name": "b"})

    async with open_store(backend, shop.api) as session:
        await session.sign_in()
        await add_two().run(session.store)
        bodies = [body for method, path, _, body in backend.requests if (method, path) == ("POST", "/users")]
        assert bodies == [{"name": "a"}, {"name": "b"}, {"name": "b"}]
        assert len(backend.users) == 22


async def test_promise_10_gets_are_retried(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    backend.failing["GET /users/7"] = 503
    async with open_store(backend, shop.api) as session:
        with pytest.raises(ApiCallError):
            await shop.get_user(7).fetch(session.store)
        assert backend.count["GET /users/7"] == 3


async def test_promise_10_a_query_asked_while_signing_in_waits_for_it(backend: Any, open_store: Any) -> None:
    """It is not sent without a token, and it is the new session's."""
    shop = open_shop()
    backend.expire()
    async with open_store(backend, shop.api) as session:
        session.store.dispatch(Login(username="ada", password="x"))
        assert (await shop.get_user(7).fetch(session.store)).id == 7
        assert backend.count["GET /users/7"] == 1


@pytest.mark.parametrize("how", ["logout", "login", "tokens of another user", "refused for good"])
async def test_promise_11_the_end_of_a_session(backend: Any, open_store: Any, how: str) -> None:
    """Calls are cancelled, entries and mutations dropped; what is watched is idle, and fetched for the next session."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        await session.sign_in()
        await shop.get_public(3).fetch(session.store)
        with shop.get_user(7).watch(session.store) as watch:
            await watch.answer()
            backend.held |= {"/users/8", "PATCH /users/9"}
            fetching = asyncio.create_task(shop.get_user(8).fetch(session.store))
            running = asyncio.create_task(shop.rename(9, "x").run(session.store))
            await until(lambda: backend.waiting["/users/8"] and backend.waiting["/users/9"])
            match how:
                case "logout":
                    session.store.dispatch(Logout())
                case "login":
                    backend.held.add("/token")
                    session.store.dispatch(Login(username="grace", password="x"))
                case "refused for good":
                    error = ApiError(kind="session_expired", message="over")
                    session.store.dispatch(RefreshFailure(error=error, permanent=True))
                case _:
                    backend.tokens.add("another")
                    session.store.dispatch(LoginSuccess(tokens=TokenSet(access_token="another")))
            for task in (fetching, running):
                with pytest.raises(ApiCallError) as failed:
                    await task
                assert failed.value.error.kind == "session_expired"
            await until(lambda: sorted(backend.hung_up) == ["/users/8", "/users/9"])
            if how in ("logout", "refused for good"):
                assert watch.result.status == "idle"
                assert list(session.store.state.api.entries) == ["get_public(id=3)"]
                assert not session.store.state.api.mutations
                backend.count.clear()
                session.store.dispatch(Login(username="grace", password="x"))
            await session.store.wait_for(lambda state: shop.get_user(7)(state).status == "success", 20)
            await session.settle()
            assert session.result(shop.get_user(8)).status == "idle"
            assert session.result(shop.get_public(3)).data == User(id=3, name="user 3")


async def test_promise_11_another_session_of_the_store_is_none_of_ours(backend: Any, open_store: Any) -> None:
    """Its end drops nothing."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        await session.sign_in()
        await shop.get_user(7).fetch(session.store)
        before = session.store.state.api
        session.store.dispatch(Logout(session="billing"))
        await session.settle()
        assert session.store.state.api is before


async def test_promise_11_while_offline(backend: Any, open_store: Any) -> None:
    """Mutations that wait are of the session as well."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        await session.sign_in()
        session.store.dispatch(Offline())
        running = asyncio.create_task(shop.rename_offline(7, "x").run(session.store))
        await session.store.wait_for(lambda state: len(state.api.mutations) == 1, 20)
        session.store.dispatch(Logout())
        with pytest.raises(ApiCallError):
            await running
        assert not session.store.state.api.mutations


async def test_a_query_of_no_session_carries_no_token(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        await session.sign_in()
        await shop.get_public(3).fetch(session.store)
        assert "authorization" not in backend.requests[-1][2]
