"""Ties what is told beside JSON to its nodes, so that it goes along when a migration moves them.

A migration sees plain dicts, lists and text.
"""

from typing import Any, cast

from ...actions.codec import Written
from ...actions.codec.difference import below


class _Dict(dict[str, Any]):
    kind: str


class _List(list[Any]):
    kind: str


class _Text(str):
    kind: str
    __slots__ = ("kind",)


def tell(written: Written, pointer: str = "") -> Any:
    """The JSON, of which each node knows its kind.

    Examples:
        >>> told = tell(Written({"a": "Lw==", "b": 1}, {"/a": "bytes"}))
        >>> told, untold({"moved": [told["a"]]})
        ({'a': 'Lw==', 'b': 1}, Written(data={'moved': ['Lw==']}, types={'/moved/0': 'bytes'}))
    """
    data, types = written
    if isinstance(data, dict):
        members = cast("dict[str, Any]", data)
        data = _Dict({name: tell(Written(each, types), below(pointer, name)) for name, each in members.items()})
    elif isinstance(data, list):
        items = cast("list[Any]", data)
        data = _List(tell(Written(each, types), f"{pointer}/{index}") for index, each in enumerate(items))
    elif isinstance(data, str) and pointer in types:
        data = _Text(data)
    if pointer in types and isinstance(data, _Dict | _List | _Text):
        data.kind = types[pointer]
    return data


def untold(data: Any) -> Written:
    """The JSON, and beside it what its nodes know."""
    types: dict[str, str] = {}
    return Written(_untell(data, "", types), types)


def _untell(data: Any, pointer: str, types: dict[str, str]) -> Any:
    kind = getattr(data, "kind", None)
    if kind is not None:
        types[pointer] = kind
    if isinstance(data, dict):
        members = cast("dict[str, Any]", data)
        return {name: _untell(each, below(pointer, name), types) for name, each in members.items()}
    if isinstance(data, list):
        items = cast("list[Any]", data)
        return [_untell(each, f"{pointer}/{index}", types) for index, each in enumerate(items)]
    return str(data) if isinstance(data, _Text) else data
