"""What a type checker knows of queries and mutations: checked by pyright and mypy, strictly, and never run."""

from collections.abc import AsyncIterator, Callable
from typing import assert_type

from reactivex import Observable

from rxdux import Action, ActionStream, ApiError, State, StateStream, Store, combine_reducers
from rxdux.query import (
    Api,
    Call,
    InfiniteQuery,
    Invalidate,
    Mutation,
    Pages,
    Patch,
    Query,
    QueryEndpoint,
    QueryState,
    Result,
    Run,
    Tag,
    Watch,
)


class User(State):
    id: int
    name: str


class Feed(State):
    lines: list[str]
    cursor: str | None


class AppState(State):
    api: QueryState


class Shown(Action):
    name: str


api = Api("api", stale_after=30.0)
USER = Tag.of(User, lambda user: user.id)
ORDER = Tag[int]("order")

assert_type(ORDER[7], Tag[int])


@api.query(provides=[USER])
async def get_user(call: Call, id: int, *, deleted: bool = False) -> User:
    assert_type(await call.query(get_count()), int)
    return User(id=id, name="Ada")


@api.query()
async def get_count(call: Call) -> int:
    return 1


@api.infinite(max_pages=3)
async def get_feed(call: Call, page: str | None, channel: str) -> Feed:
    return Feed(lines=[], cursor=None)


@api.mutation(invalidates=[ORDER], updates=[USER])
async def rename(call: Call, id: int, name: str) -> User:
    return User(id=id, name=name)


# --- endpoints -----------------------------------------------------------------------------------


@get_user.provides
def _(user: User, id: int, deleted: bool) -> list[Tag[int]]:
    return [ORDER[id]]


@get_user.poll
def _(result: Result[User], id: int, deleted: bool) -> float | None:
    return None if result.data is None else 1.0


@get_user.stream
async def _(call: Call, id: int, deleted: bool) -> AsyncIterator[Callable[[User], User]]:
    yield lambda user: user.replace(name="Bob")


@get_feed.next_page
def _(last: Feed, channel: str) -> str | None:
    return last.cursor


@rename.optimistic
def _(patch: Patch, id: int, name: str) -> None:
    patch(get_user(id), lambda user: assert_type(user, User).replace(name=name))
    patch(get_count(), lambda count: count + 1)


@rename.invalidates
def _(user: User, id: int, name: str) -> list[Tag[int]]:
    return [ORDER[user.id]]


# --- a query and its data ------------------------------------------------------------------------

assert_type(get_user(7), Query[User])
assert_type(get_user(id=7, deleted=True), Query[User])
assert_type(get_feed("news"), InfiniteQuery[Feed])
assert_type(get_user(7).cache_key, str)

store = Store(combine_reducers(AppState, api=api), epics=[api.epic])
assert_type(get_user(7)(store.state), Result[User])
assert_type(get_user(7)(store.state).data, User | None)
assert_type(get_feed("news")(store.state).data, Pages[Feed] | None)
assert_type(store.select(get_user(7)), Observable[Result[User]])
assert_type(get_user(7).observe(store), Observable[Result[User]])
assert_type(store.dispatch(get_user(7)), Query[User])
store.dispatch(get_user(7).refetch())
store.dispatch(get_feed("news").more())
store.dispatch(Invalidate(USER[7], ORDER))

with get_user(7).watch(store) as user:
    assert_type(user, Watch[User])
    assert_type(user.result, Result[User])
    assert_type(user.result.error, ApiError | None)


def takes(endpoint: QueryEndpoint[[int], User]) -> Query[User]:
    return endpoint(7)


@api.query()
async def get_one(call: Call, id: int) -> User:
    return User(id=id, name="Ada")


takes(get_one)


async def awaited() -> None:
    assert_type(await get_user(7).fetch(store, timeout=1.0), User)
    assert_type(await get_feed("news").fetch(store), Pages[Feed])
    with get_count().watch(store, every=1.0) as count:
        assert_type(await count.answer(), int)
        async for result in count:
            assert_type(result, Result[int])
            assert_type(result.data, int | None)


def shown_epic(actions: ActionStream, state: StateStream[AppState]) -> Observable[Action]:
    return get_user(7).then(actions, state, lambda user: Shown(name=user.name), lambda error: Shown(name=error.message))


# --- a mutation and its outcome ------------------------------------------------------------------

assert_type(rename(7, "Ada"), Mutation[User])
assert_type(rename(7, name="Ada").run_id, str)
assert_type(rename.latest(store.state), Run[User])
assert_type(rename.latest(store.state).data, User | None)
assert_type(store.select(rename.latest), Observable[Run[User]])


async def run() -> None:
    assert_type(await rename(7, "Ada").run(store), User)
