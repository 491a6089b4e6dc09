"""A thread as a test: what is written runs, passes, and fails when the epic does something else."""

import asyncio
import inspect
import subprocess
import sys
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from rxdux import Action, FetchData, History, Reducer, Store
from rxdux.demo import queries
from rxdux.demo.server import DemoServer
from rxdux.demo.state import demo_reducer
from rxdux.testing import thread_as_test

SHOP = """
from uuid import UUID, uuid4
from pydantic import Field
from reactivex import operators as ops
from rxdux import Action, Slice, State, combine_reducers, merge_map, of_type

class Shop(State):
    online: bool
    stock: tuple[str, ...]

online = Slice("shop-online", initial=True)
stock = Slice[tuple[str, ...]]("shop-stock", initial=())
reducer = combine_reducers(Shop, online=online, stock=stock)

class Typed(Action, type="shop/typed"):
    text: str

class Search(Action, type="shop/search"):
    text: str
    id: UUID = Field(default_factory=uuid4)

class Found(Action, type="shop/found"):
    names: tuple[str, ...]

@online.action
def go(state: bool, on: bool) -> bool:
    return on

@stock.action
def put(state: tuple[str, ...], name: str) -> tuple[str, ...]:
    return (*state, name)

@stock.on(Found)
def _(state: tuple[str, ...], action: Found) -> tuple[str, ...]:
    return (*state, "found")

def search_epic(actions):
    return actions.pipe(of_type(Typed), ops.debounce(0.02), ops.map(lambda typed: Search(text=typed.text)))

def find_epic(actions, state):
    def find(search):
        return Found(names=tuple(name for name in state.value.stock if search.text in name))
    return actions.pipe(of_type(Search), ops.filter(lambda _: state.value.online), ops.map(find))

def order_epic(actions, state, shelves):
    async def order(search):
        return put(await shelves(search.text))
    return actions.pipe(of_type(Search), merge_map(order))
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A module that can be imported, as an app's."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "recorded_shop.py").write_text(SHOP)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(folder))
        yield import_module("recorded_shop")
        sys.modules.pop("recorded_shop")


def run(text: str, **fixtures: Any) -> list[str]:
    """Run the tests in a text as pytest would; it returns their names."""
    module = ModuleType("exported")
    exec(compile(text, "exported.py", "exec"), vars(module))
    tests = {name: test for name, test in vars(module).items() if name.startswith("test_")}
    for test in tests.values():
        test(**{name: fixtures[name] for name in inspect.signature(test).parameters})
    return list(tests)


async def test_a_thread_of_own_epics_runs_as_a_test(shop: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """By each epic that answered, in virtual time; a state that an epic asks for is there."""
    async with Store(shop.reducer, epics=[shop.search_epic, shop.find_epic]) as store:
        with History(store) as history:
            store.dispatch(shop.put(name="milk"))
            store.dispatch(shop.Typed(text="il"))
            await store.wait_for(lambda state: "found" in state.stock, timeout=20)
            text = thread_as_test(history, 3)

    assert run(text) == ["test_search_epic", "test_find_epic"]
    assert "put(" not in text
    assert all(words in text for words in ("from recorded_shop import", "Typed(text='il')", "Found(names=('milk',))"))

    monkeypatch.setattr(shop, "find_epic", lambda actions, state: shop.search_epic(actions))
    with pytest.raises(AssertionError):
        run(text)


async def test_what_cannot_be_imported_is_asked_for(shop: Any) -> None:
    """Dependencies that only the app knows, and an epic that was made in a function."""

    async def shelves(text: str) -> str:
        return text.upper()

    def own_epic(actions: Any) -> Any:
        return shop.search_epic(actions)

    async with Store(shop.reducer, epics=[own_epic, shop.order_epic], dependencies=shelves) as store:
        with History(store) as history:
            store.dispatch(shop.Typed(text="milk"))
            await store.wait_for(lambda state: state.stock, timeout=20)
            text = thread_as_test(history, 0)

    assert "put(name='MILK')" in text
    assert "To be given as fixtures, since they cannot be imported: own_epic, deps." in text
    assert run(text, own_epic=own_epic, deps=shelves) == ["test_own_epic", "test_order_epic"]


def test_a_thread_without_an_epic_has_nothing_to_test() -> None:
    """It says so, and what there is."""

    class Lonely(Action):
        pass

    with Store(Reducer(0)) as store, History(store) as history:
        store.dispatch(Lonely())
        with pytest.raises(ValueError, match="No epic answered in the thread of LONELY"):
            thread_as_test(history, 0)
        with pytest.raises(IndexError, match="There is no entry 7 .* from 0 to 0"):
            thread_as_test(history, 7)


def test_an_action_of_50_mb_is_refused(shop: Any) -> None:
    """Nobody wants to read that; the error says which it is."""
    with Store(shop.reducer, epics=[shop.find_epic]) as store, History(store) as history:
        store.dispatch(shop.Search(text="x" * 50_000_000))
        with pytest.raises(ValueError, match="The action shop/search is too large for a test"):
            thread_as_test(history, 0)


def test_a_large_slice_is_left_out_and_named(shop: Any) -> None:
    """The test begins with what its reducer begins with."""
    with Store(shop.reducer, epics=[shop.find_epic]) as store, History(store) as history:
        store.dispatch(shop.put(name="x" * 30_000))
        store.dispatch(shop.Search(text="milk"))
        text = thread_as_test(history, 1)
    assert "# Of the state: stock is as at first, too large." in text
    assert run(text) == ["test_find_epic"]


def test_a_text_that_is_code_stays_a_text(shop: Any) -> None:
    """Whatever an action holds is a literal in the test."""
    nasty = '"""\n__import__("os").abort()  # \' \\'
    with Store(shop.reducer, epics=[shop.find_epic]) as store, History(store) as history:
        store.dispatch(shop.Search(text=nasty))
        text = thread_as_test(history, 0)
    assert run(text) == ["test_find_epic"]


