"""Middleware for development: finds states that were mutated, and values that cannot be stored."""

import json
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import is_dataclass
from datetime import date
from enum import Enum
from typing import Any

from pydantic import BaseModel, SecretBytes, SecretStr

from ...reducers import EntityState
from ...reducers.state import field_names
from ..engine.chain import CallNext
from ..store import Middleware, Store

SLOW = 0.032  # seconds: two frames


class ImmutabilityError(RuntimeError):
    """A state was mutated; only a reducer may make another."""


class DevelopmentWarning(UserWarning):
    """A check for development has something to say."""


def immutability_check(*, warn_after: float = SLOW) -> Middleware:
    """Raise when the state was mutated, between two dispatches or in a reducer, and say where.

    Args:
        warn_after: seconds that a check may take before it warns that it slows the app down.

    Raises:
        ImmutabilityError: from the dispatch that finds it, naming the path.

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
    seen: list[tuple[Any, dict[str, Any]]] = []

    def check(store: Store[Any], action: Any, call_next: CallNext) -> Any:
        started = time.perf_counter()
        if seen:
            _compare(*seen[0], f"between two dispatches, before {_type_of(action)}")
        before = store.state
        picture = _picture(before)
        spent = time.perf_counter() - started
        result = call_next(action)
        started = time.perf_counter()
        _compare(before, picture, f"in the reducer of {_type_of(action)}")
        seen[:] = [(store.state, _picture(store.state))]
        _warn_if_slow("immutability_check", spent + time.perf_counter() - started, warn_after)
        return result

    return check


def serializability_check(*, warn_after: float = SLOW) -> Middleware:
    """Warn of values in actions and in the state that cannot be stored as JSON, and say where they are.

    Each path is named once.

    Args:
        warn_after: seconds that a check may take before it warns that it slows the app down.

    See https://redux-toolkit.js.org/api/serializabilityMiddleware
    """
    told: set[str] = set()

    def check(store: Store[Any], action: Any, call_next: CallNext) -> Any:
        result = call_next(action)
        started = time.perf_counter()
        for root, name in ((action, f"the action {_type_of(action)}"), (store.state, "the state")):
            for path, value in _leaves(root, ""):
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


def _leaves(value: Any, path: str) -> Iterator[tuple[str, Any]]:
    parts = _parts(value)
    if parts is None:
        yield path, value
        return
    for step, part in parts:
        yield from _leaves(part, path + step)


def _is_plain(value: Any) -> bool:
    """Whether a leaf can stand in JSON, as it is or as pydantic writes it."""
    if value is None or isinstance(value, str | int | bool | date | Enum | SecretStr | SecretBytes | set | frozenset):
        return True
    if isinstance(value, float):
        return True
    try:
        json.dumps(value)
    except (TypeError, ValueError):
        return False
    return True


def _picture(state: Any) -> dict[str, Any]:
    """What the state looks like: for each mutable container its parts, one level deep."""
    picture: dict[str, Any] = {}
    _photograph(state, "state", picture)
    return picture


def _photograph(value: Any, path: str, picture: dict[str, Any]) -> None:
    if isinstance(value, set | bytearray):
        picture[path] = (value, set(value) if isinstance(value, set) else bytes(value))  # pyright: ignore[reportUnknownArgumentType]
        return
    parts = _parts(value)
    if parts is None:
        return
    known = [(step, part) for step, part in parts]
    picture[path] = (value, known)
    for step, part in known:
        _photograph(part, path + step, picture)


def _compare(state: Any, picture: dict[str, Any], when: str) -> None:
    for path, (value, before) in picture.items():
        if isinstance(value, set | bytearray):
            same = value == before
        else:
            now = list(_parts(value) or ())
            same = len(now) == len(before) and all(
                step == old_step and part is old for (step, part), (old_step, old) in zip(now, before, strict=True)
            )
        if not same:
            msg = f"The state was mutated at {path}, {when}. Return a new object instead."
            raise ImmutabilityError(msg)
