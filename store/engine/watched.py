"""A state in a thin wrapper that notes what a selector takes of it: slices, and keys of maps and entities in them.

Nobody else sees the wrapper: what asks it for more is answered by the state itself, and a selector that
keeps it, in its result or elsewhere, is called again with the state.
"""

import operator
import sys
import types
import weakref
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import lru_cache
from itertools import repeat
from typing import Any, TypeVar, cast

import immutables

from ...reducers import EntityState
from ...reducers.containers import StateMapping
from ...reducers.persistent_map import PersistentMap
from ...reducers.state import field_names

R = TypeVar("R")

Path = tuple[Any, ...]
"""The slice, the field, the key that lead to a part of the state; none for the whole."""

WHOLE: "Collection[Path]" = frozenset({()})

_type: Callable[[Any], type[Any]] = type


class Watched:
    """Stands for a part of a state, and notes what is taken of it."""

    __slots__ = ("__weakref__", "_deep", "_path", "_root", "_taken", "_value")

    _value: Any
    _path: Path
    _root: Any
    _deep: bool
    _taken: "set[Path]"

    @property
    def __class__(self) -> Any:  # pyright: ignore[reportIncompatibleMethodOverride] -- what stands for an AppState is one
        return self._value.__class__

    def _part(self, key: Any, part: Any) -> Any:
        """A part as the selector gets it: watched in its turn if one may ask it for keys."""
        path = (*self._path, key)
        kind = _kind_of(_type(part)) if self._deep else None
        if kind is None:
            self._taken.add(path)
            return part
        below = kind()
        below._value, below._path, below._taken, below._deep = part, path, self._taken, True
        below._root = self if self._root is None else self._root  # as long as one is held, the first is
        return below

    def _all(self) -> Any:
        """The value itself: all of it is taken."""
        self._taken.add(self._path)
        return self._value


