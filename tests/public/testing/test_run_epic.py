"""Marble tests of epics."""

import asyncio
import time
from typing import Any

import pytest
import reactivex as rx
from reactivex import operators as ops

from rxdux import Action, combine_epics, concat_map, exhaust_map, merge_map, of_type, switch_map
from rxdux.testing import EpicWarning, run_epic


class Ping(Action):
    n: int = 0


class Pong(Action):
    n: int = 0


def pong(ping: Ping) -> Pong:
    return Pong(n=ping.n)


A, B, C = Ping(n=1), Ping(n=2), Ping(n=3)


@pytest.mark.parametrize(
    ("operators", "marbles", "expected"),
    [
        ([ops.map(pong)], "-a--b", "-x--y"),
        ([ops.map(pong)], "-a--b-|", "-x--y-|"),
        ([ops.map(pong)], "-(ab)-c", "-(xy)-z"),
        ([ops.map(pong)], " - a - - a ", "-x--x"),
        ([ops.delay(0.3), ops.map(pong)], "a-b|", "---x-y|"),
        ([ops.debounce(0.2), ops.map(pong)], "-ab----c--|", "----x----y|"),
        ([ops.throttle_first(0.3), ops.map(pong)], "abcabc", "x--x"),
        ([ops.take(1), ops.map(pong)], "--a-b", "--(x|)"),
        ([ops.map(pong)], "-a-#", "-x-#"),
        ([switch_map(lambda ping: rx.timer(0.2).pipe(ops.map(lambda _: pong(ping))))], "-ab---c|", "----x---(y|)"),
    ],
)
def test_when_an_epic_answers(operators: Any, marbles: str, expected: str) -> None:
    """In virtual time, frame by frame."""
    output = run_epic(lambda actions: actions.pipe(of_type(Ping), *operators), marbles, {"a": A, "b": B, "c": C})
    assert output.marbles == expected


def test_letters_of_the_input_keep_their_actions() -> None:
    """Others come in the order x, y, z."""
    output = run_epic(
        lambda actions: actions.pipe(ops.flat_map(lambda a: rx.of(a, pong(a)))), "a---b", {"a": A, "b": B}
    )
    assert output.marbles == "(ax)(by)"
    assert output.values == {"a": A, "x": Pong(n=1), "b": B, "y": Pong(n=2)}


def test_state_and_dependencies_are_given() -> None:
    """As to any epic; a combined one too."""

    def epic(actions: Any, state: Any, deps: Any) -> Any:
        return actions.pipe(of_type(Ping), ops.map(lambda ping: Pong(n=state.value + deps["more"])))

    output = run_epic(combine_epics(epic), "a", {"a": A}, state=5, deps={"more": 2})
    assert output == ("x", {"x": Pong(n=7)}, None)


def test_an_error_is_kept() -> None:
    """With what it was."""
    output = run_epic(lambda actions: actions.pipe(ops.map(lambda _: 1 / 0)), "-a", {"a": A})
    assert output.marbles == "-#"
    assert isinstance(output.error, ZeroDivisionError)


@pytest.mark.parametrize(
    ("marbles", "words"),
    [
        ("-a-q", "'q' at position 3"),
        ("-(a", r"'\(' without"),
        ("-a)", r"'\)' at position 2"),
        ("((a))", r"'\(' at position 1"),
        ("-1s a", "goes back before its beginning with '-1s' at position 0"),
        ("-a -300ms a", "goes back before its beginning with '-300ms' at position 3"),
        ("a 99999999999999s a", "longer than can be counted with '99999999999999s' at position 2"),
    ],
)
def test_a_typo_is_named_with_its_place(marbles: str, words: str) -> None:
    """And what could stand there."""
    with pytest.raises(ValueError, match=words):
        run_epic(lambda actions: actions, marbles, {"a": A})


@pytest.mark.parametrize(
    ("given", "error", "said"),
    [
        ((None, {"a": A}), TypeError, "takes a marble string after the epic.* not None"),
        (("-a", [A]), TypeError, "takes the values of the letters as a mapping"),
        (("-a", {"a": Ping}), TypeError, r"'-a' has 'a', which stands for no action: .*Did you mean Ping\(...\)\?"),
        (("-a", {"a": {"type": "PING"}}), TypeError, "has 'a', which stands for no action: {'type'"),
        (("-a", {"a": A, "ab": A}), ValueError, "cannot draw a value by 'ab'"),
        (("-a", {"a": A, "-": A}), ValueError, "cannot draw a value by '-'"),
        (("-a", {"a": A}, -1.0), ValueError, "until=.* takes seconds, 0 or more, not -1.0"),
        (("-a", {"a": A}, "1s"), ValueError, "until=.* takes seconds, 0 or more, not '1s'"),
    ],
)
def test_what_is_no_time_line_is_told(given: Any, error: type[Exception], said: str) -> None:
    """Before the epic starts."""
    marbles, values, *until = given
    with pytest.raises(error, match=said):
        run_epic(lambda actions: actions, marbles, values, until=until[0] if until else None)


