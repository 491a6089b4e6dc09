"""Middleware for development: finds states that were mutated, and values that cannot be stored."""

import time
import warnings
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import is_dataclass
from typing import Any, cast

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from ...actions.codec.ways import WAYS
from ...reducers import EntityState
from ...reducers.drafts.kinds import kind_of
from ...reducers.state import field_names
from ..engine.chain import CallNext
from ..store import Middleware, Store
from .ignoring import IgnoredAction, IgnoredPath, Ignoring

SLOW = 0.032  # seconds: two frames


class ImmutabilityError(RuntimeError):
    """A state was mutated; only a reducer may make another."""


class DevelopmentWarning(UserWarning):
    """A check for development has something to say."""


def immutability_check(
    *, ignore_actions: Iterable[IgnoredAction] = (), ignore_paths: Iterable[IgnoredPath] = (), warn_after: float = SLOW
) -> Middleware:
    """Raise when the state was mutated, between two dispatches or in a reducer, and say where.

    Args:
        ignore_actions: action classes, slices' actions, or types, whose reducers are not looked at.
        ignore_paths: parts of the state that are not looked at, such as "box.items", or patterns of them.
        warn_after: seconds that a check may take before it warns that it slows the app down.

    Raises:
        ImmutabilityError: from the dispatch that finds it, naming the path.
        TypeError: for what cannot be ignored.

    See https://redux-toolkit.js.org/api/immutabilityMiddleware

    Examples:
        >>> from rxdux import Action, Reducer, Store, immutability_check
        >>> class Add(Action): ...
        >>> careless = Reducer({"items": []})
        >>> _ = careless.on(Add)(lambda state, action: state["items"].append(1) or state)
        >>> Store(careless, middleware=[immutability_check()]).dispatch(Add())
        Traceback (most recent call last):
            ...
        rxdux.store.tools.development.ImmutabilityError: The state was mutated at state['items'], in the reducer of ADD. ...
    """
    ignoring = Ignoring("immutability_check", ignore_actions, ignore_paths)
    seen: list[dict[str, Any]] = []

    def check(store: Store[Any], action: Any, call_next: CallNext) -> Any:
        started = time.perf_counter()
        if seen:
            _compare(seen[0], f"between two dispatches, before {_type_of(action)}")
        picture = {} if ignoring.action(action) else _picture(store.state, ignoring)
        spent = time.perf_counter() - started
        result = call_next(action)
        started = time.perf_counter()
        _compare(picture, f"in the reducer of {_type_of(action)}")
        seen[:] = [_picture(store.state, ignoring)]
        _warn_if_slow("immutability_check", spent + time.perf_counter() - started, warn_after)
        return result

    return check


def serializability_check(
    *, ignore_actions: Iterable[IgnoredAction] = (), ignore_paths: Iterable[IgnoredPath] = (), warn_after: float = SLOW
) -> Middleware:
    """Warn of values in actions and in the state that cannot be stored as JSON, and say where they are.

    Each path is named once.

    Args:
        ignore_actions: action classes, slices' actions, or types, whose fields are not looked at.
        ignore_paths: parts of actions and of the state that are not looked at, such as "box.items", "action.file"
            or "state.sockets", or patterns of them.
        warn_after: seconds that a check may take before it warns that it slows the app down.

    Raises:
        TypeError: for what cannot be ignored.

    See https://redux-toolkit.js.org/api/serializabilityMiddleware
    """
    ignoring = Ignoring("serializability_check", ignore_actions, ignore_paths)
    told: set[str] = set()

    def check(store: Store[Any], action: Any, call_next: CallNext) -> Any:
        result = call_next(action)
        started = time.perf_counter()
        looked_at = [("state", store.state, "the state")]
        if not ignoring.action(action):
            looked_at.insert(0, ("action", action, f"the action {_type_of(action)}"))
        for root, whole, name in looked_at:
            for path, value in _leaves(whole, root, ignoring):
                where = f"{name} at {path or 'its root'}"
                if not _is_plain(value) and where not in told:
                    told.add(where)
                    msg = f"A {type(value).__name__} in {where} cannot be serialised. Keep it outside the store."
                    warnings.warn(msg, DevelopmentWarning, stacklevel=2)
        _warn_if_slow("serializability_check", time.perf_counter() - started, warn_after)
        return result

    return check


def _type_of(action: Any) -> str:
    return getattr(action, "type", type(action).__name__)


