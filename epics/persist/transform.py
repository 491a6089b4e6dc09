"""A slice that its own functions write and read."""

from collections.abc import Callable, Mapping
from typing import Any, cast

from ...actions.codec import CannotWriteError, Codec, FormatError, Secrets, Written, holds_secrets
from ...reducers.does_not_run import check_runs
from ...reducers.slice_types import SliceType
from ...store.slice_format import format_of

Transform = tuple[Callable[[Any], Any], Callable[[Any], Any]]
"""How a slice is written, and how it is made again of what was written. The first gives what can be written as JSON."""


def check_transforms(transforms: Any) -> None:
    """Refuse what is no mapping of slices to two functions.

    Raises:
        TypeError: naming the slice.
    """
    if not isinstance(transforms, Mapping):
        msg = f"persist(transforms=...) takes a mapping of slices to (dump, load), not {transforms!r:.100}."
        raise TypeError(msg)
    for name, given in cast("Mapping[Any, Any]", transforms).items():
        match given:
            case (dump, load) if callable(dump) and callable(load):
                for function in (dump, load):
                    check_runs(f"{function!r:.100} in persist(transforms=...) for {name!r}", function)
            case _:
                msg = (
                    f"persist(transforms=...) takes two functions for {name!r}, (dump, load): one that gives what is written, and one "
                    f"that makes the slice of it, not {given!r:.100}."
                )
                raise TypeError(msg)


class TransformedFormat:
    """What `transforms` says of a slice. What it leaves out is left out on purpose: only the way back is tried.

    The slice may be of a type for which there is no JSON. Where the type is known, what is made has to fit it.
    """

    def __init__(self, name: str, transform: Transform, type: Any) -> None:
        self._dump, self._load = transform
        self._codec = Codec(name, Any)
        kind, guessed = type if isinstance(type, SliceType) else SliceType(type)
        try:
            format = format_of(name, type)
        except TypeError:
            format = None
        self._format = format
        self._type = format if isinstance(format, Codec) and not guessed else None
        self.has_secrets = holds_secrets(kind) if format is None else format.has_secrets

    def show(self, value: Any) -> Any:
        return repr(value) if self._format is None else self._format.show(value)

    def dump(self, value: Any, secrets: Secrets = "masked") -> Written:
        try:
            told = self._dump(value)
        except Exception as error:
            msg = f"writing it failed with {error!r:.200} in its function of transforms"
            raise CannotWriteError(msg) from error
        written = self._codec.dump(told, secrets)
        try:
            self.load(*written)
        except FormatError as error:
            msg = f"what transforms write of it would not come back: {error}"
            raise CannotWriteError(msg) from error.__cause__
        return written

    def load(self, data: Any, types: Mapping[str, str] | None = None) -> Any:
        told = self._codec.load(data, types)
        try:
            value = self._load(told)
        except Exception as error:
            msg = f"making it of what was written failed with {type(error).__name__} in its function of transforms"
            raise FormatError(msg) from error
        return value if self._type is None else self._type.load(value)
