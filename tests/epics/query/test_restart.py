"""A restart: what was known shows at once, and what waited is sent; counted at a real server."""

import asyncio
import json
from typing import Any

from pydantic import SecretStr

from rxdux import FileStorage, History, MemoryStorage, State, persist
from rxdux.query import Call, Offline

from .conftest import until
from .shop import User, open_shop


class Key(State):
    secret: SecretStr


async def test_promise_15_entries_show_at_once_and_stale(backend: Any, open_store: Any, tmp_path: Any) -> None:
    """They are fetched when asked for."""
    storage = FileStorage(tmp_path / "cache.json")
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        persist(session.store, storage, key="app", include=["api"])
        await shop.get_user(7).fetch(session.store)
        await shop.get_users().fetch(session.store)
        await shop.get_feed("news").fetch(session.store)
    backend.count.clear()
    backend.users[7] = {"id": 7, "name": "Ada"}
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        persist(session.store, storage, key="app", include=["api"])
        assert session.result(shop.get_user(7)).data == User(id=7, name="user 7")
        assert session.result(shop.get_user(7)).invalidated
        assert len(session.result(shop.get_users()).data) == 20
        assert session.result(shop.get_feed("news")).data.has_next
        with shop.get_user(7).watch(session.store) as watch:
            assert (await watch.answer()).name == "Ada"
        assert backend.count == {"GET /users/7": 1}


async def test_promise_15_what_no_longer_fits_is_dropped_alone(backend: Any, open_store: Any, tmp_path: Any) -> None:
    path = tmp_path / "cache.json"
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        persist(session.store, FileStorage(path), key="app", include=["api"])
        for id in (7, 8):
            await shop.get_user(id).fetch(session.store)
    saved = json.loads(path.read_text())
    entries = saved["slices"]["api"]["entries"]
    next(entry for entry in entries if entry["arguments"]["id"] == 7)["data"]["name"] = {"first": "Ada"}
    path.write_text(json.dumps(saved))
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        persist(session.store, FileStorage(path), key="app", include=["api"])
        assert list(session.store.state.api.entries) == ["get_user(id=8)"]


async def test_promise_15_offline_mutations_are_sent_after_a_restart(
    backend: Any, open_store: Any, tmp_path: Any
) -> None:
    """Those that waited and those under way: with their patches, in their order, with the same run id."""
    storage = FileStorage(tmp_path / "cache.json")
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        saving = persist(session.store, storage, key="app", include=["api"])
        await shop.get_user(7).fetch(session.store)
        backend.held.add("PATCH /users/7")
        under_way = shop.rename_offline(7, "Ada")
        session.store.dispatch(under_way)
        session.store.dispatch(shop.rename(8, "nobody waits for it"))
        await until(lambda: backend.waiting["/users/7"])
        session.store.dispatch(Offline())
        waiting = shop.rename_offline(6, "Grace")
        session.store.dispatch(waiting)
        saving.flush()
    backend.held.clear()
    await until(lambda: not backend.waiting["/users/7"])
    backend.requests.clear()
    backend.done_mutations.clear()
    backend.held.add("PATCH /users/7")
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        persist(session.store, storage, key="app", include=["api"])
        assert session.result(shop.get_user(7)).data.name == "Ada"
        await until(lambda: backend.waiting["/users/7"])
        backend.held.clear()
        await session.settle()
        assert backend.done_mutations == ["7:Ada", "6:Grace"]
        keys = [headers["idempotency-key"] for method, _, headers, _ in backend.requests if method == "PATCH"]
        assert keys == [under_way.run_id, waiting.run_id]


async def test_promise_15_secrets_go_only_where_they_may(backend: Any, open_store: Any) -> None:
    """Entries of an endpoint with secrets in its type, and secret arguments of mutations."""

    class Vault(MemoryStorage):
        for_secrets = True

    for storage, is_kept in ((MemoryStorage(), False), (Vault(), True)):
        shop = open_shop()

        @shop.api.query()
        async def get_key(call: Call) -> Key:
            return Key(secret=SecretStr("hush"))

        async with open_store(backend, shop.api) as session:
            persist(session.store, storage, key="app", include=["api"])
            await get_key().fetch(session.store)
            await shop.get_user(7).fetch(session.store)
        text = str(storage.read("app"))
        assert ("hush" in text) is is_kept
        assert "user 7" in text


async def test_promise_16_an_etag_saves_the_answer(backend: Any, open_store: Any) -> None:
    """A GET whose last answer had one is sent with If-None-Match; a 304 keeps the data, the same object."""
    shop = open_shop()
    backend.etags = True
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store) as watch:
            data = await watch.answer()
            before = watch.result.fetched_at
            session.store.dispatch(shop.get_user(7).refetch())
            await session.settle()
            assert backend.requests[-1][2]["if-none-match"]
            assert watch.result.data is data
            assert watch.result.fetched_at > before
            backend.users[7] = {"id": 7, "name": "Ada"}
            session.store.dispatch(shop.get_user(7).refetch())
            await session.settle()
            assert watch.result.data.name == "Ada"
        await shop.get_user(8).fetch(session.store)
        assert "if-none-match" not in backend.requests[-1][2]


async def test_promise_19_time_travel_asks_nothing(backend: Any, open_store: Any) -> None:
    """It shows old data; travelling back does not change who watches; a history computes the same state again."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        history = History(session.store)
        with shop.get_user(7).watch(session.store) as watch:
            await watch.answer()
            await shop.rename(7, "Ada").run(session.store)
            await session.settle()
            count = backend.count.total()
            state = session.store.state
            for position in range(-1, len(history.entries)):
                history.jump(position)
            history.jump(2)
            assert watch.result.data.name == "user 7"
            history.jump(len(history.entries) - 1)
            assert backend.count.total() == count
            recomputed = history.base
            for entry in history.entries:
                recomputed = session.store.core.reducer(recomputed, entry.action)
            assert recomputed == state
            session.store.dispatch(shop.get_user(7).refetch())
            await session.settle()
            assert backend.count.total() == count + 1


async def test_a_history_of_queries_is_exported_and_loaded(backend: Any, open_store: Any) -> None:
    shop = open_shop(name="exported")  # a name of its own: actions are found by their types
    async with open_store(backend, shop.api) as session:
        history = History(session.store)
        await shop.get_user(7).fetch(session.store)
        await shop.rename(7, "Ada").run(session.store)
        text = history.export()
        count = backend.count.total()
        history.load(text)
        assert session.result(shop.get_user(7)).data.name == "Ada"
        await session.settle()
        assert backend.count.total() == count


async def test_who_waits_for_an_answer_gets_it_when_the_history_was_rolled_back(backend: Any, open_store: Any) -> None:
    """The rewritten state has no place for it; it is the server's answer all the same."""
    shop = open_shop()
    backend.held.add("/users/7")
    async with open_store(backend, shop.api) as session:
        history = History(session.store)
        asked = asyncio.ensure_future(shop.get_user(7).fetch(session.store))
        await until(lambda: backend.waiting["/users/7"])
        history.rollback()
        backend.held.clear()
        assert (await asked).name == "user 7"
