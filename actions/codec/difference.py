"""Whether two values are the same: equal, and of the same types all the way down."""

import dataclasses
import weakref
from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

import immutables
from pydantic import BaseModel, TypeAdapter

from .reachable import is_like
from .secrets import SECRETS
from .ways import WAYS

LONGEST = 14_000  # bits of an int; Python refuses to read more than 4,300 digits

Path = list[Any]
"""The way to where two values differ, from its end."""

Compare = Callable[[Any, Any], Path | None]
_NOTHING: Any = object()


class Comparison:
    """How two values are compared.

    Args:
        reveals: whether secrets are looked at; otherwise any two of a class are the same.
        in_json: whether what JSON has no word for counts as a difference: infinite floats, huge ints.
    """

    def __init__(self, *, reveals: bool, in_json: bool) -> None:
        self._reveals = reveals
        self._in_json = in_json
        self._by_class = weakref.WeakKeyDictionary[type[Any], Compare]()  # a state has many values of few classes
        self._builtin: dict[type[Any], Compare] = {
            type(None): _plainly,
            bool: _plainly,
            str: _plainly,
            int: self._numbers,
            float: self._numbers,
            list: self._items,
            dict: self._dicts,
            set: _sets,
            frozenset: _sets,
            Decimal: _decimals,
            datetime: _datetimes,
            immutables.Map: self._maps,
        }

    def difference(self, one: Any, other: Any) -> str | None:
        """Where two values differ first, as a JSON pointer (RFC 6901); None for values that are the same."""
        path = self._compare(one, other)
        return None if path is None else "".join(below("", part) for part in reversed(path))

    def _compare(self, one: Any, other: Any) -> Path | None:
        kind: type[Any] = one.__class__
        if kind is not other.__class__ and not is_like(kind, other.__class__):
            return []
        compare = self._builtin.get(kind) or self._by_class.get(kind)
        if compare is None:
            compare = self._by_class[kind] = self._for(kind)
        return compare(one, other)

    def _for(self, kind: type[Any]) -> Compare:
        if issubclass(kind, BaseModel):
            return self._models(tuple(kind.__pydantic_fields__))
        if kind in WAYS:
            return self._in_parts(WAYS[kind].parts)
        if issubclass(kind, SECRETS):
            return self._secrets
        if dataclasses.is_dataclass(kind):
            return self._attributes(tuple(each.name for each in dataclasses.fields(kind)))
        if issubclass(kind, tuple):
            return self._items
        return _by_their_word

    def _numbers(self, one: Any, other: Any) -> Path | None:
        if one == other:
            is_json = not self._in_json or (one - one == 0 if one.__class__ is float else one.bit_length() <= LONGEST)
            return None if is_json else []
        return None if one != one and other != other and not self._in_json else []  # noqa: PLR0124 -- NaN

    def _items(self, one: Any, other: Any) -> Path | None:
        if len(one) != len(other):
            return []
        compare = self._compare
        for index, each in enumerate(one):
            found = compare(each, other[index])
            if found is not None:
                found.append(index)
                return found
        return None

    def _named(self, one: Any, other: Any, names: Iterable[Any]) -> Path | None:
        compare = self._compare
        for name in names:
            found = compare(one.get(name, _NOTHING), other.get(name, _NOTHING))
            if found is not None:
                found.append(name)
                return found
        return None

    def _dicts(self, one: Any, other: Any) -> Path | None:
        found = self._items(list(one), list(other))
        return self._named(one, other, one) if found is None else found

    def _maps(self, one: Any, other: Any) -> Path | None:
        keys = {key: key for key in other}
        if len(one) != len(keys) or any(key not in keys or type(key) is not type(keys[key]) for key in one):
            return []
        return self._named(one, other, one)

    def _models(self, fields: tuple[str, ...]) -> Compare:
        def compare(one: Any, other: Any) -> Path | None:
            found = self._named(one.__dict__, other.__dict__, fields)
            if found is not None or (one.__pydantic_extra__ is None and one.__pydantic_private__ is None):
                return found
            for its, theirs in (
                (_named(one.__pydantic_extra__), _named(other.__pydantic_extra__)),
                (_named(one.__pydantic_private__), _named(other.__pydantic_private__)),
            ):
                found = self._named(its, theirs, its) if its.keys() == theirs.keys() else []
                if found is not None:
                    return found
            return None

        return compare

    def _attributes(self, names: tuple[str, ...]) -> Compare:
        def compare(one: Any, other: Any) -> Path | None:
            for name in names:
                found = self._compare(getattr(one, name, _NOTHING), getattr(other, name, _NOTHING))
                if found is not None:
                    found.append(name)
                    return found
            return None

        return compare

    def _in_parts(self, parts: Callable[[Any], Any]) -> Compare:
        def compare(one: Any, other: Any) -> Path | None:
            return self._compare(parts(one), parts(other))

        return compare

    def _secrets(self, one: Any, other: Any) -> Path | None:
        return None if not self._reveals or one.get_secret_value() == other.get_secret_value() else []


def _plainly(one: Any, other: Any) -> Path | None:
    return None if one == other else []


def _sets(one: Any, other: Any) -> Path | None:
    return None if {(type(each), each) for each in one} == {(type(each), each) for each in other} else []


def _datetimes(one: datetime, other: datetime) -> Path | None:
    """An hour that comes twice is equal to none of another zone: only the name of the zone brings it back."""
    return None if one == other and one.isoformat() == other.isoformat() else []


def _decimals(one: Decimal, other: Decimal) -> Path | None:
    return None if one.as_tuple() == other.as_tuple() else []


def _by_their_word(one: Any, other: Any) -> Path | None:
    """By what they say themselves; by what pydantic writes for them, where they say nothing."""
    kind: type[Any] = one.__class__
    try:
        if kind.__eq__ is not object.__eq__:
            same = one == other
        else:
            adapter = TypeAdapter[Any](kind)
            same = adapter.dump_python(one, mode="json") == adapter.dump_python(other, mode="json")
    except Exception:
        return []
    return None if same is True else []


def below(pointer: str, name: Any) -> str:
    """The JSON pointer of a member (RFC 6901)."""
    return f"{pointer}/{str(name).replace('~', '~0').replace('/', '~1')}"


def _named(values: dict[str, Any] | None) -> dict[str, Any]:
    return {} if values is None else values
