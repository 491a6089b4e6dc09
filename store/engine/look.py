"""What a selector gives for a state, once for all who look through selectors that are equal."""

from collections.abc import Collection
from typing import Any, TypeAlias

from .watched import Path

Look: TypeAlias = tuple[Any, tuple[Any, Collection[Path], bool], list[Any]]
"""A state, what `watch` gave for it, and the last value that this one was compared with, and whether it differed: who
look together mostly had the same."""

Looks: TypeAlias = dict[object, Look]
"""What was seen in a round, by the selectors."""


def is_same(one: object, other: object) -> bool:
    """Whether a value did not change: by identity, then by ==. What cannot be compared has changed."""
    if one is other:
        return True
    try:
        return bool(one == other)
    except Exception:
        return False


def is_hashable(value: object) -> bool:
    try:
        hash(value)
    except Exception:
        return False
    return True
