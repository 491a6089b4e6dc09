"""What an action costs does not grow with what it does not concern: work is counted, never timed."""

import gc
import math
import sys
import tracemalloc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pytest

from rxdux import Logout, State, Store, combine_reducers
from rxdux.epics.query.entries import put
from rxdux.query import Api, Blurred, Call, Focused, Invalidate, Offline, Online, Patch, QueryState, Tag

FEW, MANY = 100, 3_000


class User(State):
    id: int
    name: str


class AppState(State):
    api: QueryState


USER = Tag.of(User, lambda user: user.id)
NOTHING = Tag[int]("nothing")
api = Api("api", keep_unused=math.inf)


@api.query(provides=[USER])
async def get_user(call: Call, id: int) -> User:
    return User(id=id, name=f"user {id}")


@api.query(provides=[USER])
async def get_friends(call: Call, id: int) -> list[User]:
    """All have the same one."""
    return [User(id=-1, name="everybody's friend"), User(id=id, name=f"user {id}")]


@api.query(keep_unused=0)
async def get_news(call: Call) -> str:
    return "none"


@api.mutation(updates=[USER], invalidates=[NOTHING])
async def rename(call: Call, id: int, name: str) -> User:
    return User(id=id, name=name)


@rename.optimistic
def _(patch: Patch, id: int, name: str) -> None:
    patch(get_user(id), lambda user: user.replace(name=name))


@api.mutation()
async def rename_all(call: Call, count: int, name: str) -> None:
    return None


@rename_all.optimistic
def _(patch: Patch, count: int, name: str) -> None:
    for id in range(count):
        patch(get_user(id), lambda user: user.replace(name=name))


@lru_cache
def state_of(size: int) -> QueryState:
    """With that many users in it."""
    state = QueryState("api")
    for id in range(size):
        query, user = get_user(id), User(id=id, name=f"user {id}")
        state = put(state, query, user, 1.0, tuple(get_user.tags_of(user, query.arguments)))
    return state


def open_store(size: int, kind: Any = AppState) -> Store[Any]:
    slices: Any = {"api": api}
    reducer: Any = combine_reducers(AppState, api=api) if kind is AppState else combine_reducers(slices)
    return Store(reducer, kind(api=state_of(size)), epics=[api.epic])


# --- how work is counted -------------------------------------------------------------------------


@dataclass
class Work:
    """What was done: instructions of the interpreter, and the bytes that it took at once."""

    instructions: int = 0
    peak: int = 0

    def is_much_more_than(self, other: "Work", times: float = 1.0) -> bool:
        allowed = 1.1 * times * other.instructions + 200
        return self.instructions > allowed or self.peak > 1.3 * times * other.peak + 4_096


@contextmanager
def counted() -> Iterator[Work]:
    """Count what is done meanwhile in this thread. What C code goes through shows by what it builds."""
    work = Work()

    def trace(frame: Any, event: str, _: object) -> Any:
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        if event == "opcode":
            work.instructions += 1
        return trace

    before = sys.gettrace()
    gc.disable()  # it calls back when it will
    tracemalloc.start()
    sys._getframe().f_trace_opcodes = True  # before `settrace`: else Python 3.12 tells of none the first time
    sys.settrace(trace)
    try:
        yield work
    finally:
        sys.settrace(before)
        work.peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        gc.enable()


# --- what concerns one among many ----------------------------------------------------------------

Operation = Callable[[Store[Any]], Awaitable[object]]


async def hit(store: Store[Any]) -> None:
    await get_user(7).fetch(store)


async def prefetch_of_what_is_fresh(store: Store[Any]) -> None:
    store.dispatch(get_user(7))


async def watch_and_close(store: Store[Any]) -> None:
    with get_user(7).watch(store):
        pass


async def refetch(store: Store[Any]) -> None:
    store.dispatch(get_user(7).refetch())
    await store.idle(20)


async def invalidation_of_one(store: Store[Any]) -> None:
    store.dispatch(Invalidate(USER[7]))
    await store.idle(20)


async def mutation_of_one(store: Store[Any]) -> None:
    await rename(7, "Ada").run(store)
    await store.idle(20)


async def fetch_and_removal(store: Store[Any]) -> None:
    await get_news().fetch(store)
    await store.wait_for(lambda state: get_news()(state).status == "idle", 20)


