"""Asynchronous work: tasks, timers, idle, wait_for, close; with a loop and without."""

import asyncio
import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from rxdux import Action, ActionStream, Reducer, Store, StoreClosedError, StoreError, from_async, merge_map, of_type


class Ask(Action):
    n: int = 0


class Answer(Action):
    n: int = 0


def make_answers() -> Reducer[tuple[int, ...]]:
    answers = Reducer[tuple[int, ...]](())
    answers.on(Answer)(lambda state, action: (*state, action.n))
    return answers


class Oracle:
    """An effect that answers when it is told to, and knows who was cancelled."""

    def __init__(self) -> None:
        self.asked: list[int] = []
        self.cancelled: list[int] = []
        self.may_answer = threading.Event()

    async def answer(self, ask: Ask) -> Action:
        self.asked.append(ask.n)
        try:
            while not self.may_answer.is_set():
                await asyncio.sleep(0.001)
        except asyncio.CancelledError:
            self.cancelled.append(ask.n)
            raise
        return Answer(n=ask.n)

    def epic(self, actions: ActionStream) -> Observable[Action]:
        return actions.pipe(of_type(Ask), merge_map(self.answer))


async def until(condition: Callable[[], Any], patience: float = 20.0) -> None:
    async with asyncio.timeout(patience):
        while not condition():
            await asyncio.sleep(0.001)


async def test_idle_waits_for_work_in_flight() -> None:
    """And no longer."""
    oracle = Oracle()
    async with Store(make_answers(), epics=[oracle.epic]) as store:
        await store.idle(20)
        store.dispatch(Ask(n=1))
        with pytest.raises(TimeoutError, match="1 pieces of epic work are in flight"):
            await store.idle(0.01)
        oracle.may_answer.set()
        await store.idle(20)
        assert store.state == (1,)


def threads_of_loops() -> set[threading.Thread]:
    """Where stores run their loops. A store that a test before dropped unclosed may have left one."""
    return {thread for thread in threading.enumerate() if thread.name == "rxdux"}


def test_wait_idle_without_a_loop() -> None:
    """The store starts a loop of its own on first need, and ends it."""
    before = threads_of_loops()
    oracle = Oracle()
    with Store(make_answers(), epics=[oracle.epic]) as store:
        assert threads_of_loops() <= before
        store.dispatch(Ask(n=1))
        with pytest.raises(TimeoutError, match="not idle after 0.01 s"):
            store.wait_idle(0.01)
        oracle.may_answer.set()
        store.wait_idle(20)
        assert store.state == (1,)
    assert threads_of_loops() <= before


async def test_wait_idle_on_the_loop_is_refused() -> None:
    """It would block the thread that has the work to do; so it would in a listener."""
    store = Store(make_answers())
    with pytest.raises(RuntimeError, match="await store.idle()"):
        store.wait_idle()
    errors: list[StoreError] = []
    with Store(make_answers(), on_error=errors.append) as other:
        other.subscribe(lambda state: other.wait_idle())
        await asyncio.to_thread(other.dispatch, Answer())
    assert [type(error.__cause__) for error in errors] == [RuntimeError]
    store.close()


