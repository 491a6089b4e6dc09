"""What the types of a state say of a place in it: keys and values that came as JSON become what fits there."""

import types
import typing
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, TypeVar, cast

import immutables
from pydantic import BaseModel, ConfigDict, PydanticUserError, TypeAdapter, ValidationError

from ..entity_state import EntityState
from .draft import type_of
from .records import is_record


class MisfitError(Exception):
    """Why a patch does not fit, said where it is found."""


def has_fields(whole: Any) -> bool:
    return is_record(type_of(whole)) or hasattr(whole, "_fields")


def hint_below(whole: Any, hint: Any, key: Any) -> Any:
    """The type that a state says a part of it has; Any where it says nothing."""
    if has_fields(whole):
        return _hints(type_of(whole)).get(key, Any)
    args = args_of(hint, whole)
    if not args:
        return Any
    if isinstance(whole, tuple):
        args = args[:1] if ... in args else args[key : key + 1] or (Any,)
    return Any if isinstance(args[-1], TypeVar) else args[-1]


def args_of(hint: Any, whole: Any) -> tuple[Any, ...]:
    """What the type of a container says of its parts; of several types it is that which the container has."""
    origin = typing.get_origin(hint)
    if origin is typing.Annotated:
        return args_of(typing.get_args(hint)[0], whole)
    if _is_union(origin):
        return next((args for each in typing.get_args(hint) if (args := args_of(each, whole))), ())
    return typing.get_args(hint) if isinstance(origin, type) and isinstance(whole, origin) else ()


def _is_union(origin: Any) -> bool:
    return origin is typing.Union or origin is types.UnionType


@lru_cache(maxsize=1024)
def _hints(cls: type[Any]) -> dict[str, Any]:
    if issubclass(cls, BaseModel):
        return {name: field.rebuild_annotation() for name, field in cls.__pydantic_fields__.items()}
    try:
        return typing.get_type_hints(cls)
    except Exception:  # a name that is not known here
        return {}


def fitted(hint: Any, value: Any) -> Any:
    """A value as its place takes it.

    Raises:
        MisfitError: without the value, which may be a secret.
    """
    try:
        return _adapter(hint).validate_python(_with_maps(hint, value), by_alias=True, by_name=True)
    except ValidationError as error:
        msg = f"the value is of another type: {why(error)}"
        raise MisfitError(msg) from None


def fitted_key(hint: Any, text: str) -> Any:
    """A key of a mapping, of its part of a JSON Pointer: text, or what the type reads as JSON.

    Raises:
        MisfitError: for what the type does not take.
    """
    try:
        return fitted(hint, text)
    except MisfitError:
        try:
            return _adapter(hint).validate_json(text)
        except ValueError:
            pass
        raise


def _with_maps(hint: Any, given: Any) -> Any:
    """What came as JSON, with an `immutables.Map` wherever the types want one: pydantic makes none."""
    value: Any = given
    origin, args = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Annotated:
        return _with_maps(args[0], value)
    if _is_union(origin):
        return _with_maps_of_one(args, value)
    if isinstance(value, dict):
        return _members(origin or hint, args, cast("dict[Any, Any]", value))
    if isinstance(value, list | tuple) and isinstance(origin, type) and type(cast("Any", value)) in (list, tuple):
        return _items(origin, args, cast("list[Any]", value))
    return given


def _with_maps_of_one(hints: tuple[Any, ...], value: Any) -> Any:
    """With the maps of the first of several types that wants some and takes these."""
    for each in hints:
        try:
            made = _with_maps(each, value)
        except MisfitError:
            continue
        if made is not value:
            return made
    return value


def _members(cls: Any, args: tuple[Any, ...], value: dict[Any, Any]) -> Any:
    if not isinstance(cls, type):
        return value
    if is_record(cls):
        hints = _hints(cls)
        return _changed(value, {name: _with_maps(hints.get(name, Any), part) for name, part in value.items()})
    if cls is immutables.Map:
        of_key, of_part = args or (Any, Any)
        return immutables.Map(
            {
                fitted_key(of_key, key) if type(key) is str else fitted(of_key, key): fitted(of_part, part)
                for key, part in value.items()
            }
        )
    if issubclass(cls, Mapping) and len(args) > 1:
        return _changed(value, {key: _with_maps(args[1], part) for key, part in value.items()})
    return value


def _items(origin: type[Any], args: tuple[Any, ...], value: Any) -> Any:
    if issubclass(origin, EntityState):
        hints: Any = [tuple[args]] * len(value) if len(args) == 2 else []
    elif issubclass(origin, tuple) and ... not in args:
        hints = args
    else:
        hints = args[:1] * len(value)
    if len(hints) != len(value):
        return value
    made = [_with_maps(each, part) for each, part in zip(hints, value, strict=True)]
    return value if all(new is old for new, old in zip(made, value, strict=True)) else made


def _changed(value: dict[Any, Any], made: dict[Any, Any]) -> dict[Any, Any]:
    return value if all(made[key] is part for key, part in value.items()) else made


def why(error: ValidationError) -> str:
    """What pydantic found wrong, without the value."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    words = first["msg"].removeprefix("Value error, ").removesuffix(".")
    place = ".".join(map(str, first["loc"]))
    return f"{words[:1].lower()}{words[1:]}{place and f' ({place})'}"


@lru_cache(maxsize=1024)
def _adapter(hint: Any) -> "TypeAdapter[Any]":
    has_settings = isinstance(hint, type) and is_record(hint)
    try:
        return TypeAdapter(hint, config=None if has_settings else ConfigDict(arbitrary_types_allowed=True))
    except PydanticUserError:  # of a type that pydantic does not know anything may come
        return TypeAdapter(Any)
