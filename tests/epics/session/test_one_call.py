"""A coroutine of several calls: what was sent is not sent again, when a later call meets a 401."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
import reactivex as rx
from reactivex import operators as ops
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from rxdux import (
    Action,
    ApiCallError,
    AuthState,
    DataState,
    Login,
    RefreshToken,
    RequestReplayed,
    Session,
    State,
    auth_reducer,
    combine_reducers,
    create_api_store,
    data_reducer,
    from_async,
    merge_map,
    of_type,
    refresh_on_unauthorized,
)

from ...closing import close_later
from .conftest import Lab, sign_in


class Order(Action):
    number: int


class Ordered(Action):
    by: str


class NotOrdered(Action):
    why: str


def order_epic(actions: Any, state: Any, deps: Any) -> Any:
    def order(action: Order) -> Any:
        async def call() -> Any:
            tokens = state.value.auth.tokens
            await deps.api.request("POST", f"/order/{action.number}", tokens, body={})
            return await deps.api.request("POST", f"/pay/{action.number}", tokens, body={})

        return from_async(call).pipe(
            ops.map(lambda answer: Ordered(by=answer["user"])),
            refresh_on_unauthorized(actions, state, request="order"),
            ops.catch(lambda error, _: rx.just(NotOrdered(why=str(error)))),
        )

    return actions.pipe(of_type(Order), merge_map(order))


def expire_before_payment(lab: Lab) -> None:
    def expire(request: Request, user: str | None) -> None:
        if request.url.path.startswith("/order/") and user is not None:
            lab.expire()

    lab.after = expire


@pytest.mark.parametrize("orders", [1, 20])
async def test_the_first_post_is_not_sent_twice(lab: Lab, orders: int) -> None:
    """The token expires between two POSTs: each arrives once, with one refresh for all."""
    expire_before_payment(lab)
    seen: list[Action] = []
    async with create_api_store(lab.url, epics=[order_epic]) as store:
        store.actions.subscribe(seen.append)
        await sign_in(store)
        store.dispatch(Order(number=0))
        await store.idle(20)
        lab.after = None
        for n in range(1, orders):
            store.dispatch(Order(number=n))
        await store.idle(20)
        assert [type(action).__name__ for action in seen if isinstance(action, Ordered | NotOrdered)] == [
            "Ordered"
        ] * orders
        assert sorted(lab.paths) == sorted([f"/{what}/{n}" for n in range(orders) for what in ("order", "pay")])
        assert lab.count["refresh"] == 1
        assert [action.cause for action in seen if isinstance(action, RefreshToken)] == ["order"]
        assert sum(isinstance(action, RequestReplayed) for action in seen) == 1
        assert store.state.auth.unproven == 0


async def test_a_first_call_that_meets_a_401_starts_the_coroutine_over(lab: Lab) -> None:
    """As in the article."""
    async with create_api_store(lab.url, epics=[order_epic]) as store:
        await sign_in(store)
        lab.expire()
        store.dispatch(Order(number=1))
        await store.idle(20)
        assert lab.paths == ["/order/1", "/pay/1"]
        assert lab.count["refresh"] == 1


async def test_the_second_post_is_not_sent_in_another_session(lab: Lab) -> None:
    """Bob signs in while it waits for ada's refresh."""
    expire_before_payment(lab)
    lab.token_delay = 0.2
    ended: list[Action] = []
    async with create_api_store(lab.url, epics=[order_epic]) as store:
        store.actions.pipe(of_type(Ordered, NotOrdered)).subscribe(ended.append)
        await sign_in(store)
        store.dispatch(Order(number=1))
        await store.wait_for(lambda state: state.auth.status == "refreshing", 20)
        store.dispatch(Login(username="bob", password="x"))
        await store.idle(20)
        assert lab.paths == ["/order/1"]
        assert ended == [NotOrdered(why="Your session has ended. Please sign in again.")]
    assert asyncio.all_tasks() == {asyncio.current_task()}


class Pair(Action):
    pass


class TwoSessions(State):
    auth: AuthState
    data: DataState
    billing: AuthState


def both_at_once(paths: list[str], runs: list[int]) -> Any:
    """An epic whose coroutine sends POSTs by `gather`."""

    def epic(actions: Any, state: Any, deps: Any) -> Any:
        async def call() -> Any:
            runs.append(1)
            tokens = state.value.auth.tokens
            return await asyncio.gather(*(deps.api.request("POST", path, tokens, body={}) for path in paths))

        def run(_: Pair) -> Any:
            return from_async(call).pipe(
                ops.map(lambda answers: Ordered(by=answers[-1]["user"])),
                refresh_on_unauthorized(actions, state),
                ops.catch(lambda error, _: rx.just(NotOrdered(why=str(error)))),
            )

        return actions.pipe(of_type(Pair), merge_map(run))

    return epic


async def test_of_two_at_once_only_the_refused_one_is_sent_again(lab: Lab) -> None:
    """The other has arrived, and is still being answered."""
    came: list[str] = []

    async def slowly() -> AsyncIterator[bytes]:
        while came.count("/refused") < 2:
            await asyncio.sleep(0.01)
        yield b'{"user": "ada"}'

    def answer(request: Request, user: str | None) -> Response | None:
        came.append(request.url.path)
        if request.url.path == "/slow":
            return StreamingResponse(slowly())
        return Response(status_code=401) if came.count("/refused") == 1 else None

    lab.instead = answer
    ended: list[Action] = []
    async with create_api_store(lab.url, epics=[both_at_once(["/slow", "/refused"], [])]) as store:
        store.actions.pipe(of_type(Ordered, NotOrdered)).subscribe(ended.append)
        await sign_in(store)
        store.dispatch(Pair())
        await store.idle(20)
    assert sorted(came) == ["/refused", "/refused", "/slow"]
    assert ended == [Ordered(by="ada")]


