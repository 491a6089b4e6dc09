"""Mutations: each sent once, shown before the server has answered, taken back when it refuses; counted at a real server."""

import asyncio
from typing import Any

import pytest

from rxdux import ApiCallError
from rxdux.query import Invalidate, MutationSucceeded, Offline, Online

from .conftest import until
from .shop import USER, User, open_shop


async def test_a_mutation_runs_once_and_is_read_back(backend: Any, open_store: Any) -> None:
    """`run` waits for the answer, `dispatch` does not; `latest` is the last run."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        assert shop.rename.latest(session.store.state).status == "idle"
        mutation = shop.rename(7, "Ada")
        answer = await mutation.run(session.store)
        assert answer == User(id=7, name="Ada")
        session.store.dispatch(mutation)
        await session.settle()
        assert backend.count == {"PATCH /users/7": 1}
        latest = shop.rename.latest(session.store.state)
        assert (latest.status, latest.data, latest.run_id) == ("success", answer, mutation.run_id)
        session.store.dispatch(shop.rename(7, "Grace"))
        await session.settle()
        assert shop.rename.latest(session.store.state).data.name == "Grace"
        assert list(session.store.state.api.mutations) == [shop.rename.latest(session.store.state).run_id]


async def test_promise_7_a_patch_shows_at_once_and_is_taken_back(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store) as watch:
            server = await watch.answer()
            backend.failing["PATCH /users/7"] = 409
            backend.held.add("PATCH /users/7")
            running = asyncio.create_task(shop.rename(7, "Ada").run(session.store))
            await until(lambda: watch.result.data.name == "Ada")
            backend.held.clear()
            with pytest.raises(ApiCallError):
                await running
            assert watch.result.data is server
            assert shop.rename.latest(session.store.state).error.status == 409


async def test_promise_7_answers_that_come_meanwhile(backend: Any, open_store: Any) -> None:
    """One that was asked for before the mutation ended does not undo its patch, one asked for after it replaces it."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store) as watch:
            await watch.answer()
            names: list[str] = []
            session.store.select(lambda state: shop.get_user(7)(state).data.name).subscribe(names.append)
            backend.held.add("GET /users/7")
            session.store.dispatch(shop.get_user(7).refetch())
            await until(lambda: backend.waiting["/users/7"])
            await shop.rename(7, "Ada").run(session.store)
            backend.once["GET /users/7"] = [b'{"id": 7, "name": "user 7"}']  # read before the mutation
            backend.held.clear()
            await session.settle()
            assert backend.count["GET /users/7"] == 3
            assert names == ["user 7", "Ada"]
            backend.users[7] = {"id": 7, "name": "Ada Lovelace"}
            session.store.dispatch(shop.get_user(7).refetch())
            await session.settle()
            assert watch.result.data.name == "Ada Lovelace"
            assert not session.store.state.api.layers


async def test_promise_7_an_entry_whose_first_answer_is_still_to_come(backend: Any, open_store: Any) -> None:
    """It is patched as well."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        backend.held |= {"PATCH /users/7"}
        session.store.dispatch(shop.rename(7, "Ada"))
        with shop.get_user(7).watch(session.store) as watch:
            await session.store.wait_for(lambda state: shop.get_user(7)(state).status == "success", 20)
            assert watch.result.data.name == "Ada"
            assert backend.users[7]["name"] == "user 7"
            backend.held.clear()
            await session.settle()
            assert watch.result.data.name == backend.users[7]["name"] == "Ada"


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0), (1, 0, 2)])
async def test_promise_7_overlapping_mutations_that_fail(backend: Any, open_store: Any, order: Any) -> None:
    """In whichever order they fail, exactly the server's data are left."""
    shop = open_shop()
    names = ["a", "b", "c"]
    held = asyncio.Event

    gates = [held() for _ in names]

    @shop.api.mutation()
    async def mark(call: Any, id: int, number: int) -> User:
        await gates[number].wait()
        raise ApiCallError(await _refusal())

    @mark.optimistic
    def _(patch: Any, id: int, number: int) -> None:
        patch(shop.get_user(id), lambda user: user.replace(name=f"{user.name} {names[number]}"))

    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store) as watch:
            server = await watch.answer()
            for number in range(3):
                session.store.dispatch(mark(7, number))
            assert watch.result.data.name == "user 7 a b c"
            left = [0, 1, 2]
            for number in order:
                gates[number].set()
                left.remove(number)
                shown = " ".join(["user 7", *(names[each] for each in left)])
                await session.store.wait_for(lambda state, shown=shown: shop.get_user(7)(state).data.name == shown, 20)
            assert watch.result.data is server


async def _refusal() -> Any:
    from rxdux import ApiError

    return ApiError(kind="client", status=409, message="no")


async def test_promise_7_a_patch_that_changes_nothing_is_no_event(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store) as watch:
            await watch.answer()
            told: list[Any] = []
            session.store.select(shop.get_user(7)).subscribe(told.append)
            await shop.rename_quietly(7, "user 7").run(session.store)
            assert len(told) == 1