class WatchedRecord(Watched):
    """Of a model, a dataclass, or a mapping of slices: its fields are taken one by one."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        value = self._value
        if name in field_names(value.__class__):
            return self._part(name, getattr(value, name))
        found = getattr(value.__class__, name, None)
        if isinstance(found, property) and found.fget is not None:
            return found.fget(self)
        if self._path and isinstance(found, types.FunctionType):
            return types.MethodType(found, self)
        return getattr(self._all(), name)

    def __getitem__(self, name: Any) -> Any:
        value = self._value
        if _type(value) is StateMapping and name in (slices := value.slices):
            return self._part(name, slices[name])
        return self._all()[name]


class WatchedKeys(Watched):
    """Of a persistent map, or of entities: its keys are taken one by one."""

    __slots__ = ()

    def __getattr__(self, name: str) -> Any:
        return self if name == "entities" and isinstance(self._value, EntityState) else getattr(self._all(), name)

    def __getitem__(self, key: Any) -> Any:
        self._taken.add((*self._path, key))
        return self._value[key]

    def __contains__(self, key: Any) -> bool:
        self._taken.add((*self._path, key))
        return key in self._value

    def get(self, key: Any, default: Any = None) -> Any:
        self._taken.add((*self._path, key))
        return self._value.get(key, default)


_TELLING = frozenset[Any]({EntityState, PersistentMap})
"""They say themselves which of their keys have changed."""
_KEYED = _TELLING | {immutables.Map}


@lru_cache(maxsize=1024)
def _kind_of(cls: type[Any]) -> type[Watched] | None:
    """How a part of a state is watched in its turn; None for what is taken as a whole."""
    if cls in _KEYED:
        return WatchedKeys
    return WatchedRecord if any(_is_keyed(each) for each in _annotations(cls)) else None


def _annotations(cls: type[Any]) -> "list[Any]":
    """What the fields of a class are said to be."""
    return (
        [field for base in cls.__mro__ for field in base.__dict__.get("__annotations__", {}).values()]
        if field_names(cls)
        else []
    )


def _is_keyed(annotation: Any) -> bool:
    text = annotation if isinstance(annotation, str) else repr(annotation)
    return "Map[" in text or "EntityState[" in text


def _answered_by_the_value(function: Callable[..., Any]) -> Any:
    def method(self: Watched, *args: Any) -> Any:
        return function(self._all(), *args)  # pyright: ignore[reportPrivateUsage] -- a method of it

    return method


def _reduce(value: Any, protocol: Any) -> Any:
    return value.__reduce_ex__(protocol)


_ASKED: dict[str, Callable[..., Any]] = {
    "__eq__": operator.eq,
    "__ne__": operator.ne,
    "__repr__": repr,
    "__str__": str,
    "__format__": format,
    "__hash__": hash,
    "__bool__": bool,
    "__dir__": dir,
    "__sizeof__": sys.getsizeof,
    "__reduce_ex__": _reduce,
    "__len__": len,
    "__iter__": iter,
}
"""What every object answers: what a wrapper cannot do at all is an error, and the state itself is asked."""

for _name, _function in _ASKED.items():
    setattr(Watched, _name, _answered_by_the_value(_function))


def unwatched(value: Any) -> Any:
    """A part of a state as it is, taken as a whole, where it came watched."""
    return value._all() if issubclass(_type(value), Watched) else value


def watch(
    selector: Callable[[Any], R], state: Any, *, deep: bool, again: bool = True
) -> "tuple[R, Collection[Path], bool]":
    """What a selector gives, what it took for that, and whether it can be watched as deep the next time.

    Args:
        deep: watch which keys it takes of the maps in slices, not slices alone.
        again: watch once more when something keeps the wrapper. Perhaps it does by chance: an error that a garbage
            collection meets while the selector runs keeps the frames of all who are running.
    """
    if _type(state) is StateMapping or field_names(state.__class__):
        taken: set[Path] = set()
        watched = WatchedRecord()
        watched._value = state  # pyright: ignore[reportPrivateUsage] -- of this file
        watched._path = ()  # pyright: ignore[reportPrivateUsage]
        watched._root = None  # pyright: ignore[reportPrivateUsage]
        watched._taken = taken  # pyright: ignore[reportPrivateUsage]
        watched._deep = deep  # pyright: ignore[reportPrivateUsage]
        alive = weakref.ref(watched)
        try:
            value = selector(watched)
            if _type(value) in WATCHES:
                value = cast("R", value._all())  # pyright: ignore[reportUnknownMemberType, reportAttributeAccessIssue]
        except Exception:
            value = WatchedRecord  # perhaps it cannot bear the wrapper: the state itself will tell
        del watched
        if alive() is None and (_type(value) is not type or value not in WATCHES):
            return value, taken, deep  # pyright: ignore[reportReturnType] -- what the selector gave
        del value
        if deep and again and alive() is not None:
            return watch(selector, state, deep=True, again=False)
        if deep and any(len(path) > 1 for path in taken):
            return watch(selector, state, deep=False)
    return selector(state), WHOLE, False


WATCHES = (WatchedRecord, WatchedKeys)


Parts = Sequence[Any] | None


def parts_of(value: Any, keys: "tuple[Any, ...]") -> Parts:
    """Parts of a state, a record or a map by their keys, by as few steps as possible; None where it has others."""
    if not keys:
        return ()
    if isinstance(value, EntityState):
        value = value.entities  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    elif isinstance(value, StateMapping):
        value = value.slices
    if isinstance(value, Mapping | immutables.Map):
        return [*map(cast("Any", value).get, keys, repeat(WHOLE))]  # WHOLE is no part of a state
    try:
        return _getter(keys)(value)
    except (AttributeError, TypeError):
        return None


@lru_cache(maxsize=256)
def _getter(names: tuple[str, ...]) -> Callable[[Any], tuple[Any, ...]]:
    return operator.attrgetter(*names, names[0])  # of one name alone no tuple would come


def touched(before: Any, now: Any, keys: Collection[Any]) -> tuple[Any, ...]:
    """Those of some keys whose parts may be others than before: some maps say which, of all else it may be any."""
    kind = _type(now)
    known = now.touched_since(before) if kind in _TELLING or kind is StateMapping else None
    return (*keys,) if known is None or len(known) > len(keys) else tuple(key for key in known if key in keys)