@pytest.mark.parametrize("posts", [2, 5])
async def test_of_many_at_once_that_are_refused_each_arrives_once(lab: Lab, posts: int) -> None:
    """All meet the dead token, and share the refresh; the coroutine runs once."""
    runs: list[int] = []
    epic = both_at_once([f"/{n}" for n in range(posts)], runs)
    async with create_api_store(lab.url, epics=[epic]) as store:
        await sign_in(store)
        for _ in range(2):  # what the first time cost is not counted against the second
            lab.expire()
            store.dispatch(Pair())
            await store.idle(20)
        assert sorted(lab.paths) == sorted(f"/{n}" for n in range(posts) for _ in range(2))
        assert (len(runs), lab.count["refresh"], store.state.auth.status) == (2, 2, "signed_in")


async def test_a_refused_call_that_is_awaited_later_starts_nothing_over(lab: Lab) -> None:
    """It failed alone; by the time the coroutine looks, another has been sent."""

    def late_epic(actions: Any, state: Any, deps: Any) -> Any:
        async def call() -> Any:
            tokens = state.value.auth.tokens
            refused = asyncio.ensure_future(deps.api.request("POST", "/refused", tokens, body={}))
            await asyncio.wait({refused})
            await deps.api.request("POST", "/sent", None, body={})
            return await refused

        def run(_: Pair) -> Any:
            return from_async(call).pipe(
                ops.map(lambda answer: Ordered(by=answer["user"])),
                refresh_on_unauthorized(actions, state),
                ops.catch(lambda error, _: rx.just(NotOrdered(why=str(error)))),
            )

        return actions.pipe(of_type(Pair), merge_map(run))

    came: list[str] = []

    def note(request: Request, user: str | None) -> Response | None:
        came.append(request.url.path)
        return JSONResponse({"user": "nobody"}) if request.url.path == "/sent" else None

    lab.instead = note
    async with create_api_store(lab.url, epics=[late_epic]) as store:
        await sign_in(store)
        lab.expire()
        store.dispatch(Pair())
        await store.idle(20)
        assert came == ["/refused", "/sent"]


async def test_a_token_never_goes_to_the_server_of_another_session(lab: Lab) -> None:
    """A coroutine of one session calls the API of another, which refuses the other's token."""
    other = Lab()
    billing = Session("billing", other.url)
    seen: list[str] = []

    def note(request: Request, user: str | None) -> Response | None:
        seen.append(request.headers.get("authorization", ""))
        return None

    other.instead = note

    def both_epic(actions: Any, state: Any, deps: Any) -> Any:
        async def call() -> Any:
            await deps.api.request("POST", "/own", state.value.auth.tokens, body={})
            return await billing.api.request("POST", "/theirs", state.value.billing.tokens, body={})

        def run(_: Pair) -> Any:
            return from_async(call).pipe(
                ops.map(lambda answer: Ordered(by=answer["user"])),
                refresh_on_unauthorized(actions, state),
                ops.catch(lambda error, _: rx.just(NotOrdered(why=str(error)))),
            )

        return actions.pipe(of_type(Pair), merge_map(run))

    reducer = combine_reducers(TwoSessions, auth=auth_reducer, data=data_reducer, billing=billing.reducer)
    try:
        async with create_api_store(lab.url, reducer=reducer, epics=[both_epic, *billing.epics]) as store:
            await sign_in(store)
            store.dispatch(Login(username="bob", password="x", session="billing"))
            await store.wait_for(lambda state: state.billing.tokens is not None, 20)
            theirs = store.state.billing.tokens.access_token.get_secret_value()
            other.expire()
            store.dispatch(Pair())
            await store.idle(20)
            assert set(seen) == {f"Bearer {theirs}"}
            assert lab.paths == ["/own"]
    finally:
        close_later(other.close)


async def test_a_call_that_its_coroutine_left_behind_ends_with_its_401(lab: Lab) -> None:
    """Nobody would ask for a refresh in the name of a source that has ended: it does not wait for one."""
    left: list[asyncio.Task[Any]] = []
    has_ended = asyncio.Event()

    async def when_ended() -> AsyncIterator[bytes]:
        while not has_ended.is_set():
            await asyncio.sleep(0.01)
        yield b""

    lab.instead = lambda request, _: (
        StreamingResponse(when_ended(), status_code=401) if request.url.path == "/left" else None
    )

    def leaving_epic(actions: Any, state: Any, deps: Any) -> Any:
        async def call() -> Any:
            tokens = state.value.auth.tokens
            left.append(asyncio.ensure_future(deps.api.request("POST", "/left", tokens, body={})))
            return await deps.api.request("POST", "/done", tokens, body={})

        def run(_: Pair) -> Any:
            return from_async(call).pipe(
                ops.map(lambda answer: Ordered(by=answer["user"])), refresh_on_unauthorized(actions, state)
            )

        return actions.pipe(of_type(Pair), merge_map(run))

    async with create_api_store(lab.url, epics=[leaving_epic]) as store:
        await sign_in(store)
        store.dispatch(Pair())
        await store.idle(20)
        has_ended.set()
        with pytest.raises(ApiCallError):
            await asyncio.wait_for(left[0], 20)
        assert lab.count["refresh"] == 0
