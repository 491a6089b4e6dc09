"""The text that a saved state is: what is in it, who can read it, and what is wrong with it. Pure functions."""

import json
from collections.abc import Callable, Mapping
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
from pydantic.json_schema import GenerateJsonSchema
from pydantic_core import PydanticSerializationError, to_jsonable_python

from .storage import PersistError

FORMAT = 1  # of the text itself
MARK = "rxdux"  # the key that tells our texts from others

Slices = dict[str, Any]
Migration = Callable[[Slices], Slices]
"""Makes the slices of the next version out of those of an older one. Both are parsed JSON."""

BARE = (tuple, list, dict, set, frozenset)


class Format(Protocol):
    """How a slice becomes JSON, and a slice again."""

    has_secrets: bool

    def dump(self, value: Any) -> Any:
        """The slice as JSON, with its secrets in clear: for a storage that is made for them."""
        ...

    def load(self, data: Any) -> Any:
        """The slice that this JSON is.

        Raises:
            PersistError: for JSON of another shape. It names the place and keeps the value to itself.
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
                f"The slice {name!r} cannot be persisted: pydantic knows no JSON for {kind!r:.100}. "
                "Use a model, a dataclass or a typed container, or exclude the slice."
            )
            raise TypeError(msg) from error
        self.has_secrets = _has_secrets(self._adapter)

    def dump(self, value: Any) -> Any:
        if self._is_bare:
            _check_plain(self.name, value, value)
        try:
            if self.has_secrets:
                return to_jsonable_python(_reveal(self._adapter.dump_python(value, round_trip=True, by_alias=True)))
            return self._adapter.dump_python(value, mode="json", round_trip=True, by_alias=True)
        except PydanticSerializationError as error:
            msg = f"The slice {self.name!r} cannot be persisted: {error}. Exclude it, or use types that pydantic can write."
            raise PersistError(msg) from None

    def load(self, data: Any) -> Any:
        try:
            value = self._adapter.validate_json(json.dumps(data))
        except ValidationError as error:
            first = error.errors(include_input=False, include_url=False)[0]
            place = ".".join(str(part) for part in (self.name, *first["loc"]))
            msg = f"it does not fit at {place}: {first['msg']}"
            raise PersistError(msg) from None
        restored = getattr(value, "restored", None)
        return restored() if callable(restored) else value


def encode(key: str, version: int, slices: Slices) -> str:
    """The text of a saved state.

    Examples:
        >>> encode("app", 1, {"count": 3})
        '{"rxdux": 1, "key": "app", "version": 1, "slices": {"count": 3}}'
    """
    return json.dumps({MARK: FORMAT, "key": key, "version": version, "slices": slices}, ensure_ascii=False)


def decode(text: str, key: str, version: int, migrations: Mapping[int, Migration]) -> tuple[Slices, bool]:
    """The slices in a text, brought to this version, and whether that changed them.

    Raises:
        PersistError: for a text that is truncated, not ours, from a newer version, or that a migration fails on.
        ValueError: for a state that another key has saved here.

    Examples:
        >>> decode('{"rxdux": 1, "key": "app", "version": 1, "slices": {"n": 3}}', "app", 2, {1: lambda old: {"count": old["n"]}})
        ({'count': 3}, True)
    """
    try:
        content = json.loads(text)
    except ValueError as error:
        place = f"line {error.lineno}, column {error.colno}" if isinstance(error, json.JSONDecodeError) else "its start"
        msg = f"it is no whole JSON: it breaks off, or is damaged, at {place}"
        raise PersistError(msg) from None
    match content:
        case {"rxdux": int(form), "key": str(owner), "version": int(saved), "slices": dict()}:
            pass
        case _:
            msg = "it is JSON, and not a state that rxdux has saved"
            raise PersistError(msg)
    if form > FORMAT:
        msg = f"it has the format {form} of a newer rxdux; this one reads {FORMAT}"
        raise PersistError(msg)
    if owner != key:
        msg = f"The storage holds the state of the key {owner!r}, not of {key!r}. Give each key a storage of its own."
        raise ValueError(msg)
    if saved > version:
        msg = f"it is of version {saved}, newer than version {version} of this app"
        raise PersistError(msg)
    return _migrate(cast("dict[str, Slices]", content)["slices"], saved, version, migrations)


def _migrate(slices: Slices, saved: int, version: int, migrations: Mapping[int, Migration]) -> tuple[Slices, bool]:
    leads_to = version in migrations  # keyed by the version that comes out, as in redux-persist
    for step in range(saved, version):
        migrate = migrations.get(step + 1 if leads_to else step, _unchanged)
        try:
            slices = dict(migrate(slices))
        except Exception as error:
            msg = f"its migration from version {step} to {step + 1} failed with {type(error).__name__}"
            raise PersistError(msg) from error
    return slices, saved != version


def _unchanged(slices: Slices) -> Slices:
    return slices


class _Schema(GenerateJsonSchema):
    """Says nothing of what JSON Schema cannot tell; only the marks of secrets are looked at."""

    ignored_warning_kinds: ClassVar = {"skipped-choice", "non-serializable-default"}  # pyright: ignore[reportIncompatibleVariableOverride]


def _has_secrets(adapter: TypeAdapter[Any]) -> bool:
    """Whether values of this type can hold secrets: JSON Schema has them as `writeOnly`."""
    try:
        schema = adapter.json_schema(schema_generator=_Schema)
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
        raise PersistError(msg)
    items = cast("dict[Any, Any]", value).values() if isinstance(value, dict) else value
    if isinstance(value, BARE):
        for item in cast("list[Any]", items):
            _check_plain(name, whole, item)
