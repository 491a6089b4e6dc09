"""Writes any value as JSON, and beside it what JSON does not tell: the kind of each node that needs saying."""

import dataclasses
from collections.abc import Mapping
from enum import Enum
from math import isfinite
from typing import Any, Literal, cast

from pydantic import BaseModel, RootModel, SecretBytes, TypeAdapter

from .difference import LONGEST, below
from .errors import CannotWriteError, place_of
from .reachable import Reach
from .secrets import SECRETS
from .ways import BASES, JSON, WAYS

Secrets = Literal["masked", "revealed", "refused"]
"""What becomes of secrets: shown as stars, written in clear, or not written at all."""

MASK = "**********"


class Writer:
    """Writes one value.

    Attributes:
        types: a name for each node that JSON alone does not tell, by its JSON pointer.
    """

    def __init__(self, name: str, reach: Reach, secrets: Secrets) -> None:
        self.types: dict[str, str] = {}
        self._name = name
        self._reach = reach
        self._secrets = secrets

    def whole(self, value: Any) -> Any:
        """The JSON of a value that is told by itself, whatever its place says."""
        data = self.write(value, "")
        self.types.setdefault("", JSON)
        return data

    def write(self, value: Any, pointer: str) -> Any:
        """The JSON of a value.

        Raises:
            CannotWriteError: naming the place, for what no data can stand for.
        """
        kind: type[Any] = value.__class__
        if value is None or kind is bool or kind is str:
            return value
        if kind is int and value.bit_length() <= LONGEST:
            return value
        if kind is float and isfinite(value):
            return value
        if kind is list:
            return self._items(value, pointer)
        if kind is dict and all(type(key) is str for key in value):
            return self._members(value, pointer)
        if kind in WAYS:
            self.types[pointer] = WAYS[kind].name
            return self._parts(WAYS[kind].parts(value), pointer)
        if isinstance(value, SECRETS):
            self.types[pointer] = kind.__name__
            return self._secret(value, pointer)
        return self._instance(kind, value, pointer)

    def _parts(self, parts: Any, pointer: str) -> Any:
        return self._items(cast("list[Any]", parts), pointer) if isinstance(parts, list) else parts

    def _items(self, items: list[Any], pointer: str) -> list[Any]:
        return [self.write(each, f"{pointer}/{index}") for index, each in enumerate(items)]

    def _members(self, members: Mapping[str, Any], pointer: str) -> dict[str, Any]:
        return {name: self.write(each, below(pointer, name)) for name, each in members.items()}

    def _secret(self, value: Any, pointer: str) -> Any:
        if self._secrets == "refused":
            raise self.refusal(pointer, "holds a secret, and this is no place for secrets. Use KeyringStorage for it.")
        if self._secrets == "masked":
            return MASK
        secret = value.get_secret_value()
        return [self.write(secret.decode("latin-1") if isinstance(value, SecretBytes) else secret, f"{pointer}/0")]

    def _instance(self, kind: type[Any], value: Any, pointer: str) -> Any:
        name = self._reach.name_of(kind)
        if name is None:
            raise self.refusal(pointer, _unknown(self._name, kind))
        self.types[pointer] = name
        if isinstance(value, RootModel):
            return [self.write(cast("Any", value).root, f"{pointer}/0")]
        if isinstance(value, BaseModel):
            return self._members(fields_of(value), pointer)
        if isinstance(value, Enum):
            return [self.write(value.value, f"{pointer}/0")]
        if dataclasses.is_dataclass(kind):
            return self._members({each.name: getattr(value, each.name) for each in dataclasses.fields(kind)}, pointer)
        if isinstance(value, BASES):
            base = next(base for base in kind.__mro__ if base in BASES)
            return [self.write(list(value) if base is tuple else base(value), f"{pointer}/0")]
        try:
            return [TypeAdapter(kind).dump_python(value, mode="json")]
        except Exception as error:
            raise self.refusal(pointer, f"is a {kind.__name__}, for which there is no JSON.") from error

    def refusal(self, pointer: str, what: str) -> CannotWriteError:
        return CannotWriteError(f"{place_of(self._name, pointer)} {what}")


def fields_of(model: BaseModel) -> dict[str, Any]:
    """The fields of a model, those that it keeps to itself when it is written, and those beyond its class."""
    values = model.__dict__
    return {
        **{name: values[name] for name in type(model).__pydantic_fields__ if name in values},
        **(model.__pydantic_extra__ or {}),
    }


def _unknown(name: str, kind: type[Any]) -> str:
    return (
        f"is a {kind.__qualname__}, and nothing says so when it is read again: the type of {name!r} does not lead to that class. "
        f"Say it in the type, such as Slice[tuple[{kind.__name__}, ...]](...) or a field of a state class, or leave it out."
    )
