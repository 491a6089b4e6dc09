"""An epic in virtual time: marbles in, marbles out."""

import contextvars
import threading
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar, cast

from reactivex import Observable, Subject
from reactivex.subject import BehaviorSubject

from ..actions import Action
from ..store import Epic
from ..store.engine.event_loop import running_loop
from ..store.engine.supervision import epic_arity
from .marbles import MICROSECOND, SIGNS, Event, Marbles, microseconds, read
from .virtual_time import VirtualLoop, VirtualScheduler

T = TypeVar("T")

FRAME = 0.1  # seconds: a frame by default, as in reactivex
STEPS = 100  # so many times an epic may set the clock after the end of its input

_FIRST = "xyzuvwabcdefghijklmnopqrstXYZABCDEFGHIJKLMNOPQRSTUVW0123456789"


_LETTERS = (*_FIRST, *(chr(code) for code in range(0xC0, 0x2000) if chr(code).isalpha()))


class EpicWarning(UserWarning):
    """An epic that goes on for longer than it was run."""


class EpicOutput(NamedTuple):
    """What an epic emitted.

    Attributes:
        marbles: when, as a marble string. It equals any that says the same at the same times.
        values: the actions that its letters stand for.
        error: what it failed with, where the marbles have a `#`.
    """

    marbles: str
    values: dict[str, Action]
    error: BaseException | None = None

    @property
    def actions(self) -> list[Action]:
        """What it emitted, in its order."""
        events = self.marbles.events if isinstance(self.marbles, Marbles) else ()
        return [self.values[event.letter] for event in events if event.letter in self.values]

    @property
    def armed(self) -> tuple[str, ...]:
        """What was under way still when the run ended, in words: timers with their operator, coroutines by name."""
        return self.marbles.armed if isinstance(self.marbles, Marbles) else ()


def run_epic(
    epic: Epic[Any, Any],
    marbles: str,
    values: Mapping[str, Any],
    *,
    state: Any = None,
    deps: Any = None,
    frame: float = FRAME,
    until: float | None = None,
) -> EpicOutput:
    """Run an epic in virtual time: timed operators and coroutines that sleep take none.

    It runs until it is done and no timer is armed and no coroutine is under way, or `until`. An epic that goes on for
    ever, such as one that polls, is stopped after its clock was set 100 times past the end of the input.

    Args:
        marbles: when which action comes, in RxJS's notation: `-a 30s (bc)|`.
        values: the actions that its letters stand for; states as well, where `state` has marbles.
        state: what `state.value` is, and what the state stream gives. It may change: a marble string
            of letters of `values`, such as "p--q", or a pair of a marble string and its own values.
        deps: what the epic gets as its third argument.
        frame: seconds of a character.
        until: when to stop, in seconds.

    Returns:
        The output as marbles, and its actions by letter. Letters of `values` keep their actions;
        others are named x, y, z and so on, in the order in which they came.

    Raises:
        ValueError: for a marble string with a mistake, naming the place, and for a letter that cannot stand in one.
        TypeError: for what is no marble string, a letter in it that stands for no action, an epic of wrong arity, or that returns no Observable.
        TimeoutError: for a coroutine that waits for what is not in virtual time.

    Warns:
        EpicWarning: when the epic was stopped, naming what is still armed.

    Examples:
        >>> from reactivex import operators as ops
        >>> from rxdux import Action, of_type
        >>> class Ping(Action): ...
        >>> class Pong(Action): ...
        >>> def ping_epic(actions):
        ...     return actions.pipe(of_type(Ping), ops.delay(0.2), ops.map(lambda _: Pong()))
        >>> run_epic(ping_epic, "-a--a|", {"a": Ping()})
        EpicOutput(marbles='---x--x|', values={'x': Pong()}, error=None)
        >>> run_epic(ping_epic, "-a--a|", {"a": Ping()}).marbles == "300ms x 200ms x|"
        True
    """
    if not frame > 0:
        msg = f"run_epic(frame=...) takes seconds, more than 0, not {frame!r:.100}."
        raise ValueError(msg)
    _check_given(marbles, values, until)
    letters = _actions_of(marbles, values)
    run = _Run(epic, letters, microseconds(frame))
    run.input(marbles)
    run.states(*_state_marbles(state, values))
    run.make(deps)
    output: EpicOutput = _where_no_loop_runs(lambda: run.run(until))
    if output.armed and until is None:
        msg = (
            f"The epic goes on, and was stopped: still armed is {'; '.join(output.armed)}. "
            "End it, as with take_until, or say run_epic(until=...) in seconds."
        )
        warnings.warn(msg, EpicWarning, stacklevel=2)
    return output


def _check_given(marbles: Any, values: Any, until: Any) -> None:
    if not isinstance(marbles, str):
        msg = f"run_epic takes a marble string after the epic, such as '-a-b|', not {marbles!r:.100}."
        raise TypeError(msg)
    if not isinstance(values, Mapping):
        msg = f"run_epic takes the values of the letters as a mapping, as in {{'a': Ping()}}, not {values!r:.100}."
        raise TypeError(msg)
    for letter in cast("Mapping[Any, Any]", values):
        if not isinstance(letter, str) or len(letter) != 1 or letter in SIGNS:
            msg = (
                f"run_epic cannot draw a value by {letter!r:.100}: one character stands for one, and none of {SIGNS!r}."
            )
            raise ValueError(msg)
    if until is not None and not (isinstance(until, int | float) and until >= 0):
        msg = f"run_epic(until=...) takes seconds, 0 or more, not {until!r:.100}."
        raise ValueError(msg)


