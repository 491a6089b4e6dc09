"""What an action is: the base class, its type string, and the way to a dictionary and back."""

import importlib
import re
from collections.abc import Iterable
from typing import Any, ClassVar, Self, TypeGuard, TypeVar, cast

from pydantic import BaseModel, ConfigDict

from .codec import TYPES, CannotWriteError, Codec, Unwritable, own_annotations, unwritable
from .registry import class_of, find, register

A = TypeVar("A", bound="Action")

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def screaming_snake_case(name: str) -> str:
    """Turn a class name into an action type.

    Examples:
        >>> screaming_snake_case("RefreshSuccess"), screaming_snake_case("HTTPError")
        ('REFRESH_SUCCESS', 'HTTP_ERROR')
    """
    return _WORD.sub("_", name).upper()


class Action(BaseModel):
    """An *action* says what happened: an immutable value, the only way to change a store's state.

    Subclass it and declare fields as in any pydantic model. The type string comes from the class
    name, or from the `type` keyword where another is wanted.

    Raises:
        pydantic.ValidationError: for an unknown, missing or ill-typed field.
        TypeError: when a subclass declares a field called `type`, or one that no data can stand for, such as a function.

    See https://redux.js.org/tutorials/fundamentals/part-2-concepts-data-flow#actions

    Examples:
        >>> class AddTodo(Action, type="todos/add"):
        ...     text: str
        >>> AddTodo.type, AddTodo(text="milk").type
        ('todos/add', 'todos/add')
        >>> AddTodo(text="milk").serialize()
        {'type': 'todos/add', 'text': 'milk'}
        >>> Action.parse({"type": "todos/add", "text": "milk"})
        AddTodo(text='milk')
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    type: ClassVar[str] = "ACTION"
    _codec: ClassVar[Codec]

    def __init_subclass__(cls, *, type: str | None = None, **config: Any) -> None:
        super().__init_subclass__(**config)
        _check_annotations(cls)  # before pydantic looks at them, whose error names no field
        if "type" in cls.__dict__.get("__annotations__", {}):
            msg = (
                f"{cls.__qualname__} declares a field 'type', which every action has already. "
                f"Rename the field, or write class {cls.__name__}(Action, type=...)."
            )
            raise TypeError(msg)
        if type is not None:
            cls.type = type
        elif not _is_parametrized(cls):  # Loaded[int] keeps the type of Loaded
            cls.type = screaming_snake_case(cls.__name__)

    @classmethod
    def __pydantic_init_subclass__(cls, *, type: str | None = None, **config: Any) -> None:
        super().__pydantic_init_subclass__(**config)
        if not _is_parametrized(cls):
            register(cls)
        _check_fields(cls)

    @classmethod
    def parse(cls, data: dict[str, Any], among: Iterable[Any] | None = None) -> Self:
        """Make the action that `data` describes, as an instance of its own class.

        Args:
            data: what `serialize` gave: the `type` and the fields.
            among: action classes and slices. Only these classes and the actions that these slices made come
                of it: for data from outside.

        Raises:
            ValueError: for an unknown type, naming the nearest known ones, or one that several classes share;
                pydantic's ValidationError (a ValueError) for wrong fields.

        Examples:
            >>> class Paid(Action): ...
            >>> Action.parse({"type": "PAYD"}, among=[Paid])
            Traceback (most recent call last):
            ValueError: No action of type 'PAYD' is known below Action. Did you mean 'PAID'?
        """
        match data:
            case {"type": str(name), **fields}:
                return read_fields(class_of(name, cls, among), fields)
            case _:
                msg = f"An action is parsed from a dict with a string under 'type', not from a {data.__class__.__name__} without it."
                raise ValueError(msg)

    def serialize(self) -> dict[str, Any]:
        """The action as a JSON-able dictionary: `{"type": ..., **fields}`. Secrets stay masked.

        `parse` makes the same action of it: it was tried. What JSON does not tell of a field, such as which
        subclass it holds, is told under `@types`.

        Raises:
            TypeError: for a field that would not come back as it is, such as an object in a field of `Any`.
        """
        data, types = _codec_of(self.__class__).dump(self)
        return {"type": self.type, **data, TYPES: types} if types else {"type": self.type, **data}

    def __reduce__(self) -> tuple[Any, ...]:
        """By the name and type of its class: several slices of a module may have an action of one name."""
        generic = self.__pydantic_generic_metadata__
        cls = generic["origin"] or self.__class__
        return _remake, (cls.__module__, cls.__qualname__, self.type, generic["args"]), self.__getstate__()


def _is_parametrized(cls: type[Action]) -> bool:
    return "[" in cls.__name__


def _check_annotations(cls: type[Action]) -> None:
    """Refuse fields that no data can stand for.

    Raises:
        TypeError: naming the field.
    """
    for name, annotation in own_annotations(cls).items():
        _check_field(cls, name, unwritable(annotation))


def _check_fields(cls: type[Action]) -> None:
    """The same, of all fields, where their types were not known before."""
    _check_field(cls, "", unwritable(cls))


def _check_field(cls: type[Action], name: str, refused: Unwritable | None) -> None:
    if refused is not None:
        place = ".".join(each for each in (cls.__qualname__, name, refused.place) if each)
        msg = (
            f"{place} cannot be written as JSON and read again: it is a {refused.kind.__qualname__}. "
            "An action says what happened, as data: use a model, a dataclass, a typed container or a name that stands for it."
        )
        raise CannotWriteError(msg)


def read_fields(cls: type[A], fields: dict[str, Any]) -> A:
    """The action of this class that has these fields, as `serialize` gave them, without the type.

    Raises:
        ValueError: for fields that do not fit.
    """
    return _codec_of(cls).read(*_fields_and_types(fields))


def _codec_of(cls: type[Action]) -> Codec:
    codec = cls.__dict__.get("_codec")
    if codec is None:
        codec = cls._codec = Codec(cls.type, cls)  # pyright: ignore[reportPrivateUsage] -- kept by the class, and gone with it
    return codec


def _fields_and_types(fields: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    types = fields.pop(TYPES, {})
    if not _are_names(types):
        msg = f"An action has under {TYPES!r} a dict of names, not {types.__class__.__name__}."
        raise ValueError(msg)
    return fields, types


def _are_names(types: Any) -> TypeGuard[dict[str, str]]:
    return isinstance(types, dict) and all(isinstance(each, str) for each in cast("dict[str, Any]", types).values())


def _remake(module: str, qualname: str, type: str, parameters: tuple[Any, ...]) -> Action:
    """An empty action of the class of this name, for pickle to fill."""
    found: Any = find(module, qualname, type)
    if found is None:
        found = importlib.import_module(module)
        found = find(module, qualname, type)
    if found is None:
        msg = f"The action class {module}.{qualname} of the type {type!r} is not there any more."
        raise LookupError(msg)
    cls = found[parameters] if parameters else found
    return cls.__new__(cls)
