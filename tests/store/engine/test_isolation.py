"""Whatever the code that a store runs may raise: it is the error of that code, and the store goes on."""

import asyncio
import sys
from collections.abc import Callable
from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from rxdux import Action, ActionStream, Reducer, ReducerError, Store, StoreError, Supervision, of_type


class Add(Action):
    pass


class Sub(Action):
    pass


def make_counter() -> Reducer[int]:
    counter = Reducer(0)
    counter.on(Add)(lambda count, action: count + 1)
    counter.on(Sub)(lambda count, action: count - 1)
    return counter


def cancelled(*_: object) -> Any:
    raise asyncio.CancelledError


class TestCancelledError:
    """An `asyncio.CancelledError` of user code never cancels the task that dispatches."""

    async def test_of_a_listener_is_reported(self) -> None:
        """The others are called all the same."""
        errors: list[StoreError] = []
        seen: list[int] = []
        async with Store(make_counter(), on_error=errors.append) as store:
            store.subscribe(cancelled)
            store.subscribe(seen.append)
            store.dispatch(Add())
        assert seen == [1]
        assert [type(error.__cause__) for error in errors] == [asyncio.CancelledError]

    def test_of_an_epic_is_reported(self) -> None:
        """The epic is restarted, and the other epics see the action."""
        errors: list[StoreError] = []

        def broken(actions: ActionStream) -> Observable[Action]:
            return actions.pipe(of_type(Add), ops.map(cancelled))

        def good(actions: ActionStream) -> Observable[Action]:
            return actions.pipe(of_type(Add), ops.map(lambda _: Sub()))

        store = Store(make_counter(), epics=[broken, good], on_error=errors.append)
        store.dispatch(Add())
        assert store.state == 0
        assert [error.source for error in errors] == [errors[0].source]

    def test_of_a_reducer_reaches_the_caller_as_an_error(self) -> None:
        """It is a StoreError with the original as its cause."""
        counter = make_counter()
        counter.on(Action)(cancelled)
        store = Store(counter)

        class Other(Action):
            pass

        with pytest.raises(StoreError, match="CancelledError") as raised:
            store.dispatch(Other())
        assert isinstance(raised.value.__cause__, asyncio.CancelledError)
        store.dispatch(Add())
        assert store.state == 1

    async def test_of_a_predicate_reaches_who_waits(self) -> None:
        """As an error, not as a cancellation of its task."""
        async with Store(make_counter()) as store:
            with pytest.raises(StoreError, match="predicate"):
                await store.wait_for(cancelled, timeout=20)

    def test_of_on_error_is_logged(self, caplog: pytest.LogCaptureFixture) -> None:
        """Nothing of it reaches the dispatcher."""
        store = Store(make_counter(), on_error=cancelled)
        store.subscribe(lambda state: 1 / 0)
        store.dispatch(Add())
        assert "on_error itself failed" in caplog.text


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, GeneratorExit, ValueError, StopIteration])
class TestWhatIsRaised:
    """The store works on after each of them, in whatever part it was raised."""

    def once(self, error: type[BaseException]) -> Callable[..., Any]:
        left = [error]

        def raise_once(*_: object) -> None:
            if left:
                raise left.pop()

        return raise_once

    def test_in_a_reducer(self, error: type[BaseException]) -> None:
        """The caller gets it, and the state is unchanged."""
        fail = self.once(error)

        def reducer(state: int | None, action: Action) -> int:
            if state is None:
                return 0
            fail()
            return state + 1

        store = Store(reducer)
        with pytest.raises(error):
            store.dispatch(Add())
        assert store.state == 0
        store.dispatch(Add())
        assert store.state == 1

    def test_in_a_listener(self, error: type[BaseException]) -> None:
        """The listeners after it are called, at the latest with the next action."""
        seen: list[int] = []
        store = Store(make_counter(), on_error=lambda error: None)
        store.subscribe(self.once(error))
        store.subscribe(seen.append)
        try:
            store.dispatch(Add())
        except error:
            assert not issubclass(error, Exception)
        store.dispatch(Add())
        assert store.state == 2
        assert len(seen) == 2

    def test_in_an_epic(self, error: type[BaseException]) -> None:
        """The other epic misses no action."""
        fail = self.once(error)

        def broken(actions: ActionStream) -> Observable[Action]:
            return actions.pipe(of_type(Add), ops.do_action(lambda _: fail()), ops.ignore_elements())

        def good(actions: ActionStream) -> Observable[Action]:
            return actions.pipe(of_type(Add), ops.map(lambda _: Sub()))

        store = Store(make_counter(), epics=[broken, good], on_error=lambda error: None)
        try:
            store.dispatch(Add())
        except error:
            assert not issubclass(error, Exception)
        store.dispatch(Add())
        assert store.state == 0

    def test_in_a_middleware(self, error: type[BaseException]) -> None:
        """The caller gets it."""
        fail = self.once(error)

        def failing(store: Store[Any], action: Any, call_next: Callable[[Any], Any]) -> Any:
            fail()
            return call_next(action)

        store = Store(make_counter(), middleware=[failing])
        with pytest.raises(error):
            store.dispatch(Add())
        store.dispatch(Add())
        assert store.state == 1


