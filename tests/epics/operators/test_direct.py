"""What a request is made of: operators without an envelope, which end as those with one do."""

from typing import Any

import pytest
import reactivex as rx
from reactivex import Observable, Subject
from reactivex import operators as ops
from reactivex.scheduler import CurrentThreadScheduler

from rxdux.epics.operators import direct
from rxdux.store.engine.direct import Direct, attach


class Log:
    """An observer that writes down all it gets."""

    def __init__(self) -> None:
        self.lines: list[Any] = []

    def on_next(self, value: Any) -> None:
        self.lines.append(value)

    def on_error(self, error: Exception) -> None:
        self.lines.append(str(error))

    def on_completed(self) -> None:
        self.lines.append("end")


def logged(stream: Observable[Any]) -> list[Any]:
    """What a stream says when it is attached to, without an envelope."""
    log = Log()
    attach(stream, log, None)  # pyright: ignore[reportArgumentType] -- it observes
    return log.lines


def failing(error: Exception) -> Observable[Any]:
    return direct.throw(error)


class Again(Exception):  # noqa: N818 -- it is no error of ours
    pass


def told_by(stream: Observable[Any], *, raises_at: str = "") -> list[Any]:
    """All that somebody is told who subscribes, and raises at one point."""
    told: list[Any] = []

    def hear(word: str) -> Any:
        def heard(*values: Any) -> None:
            told.append((word, *map(str, values)))
            if word == raises_at:
                raise Again

        return heard

    try:
        with stream.subscribe(hear("next"), hear("error"), hear("end")):
            told.append("subscribed")
    except (Again, ValueError) as error:
        told.append(f"raised {error!r}")
    return told


def say(*words: str) -> Any:
    """A `subscribe` function that says this; what is left is told by its disposal."""

    def subscribe(observer: Any, scheduler: Any) -> Any:
        for word in words:
            if word == "raise":
                raise ValueError(word)
            if word == "disposable":
                return rx.disposable.Disposable(lambda: observer.on_next("disposed"))
            if word == "function":
                return lambda: observer.on_next("cleaned up")
            getattr(observer, f"on_{word}")(*([ValueError("no")] if word == "error" else [1] if word == "next" else []))
        return rx.disposable.Disposable()

    return subscribe


@pytest.mark.parametrize("raises_at", ["", "next", "error", "end"])
@pytest.mark.parametrize(
    "words",
    [
        ("next", "completed"),
        ("next", "error"),
        ("next", "completed", "next", "completed", "error"),
        ("error", "next", "error", "completed"),
        ("next", "raise"),
        ("completed", "raise"),
        ("next", "disposable"),
        ("next", "completed", "disposable"),
        ("next", "function"),
    ],
)
def test_who_subscribes_from_outside_is_told_what_reactivex_would_tell(words: tuple[str, ...], raises_at: str) -> None:
    """Whatever the stream does, and whatever the subscriber raises: the envelope is smaller, and no other."""
    assert told_by(Direct(say(*words)), raises_at=raises_at) == told_by(Observable(say(*words)), raises_at=raises_at)


def test_who_gives_no_function_for_errors_gets_them() -> None:
    """As with any Observable; and values and the end are nobody's."""
    Direct(say("next", "completed")).subscribe()
    with pytest.raises(ValueError, match="no"):
        Direct(say("error")).subscribe()


@pytest.mark.parametrize("kind", [Direct, Observable])
def test_what_is_scheduled_while_somebody_subscribes_comes_after(kind: Any) -> None:
    """So that who subscribes has what he can dispose of before the first value."""
    order: list[str] = []

    def subscribe(observer: Any, _: Any) -> Any:
        scheduled = CurrentThreadScheduler.singleton().schedule(lambda *_: order.append("scheduled"))
        order.append("subscribed")
        return scheduled

    kind(subscribe).subscribe()
    assert order == ["subscribed", "scheduled"]


def test_an_error_is_handled_once() -> None:
    """What the handler's own stream fails with passes."""
    caught = failing(ValueError("first")).pipe(direct.catch(lambda error: failing(ValueError(f"{error}, second"))))
    assert logged(caught) == ["first, second"]
    assert logged(failing(ValueError("no")).pipe(direct.catch(lambda error: direct.just(str(error))))) == ["no", "end"]


def test_a_handler_that_raises_is_the_error() -> None:
    """And nothing more is said."""

    def raising(_: Exception) -> Observable[int]:
        msg = "handler"
        raise ValueError(msg)

    assert logged(failing(ValueError("first")).pipe(direct.catch(raising))) == ["handler"]


def test_who_waits_for_an_answer_listens_before_the_question() -> None:
    """The value comes after the source is subscribed to; with `start_with` it comes before."""
    order: list[str] = []
    source = Direct(lambda observer, scheduler: order.append("subscribed") or rx.disposable.Disposable())  # pyright: ignore[reportUnknownLambdaType]
    noting = ops.do_action(order.append)
    source.pipe(direct.and_say("question"), noting).subscribe()
    source.pipe(direct.start_with("note"), noting).subscribe()
    assert order == ["subscribed", "question", "note", "subscribed"]


def test_the_first_value_that_fits_leads_on_and_its_source_is_left() -> None:
    """Later ones are not seen, and nobody observes the source any more."""
    source: Subject[int] = Subject()
    log = Log()
    waiting = source.pipe(direct.on_first(lambda value: value > 1, lambda value: rx.of(value, value * 10)))
    attach(waiting, log, None)  # pyright: ignore[reportArgumentType]
    for value in (1, 2, 3):
        source.on_next(value)
    assert log.lines == [2, 20, "end"]
    assert source.observers == []


def test_the_failure_of_another_stream_ends_the_source() -> None:
    """Its values and its end do not count; both are left then."""
    source: Subject[int] = Subject()
    other: Subject[int] = Subject()
    log = Log()
    attach(source.pipe(direct.fail_with(other)), log, None)  # pyright: ignore[reportArgumentType]
    other.on_next(7)
    source.on_next(1)
    other.on_error(ValueError("over"))
    source.on_next(2)
    assert log.lines == [1, "over"]
    assert (source.observers, other.observers) == ([], [])


def test_disposal_leaves_all_that_is_listened_to() -> None:
    """And what comes late is not passed on."""
    source: Subject[int] = Subject()
    other: Subject[int] = Subject()
    log = Log()
    attach(source.pipe(direct.filter(bool), direct.fail_with(other)), log, None).dispose()  # pyright: ignore[reportArgumentType]
    source.on_next(1)
    assert log.lines == []
    assert (source.observers, other.observers) == ([], [])


def test_an_error_of_subscribing_is_the_streams_error() -> None:
    """Whether it is made for being subscribed to directly or not."""

    def raising(*_: Any) -> Any:
        msg = "subscribe"
        raise ValueError(msg)

    assert logged(Direct(raising)) == ["subscribe"]
    assert logged(direct.defer(raising)) == ["subscribe"]
    assert logged(Observable(raising)) == ["subscribe"]
