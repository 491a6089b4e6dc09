"""Dispatch, listeners and state: the rules of Redux, and where they are better."""

import logging
import threading
from collections.abc import Callable
from typing import Any

import pytest

from rxdux import Action, Reducer, ReducerError, Store, StoreClosedError, StoreError, combine_reducers


class Add(Action):
    amount: int = 1


class Fail(Action):
    pass


def make_counter() -> Reducer[int]:
    counter = Reducer(0)
    counter.on(Add)(lambda count, action: count + action.amount)

    @counter.on(Fail)
    def _(count: int, action: Fail) -> int:
        raise ZeroDivisionError

    return counter


def test_dispatch_returns_the_action_with_the_state_updated() -> None:
    """On an idle store dispatch is synchronous."""
    store = Store(make_counter())
    action = Add(amount=3)
    assert store.dispatch(action) is action
    assert store.state == 3


def test_a_plain_function_is_a_reducer() -> None:
    """It is called with None once, for its initial state."""
    given: list[int | None] = []

    def count(state: int | None, action: Action) -> int:
        given.append(state)
        return 0 if state is None else state + 1

    store = Store(count)
    store.dispatch(Add())
    assert store.state == 1
    assert given == [None, 0]


@pytest.mark.parametrize("falsy", [0, False, "", ()])
def test_a_falsy_preloaded_state_is_kept(falsy: Any) -> None:
    """Only None stands for no state."""
    assert Store(Reducer[Any]("initial"), falsy).state == falsy


def test_listeners_are_called_once_a_dispatch_in_order() -> None:
    """Even if the state did not change, and the same listener as often as it subscribed."""
    store = Store(make_counter())
    seen: list[tuple[str, int]] = []

    def second(state: int) -> None:
        seen.append(("second", state))

    store.subscribe(lambda state: seen.append(("first", state)))
    store.subscribe(second)
    store.subscribe(second)
    store.dispatch(Add(amount=0))
    assert seen == [("first", 0), ("second", 0), ("second", 0)]


def test_a_subscription_ends_once() -> None:
    """By unsubscribe, as often as one likes, or at the end of a with block."""
    store = Store(make_counter())
    seen: list[int] = []
    with store.subscribe(seen.append) as subscription:
        other = store.subscribe(seen.append)
        store.dispatch(Add())
    subscription.unsubscribe()
    subscription.unsubscribe()
    store.dispatch(Add())
    other.unsubscribe()
    store.dispatch(Add())
    assert seen == [1, 1, 2]


def test_changes_of_listeners_count_from_the_next_round() -> None:
    """A round runs over a snapshot."""
    store = Store(make_counter())
    seen: list[str] = []

    def change(state: int) -> None:
        seen.append("change")
        last.unsubscribe()
        store.subscribe(lambda state: seen.append("new"))
        first.unsubscribe()

    first = store.subscribe(change)
    last = store.subscribe(lambda state: seen.append("last"))
    store.dispatch(Add())
    assert seen == ["change", "last"]
    store.dispatch(Add())
    assert seen == ["change", "last", "new"]


def test_a_nested_dispatch_runs_its_own_round_first() -> None:
    """Later listeners of the outer round then see the newest state."""
    store = Store(make_counter())
    seen: list[tuple[str, int]] = []

    def nesting(state: int) -> None:
        seen.append(("nesting", state))
        if state == 1:
            store.dispatch(Add(amount=10))
            assert store.state == 11

    store.subscribe(nesting)
    store.subscribe(lambda state: seen.append(("after", state)))
    store.dispatch(Add())
    assert seen == [("nesting", 1), ("nesting", 11), ("after", 11), ("after", 11)]


def test_a_raising_listener_disturbs_nobody() -> None:
    """Its error goes to on_error, with its name and the action."""
    errors: list[StoreError] = []
    store = Store(make_counter(), on_error=errors.append)
    seen: list[int] = []

    def broken(state: int) -> None:
        raise ZeroDivisionError

    store.subscribe(broken)
    store.subscribe(seen.append)
    action = store.dispatch(Add())
    assert seen == [1]
    assert isinstance(errors[0].__cause__, ZeroDivisionError)
    assert errors[0].source.endswith("broken")
    assert errors[0].action is action


