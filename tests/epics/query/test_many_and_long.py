"""Polls that go on whatever happens, and thousands who watch; counted at a real server."""

from collections import Counter
from typing import Any

import pytest

from rxdux import Logout
from rxdux.query import Cancelled, Invalidate, Offline, Online, Released, Watched

from .conftest import until
from .shop import USER, open_shop

EVERY = 0.03  # seconds


@pytest.mark.parametrize(
    "event",
    [
        "a failure",
        "an answer that does not fit",
        "a refetch",
        "an invalidation during the call",
        "an expired token",
        "the other watcher leaves",
        "the network was away",
        "a new session",
    ],
)
async def test_promise_12_a_poll_goes_on_after(backend: Any, open_store: Any, event: str) -> None:
    """It is armed anew by whatever ends a call."""
    shop = open_shop()
    query = shop.get_user(7)
    async with open_store(backend, shop.api) as session:
        await session.sign_in()
        other = query.watch(session.store, every=EVERY / 3)
        with query.watch(session.store, every=EVERY) as watch:
            await until(lambda: backend.count["GET /users/7"] >= 3)
            match event:
                case "a failure":
                    backend.failing["/users/7"] = 404
                    await until(lambda: watch.result.status == "failure")
                    backend.failing.clear()
                case "an answer that does not fit":
                    backend.once["/users/7"] = [b"[]"]
                    await until(lambda: not backend.once["/users/7"])
                case "a refetch":
                    session.store.dispatch(query.refetch())
                case "an invalidation during the call":
                    backend.held.add("/users/7")
                    await until(lambda: backend.waiting["/users/7"])
                    session.store.dispatch(Invalidate(USER))
                    backend.held.clear()
                case "an expired token":
                    backend.expire()
                    await until(lambda: backend.count["POST /token"] == 2)
                case "the other watcher leaves":
                    other.close()
                case "the network was away":
                    session.store.dispatch(Offline())
                    session.store.dispatch(Online())
                case _:
                    session.store.dispatch(Logout())
                    await session.sign_in()
            asked = backend.count["GET /users/7"]
            await until(lambda: backend.count["GET /users/7"] >= asked + 5)
            await until(lambda: watch.result.status == "success")
        other.close()


async def test_promise_12_a_poll_ends_with_its_last_watcher(backend: Any, open_store: Any) -> None:
    """One that leaves while the polled call is under way cancels it, and none follows; nor does one that was due meanwhile."""
    shop = open_shop()
    query = shop.get_user(7)
    async with open_store(backend, shop.api) as session:
        with query.watch(session.store, every=EVERY):
            await until(lambda: backend.count["GET /users/7"] >= 2)
            backend.held.add("/users/7")
            await until(lambda: backend.waiting["/users/7"])
        assert isinstance(session.log[-1], Cancelled)
        assert isinstance(session.log[-2], Released)
        assert session.result(query).data.name == "user 7"
        backend.held.clear()
        asked = backend.count["GET /users/7"]
        with shop.get_user(8).watch(session.store, every=EVERY):  # so long that five polls would have been due
            await until(lambda: backend.count["GET /users/8"] >= 6)
        assert backend.count["GET /users/7"] == asked


@pytest.mark.slow
async def test_promise_1_thousands_who_watch(backend: Any, open_store: Any) -> None:
    """Ten watchers of each of four hundred queries: a request for each query, and an action for its first and its last watcher."""
    shop = open_shop()
    backend.users = {id: {"id": id, "name": f"user {id}"} for id in range(400)}
    queries = [shop.get_public(id) for id in backend.users]
    async with open_store(backend, shop.api) as session:
        rounds = [[query.watch(session.store) for query in queries] for _ in range(10)]
        await session.settle()
        assert set(backend.count.values()) == {1}
        assert len(backend.count) == 400
        for watches in rounds[1:]:
            for watch in watches:
                watch.close()
        session.store.dispatch(Invalidate(USER))
        await session.settle()
        assert set(backend.count.values()) == {2}
        for watch in rounds[0]:
            watch.close()
        told = Counter(type(action) for action in session.log)
        assert (told[Watched], told[Released]) == (400, 400)
