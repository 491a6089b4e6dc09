"""Does what patches say, to a state that stays as it is."""

import re
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any, TypeVar, cast

import immutables
from pydantic import ValidationError

from ...actions import RxduxError
from ..containers import StateMapping
from ..entity_state import EntityState, Order
from .as_json import is_same, is_text_of, tokens
from .draft import type_of
from .fitting import MisfitError, args_of, fitted, fitted_key, has_fields, hint_below, why
from .kinds import kind_of
from .patches import JsonPatch
from .records import is_record, record_fields

S = TypeVar("S")


class PatchError(RxduxError, ValueError):
    """A patch does not fit the state.

    Attributes:
        patch: the one that does not.
    """

    def __init__(self, message: str, patch: Any) -> None:
        super().__init__(message)
        self.patch = patch


def apply_patches(state: S, patches: Iterable[JsonPatch | Mapping[str, Any]]) -> S:
    """The state after patches: those of `produce_with_patches`, or any of JSON Patch.

    All of them fit, or the state is what it was. What the types of the state say of a place is checked:
    so a key and a value that came as JSON become what they are in the state.

    Args:
        patches: `JsonPatch`es, or mappings as they come out of JSON.

    Raises:
        PatchError: for a patch that does not fit, naming its path: no such place, a value of another type, a `test`
            that fails, or what is no patch.
        TypeError: for what is no list of patches.

    See RFC 6902.

    Examples:
        >>> from rxdux import State
        >>> class Todo(State):
        ...     text: str
        ...     done: bool = False
        >>> class Page(State):
        ...     todos: tuple[Todo, ...] = ()
        >>> apply_patches(Page(), [{"op": "add", "path": "/todos/-", "value": {"text": "milk"}}])
        Page(todos=(Todo(text='milk', done=False),))
        >>> apply_patches(Page(), [{"op": "remove", "path": "/todos/3"}])
        Traceback (most recent call last):
            ...
        rxdux.reducers.drafts.apply_patches.PatchError: The patch 'remove /todos/3' does not fit: there is no 3 at '/todos', which has 0 parts.
    """
    given: Any = patches
    if isinstance(given, JsonPatch | Mapping | str) or not hasattr(given, "__iter__"):
        msg = (
            f"apply_patches takes patches in a list, as in apply_patches(state, [patch]), not a {type(given).__name__}."  # pyright: ignore[reportUnknownArgumentType]
        )
        raise TypeError(msg)
    result: Any = state
    for each in patches:
        patch = _patch_of(each)
        try:
            result = _do(result, patch)
        except MisfitError as misfit:
            msg = f"The patch '{patch.op} {patch.path:.200}' does not fit: {misfit}."
            raise PatchError(msg, patch) from None
    return result


def _patch_of(given: Any) -> JsonPatch:
    if isinstance(given, JsonPatch):
        return given
    try:
        return JsonPatch.model_validate(given)
    except ValidationError as error:
        path = cast("Any", given).get("path") if isinstance(given, Mapping) else None
        msg = f"This is no patch, at {path!r:.100}: {why(error)}."
        raise PatchError(msg, given) from None


def _do(state: Any, patch: JsonPatch) -> Any:
    hint = type_of(state)
    keys: tuple[Any, ...] = tokens(patch.path) if patch.keys is None else patch.keys
    if patch.op == "remove":
        return _without(state, hint, keys)
    if patch.op == "test":
        place = _Place(state, hint, keys)
        if not is_same(place.value, fitted(place.hint, patch.value)):
            msg = "another value is there"
            raise MisfitError(msg)
        return state
    value, source = patch.value, patch.source
    if source is not None:
        value = _Place(state, hint, tokens(source)).value
        if patch.op == "move":
            if patch.path.startswith(f"{source}/"):
                msg = f"nothing can be moved into itself, from {source!r}"
                raise MisfitError(msg)
            state = _without(state, hint, tokens(source))
    if not keys:
        return fitted(hint, value)
    put = _replace if patch.op == "replace" else _add
    return _changed(state, hint, keys, partial(put, value))


def _without(state: Any, hint: Any, keys: tuple[Any, ...]) -> Any:
    if not keys:
        msg = "the whole state cannot be removed"
        raise MisfitError(msg)
    return _changed(state, hint, keys, _remove)


class _Place:
    """Where keys lead to: the value there, and the type that the state says it has."""

    def __init__(self, state: Any, hint: Any, keys: tuple[Any, ...]) -> None:
        path = ""
        for each in keys:
            key = _key(state, hint, each, path)
            state, hint, path = _part(state, key, path), hint_below(state, hint, key), f"{path}/{each}"
        self.value = state
        self.hint = hint


Change = Callable[[Any, Any, Any, str], Any]
"""Changes a part of a whole: gets this, its type, the key, and the path that led to it."""


