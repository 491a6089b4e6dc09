"""Each action, and all that comes of it, runs in the `contextvars` context in which it was dispatched."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from typing import Any

import pytest
from reactivex import Observable
from reactivex import operators as ops

from rxdux import Action, ActionStream, Reducer, Store, concat_map, merge_map, of_type, switch_map


class Go(Action, type="contexts/go"):
    n: int = 0


class Out(Action, type="contexts/out"):
    n: int = 0
    request: str = ""


request = contextvars.ContextVar("request", default="none")

outs = Reducer[tuple[tuple[int, str], ...]](())
outs.on(Out)(lambda state, action: (*state, (action.n, action.request)))


async def work(go: Go) -> Out:
    await asyncio.sleep(0.01)
    return Out(n=go.n, request=request.get())


async def serve(store: Store[Any], n: int) -> None:
    request.set(f"r{n}")
    store.dispatch(Go(n=n))


async def serve_three(store: Store[Any]) -> tuple[tuple[int, str], ...]:
    await asyncio.gather(*(asyncio.create_task(serve(store, n)) for n in (1, 2, 3)))
    await store.wait_for(lambda state: len(state) == 3, timeout=20)
    return tuple(sorted(store.state))


RIGHT = ((1, "r1"), (2, "r2"), (3, "r3"))


@pytest.mark.parametrize(
    "flatten",
    [
        merge_map(work),
        concat_map(work),
        merge_map(work, concurrency=1),
        concat_map(work, by=lambda go: go.n),
        switch_map(work, by=lambda go: go.n),
    ],
)
async def test_a_value_that_waited_has_the_context_of_its_own_request(flatten: Callable[..., Any]) -> None:
    """Not that of the call which it waited for."""

    def epic(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(of_type(Go), flatten)

    async with Store(outs, epics=[epic]) as store:
        assert await serve_three(store) == RIGHT


@pytest.mark.parametrize("hold", [ops.delay(0.02), ops.map(lambda go: go)])
@pytest.mark.parametrize("flatten", [merge_map(work), concat_map(work)])
async def test_a_value_that_was_held_back_has_the_context_of_its_own_request(
    hold: Callable[..., Any], flatten: Callable[..., Any]
) -> None:
    """reactivex hands on several values from one timer."""

    def epic(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(of_type(Go), hold, flatten)

    async with Store(outs, epics=[epic]) as store:
        assert await serve_three(store) == RIGHT


def test_an_action_that_another_thread_applies_keeps_its_context() -> None:
    """The thread that was at work applies what others left in the queue."""
    inside, go_on = threading.Event(), threading.Event()

    def epic(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(of_type(Go), ops.map(lambda go: Out(n=go.n, request=request.get())))

    def listener(state: object) -> None:
        if not go_on.is_set():
            inside.set()
            go_on.wait(20)

    with Store(outs, epics=[epic]) as store:
        store.subscribe(listener)

        def first() -> None:
            request.set("tenant A")
            store.dispatch(Out(n=0, request=request.get()))

        def second() -> None:
            request.set("tenant B")
            store.dispatch(Go(n=1))
            go_on.set()

        one, two = threading.Thread(target=first), threading.Thread(target=second)
        one.start()
        inside.wait(20)
        two.start()
        one.join()
        two.join()
        assert store.state == ((0, "tenant A"), (1, "tenant B"))