def test_an_epic_that_returns_nothing_is_refused() -> None:
    """As by a store."""
    with pytest.raises(TypeError, match="returned None"):
        run_epic(lambda actions: None, "a", {"a": A})  # pyright: ignore


def later(seconds: float) -> Any:
    return lambda actions: actions.pipe(
        of_type(Ping),
        ops.flat_map(lambda ping: rx.merge(rx.just(ping), rx.timer(seconds).pipe(ops.map(lambda _: pong(ping))))),
    )


@pytest.mark.parametrize(
    ("seconds", "drawn"),
    [
        (0.1, "-ax"),
        (0.25, "-a 150ms x"),
        (0.05, "-a -50ms x"),
        (2.0, "-a-------------------x"),
        (2.5, "-a 2.4s x"),
        (30.1, "-a 30s x"),
        (60.1, "-a 1m x"),
    ],
)
def test_a_long_or_an_uneven_pause_is_drawn_as_a_time(seconds: float, drawn: str) -> None:
    """And nothing is cut off."""
    output = run_epic(later(seconds), "-a", {"a": A})
    assert str(output.marbles) == drawn
    assert output == (drawn, {"a": A, "x": Pong(n=1)}, None)


def test_times_are_compared_and_not_the_ways_to_write_them() -> None:
    """Two timings are never alike, however they are drawn."""
    output = run_epic(later(30), "-a", {"a": A}).marbles
    assert output == "-a 29.9s x" == output
    assert output != "-a 29.8s x"
    assert output != "-x 29.9s a"
    assert output != "(("
    both = [
        run_epic(lambda actions, after=after: later(after)(actions), "-(ab)", {"a": A, "b": B}).marbles
        for after in (0.1, 0.4, 0.5)
    ]
    assert len({str(each) for each in both}) == 3
    assert both[0] != both[1]
    assert both[1] == run_epic(later(0.4), "-(ab)", {"a": A, "b": B}).marbles == "-(ab)(xy)"


def test_the_input_may_pause_for_a_time() -> None:
    """As in RxJS: between spaces; the end waits as well."""
    output = run_epic(lambda actions: actions.pipe(ops.map(pong)), "a 9.9s b 1m 500ms (ab) 2s |", {"a": A, "b": B})
    assert output.marbles == "x 9900ms y 60.5s (xy) 2s |"


async def ask(ping: Ping) -> Pong:
    await asyncio.sleep(30)
    async with asyncio.timeout(20):
        await asyncio.sleep(1)
    return pong(ping)


@pytest.mark.parametrize(
    ("operator", "drawn"),
    [
        (merge_map, "31.1s x 400ms y"),
        (switch_map, "31.6s x"),
        (concat_map, "31.1s x 30.9s y"),
        (exhaust_map, "31.1s x"),
    ],
)
def test_coroutines_run_in_virtual_time(operator: Any, drawn: str) -> None:
    """They sleep without waiting, and are cancelled by what unsubscribes."""
    started = time.monotonic()
    output = run_epic(lambda actions: actions.pipe(operator(ask)), "-a----b", {"a": A, "b": B})
    assert output.marbles == drawn
    assert time.monotonic() - started < 5


async def test_a_running_loop_is_no_hindrance() -> None:
    """The test may be a coroutine itself."""
    assert run_epic(lambda actions: actions.pipe(merge_map(ask)), "a", {"a": A}).marbles == "31s x"


def test_what_a_coroutine_raises_is_the_epics_error() -> None:
    """Unless it is caught there."""

    async def fail(ping: Ping) -> Pong:
        await asyncio.sleep(1)
        raise LookupError("nobody")

    output = run_epic(lambda actions: actions.pipe(merge_map(fail)), "a", {"a": A})
    assert output.marbles == "1s #"
    assert isinstance(output.error, LookupError)


def test_what_happens_in_real_time_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """For a while: a thread's answer comes, one that never comes is named."""

    async def in_a_thread(ping: Ping) -> Pong:
        return await asyncio.to_thread(pong, ping)

    async def for_ever(ping: Ping) -> Pong:
        await asyncio.Event().wait()
        return pong(ping)

    assert run_epic(lambda actions: actions.pipe(merge_map(in_a_thread)), "-a", {"a": A}).marbles == "-x"
    monkeypatch.setattr("rxdux.testing.virtual_time.PATIENCE", 0.05)
    with pytest.raises(TimeoutError, match=r"Not in virtual time: the coroutine .*for_ever waits"):
        run_epic(lambda actions: actions.pipe(merge_map(for_ever)), "-a", {"a": A})


