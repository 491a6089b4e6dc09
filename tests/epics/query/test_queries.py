"""Queries: fetched once, shared, kept while somebody looks; counted at a real server."""

import asyncio
import threading
from typing import Any

import pytest

from rxdux import ApiCallError, ApiClient, ApiDependencies, Store, StoreClosedError, combine_reducers, thunk
from rxdux.query import Cancelled, Invalidate, Released, Removed, Watched

from .conftest import until
from .shop import NAMES, USER, User, open_shop


@pytest.mark.parametrize("asking", [1, 1_000])
async def test_promise_1_all_who_ask_share_one_request(backend: Any, open_store: Any, asking: int) -> None:
    """Watchers, fetches and prefetches of one query cause one request; a fresh one causes none."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        watches = [shop.get_user(7).watch(session.store) for _ in range(asking)]
        for _ in range(asking):
            session.store.dispatch(shop.get_user(id=7))
        answers = await asyncio.gather(*(shop.get_user(7).fetch(session.store) for _ in range(asking)))
        assert backend.count == {"GET /users/7": 1}
        assert set(answers) == {User(id=7, name="user 7")}
        session.log.clear()
        await shop.get_user(7).fetch(session.store)
        with shop.get_user(7).watch(session.store) as late:
            assert late.result.data is answers[0]
        assert (backend.count.total(), session.types) == (1, [])
        for watch in watches:
            watch.close()
        assert session.types == ["query/released"]


async def test_promise_1_from_any_thread(backend: Any, open_store: Any) -> None:
    """Threads that watch at once share the request as well."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        watches: list[Any] = []
        threads = [
            threading.Thread(target=lambda: watches.append(shop.get_user(7).watch(session.store))) for _ in range(20)
        ]
        for thread in threads:
            thread.start()
        await asyncio.to_thread(lambda: [thread.join() for thread in threads])
        await session.settle()
        assert backend.count == {"GET /users/7": 1}
        assert [watch.result.data.name for watch in watches] == ["user 7"] * 20
        for watch in watches:
            watch.close()


def test_promise_1_in_a_store_without_a_loop(backend: Any) -> None:
    """A store of threads fetches on a loop of its own."""
    shop = open_shop()
    client = ApiClient(backend.url)
    with (
        Store(
            combine_reducers({"api": shop.api}),
            epics=[shop.api.epic],
            dependencies=ApiDependencies(client),
            middleware=[thunk],
        ) as store,
        shop.get_user(7).watch(store) as watch,
    ):
        store.wait_idle(20)
        assert watch.result.data == User(id=7, name="user 7")
        closing: Any = store.dispatch(lambda _: client.aclose())
        closing.result(10)


async def test_promise_2_a_call_that_nobody_awaits_is_cancelled(backend: Any, open_store: Any) -> None:
    """The server sees the disconnect, and the entry is as before."""
    shop = open_shop()
    backend.held.add("/users/7")
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store) as watch, shop.get_user(7).watch(session.store):
            assert watch.result.status == "loading"
            await until(lambda: backend.waiting["/users/7"])
        await until(lambda: backend.hung_up == ["/users/7"])
        assert session.result(shop.get_user(7)).status == "idle"
        assert not session.store.state.api.entries
        assert [type(action) for action in session.log if isinstance(action, Watched | Released | Cancelled)] == [
            Watched,
            Released,
            Cancelled,
        ]


async def test_promise_2_a_cancelled_fetch_and_a_prefetch(backend: Any, open_store: Any) -> None:
    """A fetch is cancelled when nobody else wants it; a prefetch goes on though nobody watches."""
    shop = open_shop()
    backend.held.add("/users/7")
    async with open_store(backend, shop.api) as session:
        fetching = asyncio.create_task(shop.get_user(7).fetch(session.store))
        await until(lambda: backend.waiting["/users/7"])
        fetching.cancel()
        await until(lambda: backend.hung_up == ["/users/7"])
        with pytest.raises(TimeoutError, match=r"No answer came within 0.05 s"):
            await shop.get_user(7).fetch(session.store, timeout=0.05)
        session.store.dispatch(shop.get_user(7))
        with shop.get_user(7).watch(session.store):
            pass
        backend.held.clear()
        await session.settle()
        assert session.result(shop.get_user(7)).data == User(id=7, name="user 7")


async def test_promise_2_what_nobody_uses_is_removed_in_its_time(backend: Any, open_store: Any) -> None:
    """Who comes back earlier finds it, without a request; after that it is gone."""
    shop = open_shop(keep_unused=0.15)
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store) as watch:
            await watch.answer()
        with shop.get_user(7).watch(session.store) as watch:
            await asyncio.sleep(0.2)  # longer than it would be kept
            assert watch.result.data is not None
        assert session.result(shop.get_user(7)).data is not None
        await session.store.wait_for(lambda state: not state.api.entries, 20)
        assert backend.count.total() == 1
        assert sum(isinstance(action, Removed) for action in session.log) == 1
        assert not session.store.state.api.records
        assert not session.store.state.api.about


@pytest.mark.parametrize("asked", ["prefetch", "fetch", "watch"])
async def test_promise_2_kept_for_no_time(backend: Any, open_store: Any, asked: str) -> None:
    """With `keep_unused=0` it is removed at once."""
    shop = open_shop(keep_unused=0)
    async with open_store(backend, shop.api) as session:
        if asked == "prefetch":
            session.store.dispatch(shop.get_user(7))
        elif asked == "fetch":
            assert (await shop.get_user(7).fetch(session.store)).id == 7
        else:
            with shop.get_user(7).watch(session.store) as watch:
                assert (await watch.answer()).id == 7
        await session.settle()
        assert backend.count.total() == 1
        assert not session.store.state.api.entries


