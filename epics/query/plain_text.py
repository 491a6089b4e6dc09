"""One text for one value: what cache keys and tags are made of."""

import json
from collections.abc import Mapping, Set
from typing import Any, cast

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

_SIMPLE = (str, int, float, bool, type(None))


def text_of(value: Any) -> str:
    """The JSON of a value, keys and sets in order, so that equal values have equal texts.

    Raises:
        pydantic_core.PydanticSerializationError: for what has no JSON form.

    Examples:
        >>> text_of(7), text_of("a"), text_of({"b": 1, "a": frozenset({2, 1})})
        ('7', '"a"', '{"a": [1, 2], "b": 1}')
    """
    if type(value) is int:
        return str(value)
    return json.dumps(_ordered(value), ensure_ascii=False, sort_keys=True)


def _ordered(value: Any) -> Any:
    if type(value) in _SIMPLE:
        return value
    match value:
        case BaseModel():
            return _ordered(value.model_dump())
        case Mapping():
            return {_name(key): _ordered(each) for key, each in cast("Mapping[Any, Any]", value).items()}
        case list() | tuple():
            return [_ordered(each) for each in cast("list[Any]", value)]
        case Set():
            return sorted((_ordered(each) for each in cast("Set[Any]", value)), key=repr)
        case _:
            return to_jsonable_python(value)


def _name(key: Any) -> str:
    return key if isinstance(key, str) else text_of(key)
