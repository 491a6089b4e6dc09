"""How a state becomes JSON, and a state again: slice by slice, by the types that they have."""

from collections.abc import Mapping
from typing import Any, Protocol, cast, runtime_checkable

from ..actions.codec import TYPES, CannotWriteError, Codec, FormatError, Secrets, Written
from ..reducers import ReducerFn
from ..reducers.containers import has_slices, read_slices, with_slices
from ..reducers.slice_types import SliceType, slice_types, type_of

__all__ = [
    "WHOLE",
    "Format",
    "FormatError",
    "formats_of",
    "packed",
    "part_of",
    "put_slices",
    "slices_of",
    "unpacked",
    "whole_of",
]

WHOLE = "state"  # the name of a state that has no slices


class Format(Protocol):
    """How a slice becomes JSON, and a slice again."""

    @property
    def has_secrets(self) -> bool: ...

    def dump(self, value: Any, secrets: Secrets = "masked") -> Written:
        """The slice as JSON, read back and compared.

        Raises:
            CannotWriteError: for a value that would not come back as it is, naming the place.
        """
        ...

    def show(self, value: Any) -> Any:
        """The slice as JSON to look at, its secrets masked: not to be read again."""
        ...

    def load(self, data: Any, types: Mapping[str, str] | None = None) -> Any:
        """The slice that this JSON is.

        Raises:
            FormatError: for JSON of another shape. It names the place and keeps the value to itself.
        """
        ...


@runtime_checkable
class FormatsItself(Protocol):
    """A reducer that knows more of its slice than the slice's type tells."""

    def slice_format(self, name: str) -> Format:
        """How the slice of this name becomes JSON, and the slice again."""
        ...


class MappingFormat:
    """A slice that is a mapping of slices itself."""

    def __init__(self, name: str, types: dict[str, SliceType]) -> None:
        self._name = name
        self._formats = {each: format_of(f"{name}.{each}", its) for each, its in types.items()}

    @property
    def has_secrets(self) -> bool:
        return any(each.has_secrets for each in self._formats.values())

    def dump(self, value: Any, secrets: Secrets = "masked") -> Written:
        return whole_of({name: each.dump(value[name], secrets) for name, each in self._formats.items()})

    def show(self, value: Any) -> Any:
        return {name: each.show(value[name]) for name, each in self._formats.items()}

    def load(self, data: Any, types: Mapping[str, str] | None = None) -> Any:
        if not isinstance(data, dict):
            msg = f"it does not fit at {self._name}: a mapping of slices is wanted"
            raise FormatError(msg)
        return {
            name: each.load(*part_of(Written(data, dict(types or {})), name))
            for name, each in self._formats.items()
            if name in data
        }


def whole_of(parts: Mapping[str, Written]) -> Written:
    """Many written values as one.

    Examples:
        >>> whole_of({"a": Written("Lw==", {"": "bytes"}), "b": Written(1, {})})
        Written(data={'a': 'Lw==', 'b': 1}, types={'/a': 'bytes'})
    """
    return Written(
        {name: each.data for name, each in parts.items()},
        {f"/{_escaped(name)}{pointer}": kind for name, each in parts.items() for pointer, kind in each.types.items()},
    )


def part_of(whole: Written, name: str) -> Written:
    """One of the values that `whole_of` put together.

    Examples:
        >>> part_of(Written({"a": "Lw==", "b": 1}, {"/a": "bytes"}), "a")
        Written(data='Lw==', types={'': 'bytes'})
    """
    start = f"/{_escaped(name)}"
    types = {
        pointer.removeprefix(start): kind
        for pointer, kind in whole.types.items()
        if pointer == start or pointer.startswith(f"{start}/")
    }
    return Written(whole.data[name], types)


def packed(written: Written) -> Any:
    """A written value as one JSON value; mostly that is its data.

    Examples:
        >>> packed(Written(1, {})), packed(Written("Lw==", {"": "bytes"}))
        (1, {'@data': 'Lw==', '@types': {'': 'bytes'}})
    """
    return {"@data": written.data, TYPES: written.types} if written.types else written.data


def unpacked(data: Any) -> Written:
    """What `packed` was given.

    Examples:
        >>> unpacked({"@data": "Lw==", "@types": {"": "bytes"}})
        Written(data='Lw==', types={'': 'bytes'})
    """
    match data:
        case {"@data": inner, "@types": dict()} if len(cast("dict[str, Any]", data)) == 2:
            return Written(inner, cast("dict[str, dict[str, str]]", data)[TYPES])
        case _:
            return Written(data, {})


def _escaped(name: str) -> str:
    return name.replace("~", "~0").replace("/", "~1")


def format_of(name: str, type: Any) -> Format:
    """The format of a type, of a `SliceType`, or of a dict of these for a mapping of slices.

    Raises:
        TypeError: for a type that has no JSON form.
    """
    kind, guessed = type if isinstance(type, SliceType) else SliceType(type)
    if isinstance(kind, dict):
        return MappingFormat(name, cast("dict[str, SliceType]", kind))
    if isinstance(kind, FormatsItself):
        return kind.slice_format(name)
    try:
        return Codec(name, kind, guessed=guessed)
    except CannotWriteError as error:
        msg = f"The slice {name!r} cannot be written as JSON: {error}"
        raise TypeError(msg) from error


def formats_of(reducer: ReducerFn[Any], state: Any) -> dict[str, Format]:
    """The format of each slice; of a state without slices one, named `state`.

    Raises:
        TypeError: for a slice whose type has no JSON form.
    """
    return {name: format_of(name, its) for name, its in types_of(reducer, state).items()}


def types_of(reducer: ReducerFn[Any], state: Any) -> dict[str, SliceType]:
    """The type of each slice. A reducer that knows a format of its own (`FormatsItself`) stands for the type."""
    if not has_slices(state):
        return {WHOLE: type_of(reducer, state)}
    parts: dict[str, ReducerFn[Any]] = getattr(reducer, "parts", {})  # of a combined one
    own = {name: SliceType(part) for name, part in parts.items() if isinstance(part, FormatsItself)}
    return {**slice_types(reducer, state), **own}


def slices_of(state: Any) -> dict[str, Any]:
    return read_slices(state) if has_slices(state) else {WHOLE: state}


def put_slices(state: Any, slices: dict[str, Any]) -> Any:
    return with_slices(state, slices) if has_slices(state) else slices.get(WHOLE, state)
