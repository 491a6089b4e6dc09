"""Which action classes there are: by type, and by the name under which one may be defined anew.

Classes are kept weakly: one that nobody uses any more is forgotten, with all that was noted of it.
"""

import gc
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar

if TYPE_CHECKING:
    from .action import Action

K = TypeVar("K")
_LISTED = 10  # types that an error names, where none is near
_INTERNAL = "@@"  # begins the types that nobody outside dispatches

_Name = tuple[str, str, str]


class _Classes(Generic[K]):
    """Classes by a key, in the order in which they were made."""

    def __init__(self) -> None:
        self._refs: dict[K, dict[weakref.ref[type[Action]], None]] = {}

    def __getitem__(self, key: K) -> list[type["Action"]]:
        return [cls for each in list(self._refs.get(key, ())) if (cls := each()) is not None]

    def add(self, key: K, cls: type["Action"]) -> None:
        reference = weakref.ref(cls, partial(self._forget, key))
        while True:
            refs = self._refs.setdefault(key, {})
            refs[reference] = None
            if self._refs.get(key) is refs:  # it is not, where a collection has just emptied it
                return

    def remove(self, key: K, cls: type["Action"]) -> None:
        self._forget(key, weakref.ref(cls))

    def _forget(self, key: K, reference: weakref.ref[type["Action"]]) -> None:
        refs = self._refs.get(key, {})
        refs.pop(reference, None)
        if not refs:
            self._refs.pop(key, None)

    def known(self) -> list[K]:
        return list(self._refs)


_by_type = _Classes[str]()
_by_name = _Classes[_Name]()
_told: set[_Name] = set()  # of which a warning has said that they were defined anew


def register(cls: type["Action"]) -> None:
    """Note a class. One of the same module, name and type takes the place of the one before: a cell that is run again."""
    name = _name(cls)
    if "<locals>" not in cls.__qualname__:
        for older in _by_name[name]:
            _by_type.remove(cls.type, older)
            if name not in _told:
                _told.add(name)
                _warn(cls)
    _by_name.add(name, cls)
    _by_type.add(cls.type, cls)


def _name(cls: type["Action"]) -> _Name:
    return cls.__module__, cls.__qualname__, cls.type


def _warn(cls: type["Action"]) -> None:
    msg = (
        f"The action {cls.__module__}.{cls.__qualname__} ({cls.type!r}) was defined anew and takes the old one's place: "
        "handlers and of_type of the old one get it."
    )
    warnings.warn(msg, stacklevel=6)


def namesakes(cls: type["Action"]) -> list[type["Action"]]:
    """A class and those that were defined anew under its name; the newest first."""
    if "<locals>" in cls.__qualname__:
        return [cls]
    return _by_name[_name(cls)][::-1] or [cls]


def lineage(cls: type[Any]) -> Iterator[type["Action"]]:
    """The classes whose handlers get an action of this class, the most specific first.

    They are its bases, and behind each those of the same name that it took the place of, or that took its.
    """
    for base in cls.__mro__:
        if hasattr(base, "serialize"):
            yield base
            if _told:
                yield from (each for each in namesakes(base) if each is not base)


def is_of(action: Any, classes: tuple[type["Action"], ...]) -> bool:
    """Whether it is an action of one of these classes, or of one that was defined anew under its name."""
    if isinstance(action, classes):
        return True
    return bool(_told) and any(each in classes for each in lineage(action.__class__))


def find(module: str, qualname: str, type: str) -> type["Action"] | None:
    """The newest class of this name."""
    found = _by_name[module, qualname, type]
    return found[-1] if found else None


# --- by type -------------------------------------------------------------------------------------

_A = TypeVar("_A", bound="Action")


def class_of(type: str, base: type[_A], among: Iterable[Any] | None) -> type[_A]:
    """The class below `base` that has this type.

    Raises:
        ValueError: for none, naming what is near, and for several.
        TypeError: for something in `among` that is neither an action class nor a slice.
    """
    if among is None:
        return _chosen(type, base, lambda: classes_of_type(type), action_classes)
    if isinstance(among, str) or hasattr(among, "__mro__") or not hasattr(among, "__iter__"):
        msg = f"Action.parse(among=...) takes a list of action classes and slices, not {among!r:.100} by itself."
        raise TypeError(msg)
    given = [cls for each in among for cls in _actions_of(each)]
    return _chosen(type, base, lambda: [cls for cls in given if cls.type == type], lambda: given)


def action_classes() -> list[type["Action"]]:
    """All action classes that there are."""
    return [cls for name in _by_type.known() for cls in _by_type[name]]


def classes_of_type(type: str) -> list[type["Action"]]:
    """The action classes of this type that there are."""
    return _by_type[type]


def _chosen(
    type: str, base: type[_A], candidates: Callable[[], list[type["Action"]]], known: Callable[[], list[type["Action"]]]
) -> type[_A]:
    found = _below(base, candidates())
    if len(found) > 1:
        found.clear()
        gc.collect()  # a class lives in cycles: only a collection tells which are still there
        found = _below(base, candidates())
    if len(set(found)) == 1:
        return found[0]
    if found:
        sharing = ", ".join(sorted(f"{each.__module__}.{each.__qualname__}" for each in found))
        msg = f"The action type {type!r} is ambiguous: {sharing} share it. Give one of them another type, or call parse on the one you mean."
    else:
        msg = f"No action of type {type!r:.100} is known below {base.__name__}. {_advice(type, [each.type for each in _below(base, known())])}"
    raise ValueError(msg)


def _below(base: type[_A], classes: list[type["Action"]]) -> list[type[_A]]:
    return [cls for cls in classes if issubclass(cls, base)]


def _advice(type: str, known: list[str]) -> str:
    import difflib  # noqa: PLC0415 -- for errors alone

    listed = sorted({each for each in known if not each.startswith(_INTERNAL)})
    near = difflib.get_close_matches(type[:100], listed, n=3)
    if near:
        return f"Did you mean {' or '.join(repr(each) for each in near)}?"
    more = f" and {len(listed) - _LISTED} more" if len(listed) > _LISTED else ""
    return f"Known are: {', '.join(listed[:_LISTED]) or 'none'}{more}."


def _actions_of(each: Any) -> list[type["Action"]]:
    """The action classes that one thing in `among` stands for."""
    creator = getattr(each, "action_class", None)
    if creator is not None:
        return [creator]
    if isinstance(each, type) and hasattr(each, "serialize"):
        return [each]
    actions: dict[str, Any] = getattr(getattr(each, "actions", None), "__dict__", {})
    if hasattr(each, "actions"):
        return [creator.action_class for creator in actions.values()]
    msg = f"Action.parse(among=...) takes action classes and slices, not {each!r:.100}."
    raise TypeError(msg)
