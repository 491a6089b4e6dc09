"""What a check for development leaves alone: actions by class or type, and parts of values by their path."""

import re
from collections.abc import Iterable
from typing import Any, TypeAlias, cast

from ...actions import Action
from ...reducers.action_class import HasActionClass

IgnoredAction: TypeAlias = type[Action] | HasActionClass[Action] | str
IgnoredPath: TypeAlias = str | re.Pattern[str]

_STEP = re.compile(r"""\[(['"]?)(.*?)\1\]""")


class Ignoring:
    """Tells what is to be ignored.

    Args:
        who: the check, for what it says of bad input.
        actions: action classes, actions of slices, or types.
        paths: ways such as "box.items", written with or without `state.` or `action.` before it and with
            dots or brackets; or patterns that are searched in such a way. What is below is ignored too.

    Raises:
        TypeError: for anything else.
    """

    def __init__(self, who: str, actions: Iterable[IgnoredAction], paths: Iterable[IgnoredPath]) -> None:
        self._types: set[str] = set()
        self._classes: tuple[type[Action], ...] = ()
        self._paths: set[str] = set()
        self._patterns: list[re.Pattern[str]] = []
        for action in _each(f"{who}(ignore_actions=...)", actions):
            found = getattr(action, "action_class", action)
            if isinstance(found, str):
                self._types.add(found)
            elif isinstance(found, type) and issubclass(found, Action):
                self._classes += (found,)
            else:
                msg = f"{who}(ignore_actions=...) takes action classes, slices' actions and types, not {action!r:.100}."
                raise TypeError(msg)
        for path in _each(f"{who}(ignore_paths=...)", paths):
            if isinstance(path, str):
                self._paths.add(dotted(path))
            elif isinstance(path, re.Pattern):
                self._patterns.append(cast("re.Pattern[str]", path))
            else:
                msg = f"{who}(ignore_paths=...) takes paths such as 'box.items', and patterns, not {path!r:.100}."
                raise TypeError(msg)
        self._any_path = bool(self._paths or self._patterns)

    def action(self, action: Any) -> bool:
        return isinstance(action, self._classes) or getattr(action, "type", None) in self._types

    def path(self, root: str, path: str) -> bool:
        """Whether to ignore what is at this way below a root, `state` or `action`."""
        if not self._any_path:
            return False
        way = dotted(path)
        return way in self._paths or f"{root}.{way}" in self._paths or any(each.search(way) for each in self._patterns)


def _each(who: str, given: Any) -> Iterable[Any]:
    if isinstance(given, str | type) or not hasattr(given, "__iter__"):
        msg = f"{who} takes a tuple or a list, not {given!r:.100}."
        raise TypeError(msg)
    return given


def dotted(path: str) -> str:
    """A way with nothing but dots in it.

    Examples:
        >>> dotted(".box['items'][0]")
        'box.items.0'
    """
    return _STEP.sub(r".\2", path).lstrip(".")
