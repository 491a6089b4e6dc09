"""Which classes a declared type leads to: those may be made of data, and no others."""

import collections.abc
import dataclasses
import sys
import types
import typing
import weakref
from collections.abc import Iterator
from contextlib import suppress
from enum import Enum
from types import SimpleNamespace
from typing import Any, ClassVar, Literal, NamedTuple, TypeVar

from pydantic import BaseModel, PydanticSchemaGenerationError, Secret, SecretBytes, SecretStr, TypeAdapter
from pydantic.errors import PydanticUserError

from .ways import BASES, WAYS

_PLAIN = (object, type(None), bool, int, float, str, list, dict)
_ABSTRACT = (
    collections.abc.Sequence,
    collections.abc.MutableSequence,
    collections.abc.Mapping,
    collections.abc.MutableMapping,
    collections.abc.Set,
    collections.abc.MutableSet,
    collections.abc.Collection,
    collections.abc.Hashable,
    collections.defaultdict,
)
_NEVER = (
    type,
    collections.abc.Callable,  # pyright: ignore[reportUnknownMemberType] -- of anything
    collections.abc.Iterable,
    collections.abc.Iterator,
    collections.abc.Generator,
    collections.abc.Awaitable,
    collections.abc.Coroutine,
    types.FunctionType,
    types.BuiltinFunctionType,
)


_MARKS = {BaseModel, Enum, SecretStr, SecretBytes, Secret}


class Found(NamedTuple):
    """A class that a type leads to, and by which fields."""

    kind: type[Any]
    place: str


def walk(kind: Any, *, subclasses: bool) -> Iterator[Found]:
    """All classes that a type leads to, each once: by its arguments, the fields of models and dataclasses, and so on.

    A type that tells pydantic by itself how it is read and written is not looked into.
    """
    seen = set[Any]()
    to_see: list[tuple[Any, str]] = [(kind, "")]
    while to_see:
        each, place = to_see.pop()
        if each is Any:
            continue
        try:
            if each in seen:
                continue
            seen.add(each)
        except TypeError:
            pass  # metadata that cannot be hashed
        if isinstance(each, types.FunctionType | types.BuiltinFunctionType):
            yield Found(type(each), place)  # such as threading.Lock, which is no class
        elif isinstance(each, type) and typing.get_origin(each) is None:
            yield Found(each, place)
            to_see.extend(_fields(each, place))
            if subclasses and each not in _PLAIN and each not in WAYS and each not in _ABSTRACT and each not in _NEVER:
                # A class of drafts stands for its base inside a recipe, and is never stored.
                own = (below for below in each.__subclasses__() if "_draft_class" not in vars(below))
                to_see.extend((below, place) for below in own)
        else:
            to_see.extend((part, place) for part in _parts(each))


def _parts(kind: Any) -> Iterator[Any]:
    """What a type that is no class is made of."""
    origin = typing.get_origin(kind)
    if origin is typing.Annotated:
        inner, *metadata = typing.get_args(kind)
        if not any(hasattr(each, "__get_pydantic_core_schema__") for each in metadata):
            yield inner
    elif origin is Literal:
        yield from {type(value) for value in typing.get_args(kind)}
    elif origin is not None:
        if origin is not typing.Union and origin is not types.UnionType:
            yield origin
        if origin not in _NEVER:
            yield from (each for each in typing.get_args(kind) if each is not ...)
    elif isinstance(kind, TypeVar):
        yield from kind.__constraints__ or (() if kind.__bound__ is None else (kind.__bound__,))
    else:
        for attribute in ("__value__", "__supertype__"):  # of a type alias, and of a NewType
            inner = getattr(kind, attribute, None)
            if inner is not None:
                yield inner


def _fields(kind: type[Any], place: str) -> list[tuple[Any, str]]:
    """The types of a class's fields."""
    if kind in _PLAIN:
        return []
    if BaseModel in kind.__mro__:  # `issubclass` asks every model that there is
        own = {name for each in kind.__pydantic_decorators__.field_serializers.values() for name in each.info.fields}
        return [
            (field.rebuild_annotation(), _below(place, name))
            for name, field in kind.__pydantic_fields__.items()
            if name not in own and "*" not in own
        ]
    if kind in WAYS:
        return [(each, place) for each in WAYS[kind].holds]
    if hasattr(kind, "__get_pydantic_core_schema__"):
        return []
    if dataclasses.is_dataclass(kind):
        hints = hints_of(kind)
        return [(hints.get(field.name, field.type), _below(place, field.name)) for field in dataclasses.fields(kind)]
    if typing.is_typeddict(kind) or hasattr(kind, "_fields"):
        return [(each, _below(place, name)) for name, each in hints_of(kind).items()]
    return []


