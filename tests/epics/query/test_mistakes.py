"""Bad input is told at the door, in words: what was wrong, what came, what to do. Errors of calls are values."""

import asyncio
from typing import Any

import pytest
from pydantic import SecretStr, ValidationError

from rxdux import Action, ApiCallError, ApiError, Store, combine_reducers
from rxdux.query import Api, Call, Invalidate, Result, Tag
from rxdux.testing import seed

from .conftest import until
from .shop import USER, User, open_shop


def api() -> Api:
    return Api("mistaken")


def define(function: Any, kind: str = "query", **options: Any) -> Any:
    return getattr(api(), kind)(**options)(function)


async def no_annotation(call: Call, id: int):
    return id


async def no_call(id: int) -> int:
    return id


def no_coroutine(call: Call) -> int:
    return 1


async def many(call: Call, *ids: int) -> int:
    return 1


async def positional(call: Call, id: int, /) -> int:
    return id


async def taken(call: Call, watch: int) -> int:
    return watch


async def secret(call: Call, password: SecretStr) -> int:
    return 1


async def nested_secret(call: Call, passwords: list[SecretStr | None]) -> int:
    return 1


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (no_annotation, "needs a return annotation"),
        (no_call, "needs a parameter 'call' in front"),
        (no_coroutine, "must be a coroutine function"),
        (many, "Name each parameter"),
        (positional, "Name each parameter"),
        (taken, "a parameter 'watch', a name that queries"),
        (secret, "secret parameter"),
        (nested_secret, "secret parameter"),
    ],
)
def test_functions_that_are_no_endpoints(function: Any, words: str) -> None:
    with pytest.raises(TypeError, match=words):
        define(function)


@pytest.mark.parametrize("name", "watch observe fetch refetch then run cache_key run_id endpoint type".split())
@pytest.mark.parametrize("kind", ["query", "mutation"])
def test_names_that_are_taken(name: str, kind: str) -> None:
    names: dict[str, Any] = {"Call": Call}
    exec(f"async def function(call: Call, {name}: int) -> int: ...", names)
    with pytest.raises(TypeError, match=f"a parameter '{name}'"):
        define(names["function"], kind)


def fine_one() -> Any:
    """An endpoint's function as it should be, made anew for each api."""

    async def fine(call: Call, id: int = 1) -> int:
        return id

    return fine


@pytest.mark.parametrize(
    ("kind", "options", "error", "words"),
    [
        ("query", {"provides": USER}, TypeError, "takes a list of tags, not the tag"),
        ("query", {"provides": "user"}, TypeError, "takes a list of tags"),
        ("query", {"provides": ["user"]}, TypeError, "not 'user'"),
        ("query", {"stale_after": -1}, ValueError, "stale_after must be 0 or more"),
        ("query", {"keep_unused": -1}, ValueError, "keep_unused must be 0 or more"),
        ("query", {"every": 0}, ValueError, "every must be more than 0"),
        ("query", {"every": -1}, ValueError, "every must be more than 0"),
        ("infinite", {"max_pages": 0}, ValueError, "max_pages must be 1 or more"),
        ("mutation", {"invalidates": USER}, TypeError, "takes a list of tags"),
        ("mutation", {"updates": [Tag[int]("plain")]}, TypeError, "a tag without a model"),
    ],
)
def test_options_that_are_none(kind: str, options: dict[str, Any], error: Any, words: str) -> None:
    with pytest.raises(error, match=words):
        define(fine_one(), kind, **options)


def test_an_endpoint_of_that_name() -> None:
    """Of another function; the same one defined anew takes its place."""
    mistaken = api()

    def define_here() -> Any:
        @mistaken.query()
        async def get(call: Call) -> int:
            return 1

        return get

    first = define_here()
    assert define_here() is not first

    def elsewhere() -> None:
        @mistaken.query()
        async def get(call: Call) -> int:
            return 2

    with pytest.raises(ValueError, match="has an endpoint 'get' already"):
        elsewhere()


def test_negative_seconds_of_an_api() -> None:
    for option in ("stale_after", "keep_unused"):
        with pytest.raises(ValueError, match=option):
            Api("api", **{option: -1.0})


def test_arguments_that_do_not_fit() -> None:
    """A TypeError with the signature, pydantic's for types."""
    get = define(fine_one())
    with pytest.raises(TypeError, match=r"fine\(id: int = 1\): too many"):
        get(1, 2)
    with pytest.raises(TypeError, match="unexpected keyword argument 'name'"):
        get(name="x")
    with pytest.raises(ValidationError):
        get("seven")


def test_arguments_are_equal_however_they_were_passed() -> None:
    get = define(fine_one())
    assert get() == get(1) == get(id=1) == get("1")
    assert len({get(), get(1), get(2)}) == 2
    assert get(7).cache_key == "fine(id=7)"


