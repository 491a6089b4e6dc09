"""What may be shared, and what not: said when `share` is called, and for a class of actions when it is first met."""

from collections.abc import Collection, Mapping
from typing import Any

from ...actions import Action
from ...reducers import ReducerFn
from ...reducers.combine_reducers import CombinedReducer
from ...reducers.containers import has_slices, read_slices
from ...reducers.reducer import is_routed
from ...reducers.slice_types import slice_types
from ...store.slice_format import Format, FormatError, format_of
from .errors import SharedError


def parts_of(reducer: ReducerFn[Any], names: Collection[str]) -> dict[str, ReducerFn[Any]]:
    """The reducers of the slices that are to be shared.

    Raises:
        TypeError: for a state without slices, and for a plain function as slice.
        ValueError: for a slice that there is not.
    """
    if not isinstance(reducer, CombinedReducer):
        msg = "share needs a state with slices: make the store's reducer with combine_reducers."
        raise TypeError(msg)
    known: dict[str, ReducerFn[Any]] = reducer.parts
    parts: dict[str, ReducerFn[Any]] = {}
    for name in names:
        if name not in known:
            msg = f"share(slices=...) names {name!r}, which is no slice of the state. Its slices: {', '.join(known)}."
            raise ValueError(msg)
        parts[name] = known[name]
        _check_routed(name, known[name])
    return parts


def _check_routed(name: str, part: ReducerFn[Any]) -> None:
    if not is_routed(part):
        msg = (
            f"The slice {name!r} cannot be shared: its reducer is a plain function, and nothing tells which actions "
            "it handles. Make it a Reducer or a Slice."
        )
        raise TypeError(msg)
    if isinstance(part, CombinedReducer):
        inner: dict[str, ReducerFn[Any]] = part.parts
        for each, reducer in inner.items():
            _check_routed(f"{name}.{each}", reducer)


def formats_of_shared(reducer: ReducerFn[Any], state: Any, names: Collection[str]) -> dict[str, Format]:
    """How the shared slices become JSON.

    Raises:
        TypeError: for a slice whose type has no JSON form.
        ValueError: for one that holds secrets.
    """
    if not has_slices(state):
        msg = "share needs a state with slices: make the store's reducer with combine_reducers."
        raise TypeError(msg)
    types, values = slice_types(reducer, state), read_slices(state)
    formats: dict[str, Format] = {}
    for name in names:
        formats[name] = format_of(name, types[name])
        if formats[name].has_secrets:
            msg = (
                f"The slice {name!r} holds secrets, and the log is read by all who share it. "
                "Tokens are shared by SharedSession; share the rest without them."
            )
            raise ValueError(msg)
        try:
            formats[name].dump(values[name])
        except FormatError as error:
            raise TypeError(str(error)) from None
    return formats


def check_action_class(action_class: type[Action]) -> None:
    """Refuse a class of actions that cannot go into the log.

    Raises:
        ValueError: for one with a secret, at any depth.
        TypeError: for one that has no JSON form.
    """
    if format_of(action_class.__qualname__, action_class).has_secrets:
        msg = (
            f"A shared slice handles {action_class.__qualname__}, which holds secrets, and the log is read by all who "
            "share it. Handle another action there, without them."
        )
        raise ValueError(msg)


def check_options(slices: Any, version: int, upcast: Mapping[int, Any], migrations: Mapping[int, Any]) -> None:
    """Refuse options that cannot be meant.

    Raises:
        TypeError: for slices that are no collection of names, for an upcast or migration that is no function.
        ValueError: for no slices, or numbers that cannot be.
    """
    if isinstance(slices, str) or not isinstance(slices, Collection):
        msg = f"share(slices=...) takes a list of names of slices, not {slices!r:.100}."
        raise TypeError(msg)
    if not slices:
        msg = "share(slices=...) names no slice."
        raise ValueError(msg)
    if version < 1:
        msg = f"share(version={version!r}) must be 1 or more."
        raise ValueError(msg)
    for option, functions in (("upcast", upcast), ("migrations", migrations)):
        for start, function in functions.items():
            if not 1 <= start <= version:
                msg = f"share({option}=...) has one for version {start!r}, and there are only versions 1 to {version}."
                raise ValueError(msg)
            if not callable(function):
                msg = f"share({option}=...) for version {start} must be a function, not {function!r:.100}."
                raise TypeError(msg)


def check_positive(**options: int) -> None:
    for option, value in options.items():
        if value < 1:
            msg = f"share({option}={value!r}) must be 1 or more."
            raise ValueError(msg)


def too_many(pending: int) -> SharedError:
    return SharedError(
        f"{pending} own actions are not in the log yet, and no more may wait. Await settled(at_most=...) before you dispatch."
    )
