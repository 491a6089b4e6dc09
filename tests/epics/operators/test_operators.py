"""The operators that reactivex lacks, or does differently."""

from collections.abc import Callable
from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable, Subject
from reactivex import operators as ops
from reactivex.disposable import Disposable

from rxdux import Action, catch_error, concat_map, exhaust_map, merge_map, switch_map

OPERATORS = {"merge": merge_map, "switch": switch_map, "concat": concat_map, "exhaust": exhaust_map}


class Lane:
    """An inner stream that a test drives by hand."""

    def __init__(self) -> None:
        self.subjects: dict[str, Subject[str]] = {}
        self.disposed: list[str] = []

    def open(self, name: str) -> Observable[str]:
        subject: Subject[str] = Subject()
        self.subjects[name] = subject
        return subject.pipe(ops.finally_action(lambda: self.disposed.append(name)))


@pytest.mark.parametrize(
    ("operator", "expected", "opened"),
    [
        ("merge", ["a1", "b1", "a2", "b2", "c1", "end"], ["a", "b", "c"]),
        ("switch", ["a1", "b1", "b2", "c1", "end"], ["a", "b", "c"]),
        ("concat", ["a1", "a2", "b2", "c1", "end"], ["a", "b", "c"]),
        ("exhaust", ["a1", "a2", "c1", "end"], ["a", "c"]),
    ],
)
def test_who_is_heard(operator: str, expected: list[str], opened: list[str]) -> None:
    """merge: all; switch: the latest; concat: one after the other; exhaust: the first until it ends."""
    lane, source, seen = Lane(), Subject[str](), list[str]()
    source.pipe(OPERATORS[operator](lane.open)).subscribe(seen.append, on_completed=lambda: seen.append("end"))

    def say(name: str, value: str) -> None:
        if name in lane.subjects:
            lane.subjects[name].on_next(value)

    def end(name: str) -> None:
        if name in lane.subjects:
            lane.subjects[name].on_completed()

    source.on_next("a")
    say("a", "a1")
    source.on_next("b")
    say("b", "b1")
    say("a", "a2")
    end("a")
    say("b", "b2")
    end("b")
    source.on_next("c")
    source.on_completed()
    say("c", "c1")
    end("c")
    assert seen == expected
    assert list(lane.subjects) == opened


@pytest.mark.parametrize("operator", OPERATORS)
def test_errors_end_the_stream_and_its_inner_streams(operator: str) -> None:
    """Whether the projection raises, gives no Observable, or an inner stream fails."""
    failures: list[Callable[[Any], Any]] = [lambda _: 1 / 0, lambda _: None, lambda _: rx.throw(ValueError())]
    errors: list[Exception] = []
    for project in failures:
        source = Subject[int]()
        source.pipe(OPERATORS[operator](project)).subscribe(on_error=errors.append)
        source.on_next(1)
        source.on_next(2)
    assert [type(error) for error in errors] == [ZeroDivisionError, TypeError, ValueError]


@pytest.mark.parametrize("operator", OPERATORS)
def test_disposing_ends_the_inner_streams(operator: str) -> None:
    """Nothing is left subscribed."""
    lane, source = Lane(), Subject[str]()
    subscription = source.pipe(OPERATORS[operator](lane.open)).subscribe()
    source.on_next("a")
    subscription.dispose()
    assert lane.disposed == ["a"]
    assert not source.observers


@pytest.mark.parametrize("operator", OPERATORS)
async def test_a_projection_may_be_a_coroutine_function(operator: str) -> None:
    """Its result is the one value."""

    async def double(n: int) -> int:
        return n * 2

    assert await rx.of(21).pipe(OPERATORS[operator](double)) == 42


def test_concat_map_does_not_recurse() -> None:
    """Ten thousand streams that complete at once."""
    source, seen = Subject[int](), list[int]()
    gate = Subject[int]()
    source.pipe(concat_map(lambda n: gate if n == 0 else rx.just(n))).subscribe(seen.append)
    for n in range(10_000):
        source.on_next(n)
    gate.on_completed()
    assert seen == list(range(1, 10_000))


def test_a_projection_must_be_callable() -> None:
    """The mistake is told at the door."""
    with pytest.raises(TypeError, match="A projection is a function"):
        merge_map(rx.just(1))  # pyright: ignore


def test_switching_by_key_cancels_only_the_same_key() -> None:
    """And forgets streams that have ended."""
    lane, source, seen = Lane(), Subject[str](), list[str]()
    source.pipe(switch_map(lane.open, by=lambda name: name[0])).subscribe(seen.append)
    for name in ("a1", "b1", "a2"):
        source.on_next(name)
    for name in ("a1", "b1", "a2"):
        lane.subjects[name].on_next(name)
    lane.subjects["b1"].on_completed()
    source.on_next("b2")
    assert seen == ["b1", "a2"]
    assert lane.disposed == ["a1", "b1"]


def test_each_key_waits_for_itself_alone() -> None:
    """`concat_map(by=)`: in order for each key, side by side for different ones."""
    lane, source, seen = Lane(), Subject[str](), list[str]()
    source.pipe(concat_map(lane.open, by=lambda name: name[0])).subscribe(seen.append)
    for name in ("a1", "a2", "b1"):
        source.on_next(name)
    assert list(lane.subjects) == ["a1", "b1"]
    lane.subjects["a1"].on_completed()
    assert list(lane.subjects) == ["a1", "b1", "a2"]


