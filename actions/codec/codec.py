"""JSON in and out for a declared type: what is written was read back and compared first."""

import json
from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from pydantic import (
    BaseModel,
    ConfigDict,
    PydanticSchemaGenerationError,
    RootModel,
    TypeAdapter,
    ValidationError,
)
from pydantic.errors import PydanticUserError
from pydantic_core import PydanticSerializationError, to_jsonable_python

from .difference import Comparison, below
from .errors import CannotWriteError, FormatError, place_of
from .reachable import Reach, unwritable
from .reader import Reader, misfit
from .secrets import holds_secrets, reveal
from .writer import Secrets, Writer, fields_of

TYPES = "@types"  # under which an action has what its JSON does not tell


class Written(NamedTuple):
    """A value as JSON.

    Attributes:
        data: in the shape that pydantic writes for its type, wherever that can be read again.
        types: what JSON does not tell: the kinds of single nodes, by their JSON pointers (RFC 6901). Mostly empty.
    """

    data: Any
    types: dict[str, str]


_UNREAD: Any = object()


class Codec:
    """Writes values of a type as JSON, and makes values of JSON.

    The JSON is what pydantic writes and reads, by the names of fields. Where a value would not come back
    from it as it is, such as a subclass in a field of its base, a tuple as a key, or bytes that are no
    text, the kinds of the nodes in question are told beside it. Data can name such kinds and classes that
    the type leads to, and those derived from them; nothing is ever imported or called by name.

    Args:
        name: what the value is called in errors.
        kind: the declared type.
        guessed: whether the type was only told by some value, so that others may come.

    Raises:
        CannotWriteError: for a type that no data can stand for.

    Examples:
        >>> Codec("board", dict[tuple[int, int], str]).dump({(1, 2): "x"})
        Written(data=[[[1, 2], 'x']], types={'': 'dict', '/0/0': 'tuple'})
        >>> Codec("board", dict[tuple[int, int], str]).load([[[1, 2], 'x']], {'': 'dict', '/0/0': 'tuple'})
        {(1, 2): 'x'}
    """

    def __init__(self, name: str, kind: Any, *, guessed: bool = False) -> None:
        self.name = name
        self._kind = kind
        self._guessed = guessed
        refused = unwritable(kind)
        if refused is not None:
            place = f"{name}.{refused.place}" if refused.place else name
            msg = (
                f"{place} is a {refused.kind.__qualname__}, for which pydantic knows no JSON. "
                "Use a model, a dataclass or a typed container, or leave it out."
            )
            raise CannotWriteError(msg)
        self._adapter = _adapter(name, kind)
        self._reach = Reach(kind)
        self._comparisons: dict[tuple[bool, bool], Comparison] = {}
        self._is_record = isinstance(kind, type) and issubclass(kind, BaseModel) and not issubclass(kind, RootModel)

    @property
    def has_secrets(self) -> bool:
        """Whether values of the type can hold secrets, at any depth."""
        return self._has_secrets

    @cached_property
    def _has_secrets(self) -> bool:
        return holds_secrets(self._kind, self._adapter)

    def dump(self, value: Any, secrets: Secrets = "masked") -> Written:
        """The value as JSON, read back and compared.

        Args:
            value: of the type; anything that can be written will do.
            secrets: `masked` secrets come back as stars, `revealed` ones as they are; `refused` is an error.

        Raises:
            CannotWriteError: for a value that would not come back as it is, naming the place.
        """
        try:
            return self._dump(value, secrets)
        except RecursionError:
            msg = f"{self.name} holds itself, or is nested too deep for JSON."
            raise CannotWriteError(msg) from None

    def load(self, data: Any, types: Mapping[str, str] | None = None) -> Any:
        """The value that this JSON is.

        Raises:
            FormatError: for JSON of another shape. It names the place and keeps the value to itself.
        """
        try:
            return self.read(data, types)
        except ValidationError as error:
            raise misfit(self.name, error) from None

    def read(self, data: Any, types: Mapping[str, str] | None = None) -> Any:
        """As `load`, with pydantic's own error for what does not fit: it shows values.

        Raises:
            FormatError: for JSON that is not of the kind that is told.
            pydantic.ValidationError: for JSON of another shape.
        """
        try:
            if types:
                return self._read(data, types)
            return self._validate(data)
        except (FormatError, ValidationError):
            raise
        except RecursionError:
            msg = f"it does not fit at {self.name}: it is nested too deep"
            raise FormatError(msg) from None
        except Exception as error:
            msg = f"it does not fit at {self.name}: a validator of its type failed ({type(error).__name__})"
            raise FormatError(msg) from None

    def show(self, value: Any) -> Any:
        """The value as JSON to look at, secrets masked: not to be read again."""
        try:
            return json.loads(self._adapter.dump_json(value, by_alias=False, warnings=False))
        except Exception:
            try:
                return Writer(self.name, self._reach, "masked").write(value, "")
            except Exception:
                return repr(value)

    # --- writing ---------------------------------------------------------------------------------

    def _dump(self, value: Any, secrets: Secrets) -> Written:
        reveals = secrets == "revealed"
        comparison = self._comparison(reveals=reveals, in_json=True)
        plain = self._plain(value, secrets)
        loaded = _UNREAD if plain is _UNREAD else self._reread(Written(plain, {}))
        is_same = loaded is not _UNREAD and comparison.difference(value, loaded) is None
        if is_same and (secrets != "refused" or not self.has_secrets):
            return Written(plain, {})
        told = self._told(value, plain, loaded, comparison, secrets)
        try:
            again = self.load(told.data, told.types)
        except FormatError as error:
            if self.has_secrets and secrets == "masked" and plain is not _UNREAD:
                return Written(plain, {})  # stars are no secret that its type would take
            msg = f"{self.name} would not come back as it is: {error}."
            raise CannotWriteError(msg) from None
        where = self._comparison(reveals=reveals, in_json=False).difference(value, again)
        if where is not None:
            msg = (
                f"{place_of(self.name, where)} would not come back as it is, but as something else: its type changes what it "
                "is given. Make its validators leave alone what they have made, or leave it out."
            )
            raise CannotWriteError(msg)
        return told

    def _comparison(self, *, reveals: bool, in_json: bool) -> Comparison:
        key = reveals, in_json
        if key not in self._comparisons:
            self._comparisons[key] = Comparison(reveals=reveals, in_json=in_json)
        return self._comparisons[key]

    def _plain(self, value: Any, secrets: Secrets) -> Any:
        """What pydantic writes."""
        try:
            if secrets == "revealed" and self.has_secrets:
                revealed = reveal(self._adapter.dump_python(value, round_trip=True, by_alias=False, warnings=False))
                return to_jsonable_python(revealed, by_alias=False)
            return self._adapter.dump_python(value, mode="json", round_trip=True, by_alias=False, warnings=False)
        except (PydanticSerializationError, ValueError, TypeError, AttributeError):
            return _UNREAD  # bytes that are no text, or what is not of the type: the nodes are told one by one

    def _reread(self, written: Written) -> Any:
        try:
            return self.load(*written)
        except FormatError:
            return _UNREAD

    def _told(self, value: Any, plain: Any, loaded: Any, comparison: Comparison, secrets: Secrets) -> Written:
        """The JSON with the kinds of its nodes beside it; of a model only in those fields that need it."""
        writer = Writer(self.name, self._reach, secrets)
        if not self._is_record or type(value) is not self._kind:
            return Written(writer.whole(value), writer.types)
        data: dict[str, Any] = {}
        for name, each in fields_of(value).items():
            is_well = (
                loaded is not _UNREAD
                and name in plain
                and secrets != "refused"
                and comparison.difference(each, getattr(loaded, name, _UNREAD)) is None
            )
            data[name] = plain[name] if is_well else writer.write(each, below("", name))
        return Written(data, writer.types)

    # --- reading ---------------------------------------------------------------------------------

    def _read(self, data: Any, types: Mapping[str, str]) -> Any:
        value = Reader(self.name, self._reach, types).whole(data)
        return (
            value
            if self._guessed and "" in types
            else self._adapter.validate_python(value, by_alias=True, by_name=True)
        )

    def _validate(self, data: Any) -> Any:
        try:
            return self._adapter.validate_python(data, by_alias=True, by_name=True)
        except ValidationError as error:
            try:  # a strict type takes JSON's word where it takes no other
                return self._adapter.validate_json(json.dumps(data), by_alias=True, by_name=True)
            except (TypeError, ValueError):
                raise error from None


def _adapter(name: str, kind: Any) -> TypeAdapter[Any]:
    try:
        try:
            return TypeAdapter(kind)
        except PydanticSchemaGenerationError:
            return TypeAdapter(kind, config=ConfigDict(arbitrary_types_allowed=True))
    except (PydanticSchemaGenerationError, PydanticUserError) as error:
        msg = (
            f"{name} is a {kind!r:.100}, for which pydantic knows no JSON. "
            "Use a model, a dataclass or a typed container, or leave it out."
        )
        raise CannotWriteError(msg) from error
