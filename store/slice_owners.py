"""Who answers for a slice beside its reducer: one at most, or two would put its state in place."""

from collections.abc import Iterable
from typing import Any
from weakref import WeakKeyDictionary

from .engine.core import Core

_owners: "WeakKeyDictionary[Core[Any], dict[str, str]]" = WeakKeyDictionary()


PERSIST, SHARE = "persist", "share"


def claim(core: Core[Any], slices: Iterable[str], owner: str) -> None:
    """Say that `owner` answers for these slices of a store from now on.

    Raises:
        ValueError: for a slice that another answers for, or that is shared already. Nothing is claimed then.
    """
    owned = _owners.setdefault(core, {})
    names = list(slices)
    for name in names:
        if name in owned and not owner == owned[name] == PERSIST:  # it may be saved in two places
            msg = f"The slice {name!r} has an owner already: {owned[name]}. {owner} cannot own it too; leave it out of one of them."
            raise ValueError(msg)
    owned.update(dict.fromkeys(names, owner))


def release(core: Core[Any], slices: Iterable[str]) -> None:
    """Let go of slices."""
    owned = _owners.get(core, {})
    for name in slices:
        owned.pop(name, None)