def test_what_is_no_tag() -> None:
    with pytest.raises(TypeError, match="Invalidate takes tags"):
        Invalidate("user")  # pyright: ignore
    with pytest.raises(TypeError, match="one tag at least"):
        Invalidate()
    with pytest.raises(TypeError, match="takes an id of type int, not 'seven'"):
        USER["seven"]  # pyright: ignore
    with pytest.raises(TypeError, match="takes an id of type int"):
        Tag[int]("orders")["x"]  # pyright: ignore
    with pytest.raises(TypeError, match="the tag of one already"):
        USER[1][2]
    assert Action.parse(Invalidate(USER[7]).serialize()) == Invalidate(USER[7])


def test_a_store_without_the_slice_or_the_epic() -> None:
    """Told by the first `watch`, with the line to add."""
    mistaken = api()
    get = mistaken.query()(fine_one())
    other = Api("other")
    with (
        Store(combine_reducers({"other": other}), epics=[other.epic]) as store,
        pytest.raises(TypeError, match="no slice of the api 'mistaken'.*mistaken=mistaken"),
    ):
        get(1).watch(store)
    with (
        Store(combine_reducers({"mistaken": mistaken})) as store,
        pytest.raises(TypeError, match=r"epics=\[mistaken.epic\]"),
    ):
        get(1).watch(store)
    with pytest.raises(TypeError, match="query.watch"):
        get(1).watch(None)  # pyright: ignore


@pytest.mark.parametrize("every", [0, -1.0])
def test_a_watcher_who_polls_too_often(every: float) -> None:
    mistaken = api()
    get = mistaken.query()(fine_one())
    with Store(mistaken, epics=[mistaken.epic]) as store, pytest.raises(ValueError, match="every must be more than 0"):
        get(1).watch(store, every=every)


def test_seeds_that_do_not_fit() -> None:
    mistaken = api()
    get = mistaken.query()(fine_one())
    with Store(mistaken, epics=[mistaken.epic]) as store:
        with pytest.raises(TypeError, match="seed takes queries"):
            seed(store, {"get": 1})  # pyright: ignore
        with pytest.raises(TypeError, match="not what its endpoint answers"):
            seed(store, {get(1): "one"})
        seed(store, {get(1): 1})
        assert get(1)(store.state).data == 1


@pytest.mark.parametrize(
    ("error", "kind", "is_mistake"),
    [
        (TimeoutError(), "timeout", False),
        (ConnectionRefusedError(), "network", False),
        (ApiCallError(ApiError(kind="forbidden")), "forbidden", False),
        (KeyError("id"), "client", True),
        (asyncio.CancelledError(), "client", True),
    ],
)
async def test_promise_20_each_failure_is_a_value(
    backend: Any, open_store: Any, error: Any, kind: str, is_mistake: bool
) -> None:
    """A mistake of the program is reported with its traceback as well."""
    shop = open_shop()

    @shop.api.query()
    async def fail(call: Call) -> int:
        raise error

    @shop.api.mutation()
    async def fail_to_change(call: Call) -> int:
        raise error

    async with open_store(backend, shop.api, may_fail=is_mistake) as session:
        for asked in (fail().fetch(session.store), fail_to_change().run(session.store)):
            with pytest.raises(ApiCallError) as failed:
                await asked
            assert failed.value.error.kind == kind
        assert session.result(fail()).error.kind == kind
        assert len(session.errors) == (2 if is_mistake else 0)


async def test_promise_20_an_answer_that_does_not_fit(backend: Any, open_store: Any) -> None:
    """It names the place, never the value."""
    shop = open_shop()
    backend.raw["/users"] = b'[{"id": 1, "name": "a"}, {"id": "hush", "name": "b"}]'
    async with open_store(backend, shop.api) as session:
        with pytest.raises(ApiCallError) as failed:
            await shop.get_users().fetch(session.store)
        assert failed.value.error.kind == "invalid_response"
        assert "1.id" in str(failed.value)
        assert "hush" not in str(failed.value)
        backend.raw["/users"] = b"<html>"
        with pytest.raises(ApiCallError, match="no JSON"):
            await shop.get_users().fetch(session.store)


async def test_promise_21_close_ends_what_never_returns(backend: Any, open_store: Any) -> None:
    """An endpoint that never returns ends with its last watcher, or with the store."""
    shop = open_shop()
    began: list[int] = []
    ended: list[int] = []

    @shop.api.query()
    async def wait(call: Call, id: int) -> int:
        began.append(id)
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(id)
        return id

    async with open_store(backend, shop.api) as session:
        with wait(1).watch(session.store):
            await until(lambda: began == [1])
            with pytest.raises(TimeoutError):
                await session.store.idle(0.05)
        await until(lambda: ended == [1])
        wait(2).watch(session.store)
        await until(lambda: began == [1, 2])
    assert ended == [1, 2]


