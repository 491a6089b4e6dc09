"""What the DevTools ask of a store: their messages, understood and done."""

import json
from typing import Any, Generic, TypeVar, cast

from ....actions import Action
from ...store import Store
from ..devtools import first_line
from ..history import History
from .action_text import read_object
from .news import News

S = TypeVar("S")


class Commands(Generic[S]):
    """Does to a store and its history what the DevTools ask.

    Args:
        news: knows what the DevTools were shown.
    """

    def __init__(self, store: Store[S], history: History[S], news: News[S]) -> None:
        self._store = store
        self._history = history
        self._news = news

    def do(self, message: dict[str, Any]) -> None:
        """Do what a message asks.

        Raises:
            ValueError: for what nobody can understand.
            Exception: of the store and its history, for what cannot be done.
        """
        match message:
            case {"type": "UPDATE"}:
                self._news.forget()
            case {"type": "DISPATCH", "action": {"type": str()} as action}:
                self._travel(cast("dict[str, Any]", action))
            case {"type": "ACTION", "action": str(text)}:
                self._store.dispatch(action_of(text))
            case {"type": "ACTION", "action": {"name": str(name)}}:
                msg = f"The action creator {name!r:.60} was not offered. Choose the custom action, and type it."
                raise ValueError(msg)
            case {"type": "IMPORT", "state": str(text)}:
                self._history.load(text)
            case {"type": "SYNC"}:
                pass  # the state of another app; ours stays its own
            case _:
                raise ValueError(_not_understood(message))

    def _travel(self, action: dict[str, Any]) -> None:
        history = self._history
        match action:
            case {"type": "JUMP_TO_ACTION", "actionId": id}:
                self._jump(id)
                return
            case {"type": "JUMP_TO_STATE", "index": int(index)}:
                self._jump(self._news.id_at(index))
                return
            case {"type": "TOGGLE_ACTION", "id": id}:
                history.toggle(history.index_of(id))
            case {"type": "SET_ACTIONS_ACTIVE", "start": int(start), "end": int(end), "active": bool(active)}:
                self._set_skipped(start, end, skipped=not active)
            case {"type": "REORDER_ACTION", "actionId": id, "beforeActionId": before}:
                self._reorder(id, before)
            case {"type": "SWEEP"}:
                history.sweep()
            case {"type": "COMMIT"}:
                history.commit()
            case {"type": "ROLLBACK"}:
                history.rollback()
            case {"type": "RESET"}:
                history.reset()
            case {"type": "LOCK_CHANGES", "status": bool(status)}:
                (history.lock if status else history.unlock)()
            case {"type": "PAUSE_RECORDING", "status": bool(status)}:
                (history.pause if status else history.resume)()
            case {"type": "IMPORT_STATE", "nextLiftedState": lifted}:
                history.load(_text_of(lifted))
            case _:
                raise ValueError(_not_understood(action))
        self._news.forget()

    def _jump(self, id: Any) -> None:
        index = self._history.index_of(id)
        version = self._history.snapshot().version
        self._history.jump(index)
        self._news.jumped(version + 1)

    def _reorder(self, id: Any, before: Any) -> None:
        """An id that is not there stands for the end, or for the start where it is lower than all."""
        history = self._history
        index = history.index_of(id)
        entries = history.snapshot().entries
        try:
            place = history.index_of(before)
        except IndexError:
            place = len(entries) if isinstance(before, int) and before > 0 else -1
        history.reorder(index, max(0, place))

    def _set_skipped(self, start: int, end: int, *, skipped: bool) -> None:
        for index, entry in enumerate(self._history.snapshot().entries):
            if start <= entry.id < end and entry.skipped != skipped:
                self._history.toggle(index)


def action_of(text: str) -> Action:
    """The action that a text stands for, which somebody has typed.

    Raises:
        ValueError: for what is none, in words that show no value of a field.
    """
    fields = read_object(text)
    try:
        return Action.parse(fields)
    except ValueError as error:
        msg = f"This action cannot be dispatched: {first_line(error)}"
        raise ValueError(msg) from None


def words_of_failure(error: Exception) -> str:
    """Why something was not done, for the one who asked for it."""
    said = first_line(error) if isinstance(error, ValueError) else str(error)
    return said if isinstance(error, ValueError | IndexError) else f"{type(error).__name__}: {said}"


def _text_of(lifted: Any) -> str:
    return json.dumps(lifted)


def _not_understood(message: dict[str, Any]) -> str:
    kind = message.get("type")
    return f"The DevTools sent what this store does not understand: {kind!r:.60} with {', '.join(map(repr, message))[:200]}."