async def test_a_fetch_its_401_the_refresh_and_the_replay_run_as_a_test(server: DemoServer, open_session: Any) -> None:
    """The answers are those that the server gave; tokens are stars in it. So do the fetch that waited, and one that failed."""
    async with open_session(server) as session:
        with History(session.store) as history:
            server.issuer.expire_access_tokens()
            session.store.dispatch(FetchData(key="a", path="/people"))
            session.store.dispatch(FetchData(key="b", path="/people"))
            session.store.dispatch(FetchData(key="c", path="/nowhere"))
            await session.settle()
            texts = [thread_as_test(history, number) for number in range(3)]
    assert run(texts[0]) == ["test_fetch_data_epic", "test_refresh_token_epic"]
    assert run(texts[1]) == ["test_fetch_data_epic"]
    assert run(texts[2]) == ["test_fetch_data_epic"]
    assert "Answer(401, after=" in texts[0]
    assert "Answer(404, " in texts[2]
    secrets = [session.store.state.auth.tokens.access_token.get_secret_value()]
    assert [secret for secret in secrets if any(secret in text for text in texts)] == []


async def test_what_an_api_answered_is_given_and_named(server: DemoServer, open_session: Any) -> None:
    """Its epic does not run in virtual time. What refreshed for it does; of a thread that it answered alone there is no test."""
    async with open_session(server, reducer=demo_reducer, epics=[queries.api.epic]) as session:
        with History(session.store) as history:
            session.store.dispatch(queries.people(1))
            await session.settle()
            server.issuer.expire_access_tokens()
            session.store.dispatch(queries.people(2))
            await session.settle()
            second = next(number for number, entry in enumerate(history.entries) if entry.action == queries.people(2))
            with pytest.raises(ValueError, match=r"api\.epic alone answered in .*does not run in virtual time"):
                thread_as_test(history, 0)
            text = thread_as_test(history, second)
    assert "Not tested, since it does not run in virtual time: api.epic." in text
    assert run(text) == ["test_refresh_token_epic"]


def run_pytest(folder: Path) -> subprocess.CompletedProcess[str]:
    options = ["-q", "-W", "error", "-p", "no:randomly", "-p", "no:asyncio"]
    command = [sys.executable, "-m", "pytest", *options, "test_thread.py"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.slow
async def test_pytest_runs_what_was_written(server: DemoServer, open_session: Any, tmp_path: Path) -> None:
    """As a file beside others, with warnings as errors."""
    async with open_session(server) as session:
        with History(session.store) as history:
            server.issuer.expire_access_tokens()
            session.store.dispatch(FetchData(key="a", path="/people"))
            await session.settle()
            (tmp_path / "test_thread.py").write_text(thread_as_test(history, 0))
    done = await asyncio.to_thread(run_pytest, tmp_path)
    assert "2 passed" in done.stdout, done.stdout + done.stderr
