"""Makes the values that JSON stands for, where the kinds of its nodes are told beside it."""

import dataclasses
from collections.abc import Mapping
from enum import Enum
from typing import Any, cast

from pydantic import BaseModel, RootModel, Secret, SecretBytes, SecretStr, TypeAdapter, ValidationError

from .difference import below
from .errors import FormatError, place_of
from .reachable import Reach
from .ways import BASES, BY_NAME

_SECRETS: dict[str, Any] = {"SecretStr": SecretStr, "SecretBytes": SecretBytes, "Secret": Secret}


class Reader:
    """Reads one value.

    Args:
        name: what it is called in errors.
        reach: the classes that may be made.
        types: the kind of each node that JSON alone does not tell, by its JSON pointer.
    """

    def __init__(self, name: str, reach: Reach, types: Mapping[str, str]) -> None:
        self._name = name
        self._reach = reach
        self._types = types
        self._left = len(types)

    def whole(self, data: Any) -> Any:
        """The value of this JSON.

        Raises:
            FormatError: for JSON that is not of the kind that is told. It names the place, never a value.
        """
        value = self.read(data, "")
        self.check_done()
        return value

    def check_done(self) -> None:
        if self._left:
            msg = f"it does not fit at {self._name}: it tells the types of places that are not there"
            raise FormatError(msg)

    def read(self, data: Any, pointer: str) -> Any:
        if isinstance(data, list):
            items = cast("list[Any]", data)
            data = [self.read(each, f"{pointer}/{index}") for index, each in enumerate(items)]
        elif isinstance(data, dict):
            members = cast("dict[str, Any]", data)
            data = {name: self.read(each, below(pointer, name)) for name, each in members.items()}
        name = self._types.get(pointer)
        if name is None:
            return data
        self._left -= 1
        try:
            return self._made(name, data)
        except FormatError:
            raise
        except ValidationError as error:
            raise misfit(place_of(self._name, pointer), error) from None
        except Exception as error:
            msg = f"it does not fit at {place_of(self._name, pointer)}: it is no {name:.100} ({type(error).__name__})"
            raise FormatError(msg) from None

    def _made(self, name: str, data: Any) -> Any:
        if name in BY_NAME:
            return BY_NAME[name].made(data)
        if name in _SECRETS:
            secret: Any = cast("list[Any]", data)[0] if isinstance(data, list) else data
            return _SECRETS[name](secret.encode("latin-1") if name == "SecretBytes" else secret)
        kind = self._reach.class_of(name)
        if kind is None:
            msg = f"it does not fit at {self._name}: it names a class {name!r:.100}, which its type does not lead to"
            raise FormatError(msg)
        return _instance(kind, data)


def _instance(kind: type[Any], data: Any) -> Any:
    if issubclass(kind, RootModel):
        [root] = data
        return cast("Any", kind).model_validate(root, by_alias=True, by_name=True)
    if issubclass(kind, BaseModel):
        return kind.model_validate(data, by_alias=False, by_name=True)
    if issubclass(kind, Enum):
        [value] = data
        return kind(value)
    if dataclasses.is_dataclass(kind):
        return TypeAdapter[Any](kind).validate_python(data, by_alias=False, by_name=True)
    [value] = data
    if hasattr(kind, "_fields"):
        return TypeAdapter[Any](kind).validate_python(value)
    if issubclass(kind, BASES):
        return cast("Any", kind)(value)
    return TypeAdapter[Any](kind).validate_python(value)


def misfit(place: str, error: ValidationError) -> FormatError:
    """What pydantic found, without the values that it would show."""
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    where = ".".join([place, *(str(part) for part in first["loc"])])
    return FormatError(f"it does not fit at {where}: {first['msg']}")
