"""What a tree shows: the parts of a value, where two of them differ, and all of it however much that is. Pure."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from ..store.tools.parts import Items, items_of, parts_of, pieces_of, words_of

__all__ = ["MISSING", "Branch", "Change", "Group", "Part", "changes_of", "differences", "parts_of", "shown", "words_of"]

MOST = 100  # children of one branch: more are put into groups, which can be opened
LONGEST = 120  # characters of a value that is shown beside its name
MISSING: Any = object()
"""What stands for a part that is not there."""


class Branch(Protocol):
    """What a tree shows in one line, and opens."""

    @property
    def name(self) -> str: ...
    @property
    def words(self) -> str:
        """What is said of it beside its name."""
        ...

    @property
    def sign(self) -> str:
        """`+`, `-` or `~` for what came, went or changed."""
        ...

    @property
    def has_children(self) -> bool: ...
    def children(self) -> "Sequence[Branch]": ...


def line_of(branch: Branch) -> str:
    """What is said of something that came, went or changed."""
    return f"{branch.sign} {branch.name}: {branch.words}" if branch.words else f"{branch.sign} {branch.name}"


class Part(NamedTuple):
    """A part of a value, with its name; a sign where it came or went."""

    name: str
    value: Any
    sign: str = ""

    @property
    def words(self) -> str:
        items = items_of(self.value)
        if items is None or not items.size or self.sign:
            return words_of(self.value, LONGEST)
        return f"{type(self.value).__name__} ({items.size})"

    def items(self) -> Items | None:
        """Its own parts; the lines of a text that is longer than what is shown of it."""
        items = items_of(self.value)
        if items is None:
            return pieces_of(self.value, LONGEST)
        return items if items.size else None

    @property
    def has_children(self) -> bool:
        return self.items() is not None

    def children(self) -> Sequence[Branch]:
        items = self.items()
        return [] if items is None else Group("", items, 0, items.size).children()


class Group(NamedTuple):
    """Some of many parts."""

    name: str
    items: Items
    start: int
    end: int

    words = ""
    sign = ""
    has_children = True

    def children(self) -> Sequence[Branch]:
        """Its parts; where these are too many, groups of them."""
        size = 1
        while (self.end - self.start) > size * MOST:
            size *= MOST
        if size == 1:
            parts = (self.items.at(place) for place in range(self.start, self.end))
            return [value if isinstance(value, Change) else Part(name, value) for name, value in parts]
        ends = ((start, min(start + size, self.end)) for start in range(self.start, self.end, size))
        return [Group(f"{start} … {end - 1}", self.items, start, end) for start, end in ends]


class Change(NamedTuple):
    """A place where two values differ; `MISSING` stands for what is not there.

    Examples:
        >>> print(Change("count", 1, 2), Change("name", MISSING, "Ada"), sep=", ")
        ~ count: 1 → 2, + name: 'Ada'
    """

    name: str
    before: Any
    after: Any

    def __str__(self) -> str:
        return line_of(self)

    @property
    def sign(self) -> str:
        return "+" if self.before is MISSING else "-" if self.after is MISSING else "~"

    @property
    def words(self) -> str:
        if self.sign != "~":
            return words_of(self.after if self.sign == "+" else self.before, LONGEST)
        if self.is_branch:
            return ""
        return f"{words_of(self.before, LONGEST)} → {words_of(self.after, LONGEST)}"

    @property
    def is_branch(self) -> bool:
        """Whether it differs in its parts."""
        return self.sign == "~" and type(self.before) is type(self.after) and items_of(self.after) is not None

    @property
    def has_children(self) -> bool:
        return bool(self.children()) if not self.is_branch else True

    def children(self) -> Sequence[Branch]:
        """What differs in it, or all that it is."""
        if self.sign != "~":
            return Part(self.name, self.after if self.sign == "+" else self.before).children()
        if self.is_branch:
            return grouped(changes_of(self.before, self.after))
        both = Part("before", self.before, "-"), Part("after", self.after, "+")
        return list(both) if any(each.has_children for each in both) else []


def grouped(changes: Sequence[Branch]) -> Sequence[Branch]:
    """The same, in groups where they are many."""

    def at(place: int) -> tuple[str, Any]:
        return "", changes[place]

    return Group("", Items(len(changes), at), 0, len(changes)).children()


def changes_of(before: Any, after: Any) -> list[Change]:
    """Where two values of one type differ, one level deep. Parts that are the same object are not looked at.

    A change within one part alone is told with the way to it.
    """
    old, new = parts_of(before) or {}, parts_of(after) or {}
    found = [
        Change(name, part, new.get(name, MISSING))
        for name, part in old.items()
        if name not in new or _differ(part, new[name])
    ]
    found += [Change(name, MISSING, part) for name, part in new.items() if name not in old]
    return [_straight(each) for each in found]


def _straight(change: Change) -> Change:
    while change.is_branch:
        inner = changes_of(change.before, change.after)
        if len(inner) != 1:
            break
        change = inner[0]._replace(name=f"{change.name}.{inner[0].name}")
    return change


def _differ(one: Any, other: Any) -> bool:
    if one is other:
        return False
    try:
        return type(one) is not type(other) or bool(one != other)
    except Exception:  # of users
        return True


def shown(before: Any, after: Any) -> Sequence[Branch]:
    """What a tree of differences begins with; nothing where nothing has changed."""
    if not _differ(before, after):
        return []
    whole = Change("state", before, after)
    return whole.children() if whole.is_branch else [whole]


def differences(before: Any, after: Any) -> list[Change]:
    """Where two values differ, each place by its whole way.

    Examples:
        >>> from rxdux import State
        >>> class Sum(State):
        ...     total: int
        ...     parts: tuple[int, ...]
        >>> for each in differences(Sum(total=1, parts=(1,)), Sum(total=3, parts=(1, 2))):
        ...     print(each)
        ~ total: 1 → 3
        + parts.1: 2
    """
    if not _differ(before, after):
        return []
    return _leaves(Change("", before, after))


def _leaves(change: Change) -> list[Change]:
    if not change.is_branch:
        return [change._replace(name=change.name or "state")]
    inner = changes_of(change.before, change.after)
    return [leaf for each in inner for leaf in _leaves(each._replace(name=f"{change.name}.{each.name}".lstrip(".")))]