def _warn_if_slow(name: str, took: float, warn_after: float) -> None:
    if took > warn_after:
        msg = f"{name} took {took * 1000:.0f} ms. It is meant for development; leave it out where the state is large."
        warnings.warn(msg, DevelopmentWarning, stacklevel=3)


def _parts(value: Any) -> Iterator[tuple[str, Any]] | None:
    """The parts of a container with the way to each; None for a leaf."""
    if isinstance(value, BaseModel) or (is_dataclass(value) and not isinstance(value, type)):
        return ((f".{name}", getattr(value, name)) for name in field_names(type(value)))
    if isinstance(value, Mapping):
        return ((f"[{key!r}]", part) for key, part in value.items())  # pyright: ignore[reportUnknownVariableType]
    if isinstance(value, EntityState):
        return _entities(value)  # pyright: ignore[reportUnknownArgumentType] -- of any entities
    if isinstance(value, list | tuple):
        return ((f"[{place}]", part) for place, part in enumerate(value))  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
    return None


def _entities(state: EntityState[Any, Any]) -> Iterator[tuple[str, Any]]:
    return ((f"[{id!r}]", state[id]) for id in state.ids)


def _leaves(whole: Any, root: str, ignoring: Ignoring) -> Iterator[tuple[str, Any]]:
    """What is no container, with the way to it; a container that is in itself is given there, and not followed."""
    above: list[int] = []  # the containers that are open
    left: list[Iterator[tuple[str, Any]]] = [iter([("", whole)])]
    ways = [""]
    while left:
        step, value = next(left[-1], _END)
        if step is None:
            left.pop()
            ways.pop()
            above[-1:] = []
            continue
        path = ways[-1] + step
        if ignoring.path(root, path):
            continue
        parts = _parts(value)
        if parts is None or id(value) in above:
            yield path, value
            continue
        above.append(id(value))
        ways.append(path)
        left.append(parts)


_END: Any = (None, None)


def _is_plain(leaf: Any) -> bool:
    """Whether a leaf can be stored as JSON: as it is, as pydantic writes it, or as `persist` does."""
    if leaf is None or isinstance(leaf, str | int | float):
        return True
    if isinstance(leaf, Iterator | BaseModel | Mapping) or is_dataclass(leaf):  # read once, or in itself
        return False
    try:
        to_jsonable_python(leaf, bytes_mode="base64", fallback=lambda value: WAYS[type(value)].parts(value))
    except (ValueError, TypeError, KeyError):
        return False
    return True


def _changeable_parts(value: Any) -> Iterator[tuple[str, Any]] | None:
    """As `_parts`, and of all else that can be changed where it is."""
    parts = _parts(value)
    if parts is not None:
        return parts
    if isinstance(value, deque):
        return ((f"[{place}]", part) for place, part in enumerate(cast("deque[Any]", value)))
    cls: type[Any] = value.__class__
    if cls.__hash__ not in (None, object.__hash__):  # a value says that it does not change
        return None
    attributes = getattr(value, "__dict__", None)
    return None if attributes is None else ((f".{name}", part) for name, part in attributes.items())


def _picture(state: Any, ignoring: Ignoring) -> dict[str, Any]:
    """What the state looks like: for each mutable container its parts, one level deep. What is in two places is in it once."""
    picture: dict[str, Any] = {}
    seen = set[int]()
    left: list[tuple[str, Any]] = [("", state)]
    while left:
        path, value = left.pop()
        if id(value) in seen:
            continue
        if isinstance(value, set | bytearray):
            seen.add(id(value))  # pyright: ignore[reportUnknownArgumentType] -- of anything
            picture[path] = (value, set(value) if isinstance(value, set) else bytes(value))  # pyright: ignore[reportUnknownArgumentType]
            continue
        parts = _changeable_parts(value)
        if parts is None:
            continue
        seen.add(id(value))
        known = list(parts)
        picture[path] = (value, known)
        below = (
            (path + step, part) for step, part in reversed(known) if kind_of(part.__class__) is not None
        )  # no value
        left.extend((way, part) for way, part in below if not ignoring.path("state", way))
    return picture


def _compare(picture: dict[str, Any], when: str) -> None:
    for path, (value, before) in picture.items():
        if isinstance(value, set | bytearray):
            same = value == before
        else:
            now = list(_changeable_parts(value) or ())
            same = len(now) == len(before) and all(
                step == old_step and part is old for (step, part), (old_step, old) in zip(now, before, strict=True)
            )
        if not same:
            msg = f"The state was mutated at state{path}, {when}. Return a new object instead."
            raise ImmutabilityError(msg)
