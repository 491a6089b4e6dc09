"""Asking again: polls, the user who comes back, streams; counted at a real server."""

import asyncio
import itertools
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import pytest

from rxdux import ApiError
from rxdux.query import Blurred, Call, Focused, Invalidate, Offline, Online, Streamed

from .conftest import until
from .shop import USER, User, open_shop


async def test_promise_12_polling(backend: Any, open_store: Any) -> None:
    """The next call comes so many seconds after the last answer, never two at once, none while unwatched; the least counts."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store, every=60), shop.get_user(7).watch(session.store, every=0.05):
            await until(lambda: backend.count["GET /users/7"] >= 3)
            backend.held.add("/users/7")
            await until(lambda: backend.waiting["/users/7"])
            asked = backend.count["GET /users/7"]
            await asyncio.sleep(0.2)
            assert backend.count["GET /users/7"] == asked
            backend.held.clear()
            await until(lambda: backend.count["GET /users/7"] > asked)
        await session.settle()
        backend.count.clear()
        await asyncio.sleep(0.15)
        assert backend.count.total() == 0
        assert session.store.state.api.entries  # and `idle` did not wait for a poll


@pytest.mark.parametrize(("away", "back"), [(Blurred, Focused), (Offline, Online)])
async def test_promise_12_no_polls_while_nobody_looks(backend: Any, open_store: Any, away: Any, back: Any) -> None:
    """Coming back, one at once if it is due."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store, every=0.1) as watch:

            def leave(state: Any) -> None:
                """In the turn of the first answer: before a poll can be due."""
                if watch.result.data and state.api.online and state.api.focused:
                    session.store.dispatch(away())

            with session.store.subscribe(leave):
                await watch.answer()
            await session.settle()
            backend.count.clear()
            await asyncio.sleep(0.25)
            assert backend.count.total() == 0
            backend.held.add("/users/7")
            session.store.dispatch(back())
            assert watch.result.fetching
            await until(lambda: backend.waiting["/users/7"])
            assert backend.count.total() == 1
            backend.held.clear()


async def test_promise_12_a_watcher_who_finds_a_due_poll(backend: Any, open_store: Any) -> None:
    """A poll that became due after the last watcher left is made when one comes back."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store, every=0.05) as watch:
            await watch.answer()
        await session.settle()
        await asyncio.sleep(0.1)
        backend.count.clear()
        with shop.get_user(7).watch(session.store, every=0.05):
            await until(lambda: backend.count.total())


async def test_promise_12_failures_in_a_row_make_it_slower(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        backend.failing["/users/7"] = 404
        times: list[float] = []
        session.store.actions.subscribe(
            lambda action: times.append(time.monotonic()) if "started" in action.type else None
        )

        def pauses() -> list[float]:
            return [later - earlier for earlier, later in itertools.pairwise(times)]

        with shop.get_user(7).watch(session.store, every=0.05):
            await until(lambda: len(times) == 4)
            backend.failing.clear()
            await until(lambda: any(pause < 0.4 for pause in pauses()[3:]))
        assert pauses()[0] > 0.1
        assert pauses()[1] > 0.2
        assert pauses()[2] > 0.4


async def test_promise_12_poll_decides_alone(backend: Any, open_store: Any) -> None:
    """None ends it, until the next answer."""
    shop = open_shop()

    @shop.get_user.poll
    def _(result: Any, id: int) -> float | None:
        return None if result.data.name == "done" else 0.03

    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store, every=0.001) as watch:
            await until(lambda: backend.count["GET /users/7"] >= 3)
            backend.users[7] = {"id": 7, "name": "done"}
            await session.store.wait_for(lambda state: shop.get_user(7)(state).data.name == "done", 20)
            backend.count.clear()
            await asyncio.sleep(0.1)
            assert backend.count.total() == 0
            backend.users[7] = {"id": 7, "name": "again"}
            session.store.dispatch(shop.get_user(7).refetch())
            await until(lambda: backend.count.total() >= 3)
            assert watch.result.data.name == "again"


@pytest.mark.parametrize("back", [Focused, Online])
async def test_promise_13_coming_back(backend: Any, open_store: Any, back: Any) -> None:
    """What is watched and not fresh is fetched, else nothing."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_user(1).watch(session.store), shop.get_user(2).watch(session.store):
            await shop.get_user(3).fetch(session.store)
            await session.settle()
            session.store.dispatch(Offline())
            session.store.dispatch(Invalidate(USER[2], USER[3]))
            backend.count.clear()
            session.store.dispatch(Online())
            session.store.dispatch(back())
            await session.settle()
            assert backend.count == {"GET /users/2": 1}


