"""The history of an app that is somewhere else, to look at and to travel in as in one's own."""

import json
import time
from collections.abc import Callable
from typing import Any

from ...subscription import Subscription
from ..changes import Changes
from ..entry import Entry, Snapshot
from ..remote.action_text import read_object
from .caller import Caller, Message
from .imported import importable
from .lifted import MOST_ENTRIES, Lifted, bare
from .told import Told


class RemoteHistory:
    """Has what `History` has, for an app that a server of the DevTools listens to.

    What is asked of it is asked of the app, whose answer shows what came of it.
    """

    def __init__(self, instance: str, caller: Caller) -> None:
        self.instance = instance
        self._caller: Caller | None = caller
        self._told = Told(instance)
        self._is_asked = False  # for all
        self._changes = Changes()

    def __repr__(self) -> str:
        return f"<RemoteHistory of {self.name!r}, entries: {len(self._told.lifted.entries)}>"

    @property
    def name(self) -> str:
        """Of the app."""
        return self._told.name

    @property
    def news(self) -> str:
        """What is wrong with what the app sent, or what it has said; nothing while all is well."""
        return self._told.trouble or self._told.said

    # --- hearing ---------------------------------------------------------------------------------

    @property
    def is_connected(self) -> bool:
        """Whether the app is there."""
        return self._caller is not None

    def hear(self, caller: Caller, message: Message) -> None:
        """Take what the app says. What cannot be understood is told in `news`."""
        self._caller = caller
        if message.get("type") == "STATE":
            self._is_asked = False
        if not self._told.hear(message) and not self._is_asked:
            self._is_asked = self._tell({"type": "UPDATE"})
        self._changes.tell()

    def leave(self, caller: Caller) -> None:
        """The app has gone, if it was this connection on which it spoke."""
        if caller is self._caller:
            self._caller = None
            self._changes.tell()

    # --- what there is ---------------------------------------------------------------------------

    @property
    def entries(self) -> list[Entry[Any]]:
        return list(self._told.lifted.entries)

    @property
    def base(self) -> Any:
        return self._told.lifted.base

    @property
    def position(self) -> int:
        return self._told.lifted.place - 1

    @property
    def limit(self) -> int:
        return MOST_ENTRIES

    @property
    def is_paused(self) -> bool:
        return self._told.lifted.is_paused

    @property
    def is_locked(self) -> bool:
        return self._told.lifted.is_locked

    @property
    def is_travelling(self) -> bool:
        return self._told.lifted.place < len(self._told.lifted.entries)

    def state_at(self, index: int) -> Any:
        return self._told.lifted.base if index < 0 else self._told.lifted.entries[index].state

    def snapshot(self) -> Snapshot[Any]:
        lifted = self._told.lifted
        return Snapshot(
            self._told.version,
            lifted.base,
            list(lifted.entries),
            self.position,
            lifted.last,
            lifted.is_paused,
            lifted.is_locked,
            lifted.next_id - 1,
        )

    def index_of(self, id: int) -> int:
        ids = [0, *(entry.id for entry in self._told.lifted.entries)]
        if id not in ids:
            msg = f"{self.name} has no action with the id {id!r:.40}."
            raise IndexError(msg)
        return ids.index(id) - 1

    def subscribe(self, listener: Callable[[], object]) -> Subscription:
        return self._changes.subscribe(listener)

    # --- asking: the app tells what comes of it --------------------------------------------------

    def jump(self, index: int) -> None:
        self._check(index, -1)
        id = 0 if index < 0 else self._told.lifted.entries[index].id
        if self._ask({"type": "JUMP_TO_ACTION", "actionId": id}, self.state_at(index)):
            self._told.lifted.place = index + 1  # which no app answers
            self._told.version += 1
            self._changes.tell()

    def undo(self) -> None:
        self.jump(max(-1, self.position - 1))

    def redo(self) -> None:
        self.jump(min(self.position + 1, len(self._told.lifted.entries) - 1))

    def toggle(self, index: int) -> None:
        self._check(index)
        self._ask({"type": "TOGGLE_ACTION", "id": self._told.lifted.entries[index].id}, self._told.lifted)

    def reorder(self, index: int, before: int) -> None:
        entries = self._told.lifted.entries
        self._check(index)
        self._check(before, last=len(entries))
        before_id = self._told.lifted.next_id if before == len(entries) else entries[before].id
        self._ask({"type": "REORDER_ACTION", "actionId": entries[index].id, "beforeActionId": before_id})

    def sweep(self) -> None:
        self._ask({"type": "SWEEP"})

    def commit(self) -> None:
        self._ask({"type": "COMMIT", "timestamp": _now()})

    def rollback(self) -> None:
        self._ask({"type": "ROLLBACK", "timestamp": _now()}, self._told.lifted.base)

    def reset(self) -> None:
        self._ask({"type": "RESET", "timestamp": _now()})

    def lock(self) -> None:
        self._ask({"type": "LOCK_CHANGES", "status": True})

    def unlock(self) -> None:
        self._ask({"type": "LOCK_CHANGES", "status": False})

    def pause(self) -> None:
        self._ask({"type": "PAUSE_RECORDING", "status": True})

    def resume(self) -> None:
        self._ask({"type": "PAUSE_RECORDING", "status": False})

    def stop(self) -> None:
        """Its owner is elsewhere: nothing ends here."""

    def export(self) -> str:
        """As `History` does; what is not understood here stays in it.

        Raises:
            ValueError: for what is nested too deep.
        """
        try:
            return self._told.lifted.text()
        except RecursionError:
            msg = f"What {self.name} sent is nested too deep to be exported."
            raise ValueError(msg) from None

    def load(self, text: str) -> None:
        self._tell({"type": "IMPORT", "state": importable(text)})

    def dispatch(self, text: str) -> None:
        """Have the app dispatch an action that somebody has typed.

        It is read here, and sent as JSON: the apps of JavaScript run the text that they are sent.

        Raises:
            ValueError: for a text that is no action.
        """
        fields = read_object(text)
        if not isinstance(fields.get("type"), str):
            msg = "An action has a type, which is a text: { type: 'todos/added', text: 'milk' }."
            raise ValueError(msg)  # noqa: TRY004 -- it came from elsewhere
        self._tell({"type": "ACTION", "action": json.dumps(fields)})

    # --- inside ----------------------------------------------------------------------------------

    def _ask(self, action: Message, state: Any = None) -> bool:
        """Ask for something in the past; an app that keeps none is told the state that comes of it."""
        if self._told.keeps_itself or state is None:
            return self._tell({"type": "DISPATCH", "action": action})
        text = state.text() if isinstance(state, Lifted) else json.dumps(bare(state))
        return self._tell({"type": "DISPATCH", "action": action, "state": text})

    def _tell(self, message: Message) -> bool:
        self._told.said = ""
        is_told = self._caller is not None and self._caller.ask({**message, "instanceId": self.instance})
        if not is_told:
            self._told.said = "It does not listen: nothing was sent."
        self._changes.tell()
        return is_told

    def _check(self, index: int, first: int = 0, last: int | None = None) -> None:
        last = len(self._told.lifted.entries) - 1 if last is None else last
        if not first <= index <= last:
            msg = f"There is no entry {index!r}. The history goes from {first} to {last}."
            raise IndexError(msg)


def _now() -> int:
    return round(time.time() * 1000)