def test_an_action_that_interrupts_each_time_is_given_up() -> None:
    """It is reported, and those behind it are applied."""
    errors: list[StoreError] = []

    def reducer(state: int | None, action: Action) -> int:
        if isinstance(action, Sub):
            sys.exit(1)
        return 0 if state is None else state + 1

    def epic(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(of_type(Add), ops.take(1), ops.flat_map(lambda _: rx.of(Sub(), Add())))

    store = Store(reducer, epics=[epic], on_error=errors.append)
    for _ in range(3):
        with pytest.raises(SystemExit):
            store.dispatch(Add())
    store.dispatch(Add())
    assert store.state == 3  # the first, the epic's, the last: the others were interrupted before their turn
    assert [str(error.action) for error in errors] == [str(Sub())]


def test_listeners_that_dispatch_at_each_other_are_named() -> None:
    """The rounds are given up, once, and the store goes on."""
    errors: list[StoreError] = []
    store = Store(make_counter(), on_error=errors.append)

    def ping(state: int) -> None:
        store.dispatch(Sub())

    def pong(state: int) -> None:
        store.dispatch(Add())

    seen: list[int] = []
    with store.subscribe(ping), store.subscribe(pong), store.subscribe(seen.append):
        store.dispatch(Add())
    assert 1 <= len(errors) <= 2
    assert all(isinstance(error.__cause__, RecursionError) for error in errors)
    assert "ping" in str(errors[0])
    before = store.state
    store.dispatch(Add())
    assert store.state == before + 1
    assert seen


def test_the_first_restart_comes_at_once_and_the_next_after_a_pause() -> None:
    """Such a pause is work: the store is not at rest."""
    errors: list[StoreError] = []
    starts: list[int] = []

    def broken(actions: ActionStream) -> Observable[Action]:
        starts.append(1)
        return rx.throw(ValueError()) if len(starts) < 4 else actions.pipe(of_type(Add), ops.map(lambda _: Sub()))

    supervision = Supervision(backoff_initial=0.01, backoff_max=0.02)
    with Store(make_counter(), epics=[broken], on_error=errors.append, supervision=supervision) as store:
        assert len(starts) == 2
        store.wait_idle(20)
        assert len(starts) == 4
        store.dispatch(Add())
        assert store.state == 0
    assert "was started again" in str(errors[0])
    assert "is started again in 0.0 s" in str(errors[1])


@pytest.mark.parametrize(
    "wrong",
    [{"restarts": -1}, {"within": 0}, {"backoff_initial": -1}, {"backoff_initial": 2, "backoff_max": 1}],
)
def test_a_supervision_that_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    """With what came."""
    with pytest.raises(ValueError, match="Supervision needs"):
        Supervision(**wrong)  # type: ignore[arg-type]


def test_a_reducer_is_told_apart_from_other_threads_at_any_depth() -> None:
    """It may not dispatch, wherever in it it tries to."""

    def reducer(state: int | None, action: Action) -> int:
        if state is None:
            return 0
        for _ in map(lambda _: store.dispatch(Add()), [1]):  # noqa: C417 -- one more frame
            pass
        return state

    store = Store(reducer)
    with pytest.raises(ReducerError, match=r"store\.dispatch was used inside a reducer"):
        store.dispatch(Sub())