async def test_fresh_for_some_seconds(backend: Any, open_store: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """After `stale_after` seconds the next who asks fetches."""
    shop = open_shop(stale_after=600)
    async with open_store(backend, shop.api) as session:
        await shop.get_user(7).fetch(session.store)
        await shop.get_user(7).fetch(session.store)
        assert backend.count.total() == 1
        later = time.time() + 601
        monkeypatch.setattr("rxdux.epics.query.queries.time.time", lambda: later)
        await shop.get_user(7).fetch(session.store)
        assert backend.count.total() == 2


async def test_never_fresh(backend: Any, open_store: Any) -> None:
    """With `stale_after=0` each who asks is answered, by a call of its own."""
    shop = open_shop(stale_after=0)
    async with open_store(backend, shop.api) as session:
        for count in (1, 2):
            await shop.get_user(7).fetch(session.store)
            assert backend.count.total() == count
        with shop.get_user(7).watch(session.store) as watch:
            assert (await watch.answer()).id == 7


async def test_promise_18_a_stream(backend: Any, open_store: Any) -> None:
    """It runs while watched, from the first success on; it is no work, and it ends with the last watcher."""
    shop = open_shop()
    changes: asyncio.Queue[Any] = asyncio.Queue()
    running: list[str] = []

    @shop.get_user.stream
    async def _(call: Call, id: int) -> AsyncIterator[Callable[[User], User]]:
        running.append("began")
        try:
            while True:
                yield await changes.get()
        finally:
            running.append("ended")

    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store) as watch, shop.get_user(7).watch(session.store):
            await watch.answer()
            await session.settle()
            assert running == ["began"]
            for letter in "abc":
                changes.put_nowait(lambda user, letter=letter: user.replace(name=user.name + letter))
            await session.store.wait_for(lambda state: shop.get_user(7)(state).data.name == "user 7abc", 20)
            assert sum(isinstance(action, Streamed) for action in session.log) == 3
        await until(lambda: running == ["began", "ended"])
        assert backend.count == {"GET /users/7": 1}


async def test_promise_18_a_stream_ends_while_its_change_is_made(backend: Any, open_store: Any) -> None:
    """Its `finally` runs at once, whoever still holds the generator."""
    shop = open_shop()
    running: list[str] = []

    async def changes() -> AsyncIterator[Callable[[User], User]]:
        try:
            yield unwatch
        finally:
            running.append("ended")

    held = changes()

    @shop.get_user.stream
    def _(call: Call, id: int) -> AsyncIterator[Callable[[User], User]]:
        return held

    async with open_store(backend, shop.api) as session:
        watch = shop.get_user(7).watch(session.store)

        def unwatch(user: User) -> User:
            watch.close()
            return user

        await until(lambda: running == ["ended"])


@pytest.mark.parametrize("how", ["ends", "fails"])
async def test_promise_18_a_stream_that_stops(backend: Any, open_store: Any, how: str) -> None:
    """It is started again with backoff, after one refetch for what was missed."""
    shop = open_shop()
    began: list[float] = []

    @shop.get_user.stream
    async def _(call: Call, id: int) -> AsyncIterator[Callable[[User], User]]:
        began.append(time.monotonic())
        if len(began) < 3:
            if how == "fails":
                raise ConnectionResetError
            return
        await asyncio.Event().wait()
        yield lambda user: user

    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store):
            await until(lambda: len(began) == 3)
            await session.settle()
            assert backend.count == {"GET /users/7": 3}
            assert began[1] - began[0] > 0.15
            assert began[2] - began[1] > 0.35


async def test_promise_20_a_stream_with_a_mistake_is_reported(backend: Any, open_store: Any) -> None:
    shop = open_shop()

    @shop.get_user.stream
    async def _(call: Call, id: int) -> AsyncIterator[Callable[[User], User]]:
        yield lambda user: user.nonsense

    async with open_store(backend, shop.api, may_fail=True) as session:
        with shop.get_user(7).watch(session.store) as watch:
            await watch.answer()
            await until(lambda: session.errors)
            assert isinstance(session.errors[0].__cause__, AttributeError)
            assert watch.result.status == "success"


async def test_an_error_is_a_value(backend: Any, open_store: Any) -> None:
    """A failed refetch keeps the data, and says why."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store) as watch:
            data = await watch.answer()
            backend.failing["/users/7"] = 403
            session.store.dispatch(Invalidate(USER[7]))
            await session.settle()
            assert (watch.result.status, watch.result.data) == ("failure", data)
            assert isinstance(watch.result.error, ApiError)
            assert watch.result.error.kind == "forbidden"
