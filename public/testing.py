"""Marble tests: an epic in virtual time, its input and its output drawn as text.

A marble string is a time line. Each character is one frame: `-` lets it pass, a letter stands for an
action, `(ab)` for several at once, `|` for the end, `#` for an error; spaces do not count.
See https://rxjs.dev/guide/testing/marble-testing

For tests with a real store, the fixture `store_factory` of the pytest plugin (`rxdux.pytest_plugin`) is
there wherever rxdux is installed.
"""

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple, cast

from reactivex import Observable, Subject
from reactivex.subject import BehaviorSubject
from reactivex.testing import TestScheduler

from .actions import Action
from .store import Epic
from .store.engine.supervision import epic_arity

pytest_plugins = ("rxdux.pytest_plugin",)  # for who loads this module as a plugin

FRAME = 0.1  # seconds: a frame by default, as in reactivex
TAIL = 100  # frames that an epic has after the end of its input

_LETTERS = "xyzuvwabcdefghijklmnopqrstXYZABCDEFGHIJKLMNOPQRSTUVW0123456789"


class EpicOutput(NamedTuple):
    """What an epic emitted.

    Attributes:
        marbles: when, as a marble string.
        values: the actions that its letters stand for.
        error: what it failed with, where the marbles have a `#`.
    """

    marbles: str
    values: dict[str, Action]
    error: BaseException | None = None


def run_epic(
    epic: Epic[Any, Any],
    marbles: str,
    values: Mapping[str, Action],
    *,
    state: Any = None,
    deps: Any = None,
    frame: float = FRAME,
) -> EpicOutput:
    """Run an epic in virtual time.

    Timed operators take no time. An effect must be an Observable of `deps` in virtual time as well;
    `from_async` needs a store.

    Args:
        marbles: when which action comes.
        values: the actions that its letters stand for.
        state: what `state.value` is, and what the state stream gives.
        deps: what the epic gets as its third argument.
        frame: seconds of a character.

    Returns:
        The output as marbles, and its actions by letter. Letters of `values` keep their actions;
        others are named x, y, z and so on, in the order in which they came.

    Raises:
        ValueError: for a marble string with a mistake, naming the place.
        TypeError: for an epic of wrong arity, or that returns no Observable.

    Examples:
        >>> from reactivex import operators as ops
        >>> from rxdux import Action, of_type
        >>> class Ping(Action): ...
        >>> class Pong(Action): ...
        >>> def ping_epic(actions):
        ...     return actions.pipe(of_type(Ping), ops.delay(0.2), ops.map(lambda _: Pong()))
        >>> run_epic(ping_epic, "-a--a|", {"a": Ping()})
        EpicOutput(marbles='---x--x|', values={'x': Pong()}, error=None)
    """
    notifications = _parse(marbles, values)
    scheduler = TestScheduler()
    actions: Subject[Action] = Subject()
    arguments = (actions, BehaviorSubject(state), deps)[: epic_arity(epic)]
    output = cast("Callable[..., Any]", epic)(*arguments)
    if not isinstance(output, Observable):
        msg = f"The epic returned {output!r:.100}. An epic returns an Observable of actions: is a 'return' missing?"
        raise TypeError(msg)
    seen: list[tuple[int, str, Any]] = []

    def note(kind: str, what: Any = None) -> None:
        seen.append((round(scheduler.to_seconds(scheduler.now) / frame), kind, what))

    cast("Observable[Action]", output).subscribe(
        lambda action: note("value", action),
        lambda error: note("#", error),
        lambda: note("|"),
        scheduler=scheduler,
    )
    for place, notify in notifications:
        scheduler.schedule_absolute(place * frame, _scheduled(notify, actions))
    scheduler.advance_to((len(marbles) + TAIL) * frame)
    return _draw(seen, values)


Notify = Callable[["Subject[Action]"], None]


def _scheduled(notify: Notify, actions: "Subject[Action]") -> Callable[[Any, Any], None]:
    return lambda scheduler, state: notify(actions)


def _parse(marbles: str, values: Mapping[str, Action]) -> list[tuple[int, Notify]]:
    """The notifications of a marble string, each with its frame."""
    found: list[tuple[int, Notify]] = []
    group = -1  # the frame of the group that is open
    line = marbles.replace(" ", "")
    for place, letter in enumerate(line):
        at = place if group < 0 else group
        if letter == "(" and group < 0:
            group = place
        elif letter == ")" and group >= 0:
            group = -1
        elif letter == "|":
            found.append((at, _complete))
        elif letter == "#":
            found.append((at, _fail))
        elif letter in values:
            found.append((at, _emit(values[letter])))
        elif letter != "-" or group >= 0:
            known = ", ".join(sorted(values)) or "none"
            msg = f"The marble string {line!r} has {letter!r} at position {place}, which means nothing there. Values: {known}."
            raise ValueError(msg)
    if group >= 0:
        msg = f"The marble string {line!r} has a '(' without its ')'."
        raise ValueError(msg)
    return found


def _emit(action: Action) -> Notify:
    return lambda actions: actions.on_next(action)


def _complete(actions: "Subject[Action]") -> None:
    actions.on_completed()


def _fail(actions: "Subject[Action]") -> None:
    actions.on_error(RuntimeError("the # of the marbles"))


def _draw(seen: list[tuple[int, str, Any]], given: Mapping[str, Action]) -> EpicOutput:
    names = _Names(given)
    frames: dict[int, str] = {}
    error: BaseException | None = None
    for frame, kind, what in seen:
        frames[frame] = frames.get(frame, "") + (names.of(what) if kind == "value" else kind)
        error = what if kind == "#" else error
    line = ""
    for frame, letters in sorted(frames.items()):
        drawn = letters if len(letters) == 1 else f"({letters})"
        line += "-" * (frame - len(line)) + drawn
    return EpicOutput(line, names.used, error)


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
