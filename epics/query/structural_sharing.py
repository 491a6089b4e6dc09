"""Structural sharing: what is equal in two answers is the same object in the second."""

import dataclasses
import marshal
import math
from collections.abc import Callable
from functools import lru_cache
from operator import is_
from types import UnionType
from typing import Any, Literal, Union, cast, get_args, get_origin

from pydantic import BaseModel

_SCALARS = (str, int, float, bool, bytes, type(None))
_PLAIN = 2  # the format in which equal values are equal bytes: without references, and floats to the last bit


def share(old: Any, new: Any) -> Any:
    """The new value with those parts of the old that are equal; the old one itself where all is.

    Parts are the fields of models and dataclasses, the items of lists and tuples by place, and those of
    dicts by key.

    See https://tanstack.com/query/latest/docs/framework/react/guides/render-optimizations#structural-sharing

    Examples:
        >>> before = [[1], [2]]
        >>> after = share(before, [[1], [3]])
        >>> after, after[0] is before[0], share(before, [[1], [2]]) is before
        ([[1], [3]], True, True)
    """
    if old is new:
        return new
    kind = cast("type[Any]", type(new))
    if type(old) is not kind:
        return new
    if kind in _SCALARS:
        return old if _is_equal(old, new) else new
    if kind is list or kind is tuple:
        return old if _is_same_plain(old, new) else _share_items(old, new)
    if kind is dict:
        return old if _is_same_plain(old, new) else _share_dict(old, new)
    if isinstance(new, BaseModel):
        return _share_model(old, new)
    if dataclasses.is_dataclass(new):
        return _share_dataclass(old, new)
    return old if _is_equal(old, new) else new


def _is_same_plain(old: Any, new: Any) -> bool:
    """Whether values of numbers, texts, lists and dicts are equal part by part, each of the same type, in the same order.

    It is found in C, and says no where there is anything else: equal answers take a thirtieth of the instructions of
    a look at each part, others one more at all of it.
    """
    try:
        written = marshal.dumps(new, _PLAIN)
        return bool(old == new) and marshal.dumps(old, _PLAIN) == written
    except Exception:
        return False


def _is_equal(old: Any, new: Any) -> bool:
    if type(new) is float:
        return old == new and math.copysign(1.0, old) == math.copysign(1.0, new)
    try:
        return bool(old == new)
    except Exception:
        return False  # what cannot be compared has changed


def _share_items(old: Any, new: Any) -> Any:
    if len(old) == len(new):
        items = [share(one, other) for one, other in zip(old, new, strict=True)]
        if all(map(is_, items, old)):
            return old
    else:
        items = [share(one, other) for one, other in zip(old, new, strict=False)]
        items.extend(new[len(items) :])
    return items if type(new) is list else tuple(items)


def _share_dict(old: dict[Any, Any], new: dict[Any, Any]) -> dict[Any, Any]:
    items = {key: share(old[key], value) if key in old else value for key, value in new.items()}
    is_same = list(old) == list(items) and all(map(is_, items.values(), old.values()))
    return old if is_same else items


@lru_cache(maxsize=1024)
def _has_plain_fields(cls: type[BaseModel]) -> bool:
    return all(_is_plain(field.annotation) for field in cls.__pydantic_fields__.values())


def _is_plain(annotation: Any) -> bool:
    """Whether values of this type are numbers, texts, and lists and dicts of them."""
    origin = get_origin(annotation)
    if origin not in (list, dict, tuple, Union, UnionType):
        return origin is Literal or annotation in _SCALARS
    return all(part is ... or _is_plain(part) for part in get_args(annotation))


def _share_model(old: BaseModel, new: Any) -> Any:
    names = list(type(old).__pydantic_fields__)
    is_same = old.__pydantic_extra__ == new.__pydantic_extra__ and old.__pydantic_private__ == new.__pydantic_private__
    if is_same and _has_plain_fields(type(old)) and _is_same_plain(old.__dict__, new.__dict__):
        return old
    is_same, changes = _compare(names, old.__dict__.get, new.__dict__.get, is_same=is_same)
    if is_same:
        return old
    return cast("BaseModel", new).model_copy(update=changes) if changes else new


def _share_dataclass(old: Any, new: Any) -> Any:
    fields = dataclasses.fields(new)
    names = [field.name for field in fields]
    is_same, changes = _compare(names, lambda name: getattr(old, name), lambda name: getattr(new, name), is_same=True)
    if is_same:
        return old
    may_replace = changes and all(field.init for field in fields)
    return dataclasses.replace(new, **changes) if may_replace else new


def _compare(
    names: list[str], before: Callable[[str], Any], after: Callable[[str], Any], *, is_same: bool
) -> tuple[bool, dict[str, Any]]:
    """Whether all fields are the same, and the fields of the new one in whose place the old ones can stand."""
    changes: dict[str, Any] = {}
    for name in names:
        value = after(name)
        kept = share(before(name), value)
        if kept is not value:
            changes[name] = kept
        if kept is not before(name):
            is_same = False
    return is_same, changes
