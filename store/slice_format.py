"""How a state becomes JSON, and a state again: told by the types of its slices."""

import json
from dataclasses import is_dataclass
from typing import Any, ClassVar, Protocol, cast

from pydantic import (
    BaseModel,
    PydanticSchemaGenerationError,
    Secret,
    SecretBytes,
    SecretStr,
    TypeAdapter,
    ValidationError,
)
from pydantic.errors import PydanticInvalidForJsonSchema, PydanticUserError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from ..actions import RxduxError
from ..reducers import ReducerFn
from ..reducers.containers import has_slices, read_slices, with_slices
from ..reducers.slice_types import slice_types, type_of

WHOLE = "state"  # the name of a state that has no slices


class FormatError(RxduxError, ValueError):
    """A value is not of the shape that its type tells. The message names the place, never a value."""


BARE = (tuple, list, dict, set, frozenset)


class Format(Protocol):
    """How a slice becomes JSON, and a slice again."""

    has_secrets: bool

    def dump(self, value: Any) -> Any:
        """The slice as JSON, with its secrets in clear: for a storage that is made for them."""
        ...

    def show(self, value: Any) -> Any:
        """The slice as JSON, with its secrets masked."""
        ...

    def load(self, data: Any) -> Any:
        """The slice that this JSON is.

        Raises:
            FormatError: for JSON of another shape. It names the place and keeps the value to itself.
        """
        ...


def format_of(name: str, kind: Any) -> Format:
    """The format of a type, or of a dict of types for a mapping of slices."""
    return MappingFormat(name, cast("dict[str, Any]", kind)) if isinstance(kind, dict) else SliceFormat(name, kind)


class MappingFormat:
    """A slice that is a mapping of slices itself."""

    def __init__(self, name: str, kinds: dict[str, Any]) -> None:
        self._formats = {each: format_of(f"{name}.{each}", kind) for each, kind in kinds.items()}
        self.has_secrets = any(each.has_secrets for each in self._formats.values())

    def dump(self, value: Any) -> Any:
        return {name: each.dump(value[name]) for name, each in self._formats.items()}

    def show(self, value: Any) -> Any:
        return {name: each.show(value[name]) for name, each in self._formats.items()}

    def load(self, data: Any) -> Any:
        return {name: each.load(data[name]) for name, each in self._formats.items() if name in data}


class SliceFormat:
    """A slice of one type, as pydantic writes and reads it.

    Raises:
        TypeError: for a type that has no JSON form.
    """

    def __init__(self, name: str, kind: Any) -> None:
        self.name = name
        self._is_bare = kind in BARE
        try:
            self._adapter: TypeAdapter[Any] = TypeAdapter(kind)
        except (PydanticSchemaGenerationError, PydanticUserError) as error:
            msg = (
                f"The slice {name!r} cannot be written as JSON: pydantic knows no JSON for {kind!r:.100}. "
                "Use a model, a dataclass or a typed container, or exclude the slice."
            )
            raise TypeError(msg) from error
        self.has_secrets = _has_secrets(self._adapter)

    def dump(self, value: Any) -> Any:
        if self._is_bare:
            _check_plain(self.name, value, value)
        if not self.has_secrets:
            return self.show(value)
        return to_jsonable_python(_reveal(self._adapter.dump_python(value, round_trip=True, by_alias=True)))

    def show(self, value: Any) -> Any:
        try:
            return self._adapter.dump_python(value, mode="json", round_trip=True, by_alias=True)
        except PydanticSerializationError as error:
            msg = f"The slice {self.name!r} cannot be written as JSON: {error}. Exclude it, or use types that pydantic can write."
            raise FormatError(msg) from None

    def load(self, data: Any) -> Any:
        try:
            return self._adapter.validate_json(json.dumps(data))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in (self.name, *first["loc"]))
            msg = f"it does not fit at {place}: {first['msg']}"
            raise FormatError(msg) from None


def formats_of(reducer: ReducerFn[Any], state: Any) -> dict[str, Format]:
    """The format of each slice; of a state without slices one, named `state`.

    Raises:
        TypeError: for a slice whose type has no JSON form.
    """
    types = slice_types(reducer, state) if has_slices(state) else {WHOLE: type_of(reducer, state)}
    return {name: format_of(name, kind) for name, kind in types.items()}


def slices_of(state: Any) -> dict[str, Any]:
    return read_slices(state) if has_slices(state) else {WHOLE: state}


def put_slices(state: Any, slices: dict[str, Any]) -> Any:
    return with_slices(state, slices) if has_slices(state) else slices.get(WHOLE, state)


def _has_secrets(adapter: TypeAdapter[Any]) -> bool:
    """Whether values of this type can hold secrets: JSON Schema has them as `writeOnly`."""
    from pydantic.json_schema import GenerateJsonSchema  # noqa: PLC0415 -- loaded by who saves a state, and by nobody else

    class Quiet(GenerateJsonSchema):
        """Says nothing of what JSON Schema cannot tell; only the marks of secrets are looked at."""

        ignored_warning_kinds: ClassVar = {"skipped-choice", "non-serializable-default"}  # pyright: ignore[reportIncompatibleVariableOverride]

    try:
        schema = adapter.json_schema(schema_generator=Quiet)
    except PydanticInvalidForJsonSchema:
        return False  # then pydantic masks what it meets
    return _is_write_only(schema)


def _is_write_only(schema: Any) -> bool:
    match schema:
        case {"writeOnly": True}:
            return True
        case dict():
            return any(_is_write_only(each) for each in cast("dict[str, Any]", schema).values())
        case list():
            return any(_is_write_only(each) for each in cast("list[Any]", schema))
        case _:
            return False


def _reveal(value: Any) -> Any:
    match value:
        case SecretStr() | SecretBytes() | Secret():
            return cast("Any", value).get_secret_value()
        case dict():
            return {key: _reveal(each) for key, each in cast("dict[Any, Any]", value).items()}
        case list() | tuple() | set() | frozenset():
            return [_reveal(each) for each in cast("list[Any]", value)]
        case _:
            return value


def _check_plain(name: str, whole: Any, value: Any) -> None:
    """Refuse objects in a container whose items have no known type: they would come back as plain dicts."""
    if isinstance(value, BaseModel) or (is_dataclass(value) and not isinstance(value, type)):
        kind, item = type(whole).__name__, type(value).__name__
        msg = (
            f"The slice {name!r} is a {kind} that holds {item}, and nothing says so when it is read again. "
            f"Say it: Slice[{kind}[{item}, ...]](...) or Reducer[...](...), or a field of a state class."
        )
        raise FormatError(msg)
    items = cast("dict[Any, Any]", value).values() if isinstance(value, dict) else value
    if isinstance(value, BARE):
        for item in cast("list[Any]", items):
            _check_plain(name, whole, item)
