"""Epics in a store: order, supervision, start and stop."""

import threading
from functools import partial
from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from rxdux import Action, ActionStream, Reducer, StateStream, Store, StoreError, Supervision, combine_epics, of_type


class Ping(Action):
    n: int = 0


class Pong(Action):
    n: int = 0


class Start(Action):
    name: str = ""


class Link(Action):
    n: int


class Base(Action):
    pass


class Derived(Base):
    pass


def at_once(restarts: int = 10, within: float = 60.0) -> Supervision:
    """Supervision without pauses, for tests of what comes after them."""
    return Supervision(restarts, within, backoff_initial=0.0, backoff_max=0.0)


def make_log() -> Reducer[tuple[Action, ...]]:
    """A state that is the list of all actions."""
    log = Reducer[tuple[Action, ...]](())
    log.on(Action)(lambda state, action: (*state, action))
    return log


def ping_epic(actions: ActionStream) -> Observable[Action]:
    return actions.pipe(of_type(Ping), ops.map(lambda ping: Pong(n=ping.n)))


def test_an_epic_answers_after_the_reducers() -> None:
    """The question is in the state before the answer."""
    store = Store(make_log(), epics=[ping_epic])
    store.dispatch(Ping(n=1))
    assert store.state == (Ping(n=1), Pong(n=1))


def test_the_order_is_reducers_listeners_states_actions() -> None:
    """For each action, and for the answers behind it."""
    order: list[str] = []

    def reduce(state: int | None, action: Action) -> int:
        order.append(f"reduce {action.type}")
        return (state or 0) + 1

    def watching_epic(actions: ActionStream, state: StateStream[int]) -> Observable[Action]:
        state.subscribe(lambda state: order.append(f"state {state}"))
        actions.subscribe(lambda action: order.append(f"epic {action.type}"))
        return ping_epic(actions)

    store = Store(reduce, epics=[watching_epic])
    store.subscribe(lambda state: order.append(f"listen {state}"))
    order.clear()
    store.dispatch(Ping())
    assert order == [
        "reduce PING",
        "listen 2",
        "state 2",
        "epic PING",
        "reduce PONG",
        "listen 3",
        "state 3",
        "epic PONG",
    ]


def test_epics_see_actions_in_the_order_of_the_reducers() -> None:
    """One dispatched by a listener comes after the one that caused it; a later epic sees no answer before its question."""
    seen: dict[str, list[str]] = {"first": [], "second": []}

    def watch(name: str) -> Any:
        return lambda actions: actions.pipe(
            ops.do_action(lambda action: seen[name].append(action.type)), ops.ignore_elements()
        )

    store = Store(make_log(), epics=[watch("first"), ping_epic, watch("second")])
    store.subscribe(lambda state: store.dispatch(Start()) if len(state) == 1 else None)
    store.dispatch(Ping())
    assert seen["first"] == seen["second"] == [action.type for action in store.state] == ["PING", "START", "PONG"]


def test_answers_come_in_the_order_of_the_epics() -> None:
    """However they subscribe, and after a restart as before; breadth first."""

    def answering(name: str, *, raw: bool = False) -> Any:
        def epic(actions: ActionStream) -> Observable[Action]:
            source = (
                actions.pipe(ops.filter(lambda action: type(action) is Ping)) if raw else actions.pipe(of_type(Ping))
            )
            return source.pipe(
                ops.flat_map(lambda ping: rx.throw(ValueError()) if ping.n == 9 else rx.just(Start(name=name)))
            )

        return epic

    epics = [
        answering("a"),
        answering("b", raw=True),
        answering("c"),
        lambda actions: actions.pipe(of_type(Base), ops.map(lambda _: Start(name="base"))),
    ]
    store = Store(make_log(), epics=epics, on_error=lambda error: None)
    store.dispatch(Ping(n=9))
    store.dispatch(Ping())
    assert [action.name for action in store.state if isinstance(action, Start)] == ["a", "b", "c"]


