"""Keeps states that come as JSON: what has not changed is kept once, and nothing in it can harm the screen."""

from operator import is_
from typing import Any, cast

DEEPEST = 100  # lists and objects in each other

_NOTHING: Any = object()


def keep(old: Any, new: Any, depth: int = 0) -> Any:
    """The new value, made of the parts of the old one wherever these are equal.

    A thousand states of an app cost what differs between them, and differences are found without a look at the rest.

    Raises:
        ValueError: for one that is nested too deep.

    Examples:
        >>> old = {"people": [{"name": "Ada"}], "count": 1}
        >>> new = keep(old, {"people": [{"name": "Ada"}], "count": 2})
        >>> new, new["people"] is old["people"]
        ({'people': [{'name': 'Ada'}], 'count': 2}, True)
        >>> keep(old, {"people": [{"name": "Ada"}], "count": 1}) is old
        True
    """
    if depth > DEEPEST:
        msg = f"it is nested deeper than {DEEPEST}"
        raise ValueError(msg)
    if isinstance(new, dict):
        return _keep_dict(old, cast("dict[str, Any]", new), depth + 1)
    if isinstance(new, list):
        return _keep_list(old, cast("list[Any]", new), depth + 1)
    return old if type(old) is type(new) and old == new else new


def _keep_dict(old: Any, new: dict[str, Any], depth: int) -> dict[str, Any]:
    before = cast("dict[str, Any]", old) if isinstance(old, dict) else {}
    kept: dict[str, Any] = {}
    is_same = isinstance(old, dict) and len(before) == len(new)
    for name, part in new.items():
        name = name if name.isprintable() else printable(name)  # noqa: PLW2901
        earlier = before.get(name, _NOTHING)
        if isinstance(part, dict | list):
            part = keep(earlier, part, depth)  # noqa: PLW2901
        elif type(earlier) is type(part) and earlier == part:  # as above, without a call for each leaf
            part = earlier  # noqa: PLW2901
        kept[name] = part
        is_same = is_same and part is earlier
    return before if is_same else kept


def _keep_list(old: Any, new: list[Any], depth: int) -> list[Any]:
    before = cast("list[Any]", old) if isinstance(old, list) else []
    kept = [keep(before[place] if place < len(before) else None, part, depth) for place, part in enumerate(new)]
    is_same = isinstance(old, list) and len(before) == len(kept) and all(map(is_, kept, before))
    return before if is_same else kept


def printable(text: str, most: int = 200) -> str:
    """A text without what a terminal would take for a command, shortened.

    Examples:
        >>> print(printable("a\\x1b[2Jb"))
        a\\x1b[2Jb
    """
    text = text if len(text) <= most else f"{text[: most - 1]}…"
    return text if text.isprintable() else text.encode("unicode_escape").decode()
