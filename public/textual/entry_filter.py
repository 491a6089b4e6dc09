"""What the filter of the Inspector means: words anywhere, or of the type, or of who dispatched it. Pure."""

from collections.abc import Callable
from typing import Any

from ..store import Entry
from ..store.tools.describe import Describe
from ..store.tools.parts import words_of

LOOKED_AT = 10_000  # characters of an action that are searched
REMEMBERED = 100_000  # entries whose text is at hand

Filter = Callable[[Entry[Any]], bool]


class EntryFilter:
    """Makes filters of what is typed.

    All words must be there: `type:fetch` in the type, `by:refresh` in the name of the epic (`by:app` for the app),
    others anywhere: in the type, in the fields, in what `describe` says, in the source.
    """

    def __init__(self, describe: Describe) -> None:
        self._describe = describe
        self._texts: dict[int, tuple[Any, str]] = {}

    def of(self, typed: str) -> Filter:
        words = typed.lower().split()
        return lambda entry: all(self._has(entry, word) for word in words)

    def _has(self, entry: Entry[Any], word: str) -> bool:
        where, colon, rest = word.partition(":")
        match where, colon:
            case "type", ":":
                return rest in entry.action.type.lower()
            case "by", ":":
                return rest in (entry.source or "app").lower()
            case _:
                return word in self._text(entry)

    def _text(self, entry: Entry[Any]) -> str:
        known = self._texts.get(id(entry.action))
        if known is not None and known[0] is entry.action:
            return known[1]
        try:
            described = str(self._describe(entry.action))
        except Exception:  # it is told where it is shown
            described = ""
        fields = words_of(entry.action, LOOKED_AT)
        text = f"{entry.action.type} {fields} {described} {entry.source or ''}".lower()
        if len(self._texts) >= REMEMBERED:
            self._texts.clear()
        self._texts[id(entry.action)] = entry.action, text
        return text
