"""What came of what: the entries of a history that belong together. Pure."""

from collections.abc import Sequence
from operator import is_
from typing import Any, Protocol


class Caused(Protocol):
    """An entry of a history, as far as it tells what it comes of."""

    @property
    def action(self) -> Any: ...
    @property
    def cause(self) -> Any: ...
    @property
    def awaited(self) -> Any: ...


def forgotten(known: Sequence[Caused], entries: Sequence[Caused]) -> int | None:
    """How many of the known entries are not there any more, where others were appended at most; None where these are others."""
    if not known or not entries:
        return None
    last = known[-1]
    place = next((place for place in range(len(entries) - 1, -1, -1) if entries[place] is last), None)
    if place is None or place >= len(known):
        return None
    gone = len(known) - 1 - place
    return gone if all(map(is_, known[gone:], entries)) else None


class Threads:
    """Knows of each entry what it answers, and what came of it. What is appended costs what it adds.

    An entry answers the last one before it of the very action that is its cause.

    Examples:
        >>> from rxdux import Action, Entry
        >>> class Ask(Action): ...
        >>> class Answer(Action): ...
        >>> ask = Ask()
        >>> threads = Threads([Entry(ask, 0, 1.0), Entry(Ask(), 0, 1.1), Entry(Answer(), 0, 1.2, "epic", cause=ask)])
        >>> threads.cause_of(2), threads.of(0)
        (0, [0, 2])
    """

    def __init__(self, entries: Sequence[Caused] = ()) -> None:
        self._known: Sequence[Caused] = ()
        self.follow(entries)

    def follow(self, entries: Sequence[Caused]) -> None:
        """Take these entries in."""
        gone = forgotten(self._known, entries)
        if gone is None or self._gone + gone > len(entries):
            self._gone = 0  # so many are forgotten; all places are counted from the first that there ever was
            self._last: dict[int, int] = {}  # where an action was last
            self._above: list[tuple[int | None, int | None]] = []
            self._below: dict[int, list[int]] = {}
        else:
            self._gone += gone
        self._known = entries
        for place in range(len(self._above), len(entries) + self._gone):
            self._add(place, entries[place - self._gone])

    def _add(self, place: int, entry: Caused) -> None:
        cause = None if entry.cause is None else self._last.get(id(entry.cause))
        awaited = None if entry.awaited is None else self._last.get(id(entry.awaited))
        self._above.append((cause, awaited))
        if cause is not None:
            self._below.setdefault(cause, []).append(place)
        self._last[id(entry.action)] = place

    def cause_of(self, place: int) -> int | None:
        """The place of what an entry answers; None where that is nothing, or was forgotten."""
        return self._now(self._above[place + self._gone][0])

    def awaited_by(self, place: int) -> int | None:
        """The place of what an entry waited for."""
        return self._now(self._above[place + self._gone][1])

    def _now(self, place: int | None) -> int | None:
        return None if place is None or place < self._gone else place - self._gone

    def causes(self) -> dict[int, tuple[int | None, int | None]]:
        """Both of all entries that have any, by their place."""
        places = range(len(self._known))
        found = {place: (self.cause_of(place), self.awaited_by(place)) for place in places}
        return {place: causes for place, causes in found.items() if causes != (None, None)}

    def depth_of(self, place: int) -> int:
        """How many causes are above it."""
        depth = 0
        above = self.cause_of(place)
        while above is not None:
            depth, above = depth + 1, self.cause_of(above)
        return depth

    def of(self, place: int) -> list[int]:
        """The places of all that belongs to an entry: what it goes back to, all that came of that, and what those waited for.

        A fetch, its 401, the refresh that it waited for, and the replay are one thread, whoever asked for the refresh.
        """
        own = self.answers_of(place)
        thread = {*own}
        for each in own:
            awaited = self.awaited_by(each)
            asked = None if awaited is None else self.cause_of(awaited)
            thread.update(other for other in (awaited, asked) if other is not None)
        return sorted(thread)

    def answers_of(self, place: int) -> list[int]:
        """The same without what was waited for: what an entry goes back to, and all that came of that."""
        root = place
        while (above := self.cause_of(root)) is not None:
            root = above
        found = [root + self._gone]
        for each in found:
            found += self._below.get(each, ())
        return sorted(each - self._gone for each in found)