async def test_a_timer_is_not_work() -> None:
    """A proactive refresh in an hour does not keep the store busy."""

    def later(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(of_type(Ask), ops.delay(3600.0), ops.map(lambda ask: Answer(n=ask.n)))

    async with Store(make_answers(), epics=[later]) as store:
        store.dispatch(Ask())
        await store.idle(20)


async def test_every_subscription_calls_again() -> None:
    """from_async is cold: a retry makes a new call."""
    calls: list[int] = []

    async def flaky() -> Action:
        calls.append(1)
        if len(calls) < 3:
            raise ConnectionError
        return Answer(n=len(calls))

    def epic(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(of_type(Ask), merge_map(lambda _: from_async(flaky).pipe(ops.retry(5))))

    async with Store(make_answers(), epics=[epic]) as store:
        store.dispatch(Ask())
        await store.idle(20)
        assert store.state == (3,)


async def test_unsubscribing_cancels_the_task() -> None:
    """Stopping an epic stops its work, and no other's."""
    stopped, other = Oracle(), Oracle()
    async with Store(make_answers(), epics=[other.epic]) as store:
        subscription = store.add_epic(stopped.epic)
        store.dispatch(Ask(n=1))
        await until(lambda: stopped.asked and other.asked)
        subscription.unsubscribe()
        await until(lambda: stopped.cancelled)
        other.may_answer.set()
        await store.idle(20)
        assert (stopped.cancelled, other.cancelled, store.state) == ([1], [], (1,))


async def test_close_cancels_work_and_leaves_no_task() -> None:
    """A late result is dropped without a word."""
    errors: list[StoreError] = []
    oracle = Oracle()
    async with Store(make_answers(), epics=[oracle.epic], on_error=errors.append) as store:
        store.dispatch(Ask(n=1))
        await until(lambda: oracle.asked)
    assert oracle.cancelled == [1]
    assert asyncio.all_tasks() == {asyncio.current_task()}
    assert errors == []
    assert store.state == ()


async def test_a_dispatch_from_a_task_is_synchronous() -> None:
    """On an idle store, also inside an effect."""

    async def add_two() -> Action:
        store.dispatch(Answer(n=1))
        assert store.state == (1,)
        return Answer(n=2)

    async with Store(
        make_answers(), epics=[lambda actions: actions.pipe(of_type(Ask), merge_map(lambda _: from_async(add_two)))]
    ) as store:
        store.dispatch(Ask())
        await store.idle(20)
        assert store.state == (1, 2)


async def test_a_failing_effect_is_supervised() -> None:
    """Its error reaches on_error with the epic's name, and the epic goes on."""
    errors: list[StoreError] = []

    async def fragile(ask: Ask) -> Action:
        return Answer(n=1 // ask.n)

    def fragile_epic(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(of_type(Ask), merge_map(fragile))

    async with Store(make_answers(), epics=[fragile_epic], on_error=errors.append) as store:
        for n in (0, 1):
            store.dispatch(Ask(n=n))
            await store.idle(20)
        assert store.state == (1,)
    assert [(error.source, type(error.__cause__)) for error in errors] == [("fragile_epic", ZeroDivisionError)]


async def test_a_task_cancelled_from_outside_is_an_error() -> None:
    """Not a silence."""
    errors: list[Any] = []

    async def cancels_itself() -> Action:
        raise asyncio.CancelledError

    async with Store(
        make_answers(),
        epics=[
            lambda actions: from_async(cancels_itself).pipe(
                ops.catch(lambda error, _: rx.just(Answer(n=errors.append(error) or 1)))
            )
        ],
    ) as store:
        await store.idle(20)
        assert store.state == (1,)
    assert isinstance(errors[0], asyncio.CancelledError)


@pytest.mark.parametrize("wrong", [5, None])
def test_from_async_takes_a_function(wrong: Any) -> None:
    """Not what it returns."""
    with pytest.raises(TypeError, match="coroutine function without arguments"):
        from_async(wrong)


async def test_from_async_says_what_is_wrong() -> None:
    """A coroutine, a function that is not async, no loop."""

    async def answer() -> int:
        return 42

    coroutine = answer()
    with pytest.raises(TypeError, match="without calling it"):
        from_async(coroutine)  # pyright: ignore
    coroutine.close()
    with pytest.raises(TypeError, match="cannot be awaited"):
        await from_async(lambda: 42)  # pyright: ignore
    assert await from_async(answer) == 42
    with pytest.raises(RuntimeError, match="without a running event loop"):
        await asyncio.to_thread(from_async(answer).subscribe)


async def test_wait_for_gives_the_first_such_state() -> None:
    """Beginning with the present one, and not missing one that a listener replaced at once."""
    async with Store(make_answers()) as store:
        assert await store.wait_for(lambda state: state == ()) == ()
        waiting = asyncio.ensure_future(store.wait_for(lambda state: len(state) == 1, 20))
        await asyncio.sleep(0)
        store.subscribe(lambda state: store.dispatch(Answer(n=2)) if len(state) == 1 else None)
        store.dispatch(Answer(n=1))
        assert store.state == (1, 2)
        assert await waiting == (1,)


async def test_wait_for_ends_without_such_a_state() -> None:
    """By time-out, by the predicate's own error, by close."""
    store = Store(make_answers())
    with pytest.raises(TimeoutError, match="within 0.01 s"):
        await store.wait_for(lambda state: False, 0.01)
    with pytest.raises(ZeroDivisionError):
        await store.wait_for(lambda state: 1 // len(state))
    waiting = asyncio.ensure_future(store.wait_for(lambda state: False))
    await asyncio.sleep(0)
    store.close()
    with pytest.raises(StoreClosedError):
        await waiting
    with pytest.raises(StoreClosedError):
        await store.wait_for(lambda state: False)
    assert await store.wait_for(lambda state: True) == ()


async def test_waiting_works_across_threads() -> None:
    """A thread dispatches, the loop awaits."""
    async with Store(make_answers()) as store:
        thread = threading.Thread(target=lambda: [store.dispatch(Answer(n=n)) for n in range(1000)])
        thread.start()
        assert len(await store.wait_for(lambda state: len(state) == 1000, 20)) == 1000
        thread.join()


@pytest.mark.parametrize("with_loop", [True, False])
def test_timed_operators_need_no_scheduler(with_loop: bool) -> None:
    """They run on the store's, and never beside a listener."""
    overlaps: list[str] = []
    done = threading.Event()
    busy = threading.Lock()

    def guarded(value: Any) -> None:
        if not busy.acquire(blocking=False):
            overlaps.append(str(value))
            return
        time.sleep(0.0005)
        busy.release()

    def timed(actions: ActionStream) -> Observable[Action]:
        return rx.merge(
            actions.pipe(of_type(Ask), ops.delay(0.005), ops.do_action(guarded), ops.map(lambda ask: Answer(n=1))),
            actions.pipe(of_type(Ask), ops.debounce(0.2), ops.do_action(guarded), ops.map(lambda ask: Answer(n=2))),
            actions.pipe(
                of_type(Ask), ops.throttle_first(60.0), ops.do_action(guarded), ops.map(lambda ask: Answer(n=3))
            ),
            rx.timer(0.003).pipe(ops.map(lambda _: Answer(n=4))),
            rx.interval(0.001).pipe(ops.take(5), ops.do_action(guarded), ops.map(lambda _: Answer(n=5))),
        )

    def run() -> tuple[int, ...]:
        with Store(make_answers(), epics=[timed]) as store:
            store.subscribe(guarded)
            store.subscribe(lambda state: done.set() if len(state) == 28 else None)
            producer = threading.Thread(target=lambda: [store.dispatch(Ask(n=n)) for n in range(20)])
            producer.start()
            assert done.wait(10)
            producer.join()
            return store.state

    async def run_beside_a_loop() -> tuple[int, ...]:
        with Store(make_answers(), epics=[timed]) as store:
            store.subscribe(guarded)
            producer = threading.Thread(target=lambda: [store.dispatch(Ask(n=n)) for n in range(20)])
            producer.start()
            await store.wait_for(lambda state: len(state) == 28, 20)
            producer.join()
            return store.state

    state = asyncio.run(run_beside_a_loop()) if with_loop else run()
    assert sorted(state) == [1] * 20 + [2, 3, 4] + [5] * 5
    assert overlaps == []


async def test_switching_cancels_the_stale_timer() -> None:
    """A disposed timer does not fire."""
    fired: list[int] = []

    def epic(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(
            of_type(Ask),
            ops.map(lambda ask: rx.timer(0.01).pipe(ops.map(lambda _: Answer(n=fired.append(ask.n) or ask.n)))),
            ops.switch_latest(),
        )

    async with Store(make_answers(), epics=[epic]) as store:
        for n in (1, 2, 3):
            store.dispatch(Ask(n=n))
        assert await store.wait_for(bool, 20) == (3,)
    assert fired == [3]


def test_effects_of_many_threads_all_arrive() -> None:
    """Tasks are started from any thread, and run on the one loop."""
    loops: set[int] = set()

    async def answer(ask: Ask) -> Action:
        loops.add(threading.get_ident())
        await asyncio.sleep(0)
        return Answer(n=ask.n)

    with Store(make_answers(), epics=[lambda actions: actions.pipe(of_type(Ask), merge_map(answer))]) as store:
        threads = [
            threading.Thread(target=lambda start=start: [store.dispatch(Ask(n=start + n)) for n in range(100)])
            for start in range(0, 400, 100)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        store.wait_idle(20)
        assert sorted(store.state) == list(range(400))
        assert len(loops) == 1


def test_close_from_an_effect_ends_the_loop() -> None:
    """The last one out closes the door."""
    before = threads_of_loops()
    closed = threading.Event()

    async def close(ask: Ask) -> Action:
        store.close()
        closed.set()
        return Answer()

    store = Store(make_answers(), epics=[lambda actions: actions.pipe(of_type(Ask), merge_map(close))])
    store.dispatch(Ask())
    assert closed.wait(20)
    deadline = time.monotonic() + 20
    while not threads_of_loops() <= before and time.monotonic() < deadline:
        time.sleep(0.001)
    assert threads_of_loops() <= before
    assert store.state == ()
