"""By which import something can be had elsewhere."""

import sys
from typing import Any, NamedTuple

from ...reducers import ActionCreator


class Place(NamedTuple):
    """A module, the name that is imported from it, and what stands behind it."""

    module: str
    name: str
    rest: str = ""

    @property
    def code(self) -> str:
        return f"{self.name}{self.rest}"


def place_of(thing: Any) -> Place | None:
    """Where this very object can be imported from; None where it cannot, as from a function or a script.

    Examples:
        >>> from rxdux import FetchData
        >>> place_of(FetchData), place_of(lambda: None)
        (Place(module='rxdux', name='FetchData', rest=''), None)
    """
    owner = getattr(thing, "__self__", None)
    if owner is not None and not isinstance(owner, type(sys)):
        place = place_of(owner)
        return None if place is None else place._replace(rest=f"{place.rest}.{thing.__name__}")
    module, name = getattr(thing, "__module__", None), getattr(thing, "__name__", None)
    if isinstance(module, str) and isinstance(name, str):
        for each in (module.partition(".")[0], module):
            if _has(each, name, thing):
                return Place(each, name)
    found = [
        (root if _has(root := module.partition(".")[0], attribute, thing) else module, attribute)
        for module, each in list(sys.modules.items())
        for attribute, value in (list(vars(each).items()) if hasattr(each, "__dict__") else ())
        if value is thing and _has(module, attribute, thing)
    ]
    return Place(*min(found, key=lambda place: (place[0].count("."), place))) if found else None


def _has(module: str, name: str, thing: Any) -> bool:
    if module in ("__main__", "builtins") or not name.isidentifier() or name.startswith("_"):
        return False
    try:
        return getattr(sys.modules.get(module), name, None) is thing
    except Exception:  # of a module that loads what it is asked for
        return False


def creator_of(action_class: Any) -> ActionCreator[...] | None:
    """What makes the actions of a slice, where it can be imported."""
    for each in list(sys.modules.values()):
        for value in list(vars(each).values()) if hasattr(each, "__dict__") else ():
            if type(value) is ActionCreator and value.action_class is action_class:
                return value
    return None