async def test_an_outcome_whose_reducer_raises_has_failed(backend: Any, open_store: Any) -> None:
    """It is reported, and who waits for it is told."""
    shop = open_shop()
    for outcome in (shop.get_user.succeeded, shop.rename.succeeded):

        @shop.api.on(outcome)
        def _(state: Any, action: Any) -> Any:
            raise ZeroDivisionError

    async with open_store(backend, shop.api, may_fail=True) as session:
        for asked in (shop.get_user(7).fetch(session.store), shop.rename(7, "Ada").run(session.store)):
            with pytest.raises(ApiCallError, match="a reducer failed"):
                await asyncio.wait_for(asked, 20)
        await session.settle()
        assert session.result(shop.get_user(7)).status == "failure"
        assert shop.rename.latest(session.store.state).status == "failure"
        assert [type(error.__cause__) for error in session.errors] == [ZeroDivisionError] * 2


async def test_queries_that_ask_each_other(backend: Any, open_store: Any) -> None:
    """A query asks others, shares their tags, and a circle is told instead of waiting for ever."""
    shop = open_shop()

    @shop.api.query()
    async def get_names(call: Call) -> list[str]:
        return [(await call.query(shop.get_user(id))).name for id in (1, 2)]

    @shop.api.query()
    async def get_circle(call: Call, id: int) -> int:
        return await call.query(get_circle(1 - id))

    async with open_store(backend, shop.api, may_fail=True) as session:
        with get_names().watch(session.store) as names:
            assert await names.answer() == ["user 1", "user 2"]
            backend.users[2] = {"id": 2, "name": "Ada"}
            session.store.dispatch(Invalidate(USER[2]))
            await session.settle()
            assert names.result.data == ["user 1", "Ada"]
            assert backend.count == {"GET /users/1": 1, "GET /users/2": 2}
        with pytest.raises(ApiCallError, match="waits for"):
            await asyncio.wait_for(get_circle(0).fetch(session.store), 20)


async def test_a_clock_that_jumps(backend: Any, open_store: Any, monkeypatch: Any) -> None:
    """Put back, it makes nothing fresh for ever."""
    import time

    shop = open_shop(stale_after=10)
    async with open_store(backend, shop.api) as session:
        await shop.get_user(7).fetch(session.store)
        now = time.time()
        monkeypatch.setattr("rxdux.epics.query.queries.time.time", lambda: now - 3600)
        await shop.get_user(7).fetch(session.store)
        assert backend.count.total() == 2
        await shop.get_user(7).fetch(session.store)
        assert backend.count.total() == 2


async def test_many_arguments_leave_nothing_behind(backend: Any, open_store: Any) -> None:
    """The cache stays bounded by `keep_unused`."""
    shop = open_shop(keep_unused=0.05)

    @shop.api.query(provides=[USER])
    async def make(call: Call, id: int) -> User:
        return User(id=id, name="x")

    async with open_store(backend, shop.api) as session:
        for id in range(500):
            session.store.dispatch(make(id))
        await session.settle()
        await session.store.wait_for(lambda state: not state.api.entries, 20)
        state = session.store.state.api
        assert (len(state.records), len(state.about), state.under_way) == (0, 0, 0)


async def test_a_query_inside_an_epic(backend: Any, open_store: Any) -> None:
    """`then` asks, gives one action of the data or of the error, and always ends."""
    from rxdux import merge_map, of_type

    shop = open_shop()

    class Ask(Action, type="test/ask"):
        id: int

    class Told(Action, type="test/told"):
        name: str

    class NotTold(Action, type="test/not_told"):
        kind: str

    def epic(actions: Any, state: Any) -> Any:
        return actions.pipe(
            of_type(Ask),
            merge_map(
                lambda ask: shop.get_user(ask.id).then(
                    actions, state, lambda user: Told(name=user.name), lambda error: NotTold(kind=error.kind)
                )
            ),
        )

    async with open_store(backend, shop.api, epics=[epic]) as session:
        session.store.dispatch(Ask(id=7))
        session.store.dispatch(Ask(id=99))
        await session.settle()
        told = [action for action in session.log if isinstance(action, Told | NotTold)]
        assert sorted(told, key=lambda action: action.type) == [NotTold(kind="not_found"), Told(name="user 7")]


def test_a_query_reads_as_a_selector() -> None:
    """It is a function of the state, and fetches nothing."""
    mistaken = api()
    get = mistaken.query()(fine_one())
    with Store(combine_reducers({"mistaken": mistaken}), epics=[mistaken.epic]) as store:
        seen: list[Result[int]] = []
        store.select(get(1)).subscribe(seen.append)
        assert seen == [Result()]
        assert Action.parse({"type": "mistaken/fine", "id": 1}) == get(1)