def _actions_of(marbles: str, values: Mapping[str, Any]) -> dict[str, Action]:
    """The letters that stand for actions; those of states may be among the values."""
    try:
        events, _ = read(marbles, 1, values)
    except ValueError:
        events = []  # said where the string is taken
    for event in events:
        value = values.get(event.letter, None)
        if event.letter in values and not isinstance(value, Action):
            hint = f" Did you mean {value.__name__}(...)?" if isinstance(value, type) else ""
            msg = f"The marble string {marbles!r:.200} has {event.letter!r}, which stands for no action: {value!r:.100}.{hint}"
            raise TypeError(msg)
    return {letter: value for letter, value in values.items() if isinstance(value, Action)}


def _state_marbles(state: Any, values: Mapping[str, Any]) -> tuple[str | None, Any]:
    """The marbles of a state that changes with their values; None and the state of one that does not."""
    match state:
        case (str(marbles), own) if isinstance(own, Mapping):
            return marbles, cast("Mapping[str, Any]", own)
        case str() if _is_drawn_with(state, values):
            return state, values
        case _:
            return None, state


def _is_drawn_with(state: str, values: Mapping[str, Any]) -> bool:
    try:
        events, _ = read(state, 1, values)
    except ValueError:
        return False
    return bool(events) and not any(isinstance(values.get(event.letter), Action) for event in events)


def _where_no_loop_runs(run: Any) -> Any:
    """One thread runs one loop: where one runs already, in another."""
    if running_loop() is None:
        return run()
    results: list[Any] = []
    errors: list[BaseException] = []

    def call() -> None:
        try:
            results.append(run())
        except BaseException as error:
            errors.append(error)

    thread = threading.Thread(target=contextvars.copy_context().run, args=(call,), name="run_epic")
    thread.start()
    thread.join()
    if errors:
        raise errors[0]
    return results[0]


class _Run:
    """One run of an epic: what goes in, what comes out, and when."""

    def __init__(self, epic: Epic[Any, Any], letters: dict[str, Action], frame: int) -> None:
        self._epic = epic
        self._letters = letters
        self._frame = frame
        self._actions: Subject[Action] = Subject()
        self._seen: list[tuple[int, str, Any]] = []
        self._steps = 0
        self._until: int | None = None

    def input(self, marbles: str) -> None:
        self._events, self._end = read(marbles, self._frame, self._letters)

    def states(self, marbles: str | None, given: Any) -> None:
        self._states: list[tuple[int, Any]] = [(0, given)]
        if marbles is not None:
            events, end = read(marbles, self._frame, given)
            self._end = max(self._end, end)
            self._states = [(event.time, given[event.letter]) for event in events if event.letter in given]
        if not self._states or self._states[0][0] > 0:
            msg = f"The marble string {marbles!r} gives no state at the beginning, where an epic may ask for it. Begin with a letter."
            raise ValueError(msg)
        self._state: BehaviorSubject[Any] = BehaviorSubject(self._states.pop(0)[1])

    def make(self, deps: Any) -> None:
        arguments = (self._actions, self._state, deps)[: epic_arity(self._epic)]
        output = cast("Any", self._epic)(*arguments)
        if not isinstance(output, Observable):
            msg = f"The epic returned {output!r:.100}. An epic returns an Observable of actions: is a 'return' missing?"
            raise TypeError(msg)
        self._output = cast("Observable[Action]", output)

    def run(self, until: float | None) -> EpicOutput:
        self._until = None if until is None else microseconds(until)
        loop = VirtualLoop(self._may_go_on)
        scheduler = VirtualScheduler(loop)
        try:
            loop.call_soon(self._begin, scheduler)
            loop.run()
            armed = [f"{timer.name}, due at {timer.time * MICROSECOND:g} s" for timer in scheduler.armed]
            armed += loop.names_of_tasks()
        finally:
            loop.end()
        return self._drawn(armed)

    def _may_go_on(self, seconds: float) -> bool:
        time = microseconds(seconds)
        if self._until is not None:
            return time <= self._until
        if time > self._end:
            self._steps += 1
        return self._steps <= STEPS

    def _begin(self, scheduler: VirtualScheduler) -> None:
        def note(letter: str, what: Any = None) -> None:
            self._seen.append((scheduler.time, letter, what))

        self._output.subscribe(
            lambda action: note("", action), lambda error: note("#", error), lambda: note("|"), scheduler=scheduler
        )
        for time, state in self._states:
            scheduler.at(time, "the state", _give(self._state, state))
        for event in self._events:
            scheduler.at(event.time, "the input", self._notify(event))

    def _notify(self, event: Event) -> Any:
        match event.letter:
            case "|":
                return self._actions.on_completed
            case "#":
                return lambda: self._actions.on_error(RuntimeError("the # of the marbles"))
            case letter:
                return _give(self._actions, self._letters[letter])

    def _drawn(self, armed: list[str]) -> EpicOutput:
        names = _Names(self._letters)
        error = next((what for _, letter, what in self._seen if letter == "#"), None)
        events = [Event(time, letter or names.of(what)) for time, letter, what in self._seen]
        return EpicOutput(Marbles(events, self._frame, armed), names.used, error)


def _give(subject: Any, value: Any) -> Any:
    return lambda: subject.on_next(value)


class _Names:
    """A letter for each action: that of the input, or the next that is free."""

    def __init__(self, given: Mapping[str, Action]) -> None:
        self._given = given
        self.used: dict[str, Action] = {}

    def of(self, action: Action) -> str:
        known = (name for name, each in (*self._given.items(), *self.used.items()) if each == action)
        free = (letter for letter in _LETTERS if letter not in self._given and letter not in self.used)
        name = next(known, None) or next(free)
        self.used[name] = action
        return name