async def away_and_back(store: Store[Any]) -> None:
    for action in (Blurred(), Focused(), Offline(), Online()):
        store.dispatch(action)


OF_ONE: list[Operation] = [
    hit,
    prefetch_of_what_is_fresh,
    watch_and_close,
    refetch,
    invalidation_of_one,
    mutation_of_one,
    fetch_and_removal,
]


def looked_at_before(store: Store[Any], size: int) -> list[Any]:
    return [store.dispatch(get_user(id)) for id in range(size)]


def selected(store: Store[Any], size: int) -> list[Any]:
    return [store.select(get_user(id)).subscribe(lambda _: None) for id in range(size)]


def watched(store: Store[Any], size: int) -> list[Any]:
    return [get_user(id).watch(store) for id in range(size) if id != 7]


def one_watched_by_all(store: Store[Any], size: int) -> list[Any]:
    return [get_user(7).watch(store, every=1e6 if each % 2 else None) for each in range(size)]


Company = Callable[[Store[Any], int], list[Any]]


async def work_of(operations: list[Operation], company: Company, size: int, kind: Any) -> dict[str, Work]:
    with open_store(size, kind) as store:
        kept = company(store, size)
        await store.idle(20)
        found: dict[str, Work] = {}
        for operation in operations:
            await operation(store)  # what is prepared once
            await operation(store)
            with counted() as found[operation.__name__]:
                await operation(store)
        assert kept
        return found


@pytest.mark.parametrize(
    ("company", "operations", "kind"),
    [
        (looked_at_before, [*OF_ONE, away_and_back], AppState),
        (selected, [*OF_ONE, away_and_back], AppState),
        (selected, OF_ONE, dict),
        (watched, OF_ONE, AppState),
        (one_watched_by_all, [*OF_ONE, away_and_back], AppState),
    ],
)
async def test_the_cost_of_one_does_not_grow_with_the_others(
    company: Company, operations: list[Operation], kind: Any
) -> None:
    """Entries that nobody looks at, selections, watchers, those of the same query too; in a state of any kind."""
    few, many = [await work_of(operations, company, size, kind) for size in (FEW, MANY)]
    assert {name: (few[name], work) for name, work in many.items() if work.is_much_more_than(few[name])} == {}


# --- what concerns all ---------------------------------------------------------------------------


async def all_at_once(store: Store[Any], count: int) -> None:
    for id in range(count):
        store.dispatch(get_friends(id).refetch())
    await store.idle(20)


async def an_answer_that_is_in_all(store: Store[Any], count: int) -> None:
    await rename(-1, "Ada").run(store)


async def a_patch_of_all(store: Store[Any], count: int) -> None:
    await rename_all(count, "Ada").run(store)
    for id in range(count):
        store.dispatch(get_user(id).refetch())
    await store.idle(20)


async def an_invalidation_of_all(store: Store[Any], count: int) -> None:
    store.dispatch(Invalidate(USER))


async def the_end_of_a_session(store: Store[Any], count: int) -> None:
    store.dispatch(Logout())


OF_ALL: list[Callable[[Store[Any], int], Awaitable[object]]] = [
    all_at_once,
    an_answer_that_is_in_all,
    a_patch_of_all,
    an_invalidation_of_all,
    the_end_of_a_session,
]


@pytest.mark.parametrize("operation", OF_ALL)
async def test_what_concerns_all_costs_for_each_the_same(operation: Any) -> None:
    """Eight times as many entries are eight times the work and a little, for a map has more levels; not sixty-four times."""
    found: list[Work] = []
    for count in (10, 80):
        with open_store(count) as store:
            for _ in range(2):
                await all_at_once(store, count)
            with counted() as work:
                await operation(store, count)
            found.append(work)
    assert not found[1].is_much_more_than(found[0], times=12), found


async def test_a_watcher_more_of_one_query_is_told_and_nothing_else() -> None:
    """The query is called, watched and compared once for all who look at it: that alone would take more."""
    found: list[Work] = []
    for count in (10, 60):
        with open_store(1) as store:
            for _ in range(count):
                get_user(7).observe(store).subscribe(lambda result: None)
            await refetch(store)
            with counted() as work:
                await refetch(store)  # tells each that it is under way, and that it has ended
            found.append(work)
    assert found[1].instructions - found[0].instructions < 50 * 600, found