def _changed(whole: Any, hint: Any, keys: tuple[Any, ...], change: Change, path: str = "") -> Any:
    """The state with a change at the place that the keys lead to; what is not on the way is shared."""
    first, *rest = keys
    if not rest:
        return change(whole, hint, first, path)
    key = _key(whole, hint, first, path)
    part = _part(whole, key, path)
    new = _changed(part, hint_below(whole, hint, key), tuple(rest), change, f"{path}/{first}")
    return whole if new is part else _with(whole, key, new)


def _key(whole: Any, hint: Any, key: Any, path: str, *, adds: bool = False) -> Any:
    """A key as it is in the state: an index of a sequence, a field, or a key of a mapping."""
    if has_fields(whole):
        fields = whole._fields if hasattr(whole, "_fields") else record_fields(type_of(whole))
        if key not in fields:
            msg = f"{type_of(whole).__name__} at {path!r} has no field {key!r}"
            raise MisfitError(msg)
        return key
    if isinstance(whole, list | tuple | deque):
        size = len(whole)  # pyright: ignore[reportUnknownArgumentType] -- of any parts
        if key == "-" and adds:
            return size
        if isinstance(key, str):
            key = int(key) if _INDEX.fullmatch(key) else key
        if not isinstance(key, int) or not 0 <= key < size + adds:
            msg = f"there is no {key} at {path!r}, which has {size} parts"
            raise MisfitError(msg)
        return key
    if not isinstance(whole, Mapping | immutables.Map | EntityState):
        msg = f"a {type_of(whole).__name__} is at {path!r}, which has no parts"
        raise MisfitError(msg)
    return key if key in whole or not isinstance(key, str) else _key_of_text(whole, hint, key)


_INDEX = re.compile("0|[1-9][0-9]{0,18}")  # RFC 6901


def _key_of_text(whole: Any, hint: Any, text: str) -> Any:
    """The key that a text stands for: as the type reads it, or one that is there and is written so."""
    kind: Any = (args_of(hint, whole) or (Any,))[0]
    keys: Any = cast("Any", whole).ids if isinstance(whole, EntityState) else whole
    there = (each for each in keys if is_text_of(text, each))
    try:
        key = text if kind is Any else fitted_key(kind, text)
    except MisfitError:
        key = next(there, _NONE)
        if key is _NONE:
            raise
    return key if key in whole else next(there, key)


_NONE: Any = object()


def _part(whole: Any, key: Any, path: str) -> Any:
    try:
        return getattr(whole, key) if has_fields(whole) else whole[key]
    except (KeyError, IndexError, AttributeError):
        msg = f"there is no {key!r} at {path!r}"
        raise MisfitError(msg) from None


# --- one step ------------------------------------------------------------------------------------


def _remove(whole: Any, hint: Any, key: Any, path: str) -> Any:
    key = _key(whole, hint, key, path)
    if has_fields(whole) or isinstance(whole, StateMapping):
        msg = f"a {type_of(whole).__name__} cannot do without {key!r}"
        raise MisfitError(msg)
    _part(whole, key, path)
    if isinstance(whole, EntityState):
        return whole.without((key,), whole.order.sort_key)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(whole, immutables.Map):
        return whole.delete(key)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(whole, Mapping):
        return _like(whole, {each: part for each, part in cast("Any", whole).items() if each != key})
    return _like(whole, [part for index, part in enumerate(whole) if index != key])


def _replace(value: Any, whole: Any, hint: Any, key: Any, path: str) -> Any:
    key = _key(whole, hint, key, path)
    _part(whole, key, path)
    return _with(whole, key, fitted(hint_below(whole, hint, key), value))


def _add(value: Any, whole: Any, hint: Any, key: Any, path: str) -> Any:
    key = _key(whole, hint, key, path, adds=True)
    value = fitted(hint_below(whole, hint, key), value)
    if isinstance(whole, list | tuple | deque) and not has_fields(whole):
        parts: list[Any] = [*whole]
        parts.insert(key, value)
        return _like(whole, parts)
    if isinstance(whole, StateMapping):
        _part(whole, key, path)
    return _with(whole, key, value)


def _with(whole: Any, key: Any, value: Any) -> Any:
    """The whole with another part."""
    if is_record(type_of(whole)):
        return _like(whole, {key: value})
    if hasattr(whole, "_fields"):
        return whole._replace(**{key: value})
    if isinstance(whole, StateMapping):
        return whole.with_slices({key: value})
    if isinstance(whole, immutables.Map):
        return whole.set(key, value)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if isinstance(whole, EntityState):
        order = cast("Order[Any, Any]", whole.order)  # pyright: ignore[reportUnknownMemberType]
        entities: Any = whole.entities.set(key, value)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        if key not in whole:
            return whole.added((key,), order.sort_key, entities)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
        return EntityState(entities, Order(order.numbers, order.next_number, order.sort_key))
    if isinstance(whole, Mapping):
        return _like(whole, {**whole, key: value})
    parts: list[Any] = [*whole]
    parts[key] = value
    return _like(whole, parts)


def _like(whole: Any, parts: Any) -> Any:
    """A container of the same class with other parts."""
    kind: Any = kind_of(type_of(whole))
    return kind.make(whole, parts)