def test_each_key_drops_for_itself_alone() -> None:
    """`exhaust_map(by=)`: a value is dropped while one of its own key is under way."""
    lane, source = Lane(), Subject[str]()
    source.pipe(exhaust_map(lane.open, by=lambda name: name[0])).subscribe()
    for name in ("a1", "a2", "b1"):
        source.on_next(name)
    lane.subjects["a1"].on_completed()
    source.on_next("a3")
    assert list(lane.subjects) == ["a1", "b1", "a3"]


def test_no_more_run_at_once_than_allowed() -> None:
    """`merge_map(concurrency=)`: the others wait, in order, and the stream ends when all are done."""
    lane, source, ended = Lane(), Subject[str](), list[bool]()
    source.pipe(merge_map(lane.open, concurrency=2)).subscribe(on_completed=lambda: ended.append(True))
    for name in ("1", "2", "3", "4"):
        source.on_next(name)
    source.on_completed()
    assert list(lane.subjects) == ["1", "2"]
    lane.subjects["2"].on_completed()
    assert list(lane.subjects) == ["1", "2", "3"]
    lane.subjects["1"].on_completed()
    lane.subjects["3"].on_completed()
    assert not ended
    lane.subjects["4"].on_completed()
    assert ended == [True]


def test_wrong_arguments_are_refused() -> None:
    """With what came."""
    with pytest.raises(ValueError, match="concurrency=.*must be 1 or more, not 0"):
        merge_map(lambda n: rx.just(n), concurrency=0)
    with pytest.raises(TypeError, match="by= is a function that gives the key of a value, not 'id'"):
        switch_map(lambda n: rx.just(n), by="id")  # pyright: ignore


def test_a_key_that_cannot_be_is_an_error_of_the_stream() -> None:
    """Such as a list; the inner streams under way are cancelled."""
    lane, source, errors = Lane(), Subject[Any](), list[Exception]()
    source.pipe(merge_map(lane.open, by=lambda value: value)).subscribe(on_error=errors.append)
    source.on_next("a")
    source.on_next([])
    assert [type(error) for error in errors] == [TypeError]
    assert lane.disposed == ["a"]


@pytest.mark.parametrize("flatten", [merge_map, switch_map, concat_map, exhaust_map])
@pytest.mark.parametrize("kind", ["nothing", "a function", "a disposable"])
def test_a_subscribe_function_may_return_what_reactivex_takes(flatten: Any, kind: str) -> None:
    """Nothing, a function that cleans up, or a Disposable: it is called once, at the end."""
    cleaned: list[int] = []

    def subscribe(observer: Any, scheduler: Any = None) -> Any:
        observer.on_next(1)
        if kind == "nothing":
            return None
        return (lambda: cleaned.append(1)) if kind == "a function" else Disposable(lambda: cleaned.append(1))

    seen: list[int] = []
    subscription = rx.just(0).pipe(flatten(lambda _: rx.create(subscribe))).subscribe(seen.append)
    assert seen == [1]
    subscription.dispose()
    assert cleaned == ([] if kind == "nothing" else [1])


def test_caught_includes_its_handler() -> None:
    """RxJS's meaning: a second failure of the replayed source is handled as well."""
    attempts: list[int] = []

    def fail_twice(_: Any) -> Observable[str]:
        attempts.append(1)
        return rx.throw(ValueError(len(attempts))) if len(attempts) < 3 else rx.just("done")

    seen: list[str] = []
    rx.defer(fail_twice).pipe(catch_error(lambda error, caught: caught)).subscribe(seen.append)
    assert seen == ["done"]
    assert len(attempts) == 3


def test_catch_error_passes_on_what_the_handler_raises() -> None:
    """And disposes of what follows."""
    errors: list[Exception] = []

    def handler(error: Exception, caught: Observable[Any]) -> Observable[Any]:
        raise KeyError("from the handler") from error

    rx.throw(ValueError()).pipe(catch_error(handler)).subscribe(on_error=errors.append)
    assert [type(error) for error in errors] == [KeyError]
    lane = Lane()
    rx.throw(ValueError()).pipe(catch_error(lambda error, caught: lane.open("rest"))).subscribe().dispose()
    assert lane.disposed == ["rest"]


class Pong(Action):
    number: int


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
def test_an_action_is_a_stream_of_one(operator: Any) -> None:
    """What is neither is named, with the function that gave it."""
    seen: list[Any] = []
    rx.of(1, 2).pipe(operator(lambda number: Pong(number=number))).subscribe(seen.append)
    assert seen == [Pong(number=1), Pong(number=2)]
    rx.of(1).pipe(operator(lambda number: number)).subscribe(
        seen.append, on_error=lambda error: seen.append(str(error))
    )
    assert "<lambda> returned 1 instead of an Observable" in seen[-1]


@pytest.mark.parametrize("operator", OPERATORS.values(), ids=OPERATORS)
async def test_what_can_be_awaited_is_its_result(operator: Any) -> None:
    """From a function that is no coroutine function itself, such as a lambda or a partial."""

    async def call(number: int) -> Pong:
        return Pong(number=number)

    result: Any = await rx.of(1).pipe(operator(lambda number: call(number)))
    assert result == Pong(number=1)
