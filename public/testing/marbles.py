"""Marble strings: time lines as text, read and drawn.

As in RxJS each character is one frame: `-` lets it pass, a letter stands for a value, `(ab)` for several at once,
`|` for the end, `#` for an error, `^` for the moment of the subscription. A group takes as much time as it is wide.
Spaces do not count; `30s`, `500ms` or `2m` between two of them is so much time.
See https://rxjs.dev/guide/testing/marble-testing
"""

import re
from collections.abc import Collection, Iterable
from itertools import groupby
from typing import NamedTuple

MICROSECOND = 1e-6  # seconds: the unit in which times are counted and compared
LONGEST = 1 << 52  # microseconds, 142 years: up to here seconds tell each of them
SIGNS = "-()^|# "
DASHES = 20  # a longer pause is drawn as a time

_UNITS = {"ms": 1_000, "s": 1_000_000, "m": 60_000_000}  # microseconds
_PROGRESSION = re.compile(r"(-?\d+(?:\.\d+)?)(ms|s|m)(?= |$)")


class Event(NamedTuple):
    """Something on a time line.

    Attributes:
        time: microseconds since the subscription.
        letter: of the value; `|` for the end, `#` for an error.
    """

    time: int
    letter: str


def microseconds(seconds: float) -> int:
    return round(seconds / MICROSECOND)


def read(line: str, frame: int, letters: Collection[str] | None = None) -> tuple[list[Event], int]:
    """The events of a marble string, and its length in microseconds.

    Args:
        line: the marble string.
        frame: microseconds of a character.
        letters: which letters have a meaning; None: all.

    Raises:
        ValueError: for a mistake, naming the place.
    """
    events: list[Event] = []
    time = zero = place = 0
    group = -1  # the time of the group that is open
    while place < len(line):
        letter = line[place]
        progression = _PROGRESSION.match(line, place) if place == 0 or line[place - 1] == " " else None
        if progression is not None and group < 0:
            time += round(float(progression[1]) * _UNITS[progression[2]])
            if not 0 <= time < LONGEST:
                what = "goes back before its beginning" if time < 0 else "goes on for longer than can be counted"
                msg = f"The marble string {line!r:.200} {what} with {progression[0]!r} at position {place}."
                raise ValueError(msg)
            place = progression.end()
            continue
        if letter == "(" and group < 0:
            group = time
        elif letter == ")" and group >= 0:
            group = -1
        elif letter == "^" and group < 0 and not zero:
            zero = time
        elif letter in "|#" or (letter not in "-() ^" and (letters is None or letter in letters)):
            events.append(Event(time if group < 0 else group, letter))
        elif letter not in "- " or (letter == "-" and group >= 0):
            known = "" if letters is None else f" Values: {', '.join(sorted(letters)) or 'none'}."
            msg = f"The marble string {line!r} has {letter!r} at position {place}, which means nothing there.{known}"
            raise ValueError(msg)
        time += frame if letter != " " else 0
        place += 1
    if group >= 0:
        msg = f"The marble string {line!r} has a '(' without its ')'."
        raise ValueError(msg)
    return [Event(event.time - zero, event.letter) for event in events if event.time >= zero], time - zero


def draw(events: Iterable[Event], frame: int) -> str:
    """The marble string of these events: it reads back as them.

    What comes sooner after a letter or a group than that is wide has no drawing in RxJS. Here the time
    goes back: `(xy) -300ms z`.
    """
    line, time = "", 0
    for at, together in groupby(events, key=lambda event: event.time):
        letters = "".join(event.letter for event in together)
        gap = at - time
        if gap % frame == 0 and 0 <= gap <= DASHES * frame:
            line += "-" * (gap // frame)
        else:
            line += f"{' ' if line else ''}{_shown(gap)} "
        drawn = letters if len(letters) == 1 else f"({letters})"
        line += drawn
        time = at + len(drawn) * frame
    return line


def _shown(time: int) -> str:
    """A time with its unit: whole minutes, seconds, or milliseconds."""
    unit = next((unit for unit in ("m", "s") if time % _UNITS[unit] == 0), "s" if abs(time) > _UNITS["s"] else "ms")
    return f"{time / _UNITS[unit]:.6f}".rstrip("0").rstrip(".") + unit


class Marbles(str):
    """A marble string that was drawn. It equals every marble string that says the same things at the same times.

    Attributes:
        events: what happened, each with its time.
        armed: what was under way still when the time line ended, in words.
    """

    __slots__ = ("_frame", "armed", "events")

    events: tuple[Event, ...]
    armed: tuple[str, ...]

    def __new__(cls, events: Iterable[Event], frame: int, armed: Iterable[str] = ()) -> "Marbles":
        events = tuple(events)
        self = super().__new__(cls, draw(events, frame))
        self.events, self.armed, self._frame = events, tuple(armed), frame
        return self

    def __eq__(self, other: object) -> bool:
        if isinstance(other, Marbles):
            return self.events == other.events
        if not isinstance(other, str):
            return NotImplemented
        if str.__eq__(self, other):
            return True
        try:
            return list(self.events) == read(other, self._frame)[0]
        except ValueError:
            return False

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    __hash__ = str.__hash__

    def __reduce__(self) -> tuple[object, ...]:
        return Marbles, (self.events, self._frame, self.armed)
