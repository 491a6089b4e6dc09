"""What an action says, in one short line: its fields, shortened, secrets as stars."""

from collections.abc import Callable
from typing import Any, TypeAlias

from pydantic import BaseModel

from .parts import items_of, words_of

Describe: TypeAlias = Callable[[Any], str]
"""Says in a few words which of its kind an action is."""

LONGEST = 40  # characters of a field


def describe(action: Any) -> str:
    """The fields of an action that differ from their defaults.

    Examples:
        >>> from rxdux import FetchData, Login
        >>> describe(FetchData(key="people", path="/people", params={"page": 1}))
        "key='people' path='/people' params={'page': 1}"
        >>> describe(Login(username="ada", password="lovelace"))
        "username='ada' password=SecretStr('**********')"
    """
    items = items_of(action)
    fields = [] if items is None else [items.at(place) for place in range(items.size)]
    return " ".join(f"{name}={words_of(part, LONGEST)}" for name, part in fields if _matters(action, name, part))


def _matters(action: Any, name: str, part: Any) -> bool:
    if not isinstance(action, BaseModel):
        return True
    field = type(action).model_fields[name]
    if not field.repr:
        return False
    default = field.default
    return part is not default and not (isinstance(part, str | int | float) and part == default)


def one_line(text: str) -> str:
    """A text that harms no screen: without line breaks and control characters.

    Examples:
        >>> one_line("a\\n\\x1b[31mb")
        'a··[31mb'
    """
    return text if text.isprintable() else "".join(letter if letter.isprintable() else "·" for letter in text)
