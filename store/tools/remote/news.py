"""What the DevTools are told of a history: all of it, or only what was appended since."""

import json
from collections.abc import Callable
from typing import Any, Generic, TypeVar

from ....reducers import ReducerFn
from ...slice_format import formats_of, slices_of
from ..devtools import Causes, performed, show, write_recording
from ..entry import Entry, Snapshot, recording_of
from ..threads import Threads

S = TypeVar("S")

MOST = 8_000_000  # characters of one message; the DevTools' page stops answering with much more
ENTRIES = 0.5  # the part of it that a whole history may be of

Message = dict[str, Any]


class TooLargeError(ValueError):
    """A state that is too large to be sent."""


class News(Generic[S]):
    """Knows what the DevTools have been told, and so what is new to them."""

    def __init__(self, reducer: Callable[[], ReducerFn[S]], limit: int) -> None:
        self._texts = StateTexts[S](reducer)
        self._limit = limit
        self._version: int | None = None  # of what was told; None: nothing that would still do
        self._staged: list[int] = [0]
        self._last = 0
        self._threads = Threads()

    def forget(self) -> None:
        """The DevTools are to be told all anew."""
        self._version = None

    def jumped(self, version: int) -> None:
        """The DevTools know of this jump, which was theirs."""
        if self._version == version - 1:
            self._version = version

    def id_at(self, index: int) -> int:
        """The id of the entry that they show at this place.

        Raises:
            IndexError: for a place where they show none.
        """
        if not 0 <= index < len(self._staged):
            msg = f"There is no entry at place {index!r:.40}. The DevTools were shown {len(self._staged)}."
            raise IndexError(msg)
        return self._staged[index]

    def of(self, snapshot: Snapshot[S]) -> Message | None:
        """What is new, to be sent now; None for nothing.

        Raises:
            TooLargeError: for a state that is too large to be sent.
            ValueError: for one that cannot be written as JSON.
        """
        entries = snapshot.entries
        added = self._added(entries) if self._version == snapshot.version else None
        if added == []:
            return None
        if added is None:
            return self._whole(snapshot)
        states = [self._texts.of(entry.state) for entry in added]
        if sum(map(len, states)) > MOST:
            return self._whole(snapshot)
        self._threads.follow(entries)
        first = len(entries) - len(added)
        actions = [
            performed(entry.action.serialize(), entry.time, entry.source, self._causes(entries, first + place))
            for place, entry in enumerate(added)
        ]
        self._staged.extend(entry.id for entry in added)
        excess = len(self._staged) - self._limit - 1
        if excess > 0:
            del self._staged[1 : 1 + excess]
        self._last = entries[-1].id
        return {
            "type": "ACTION",
            "payload": f"[{','.join(states)}]",
            "action": json.dumps(actions, ensure_ascii=False),
            "maxAge": self._limit + 1,
            "nextActionId": self._last + 1,
        }

    def _causes(self, entries: list[Entry[S]], place: int) -> Causes:
        """The ids of what an entry comes of."""
        cause, awaited = self._threads.cause_of(place), self._threads.awaited_by(place)
        return None if cause is None else entries[cause].id, None if awaited is None else entries[awaited].id

    def _added(self, entries: list[Entry[S]]) -> list[Entry[S]] | None:
        """The entries after the last one that was told; None where they do not follow it."""
        count = 0
        for entry in reversed(entries):
            if entry.id <= self._last:
                break
            count += 1
        added = entries[len(entries) - count :]
        follows = not added or added[0].id == self._last + 1
        is_sound = not added or all(entry.error is None for entry in entries)  # the DevTools forget none that failed
        return added if follows and is_sound else None

    def _whole(self, snapshot: Snapshot[S]) -> Message:
        size = max(len(self._texts.of(state)) for state in (snapshot.present, snapshot.base))
        if size > MOST:
            msg = f"The state is too large to be shown: {size / 1e6:.0f} MB as JSON, and the DevTools bear {MOST / 1e6:.0f}."
            raise TooLargeError(msg)
        most = max(0, int(MOST * ENTRIES / max(size, 1)) - 1)
        while True:
            shown = newest(snapshot, most)
            text = write_recording(recording_of(shown), self._texts.reducer())
            if len(text) <= MOST or not shown.entries:
                break
            most = len(shown.entries) // 2
        self._version = snapshot.version
        self._staged = [0, *(entry.id for entry in shown.entries)]
        self._last = snapshot.last_id
        return {"type": "STATE", "payload": escaped(text), "maxAge": self._limit + 1}


def newest(snapshot: Snapshot[S], most: int) -> Snapshot[S]:
    """The last entries of a history, or all."""
    excess = len(snapshot.entries) - most
    if excess <= 0:
        return snapshot
    return snapshot._replace(
        base=snapshot.entries[excess - 1].state,
        entries=snapshot.entries[excess:],
        position=max(-1, snapshot.position - excess),
    )


class StateTexts(Generic[S]):
    """States as JSON. A slice that is the same object as before is not written again."""

    def __init__(self, reducer: Callable[[], ReducerFn[S]]) -> None:
        self.reducer = reducer
        self._known: dict[str, tuple[Any, str]] = {}

    def of(self, state: S) -> str:
        """The state as the DevTools are shown it, secrets masked.

        Raises:
            ValueError: for one that cannot be written as JSON.
        """
        try:
            formats = formats_of(self.reducer(), state)
        except TypeError:
            return _json(show(state, self.reducer()))
        texts: list[str] = []
        for name, value in slices_of(state).items():
            known = self._known.get(name)
            if known is None or known[0] is not value:
                self._known[name] = known = (value, _json(formats[name].show(value)))
            texts.append(f"{json.dumps(name)}:{known[1]}")
        return f"{{{','.join(texts)}}}"


def _json(value: Any) -> str:
    return escaped(json.dumps(value, ensure_ascii=False, allow_nan=False))


def escaped(text: str) -> str:
    """JSON in which the DevTools take no key for a mark of their own."""
    return text.replace('"$jsan":', '"$jsan ":')