def test_an_epic_that_goes_on_for_ever_is_stopped_and_what_is_armed_is_named() -> None:
    """With its operator, and when it is due."""

    async def poll(ping: Ping) -> Pong:
        while True:
            await asyncio.sleep(1)

    def polling(actions: Any) -> Any:
        return rx.interval(2.0).pipe(ops.map(lambda n: Pong(n=n)))

    with pytest.warns(EpicWarning, match=r"still armed is timer, due at 202 s\. End it"):
        output = run_epic(polling, "a|", {"a": A})
    assert len(output.values) == 100
    with pytest.warns(EpicWarning, match=r"still armed is the coroutine .*poll"):
        run_epic(lambda actions: actions.pipe(merge_map(poll)), "a|", {"a": A})


def test_a_run_ends_when_it_is_told_to() -> None:
    """In silence; what is armed is named by the output."""
    output = run_epic(
        lambda actions: actions.pipe(of_type(Ping), ops.delay(30), ops.map(pong)), "-a-b", {"a": A, "b": B}, until=30.2
    )
    assert output.marbles == "30.1s x"
    assert output.armed == ("delay, due at 30.3 s",)


def stateful(actions: Any, state: Any) -> Any:
    return actions.pipe(of_type(Ping), ops.map(lambda ping: Pong(n=state.value)))


@pytest.mark.parametrize(
    ("state", "more"),
    [("p---q", {"p": 5, "q": 6}), (("p---q", {"p": 5, "q": 6}), {}), (("(p)q", {"p": 5, "q": 6}), {})],
)
def test_the_state_changes_while_the_epic_runs(state: Any, more: dict[str, Any]) -> None:
    """Before the action of the same moment, as in a store."""
    output = run_epic(stateful, "a-a-(aa)", {"a": A, **more}, state=state)
    assert [output.values[each.letter].serialize()["n"] for each in output.marbles.events] in (
        [5, 5, 6, 6],
        [5, 5, 6, 6],
    )


def test_the_state_stream_gives_each_state() -> None:
    """At once, and then when it changes."""
    output = run_epic(
        lambda actions, state: state.pipe(ops.map(lambda number: Pong(n=number))),
        "-----|",
        {"p": 5, "q": 6},
        state="p--q",
    )
    assert output.marbles == "x--y"


@pytest.mark.parametrize("state", ["", "pending", "a", "-", 5, ("p", 5), ("p-q", "p")])
def test_what_is_no_marble_string_of_the_values_is_the_state_itself(state: Any) -> None:
    """A text too: it has other letters, or those of actions."""
    seen: list[Any] = []
    run_epic(
        lambda actions, state: state.pipe(ops.do_action(seen.append), ops.ignore_elements()),
        "a|",
        {"a": A},
        state=state,
    )
    assert seen == [state]


def test_a_state_is_there_from_the_beginning() -> None:
    """Epics may ask for it at once."""
    with pytest.raises(ValueError, match="'-p' gives no state at the beginning"):
        run_epic(stateful, "a", {"a": A, "p": 5}, state="-p")


@pytest.mark.parametrize("frame", [0, -1])
def test_a_frame_takes_time(frame: float) -> None:
    """More than none."""
    with pytest.raises(ValueError, match="takes seconds, more than 0"):
        run_epic(stateful, "a", {"a": A}, frame=frame)


def test_a_frame_may_be_a_millisecond() -> None:
    """As in RxJS."""
    output = run_epic(
        lambda actions: actions.pipe(ops.delay(0.005), ops.map(pong)), "-a 1s b|", {"a": A, "b": B}, frame=0.001
    )
    assert output.marbles == "------x 1s y|"


@pytest.mark.parametrize("timed", [True, False])
def test_what_is_due_together_comes_in_the_order_in_which_it_was_asked_for(timed: bool) -> None:
    """Coroutines like timers."""

    async def sleep(ping: Ping) -> Pong:
        await asyncio.sleep(100)
        return pong(ping)

    def wait(ping: Ping) -> Any:
        return rx.timer(100.0).pipe(ops.map(lambda _: pong(ping)))

    output = run_epic(
        lambda actions: actions.pipe(merge_map(wait if timed else sleep)), "(cabcb)", {"a": A, "b": B, "c": C}
    )
    assert output.marbles == "100s (xyzxz)"
    assert output.values == {"x": pong(C), "y": pong(A), "z": pong(B)}