def test_answers_precede_the_next_dispatch() -> None:
    """Also when the actions come out of a stream."""
    store = Store(make_log(), epics=[ping_epic])
    rx.of(Ping(n=1), Ping(n=2)).subscribe(store.dispatch)
    assert store.state == (Ping(n=1), Pong(n=1), Ping(n=2), Pong(n=2))


def test_an_epic_may_dispatch() -> None:
    """Its action is queued behind."""

    def epic(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(of_type(Ping), ops.do_action(lambda _: store.dispatch(Start())), ops.map(lambda _: Pong()))

    store = Store(make_log(), epics=[epic])
    store.dispatch(Ping())
    assert [action.type for action in store.state] == ["PING", "START", "PONG"]


@pytest.mark.parametrize("first", [True, False])
def test_no_start_up_emission_is_lost(first: bool) -> None:
    """All epics are subscribed before the first is dispatched, whatever their order."""

    def starting(actions: ActionStream) -> Observable[Action]:
        return rx.of(Ping(n=1), Ping(n=2))

    epics = [starting, ping_epic] if first else [ping_epic, starting]
    store = Store(make_log(), epics=epics)
    assert store.state == (Ping(n=1), Ping(n=2), Pong(n=1), Pong(n=2))


def test_a_hundred_thousand_links_work() -> None:
    """Chains of emitted actions do not recurse."""

    def chain(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(
            of_type(Link), ops.filter(lambda link: link.n < 100_000), ops.map(lambda link: Link(n=link.n + 1))
        )

    last = Reducer(0)
    last.on(Link)(lambda state, action: action.n)
    store = Store(last, epics=[chain])
    store.dispatch(Link(n=0))
    assert store.state == 100_000


def test_of_type_matches_subclasses_once() -> None:
    """On the action stream as elsewhere, also if several of the classes match."""
    seen: list[str] = []

    def epic(actions: ActionStream) -> Observable[Action]:
        actions.pipe(of_type(Base, Derived)).subscribe(lambda action: seen.append(f"index {action.type}"))
        actions.pipe(ops.filter(lambda _: True), of_type(Base, Derived)).subscribe(
            lambda action: seen.append(f"filter {action.type}")
        )
        return rx.empty()

    store = Store(make_log())
    epic(store.actions)
    store.dispatch(Derived())
    store.dispatch(Ping())
    store.dispatch(Base())
    assert seen == ["index DERIVED", "filter DERIVED", "index BASE", "filter BASE"]


@pytest.mark.parametrize("wrong", [(), (int,), (Ping(),)])
def test_of_type_takes_action_classes(wrong: Any) -> None:
    """The mistake is told at the door."""
    with pytest.raises(TypeError, match=r"of_type\(\) takes"):
        of_type(*wrong)


def test_an_observer_that_ends_in_a_round_gets_nothing_more() -> None:
    """And one that comes in a round begins with the next."""
    store = Store(make_log())
    seen: list[str] = []

    def first(action: Action) -> None:
        if not seen:
            later.dispose()
            store.actions.subscribe(lambda action: seen.append(f"new {action.type}"))
        seen.append(action.type)

    store.actions.subscribe(first)
    later = store.actions.subscribe(lambda action: seen.append("later"))
    store.dispatch(Ping())
    store.dispatch(Pong())
    assert seen == ["PING", "PONG", "new PONG"]


# --- supervision ---------------------------------------------------------------------------------


def failing_epic(actions: ActionStream) -> Observable[Action]:
    return actions.pipe(of_type(Ping), ops.map(lambda ping: Start(name=str(1 / (ping.n % 3)))))


def test_an_epic_that_raises_on_each_third_action_harms_nobody() -> None:
    """It is reported with the action, and restarted; the others do not notice."""
    errors: list[StoreError] = []
    store = Store(
        make_log(), epics=[failing_epic, ping_epic], on_error=errors.append, supervision=at_once(restarts=100)
    )
    for n in range(1, 31):
        store.dispatch(Ping(n=n))
    assert sum(isinstance(action, Pong) for action in store.state) == 30
    assert sum(isinstance(action, Start) for action in store.state) == 20
    assert [(error.source, error.action, type(error.__cause__)) for error in errors] == [
        ("failing_epic", Ping(n=n), ZeroDivisionError) for n in range(3, 31, 3)
    ]


def test_an_epic_that_fails_too_often_stays_stopped() -> None:
    """n restarts, then one report more."""
    errors: list[StoreError] = []
    store = Store(make_log(), epics=[failing_epic, ping_epic], on_error=errors.append, supervision=at_once(restarts=2))
    for _ in range(5):
        store.dispatch(Ping(n=3))
    assert ["stays stopped" in str(error) for error in errors] == [False, False, True]
    assert all(isinstance(error.__cause__, ZeroDivisionError) for error in errors)
    assert sum(isinstance(action, Pong) for action in store.state) == 5


def test_restarts_count_within_a_span(monkeypatch: pytest.MonkeyPatch) -> None:
    """Old failures are forgiven."""
    now = 0.0
    monkeypatch.setattr("rxdux.store.engine.supervision.time.monotonic", lambda: now)
    errors: list[StoreError] = []
    store = Store(
        make_log(), epics=[failing_epic], on_error=errors.append, supervision=at_once(restarts=1, within=10.0)
    )
    for now in (0.0, 11.0, 22.0, 23.0):  # noqa: B007 -- the clock reads it
        store.dispatch(Ping(n=3))
    assert ["stays stopped" in str(error) for error in errors] == [False, False, False, True]


def test_an_epic_that_fails_at_its_start_is_supervised() -> None:
    """It does not take the store with it."""
    errors: list[StoreError] = []

    def broken(actions: ActionStream) -> Observable[Action]:
        raise ZeroDivisionError

    store = Store(
        make_log(),
        epics=[broken, lambda actions: rx.throw(ValueError()), ping_epic],
        on_error=errors.append,
        supervision=at_once(restarts=3),
    )
    store.dispatch(Ping())
    assert len(store.state) == 2
    assert [type(error.__cause__) for error in errors] == [ZeroDivisionError] * 4 + [ValueError] * 4


def test_a_restart_leaves_nothing_of_the_failed_run() -> None:
    """Not even a subscription that was made before its start failed."""
    seen: list[int] = []
    runs: list[int] = []

    def half_broken(actions: ActionStream) -> Observable[Action]:
        runs.append(1)
        good = actions.pipe(of_type(Ping), ops.do_action(lambda ping: seen.append(ping.n)), ops.ignore_elements())
        return rx.merge(good, rx.throw(ValueError()) if len(runs) < 3 else rx.never())

    store = Store(make_log(), epics=[half_broken], on_error=lambda error: None, supervision=at_once())
    store.dispatch(Ping(n=7))
    assert seen == [7]


def test_an_emission_that_is_no_action_is_dropped() -> None:
    """And reported; the epic goes on."""
    errors: list[StoreError] = []

    def epic(actions: ActionStream) -> Any:
        return actions.pipe(of_type(Ping), ops.flat_map(lambda _: rx.of("no action", None, Pong())))

    store = Store(make_log(), epics=[epic], on_error=errors.append)
    store.dispatch(Ping())
    store.dispatch(Ping())
    assert [action.type for action in store.state] == ["PING", "PONG"] * 2
    assert all(error.source == "epic" and isinstance(error.__cause__, TypeError) for error in errors)
    assert len(errors) == 4


def test_a_reducer_that_refuses_an_epics_action_is_reported() -> None:
    """The epic lives on."""
    errors: list[StoreError] = []
    log = make_log()

    @log.on(Pong)
    def _(state: Any, action: Pong) -> Any:
        raise ZeroDivisionError

    store = Store(log, epics=[ping_epic], on_error=errors.append)
    store.dispatch(Ping())
    store.dispatch(Ping())
    assert [(error.source, error.action) for error in errors] == [("ping_epic", Pong())] * 2


def test_an_epic_that_completes_is_done() -> None:
    """It is neither an error nor restarted."""
    starts: list[int] = []

    def once(actions: ActionStream) -> Observable[Action]:
        starts.append(1)
        return actions.pipe(of_type(Ping), ops.take(1), ops.map(lambda _: Pong()))

    store = Store(make_log(), epics=[once])
    store.dispatch(Ping())
    store.dispatch(Ping())
    assert [action.type for action in store.state] == ["PING", "PONG", "PING"]
    assert starts == [1]


def test_what_a_completed_epic_subscribed_to_goes_on() -> None:
    """Until it is stopped; an error of it is reported, and nothing is restarted."""
    seen: list[str] = []
    errors: list[StoreError] = []

    def watching(actions: ActionStream) -> Observable[Action]:
        actions.subscribe(lambda action: seen.append(action.type) or 1 / len(seen[1:]))
        return rx.empty()

    store = Store(make_log(), on_error=errors.append)
    subscription = store.add_epic(watching)
    store.dispatch(Ping())
    store.dispatch(Pong())
    subscription.unsubscribe()
    store.dispatch(Ping())
    assert seen == ["PING", "PONG"]
    assert [(error.source, error.action) for error in errors] == [("watching", Ping())]


def test_an_epic_that_returns_nothing_is_named() -> None:
    """It is never restarted, and the others are stopped."""

    def forgetful(actions: ActionStream) -> Any:
        actions.pipe(of_type(Ping))

    with pytest.raises(TypeError, match="The epic forgetful returned None.*'return' missing"):
        Store(make_log(), epics=[ping_epic, forgetful])
    with pytest.raises(TypeError, match="forgetful"):
        Store(make_log()).add_epic(forgetful)


@pytest.mark.parametrize(
    "wrong", [lambda: rx.empty(), lambda a, b, c, d: rx.empty(), lambda a, *, k: rx.empty(), 5, rx.empty()]
)
def test_an_epic_of_wrong_arity_is_refused(wrong: Any) -> None:
    """One to three positional parameters."""
    with pytest.raises(TypeError, match=r"[Ee]pic"):
        Store(make_log(), epics=[wrong])


async def test_a_coroutine_function_is_no_epic() -> None:
    """The error names from_async."""

    async def epic(actions: ActionStream) -> Any:
        return None

    with pytest.raises(TypeError, match="from_async"):
        Store(make_log(), epics=[epic])


def test_an_epic_takes_what_it_asks_for() -> None:
    """One, two or three arguments; defaults other than None are its own."""
    got: dict[str, Any] = {}

    def one(actions: Any) -> Any:
        got["one"] = (actions,)
        return rx.empty()

    def two(actions: Any, state: Any) -> Any:
        got["two"] = (actions, state)
        return rx.empty()

    def three(actions: Any, state: Any, deps: Any) -> Any:
        got["three"] = (actions, state, deps)
        return rx.empty()

    def optional(actions: Any, state: Any = None, deps: Any = None) -> Any:
        got["optional"] = (actions, state, deps)
        return rx.empty()

    def captured(actions: Any, n: int = 5) -> Any:
        got["captured"] = n
        return rx.empty()

    def variadic(*arguments: Any) -> Any:
        got["variadic"] = arguments
        return rx.empty()

    class Callable:
        def __call__(self, actions: Any, state: Any) -> Any:
            got["object"] = (actions, state)
            return rx.empty()

    Store(
        Reducer(7),
        epics=[one, two, three, optional, captured, variadic, Callable(), partial(three, deps="mine")],
        dependencies="deps",
    )
    assert isinstance(got["one"][0], ActionStream)
    assert isinstance(got["two"][1], StateStream)
    assert got["two"][1].value == got["object"][1].value == 7
    assert got["optional"][2] == got["variadic"][2] == "deps"
    assert got["three"][2] == "mine"
    assert got["captured"] == 5


# --- combining, adding, stopping -----------------------------------------------------------------


def test_combined_epics_are_named_after_their_parts() -> None:
    """And supervised each on its own."""
    combined = combine_epics(failing_epic, combine_epics(ping_epic))
    assert combined.__name__ == "combine_epics(failing_epic, combine_epics(ping_epic))"
    errors: list[StoreError] = []
    store = Store(make_log(), epics=[combined], on_error=errors.append, supervision=Supervision(restarts=0))
    store.dispatch(Ping(n=3))
    store.dispatch(Ping(n=1))
    assert [error.source for error in errors] == ["failing_epic"]
    assert sum(isinstance(action, Pong) for action in store.state) == 2


def test_a_combined_epic_is_an_epic() -> None:
    """It can be called as one."""
    store = Store(make_log())
    seen: list[Action] = []
    combine_epics(ping_epic, ping_epic)(store.actions, None, None).subscribe(seen.append)  # pyright: ignore
    store.dispatch(Ping(n=1))
    assert seen == [Pong(n=1), Pong(n=1)]


def test_an_epic_can_be_added_and_stopped() -> None:
    """Only that one."""
    store = Store(make_log(), epics=[ping_epic])
    subscription = store.add_epic(
        combine_epics(lambda actions: actions.pipe(of_type(Ping), ops.map(lambda _: Start())))
    )
    store.dispatch(Ping())
    subscription.unsubscribe()
    subscription.unsubscribe()
    store.dispatch(Ping())
    assert [action.type for action in store.state] == ["PING", "PONG", "START", "PING", "PONG"]


def test_an_epic_can_be_added_from_a_listener_and_from_an_epic() -> None:
    """What it emits at its start is queued."""
    store = Store(make_log())

    def adding(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(
            of_type(Ping), ops.do_action(lambda _: store.add_epic(lambda _: rx.just(Pong(n=5)))), ops.ignore_elements()
        )

    store.add_epic(adding)
    with store.subscribe(lambda state: store.add_epic(lambda _: rx.just(Start())) if len(state) == 1 else None):
        store.dispatch(Ping())
    assert store.state == (Ping(), Start(), Pong(n=5))


def test_an_epic_added_by_another_thread_waits_its_turn() -> None:
    """Epics never run in two threads at a time."""
    store = Store(make_log())
    threads: list[str] = []

    def epic(actions: ActionStream) -> Observable[Action]:
        threads.append(threading.current_thread().name)
        return rx.empty()

    def listener(state: Any) -> None:
        other = threading.Thread(target=store.add_epic, args=(epic,))
        other.start()
        other.join(20)
        assert threads == []

    store.subscribe(listener)
    store.dispatch(Ping())
    assert threads == [threading.current_thread().name]


def test_the_state_stream_gives_the_current_state_then_each_new_one() -> None:
    """By identity; an action that changes nothing does not count, a replaced reducer does."""
    seen: list[int] = []
    counter = Reducer(0)
    counter.on(Ping)(lambda count, action: count + action.n)

    def epic(actions: ActionStream, state: StateStream[int]) -> Observable[Action]:
        return state.pipe(ops.do_action(seen.append), ops.ignore_elements())

    store = Store(counter, epics=[epic])
    for n in (0, 1, 0, 2):
        store.dispatch(Ping(n=n))
    store.replace_reducer(lambda state, action: 100)
    assert seen == [0, 1, 3, 100]


def test_epics_in_many_threads_lose_nothing() -> None:
    """Eight threads, an epic that answers each: no deadlock, no action lost, all in one order."""
    seen: list[int] = []
    count = Reducer(0)
    count.on(Ping, Pong)(lambda state, action: state + 1)
    store = Store(
        count,
        epics=[
            ping_epic,
            lambda actions: rx.merge(actions, rx.never()).pipe(
                ops.do_action(lambda _: seen.append(1)), ops.ignore_elements()
            ),
        ],
    )

    def dispatch_many() -> None:
        for n in range(2_000):
            store.dispatch(Ping(n=n))

    threads = [threading.Thread(target=dispatch_many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.wait_idle(20)
    assert store.state == len(seen) == 32_000