async def test_promise_8_updates_replace_without_a_request(backend: Any, open_store: Any) -> None:
    """Each user in the answer replaces the one with its id wherever it is shown, in the same action."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_users().watch(session.store) as users, shop.get_user(7).watch(session.store) as user:
            before = await users.answer()
            await user.answer()
            backend.count.clear()
            seen: list[Any] = []
            session.store.actions.subscribe(
                lambda action: (
                    seen.append((users.result.data[6].name, user.result.data.name))
                    if isinstance(action, MutationSucceeded)
                    else None
                )
            )
            await shop.rename_quietly(7, "Ada").run(session.store)
            await session.settle()
            assert seen == [("Ada", "Ada")]
            assert backend.count == {"PATCH /users/7": 1}
            assert [one is other for one, other in zip(before, users.result.data, strict=True)].count(False) == 1
            assert not session.store.state.api.layers


async def test_promise_9_mutations_of_one_scope_run_in_order(backend: Any, open_store: Any) -> None:
    """One after the other, in the order of their dispatch; others side by side."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        backend.held.add("PATCH /users/1")
        for id in (1, 2, 3):
            session.store.dispatch(shop.rename_in_line(id, "x"))
        session.store.dispatch(shop.rename(4, "x"))
        await until(lambda: backend.count["PATCH /users/4"] == 1 and backend.waiting["/users/1"])
        assert backend.count["PATCH /users/2"] == 0
        backend.held.clear()
        await session.settle()
        assert [each for each in backend.done_mutations if each != "4:x"] == ["1:x", "2:x", "3:x"]


async def test_promise_9_one_that_fails_lets_the_next_go(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    backend.failing["PATCH /users/1"] = 503
    async with open_store(backend, shop.api) as session:
        first = asyncio.create_task(shop.rename_in_line(1, "x").run(session.store))
        await asyncio.sleep(0)
        await shop.rename_in_line(2, "x").run(session.store)
        with pytest.raises(ApiCallError):
            await first
        assert backend.count["PATCH /users/1"] == 1  # no retry: who knows what the server did


async def test_promise_9_the_idempotency_key(backend: Any, open_store: Any) -> None:
    """Calls of a mutation that are no GETs carry its run id."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        mutation = shop.rename(7, "Ada")
        await mutation.run(session.store)
        await shop.get_user(7).fetch(session.store)
        keys = [headers.get("idempotency-key") for _, _, headers, _ in backend.requests]
        assert keys == [mutation.run_id, None]


async def test_promise_14_offline(backend: Any, open_store: Any) -> None:
    """No query is sent, asked ones wait; mutations that may wait are sent in their order, one after the other."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_user(7).watch(session.store) as watch:
            await watch.answer()
            session.store.dispatch(Offline())
            waiting = asyncio.create_task(shop.get_user(8).fetch(session.store))
            for id in (7, 6, 5):
                session.store.dispatch(shop.rename_offline(id, "Ada"))
            session.store.dispatch(Invalidate(USER))
            await session.settle()
            assert backend.count == {"GET /users/7": 1}
            assert watch.result.data.name == "Ada"
            assert [run.status for run in session.store.state.api.mutations.values()] == ["paused"] * 3
            backend.most_at_once = 0
            backend.count.clear()
            session.log.clear()
            session.store.dispatch(Online())
            assert (await waiting).id == 8
            await session.settle()
            assert backend.done_mutations == ["7:Ada", "6:Ada", "5:Ada"]
            assert backend.count["GET /users/7"] == 1
            assert session.types.count("query/mutation_resumed") == 3


async def test_promise_14_a_mutation_that_meets_no_network_waits(backend: Any, open_store: Any) -> None:
    """The store is offline then, and online again with the next call that succeeds."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        backend.go_away()
        running = asyncio.create_task(shop.rename_offline(7, "Ada").run(session.store))
        await session.store.wait_for(lambda state: not state.api.online, 20)
        with pytest.raises(ApiCallError) as failed:
            await shop.rename(8, "x").run(session.store)
        assert failed.value.error.kind == "network"
        backend.come_back()
        await shop.rename(9, "x").run(session.store)
        assert (await running).name == "Ada"
        assert session.store.state.api.online
        assert backend.count["PATCH /users/7"] == 1
        assert session.types.count("query/mutation_paused") == 1


async def test_a_patch_that_raises_sends_nothing(backend: Any, open_store: Any) -> None:
    """The error reaches who dispatched, and the state is as before."""
    shop = open_shop()

    @shop.api.mutation()
    async def spoil(call: Any, id: int) -> None:
        await call.patch(f"/users/{id}", {"name": "x"})

    @spoil.optimistic
    def _(patch: Any, id: int) -> None:
        patch(shop.get_user(id), lambda user: user.nonsense)

    async with open_store(backend, shop.api) as session:
        await shop.get_user(7).fetch(session.store)
        before = session.store.state.api
        with pytest.raises(AttributeError, match="nonsense"):
            await spoil(7).run(session.store)
        await session.settle()
        assert session.store.state.api is before
        assert backend.count["PATCH /users/7"] == 0