def test_errors_are_logged_by_default(caplog: pytest.LogCaptureFixture) -> None:
    """With the traceback; also when on_error itself raises."""

    def broken(state: int) -> None:
        raise ZeroDivisionError

    def broken_too(error: StoreError) -> None:
        raise KeyError

    for on_error in (None, broken_too):
        store = Store(make_counter(), on_error=on_error)
        store.subscribe(broken)
        store.dispatch(Add())
    assert [record.name for record in caplog.records] == ["rxdux", "rxdux"]
    assert all(record.exc_info and record.levelno == logging.ERROR for record in caplog.records)
    assert "ZeroDivisionError" in caplog.text


@pytest.mark.parametrize(
    "name", ["dispatch", "subscribe", "unsubscribe", "state", "replace_reducer", "add_epic", "close"]
)
def test_a_reducer_must_not_use_its_store(name: str) -> None:
    """It is told why, and the store goes on."""
    uses: dict[str, Callable[[], Any]] = {
        "dispatch": lambda: store.dispatch(Add()),
        "subscribe": lambda: store.subscribe(print),
        "unsubscribe": lambda: subscription.unsubscribe(),
        "state": lambda: store.state,
        "replace_reducer": lambda: store.replace_reducer(make_counter()),
        "add_epic": lambda: store.add_epic(lambda actions: actions),
        "close": lambda: store.close(),
    }

    def impure(state: int | None, action: Action) -> int:
        if isinstance(action, Fail):
            uses[name]()
        return (state or 0) + 1

    store = Store(impure)
    subscription = store.subscribe(lambda state: None)
    with pytest.raises(ReducerError, match=f"store.{name} was used inside a reducer"):
        store.dispatch(Fail())
    assert store.state == 1
    store.dispatch(Add())
    assert store.state == 2


def test_other_threads_read_the_last_state_while_a_reducer_runs() -> None:
    """Only the thread that runs the reducer is refused."""
    read: list[int] = []

    def slow(state: int | None, action: Action) -> int:
        if isinstance(action, Add):
            thread = threading.Thread(target=lambda: read.append(store.state))
            thread.start()
            thread.join()
        return (state or 0) + 1

    store = Store(slow)
    store.dispatch(Add())
    assert read == [1]
    assert store.state == 2


def test_a_raising_reducer_changes_nothing() -> None:
    """The caller gets the error; listeners and epics do not see the action; the store goes on."""
    seen: list[Any] = []
    store = Store(combine_reducers({"a": make_counter(), "b": make_counter()}))
    before = store.state
    store.subscribe(seen.append)
    store.actions.subscribe(seen.append)
    with pytest.raises(ZeroDivisionError):
        store.dispatch(Fail())
    assert store.state is before
    assert seen == []
    store.dispatch(Add())
    assert store.state == {"a": 1, "b": 1}


async def coroutine() -> None:
    pass


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (Add, r"not the class Add. Did you mean an instance, Add\(...\)"),
        (int, "not the class int. Derive it from rxdux.Action"),
        ({"type": "ADD"}, r"not a plain dict. .*Action.parse"),
        (lambda store: None, "not the function .* add the middleware rxdux.thunk"),
        (None, "not a NoneType"),
        ("ADD", "not a str. Define a class"),
    ],
)
def test_what_is_no_action_is_refused(wrong: Any, message: str) -> None:
    """With the kind of thing, and the likely mistake."""
    store = Store(make_counter())
    with pytest.raises(TypeError, match=message):
        store.dispatch(wrong)
    assert store.state == 0


def test_a_coroutine_is_refused() -> None:
    """It was meant to be awaited, or to be a thunk."""
    started = coroutine()
    with pytest.raises(TypeError, match="not the coroutine coroutine.*from_async"):
        Store(make_counter()).dispatch(started)  # pyright: ignore
    started.close()


def test_a_listener_must_be_callable() -> None:
    """The mistake is told at the door."""
    with pytest.raises(TypeError, match="A listener is a function"):
        Store(make_counter()).subscribe("print")  # pyright: ignore[reportArgumentType]