def own_annotations(kind: type[Any]) -> dict[str, Any]:
    """The types of the fields that a model's class itself declares, before pydantic has looked at them: those that are known.

    Not of those that a serialiser of their own writes.
    """
    infos: list[Any] = [getattr(each, "decorator_info", None) for each in vars(kind).values()]
    own = {name for each in infos if type(each).__name__ == "FieldSerializerDecoratorInfo" for name in each.fields}
    module = vars(sys.modules[kind.__module__]) if kind.__module__ in sys.modules else {}
    types: dict[str, Any] = {}
    for name, annotation in vars(kind).get("__annotations__", {}).items():
        if name in own or "*" in own or name.startswith("_"):
            continue
        alone = SimpleNamespace(__annotations__={name: annotation})
        with suppress(Exception):  # a name that is not there yet; pydantic knows more
            types.update(typing.get_type_hints(alone, module, include_extras=True))
    return {name: each for name, each in types.items() if ClassVar not in (each, typing.get_origin(each))}


def hints_of(kind: type[Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(kind, include_extras=True)
    except NameError:
        return {}  # a name that is not there yet


def _below(place: str, name: str) -> str:
    return f"{place}.{name}" if place else name


def unwritable(kind: Any) -> Found | None:
    """What in this type no data can stand for, such as a function; None where all can be written.

    Examples:
        >>> unwritable(dict[tuple[int, int], bytes | None])
        >>> unwritable(list[type[int]])
        Found(kind=<class 'type'>, place='')
    """
    return next((found for found in walk(kind, subclasses=False) if not _is_known(found.kind)), None)


_known = weakref.WeakKeyDictionary[type[Any], bool]()  # of classes that only pydantic can tell about


def _is_known(kind: type[Any]) -> bool:
    if kind in _NEVER:
        return False
    if kind in _PLAIN or kind in WAYS or kind in _ABSTRACT or not _MARKS.isdisjoint(kind.__mro__):
        return True
    if dataclasses.is_dataclass(kind) or hasattr(kind, "__get_pydantic_core_schema__") or typing.is_typeddict(kind):
        return True
    known = _known.get(kind)
    if known is None:
        known = _known[kind] = hasattr(kind, "_fields") or _is_built(kind)
    return known


def _is_built(kind: type[Any]) -> bool:
    if issubclass(kind, BASES):
        return True
    try:
        TypeAdapter(kind)
    except (PydanticSchemaGenerationError, PydanticUserError):
        return False
    return True


class Reach:
    """The classes that a type leads to, and those derived from them, by name.

    They are kept weakly, and looked for again when a name is not known: a class may be made later.
    """

    def __init__(self, kind: Any) -> None:
        self._kind = kind
        self._classes = weakref.WeakValueDictionary[str, type[Any]]()

    def name_of(self, kind: type[Any]) -> str | None:
        """The name by which data call this class; None for a class that the type does not lead to."""
        name = full_name(kind)
        found = self.class_of(name)
        if found is not kind:
            self._look()
            found = self._classes.get(name)
        return name if found is not None and is_like(found, kind) else None

    def class_of(self, name: str) -> type[Any] | None:
        """The class that data call so: by its module and name, or by its name where only one has it."""
        found = self._classes.get(name)
        if found is None:
            self._look()
            found = self._classes.get(name)
        if found is None:
            namesakes = [each for each in self._classes.values() if each.__qualname__ == name.rpartition(":")[2]]
            found = namesakes[0] if len(namesakes) == 1 else None
        return found

    def _look(self) -> None:
        classes = weakref.WeakValueDictionary[str, type[Any]]()
        for found in walk(self._kind, subclasses=True):
            classes.setdefault(full_name(found.kind), found.kind)  # of two that are called alike the newer comes first
        self._classes = classes


def full_name(kind: type[Any]) -> str:
    return f"{kind.__module__}:{kind.__qualname__}"


def is_like(one: type[Any], other: type[Any]) -> bool:
    """Whether two classes are the same, or one was made anew under the name of the other: by a reload, or in a notebook."""
    return one is other or (full_name(one) == full_name(other) and "<locals>" not in one.__qualname__)