async def test_promise_3_invalidation_by_tag(backend: Any, open_store: Any) -> None:
    """Watched entries are fetched once, others when next asked for; data stay visible."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        await shop.get_user(2).fetch(session.store)
        with shop.get_user(1).watch(session.store) as one, shop.get_users().watch(session.store) as all_users:
            await one.answer()
            await all_users.answer()
            backend.count.clear()
            session.store.dispatch(Invalidate(USER[2]))
            assert all_users.result.data[0].name == "user 1"
            assert (all_users.result.invalidated, all_users.result.fetching) == (True, True)
            await session.settle()
            assert backend.count == {"GET /users": 1}
            assert session.result(shop.get_user(2)).invalidated
            await shop.get_user(2).fetch(session.store)
            assert backend.count == {"GET /users": 1, "GET /users/2": 1}
            session.store.dispatch(Invalidate(USER, NAMES))
            await session.settle()
            assert backend.count == {"GET /users": 2, "GET /users/2": 1, "GET /users/1": 1}


async def test_promise_3_one_action_for_all_tags_of_a_mutation(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_users().watch(session.store) as users:
            await users.answer()
            session.log.clear()
            await shop.add("Ada").run(session.store)
            await session.settle()
            assert session.types == [
                "api/add",
                "api/add/succeeded",
                "query/invalidate",
                "api/get_users/started",
                "api/get_users/succeeded",
            ]
            assert len(users.result.data) == 21


@pytest.mark.parametrize("times", [1, 100])
@pytest.mark.parametrize("known", [False, True])
async def test_promise_4_an_invalidation_during_a_call(backend: Any, open_store: Any, times: int, known: bool) -> None:
    """The call ends and shows its data, then exactly one more follows."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store) as watch:
            if known:
                await watch.answer()
                session.store.dispatch(shop.get_user(7).refetch())
            backend.count.clear()
            backend.held.add("/users/7")
            session.store.dispatch(shop.get_user(7).refetch())
            await until(lambda: backend.waiting["/users/7"])
            for _ in range(times):
                session.store.dispatch(Invalidate(USER[7]))
            shown: list[str] = []
            session.store.select(shop.get_user(7)).subscribe(
                lambda result: shown.append(result.data and result.data.name)
            )
            backend.users[7] = {"id": 7, "name": "first"}
            waiting = asyncio.create_task(watch.answer())
            backend.held.clear()
            await session.store.wait_for(lambda state: shop.get_user(7)(state).data == User(id=7, name="first"), 20)
            assert (await waiting).name == "first"
            await session.settle()
            already_asked = 0 if known else 1  # a first call was under way before the count began
            assert backend.count.total() + already_asked == 2 + (0 if known else 1)
            assert not watch.result.invalidated


async def test_promise_5_an_older_answer_shows_nowhere(backend: Any, open_store: Any) -> None:
    """An answer shows only if it is of the entry's latest request."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        await shop.get_user(7).fetch(session.store)
        before = session.store.state
        stale = shop.get_user.succeeded(query=shop.get_user(7), request=0, data=User(id=7, name="old"), at=1.0)
        session.store.dispatch(stale)
        assert session.store.state.api == before.api


async def test_promise_6_equal_data_keep_their_identity(backend: Any, open_store: Any) -> None:
    """And so do equal parts: who selects the data is not told."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_users().watch(session.store) as users:
            first = await users.answer()
            told: list[Any] = []
            session.store.select(lambda state: shop.get_users()(state).data).subscribe(told.append)
            session.store.dispatch(Invalidate(USER))
            await session.settle()
            assert users.result.data is first
            backend.users[3] = {"id": 3, "name": "Ada"}
            session.store.dispatch(Invalidate(USER))
            await session.settle()
            assert [one is other for one, other in zip(first, users.result.data, strict=True)].count(False) == 1
            assert len(told) == 2


async def test_results_as_they_come(backend: Any, open_store: Any) -> None:
    """Iterating over a watch gives this result, then each that differs, the latest only."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        seen: list[str] = []
        with shop.get_user(7).watch(session.store) as watch:
            async for result in watch:
                seen.append(result.status)
                if result.status == "success":
                    break
        assert seen == ["loading", "success"]


async def test_observing_watches(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        seen: list[str] = []
        subscription = shop.get_user(7).observe(session.store).subscribe(lambda result: seen.append(result.status))
        await session.settle()
        subscription.dispose()
        assert seen == ["loading", "success"]
        assert session.types[0::3] == ["query/watched", "query/released"]


async def test_a_failure_is_told_and_the_next_who_asks_asks_again(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    backend.failing["/users/7"] = 404
    async with open_store(backend, shop.api) as session:
        with pytest.raises(ApiCallError) as failed:
            await shop.get_user(7).fetch(session.store)
        assert failed.value.error.kind == "not_found"
        assert session.result(shop.get_user(7)).status == "failure"
        backend.failing.clear()
        assert (await shop.get_user(7).fetch(session.store)).name == "user 7"


async def test_who_waits_when_the_store_closes_is_told(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    backend.held.add("/users/7")
    async with open_store(backend, shop.api) as session:
        waiting = asyncio.create_task(shop.get_user(7).fetch(session.store))
        await until(lambda: backend.waiting["/users/7"])
        session.store.close()
        with pytest.raises(StoreClosedError):
            await waiting