def test_threads_lose_no_action() -> None:
    """Eight threads with ten thousand actions each, and listeners that never run side by side."""
    store = Store(make_counter())
    at_work: list[int] = []
    overlaps: list[int] = []

    def listener(state: int) -> None:
        at_work.append(1)
        if len(at_work) > 1:
            overlaps.append(state)
        at_work.pop()

    store.subscribe(listener)

    def dispatch_many() -> None:
        for _ in range(10_000):
            store.dispatch(Add())

    threads = [threading.Thread(target=dispatch_many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.wait_idle(20)
    assert store.state == 80_000
    assert overlaps == []


def test_a_thread_that_finds_the_store_busy_does_not_wait() -> None:
    """Its action is queued and applied in order, by the thread that is at work."""
    store = Store(make_counter())
    order: list[tuple[int, str]] = []

    def listener(state: int) -> None:
        order.append((state, threading.current_thread().name))
        if state == 1:
            other = threading.Thread(target=lambda: (store.dispatch(Add(amount=10)), store.dispatch(Add(amount=100))))
            other.start()
            other.join(20)
            assert not other.is_alive()
            assert store.state == 1

    store.subscribe(listener)
    store.dispatch(Add())
    main = threading.current_thread().name
    assert order == [(1, main), (11, main), (111, main)]


def test_a_queued_action_whose_reducer_raises_is_reported() -> None:
    """Its dispatch has returned already."""
    errors: list[StoreError] = []
    store = Store(make_counter(), on_error=errors.append)

    def listener(state: int) -> None:
        if state == 1:
            other = threading.Thread(target=lambda: store.dispatch(Fail()))
            other.start()
            other.join(20)

    store.subscribe(listener)
    store.dispatch(Add())
    assert [(type(error.__cause__), error.action) for error in errors] == [(ZeroDivisionError, Fail())]


def test_replace_reducer_keeps_the_state() -> None:
    """And tells the listeners once. Slices that both have are kept."""
    store = Store(combine_reducers({"a": make_counter(), "b": make_counter()}))
    store.dispatch(Add(amount=5))
    seen: list[Any] = []
    store.subscribe(seen.append)
    other = Reducer(0)
    other.on(Add)(lambda count, action: count - action.amount)
    store.replace_reducer(combine_reducers({"b": other, "c": make_counter()}))
    assert store.state == {"b": 5, "c": 0}
    assert seen == [{"b": 5, "c": 0}]
    store.dispatch(Add())
    assert store.state == {"b": 4, "c": 1}


def test_a_failing_replacement_is_not_taken() -> None:
    """The old reducer stays in use."""
    store = Store(make_counter())

    def broken(state: int, action: Action) -> int:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        store.replace_reducer(broken)
    store.dispatch(Add())
    assert store.state == 1


def test_a_closed_store_takes_nothing() -> None:
    """The state stays readable; closing again does nothing."""
    with Store(make_counter()) as store:
        store.dispatch(Add())
    store.close()
    assert store.state == 1
    for use in (
        lambda: store.dispatch(Add()),
        lambda: store.subscribe(print),
        lambda: store.add_epic(lambda actions: actions),
        lambda: store.replace_reducer(make_counter()),
    ):
        with pytest.raises(StoreClosedError, match="after close"):
            use()


def test_what_was_queued_before_close_is_applied() -> None:
    """No action is lost, even when a listener closes the store."""
    store = Store(make_counter())

    def listener(state: int) -> None:
        if state == 1:
            thread = threading.Thread(target=lambda: store.dispatch(Add(amount=10)))
            thread.start()
            thread.join()
            store.close()
            with pytest.raises(StoreClosedError):
                store.dispatch(Add())

    store.subscribe(listener)
    store.dispatch(Add())
    assert store.state == 11


def test_an_interrupt_leaves_the_store_usable() -> None:
    """Ctrl+C in a listener reaches the caller, and the role is given back."""
    store = Store(make_counter())

    def interrupted(state: int) -> None:
        if state == 1:
            raise KeyboardInterrupt

    store.subscribe(interrupted)
    with pytest.raises(KeyboardInterrupt):
        store.dispatch(Add())
    store.dispatch(Add())
    assert store.state == 2


def test_a_subclass_may_override_dispatch() -> None:
    """As with any method."""

    class Loud(Store[int]):
        def dispatch(self, action: Any) -> Any:
            return ("loud", super().dispatch(action))

    assert Loud(make_counter()).dispatch(Add()) == ("loud", Add())
