"""What an app says, made a history. Without any input or output."""

from typing import Any, cast

from ..devtools import parse_json
from .kept import printable
from .lifted import MOST_ENTRIES, Lifted, began, read_lifted

MOST_STATE = 8_000_000  # characters of a state that is read; the DevTools' page stops answering with much more
MOST_HISTORY = 64_000_000  # and of a history

Message = dict[str, Any]


class Told:
    """What an app has told so far.

    Attributes:
        name: of the app.
        lifted: its history.
        version: changes with all but what is appended.
        keeps_itself: whether the app keeps its history; else the DevTools do, and give it states.
        said: by the app, for its user.
        trouble: what could not be understood; nothing when it was understood since.
    """

    def __init__(self, name: str) -> None:
        self.name = printable(name, 40)
        self.lifted = began(None)
        self.version = 0
        self.keeps_itself = True
        self.said = ""
        self.trouble = ""

    def hear(self, message: Message) -> bool:
        """Take a message; False where the app has to be asked for all of its history."""
        name = message.get("name")
        if isinstance(name, str | int) and name != "":
            self.name = printable(str(name), 40)
        try:
            return self._take(message)
        except (ValueError, RecursionError) as error:
            self.trouble = printable(f"It sent what cannot be shown: {error}", 300)
            return True

    def _take(self, message: Message) -> bool:
        match message:
            case {"type": "STATE", "payload": str(text)}:
                _check_size(text, MOST_HISTORY)
                self._replace(read_lifted(text, self.lifted), keeps_itself=True)
            case {"type": "INIT"}:
                self._replace(began(_payload_of(message), self.lifted), keeps_itself=False)
            case {"type": "ACTION", "action": str(text)} if "payload" in message or not self.keeps_itself:
                self._append(message, parse_json(text, "Its action"), len(text))
            case {"type": "ACTION"}:  # JavaScript's send no state that is 0, "", false or null
                return False
            case {"type": "ERROR", "payload": str(words)}:
                self.said = printable(words, 300)
            case {"type": "START" | "STOP"}:
                pass
            case _:
                msg = f"its message was {message.get('type')!r:.60} with {', '.join(map(repr, message))[:100]}"
                raise ValueError(msg)
        return True

    def _replace(self, lifted: Lifted, *, keeps_itself: bool) -> None:
        self.lifted = lifted
        self.keeps_itself = keeps_itself
        self.version += 1
        self.trouble = ""

    def _append(self, message: Message, action: Any, size: int) -> None:
        state, payload, most = _payload_of(message), message.get("payload"), message.get("maxAge")
        size += len(payload) if isinstance(payload, str) else 0
        kept = most - 1 if isinstance(most, int) and most > 1 else MOST_ENTRIES
        if message.get("isExcess") is True:
            kept = max(1, len(self.lifted.entries))
        if isinstance(action, list):
            actions = cast("list[Any]", action)
            states = _states_of(state, len(actions), is_last=message.get("batched") is True)
            for each, its in zip(actions, states, strict=True):
                self._add(each, its, size // len(actions), self.lifted.next_id, kept)
        else:
            next_id = message.get("nextActionId")
            self._add(action, state, size, next_id - 1 if isinstance(next_id, int) else 0, kept)
        self.trouble = ""

    def _add(self, action: Any, state: Any, size: int, id: int, most: int) -> None:
        if not isinstance(action, dict):
            msg = f"an action that is a {type(action).__name__}"
            raise ValueError(msg)  # noqa: TRY004 -- it came from elsewhere
        lifted = self.lifted
        self.lifted.append(cast("Message", action), state, size, id=max(id, lifted.next_id), most=most)


def _payload_of(message: Message) -> Any:
    """The state in a message."""
    payload = message.get("payload")
    if not isinstance(payload, str):
        return payload
    _check_size(payload, MOST_STATE)
    return parse_json(payload, "Its state")


def _states_of(payload: Any, count: int, *, is_last: bool) -> list[Any]:
    """The states after so many actions that came together."""
    if is_last:
        return [payload] * count
    if not isinstance(payload, list) or len(cast("list[Any]", payload)) != count:
        msg = f"{count} actions, and not a state for each"
        raise ValueError(msg)
    return cast("list[Any]", payload)


def _check_size(text: str, most: int) -> None:
    if len(text) > most:
        msg = f"{len(text) / 1e6:.0f} MB of state, and {most / 1e6:.0f} is the most"
        raise ValueError(msg)
