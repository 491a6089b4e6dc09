"""What an app has told of its history, kept as the DevTools keep it.

See https://github.com/reduxjs/redux-devtools/blob/main/packages/redux-devtools-app-core/src/utils/updateState.ts
"""

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeGuard, cast

from ....actions import Action
from ..devtools import AWAITED, CAUSE, PERFORM_ACTION, parse_json
from ..entry import Entry
from .kept import keep, printable
from .remote_action import RemoteAction

MOST_ENTRIES = 10_000
MOST_TEXT = 16_000_000  # characters of JSON that are kept of an app; the oldest entries are forgotten beyond that
LATEST = 32_503_680_000_000  # milliseconds since 1970, the year 3000: what comes after that is no time

Json = dict[str, Any]
INIT: Json = {"type": PERFORM_ACTION, "action": {"type": "@@INIT"}, "timestamp": 0}


class Bare(dict[str, Any]):
    """A state that has no parts, such as a number, in a frame: so it can be looked into as any other."""


@dataclass
class Lifted:
    """The actions of an app with the states after them. Make it with `began` or `read_lifted`.

    Attributes:
        base: the state before the first entry.
        place: of the state that the app shows; 0 is that of `base`.
        next_id: of the action that comes next.
        actions: as they came, by id.
        rest: what is not understood here, for whoever reads it again.
    """

    base: Any
    committed: Any
    entries: list[Entry[Any]] = field(default_factory=list[Entry[Any]])
    place: int = 0
    next_id: int = 1
    is_locked: bool = False
    is_paused: bool = False
    actions: dict[int, Json] = field(default_factory=lambda: {0: INIT})
    rest: Json = field(default_factory=dict[str, Any])
    sizes: list[int] = field(default_factory=list[int])

    def __post_init__(self) -> None:
        self._size = sum(self.sizes)

    @property
    def last(self) -> Any:
        """The state after the last entry."""
        return self.entries[-1].state if self.entries else self.base

    def append(self, action: Json, state: Any, size: int, *, id: int, most: int) -> None:
        """Take one action more.

        Args:
            action: as the DevTools have it, or as it was dispatched.
            size: of its JSON, in characters.
            most: how many entries are kept.

        Raises:
            ValueError: for what is nested too deep.
        """
        performed = action if "action" in action else {"type": PERFORM_ACTION, "action": action}
        entry = entry_of(id, performed, like(self.last, state), known=self._entry)
        if self.place == len(self.entries):
            self.place += 1
        self.entries.append(entry)
        self.actions[id] = performed
        self.sizes.append(size)
        self._size += size
        self.next_id = id + 1
        self._forget(len(self.entries) - min(most, MOST_ENTRIES))
        while self._size > MOST_TEXT and len(self.entries) > 1:
            self._forget(max(1, len(self.entries) // 10))

    def _entry(self, id: int) -> Entry[Any] | None:
        return next((each for each in reversed(self.entries) if each.id == id), None)

    def _forget(self, count: int) -> None:
        """Let the oldest go."""
        if count <= 0:
            return
        for entry in self.entries[:count]:
            self.actions.pop(entry.id, None)
        self.base = self.entries[count - 1].state
        self.committed = bare(self.base)
        self._size -= sum(self.sizes[:count])
        del self.entries[:count], self.sizes[:count]
        self.place = max(0, self.place - count)

    def text(self) -> str:
        """All of it, as the DevTools export it."""
        states: list[Json] = [{"state": bare(self.base)}]
        for entry in self.entries:
            states.append({"state": bare(entry.state), **({} if entry.error is None else {"error": entry.error})})
        return json.dumps(
            {
                "monitorState": {},
                **self.rest,
                "actionsById": {str(id): action for id, action in self.actions.items()},
                "nextActionId": self.next_id,
                "stagedActionIds": [0, *(entry.id for entry in self.entries)],
                "skippedActionIds": [entry.id for entry in self.entries if entry.skipped],
                "committedState": self.committed,
                "currentStateIndex": self.place,
                "computedStates": states,
                "isLocked": self.is_locked,
                "isPaused": self.is_paused,
            }
        )


TOLD = {
    "actionsById",
    "nextActionId",
    "stagedActionIds",
    "skippedActionIds",
    "committedState",
    "currentStateIndex",
    "computedStates",
    "isLocked",
    "isPaused",
}


def began(state: Any, before: Lifted | None = None) -> Lifted:
    """A history without an action yet.

    Raises:
        ValueError: for a state that is nested too deep.
    """
    base = like(None if before is None else before.last, state)
    return Lifted(base, bare(base))


def read_lifted(text: str, before: Lifted) -> Lifted:
    """The history that a text holds. As `lifted_of`."""
    return lifted_of(parse_json(text, "The history"), len(text), before)


def lifted_of(content: Any, size: int, before: Lifted) -> Lifted:
    """A history that came as JSON. What it has in common with the one before is the same object.

    Args:
        size: of its text, in characters.

    Raises:
        ValueError: for what is none, saying what is wrong.
    """
    match content:
        case {
            "actionsById": dict(),
            "stagedActionIds": [_, *_],
            "computedStates": [_, *_],
            "currentStateIndex": int(),
        }:
            fields = cast("Json", content)
            return _read(
                fields, _ids(fields["stagedActionIds"], "stagedActionIds"), fields["computedStates"], size, before
            )
        case _:
            msg = "It is no history of the Redux DevTools: one of actionsById, stagedActionIds, computedStates and currentStateIndex is missing."
            raise ValueError(msg)


def _read(fields: Json, staged: list[int], states: list[Any], size: int, before: Lifted) -> Lifted:
    most = min(MOST_ENTRIES, MOST_TEXT * len(staged) // size)
    excess, is_large = max(0, len(staged) - 1 - most), size > MOST_TEXT
    known = {entry.id: entry for entry in before.entries}
    skipped = set(_ids(fields.get("skippedActionIds", []), "skippedActionIds"))
    base = last = like(before.base, _state_of(states, excess))
    made = dict[int, Entry[Any]]()
    entries, actions = list[Entry[Any]](), {0: fields["actionsById"].get("0", INIT)}
    for place in range(excess + 1, len(staged)):
        id = staged[place]
        actions[id] = action = fields["actionsById"].get(str(id))
        if not isinstance(action, dict):
            msg = f"It stages the action {id}, which is not in its actionsById."
            raise ValueError(msg)  # noqa: TRY004 -- it came from elsewhere
        old = known.get(id)
        last = like(last if old is None else old.state, _state_of(states, place))
        error = states[place].get("error") if place < len(states) and isinstance(states[place], dict) else None
        entry = entry_of(id, cast("Json", action), last, skipped=id in skipped, error=error, known=made.get, old=old)
        made[id] = entry = old if old is not None and old == entry else entry
        entries.append(entry)
    next_id = fields.get("nextActionId")
    return Lifted(
        base,
        bare(base) if excess or is_large or "committedState" not in fields else fields["committedState"],
        entries,
        min(max(0, fields["currentStateIndex"] - excess), len(entries)),
        next_id if isinstance(next_id, int) else max(staged) + 1,
        fields.get("isLocked") is True,
        fields.get("isPaused") is True,
        actions,
        {} if is_large else {name: part for name, part in fields.items() if name not in TOLD},
        [size // len(staged)] * len(entries),
    )


def framed(state: Any) -> Any:
    """A state with parts: itself, or a frame around it."""
    is_one = isinstance(state, dict | list)
    return cast("Any", state) if is_one else Bare(state=state)


def bare(state: Any) -> Any:
    """The state without the frame."""
    return state["state"] if isinstance(state, Bare) else state


def like(old: Any, new: Any) -> Any:
    """A state that came, made of the parts of an old one where these are equal."""
    kept: Any = keep(bare(old), new)
    return old if old is not None and kept is bare(old) else framed(kept)


def entry_of(
    id: int,
    action: Json,
    state: Any,
    *,
    skipped: bool = False,
    error: Any = None,
    known: Callable[[int], Entry[Any] | None],
    old: Entry[Any] | None = None,
) -> Entry[Any]:
    """The entry of an action as the DevTools have it.

    Args:
        known: the entry of an id, to find those that it answers and that it waited for.
        old: the entry as it was known before, whose action is taken if it is equal.

    Raises:
        ValueError: for an action that is nested too deep.
    """
    at, source = action.get("timestamp"), action.get("source")
    made = cast("Action", RemoteAction.of(action.get("action")))  # whose class nobody knows here

    def action_of(name: str) -> Action | None:
        entry = known(other) if isinstance(other := action.get(name), int) else None
        return None if entry is None else entry.action

    return Entry(
        old.action if old is not None and old.action == made else made,
        state,
        at / 1000 if isinstance(at, int | float) and 0 <= at < LATEST else 0.0,
        printable(source) if isinstance(source, str) else None,
        skipped,
        printable(error) if isinstance(error, str) else None,
        id=id,
        cause=action_of(CAUSE),
        awaited=action_of(AWAITED),
    )


def _state_of(states: list[Any], place: int) -> Any:
    computed = states[min(place, len(states) - 1)]
    return cast("Json", computed).get("state") if isinstance(computed, dict) else None


def _ids(values: Any, name: str) -> list[int]:
    if not _are_numbers(values) or len(set(values)) < len(values):
        msg = f"Its {name} are no list of different whole numbers."
        raise ValueError(msg)
    return values


def _are_numbers(values: Any) -> TypeGuard[list[int]]:
    return isinstance(values, list) and all(isinstance(value, int) for value in cast("list[Any]", values))
