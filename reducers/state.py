"""A base class for states: frozen, typed, and cheap to change by copy."""

import dataclasses
from collections.abc import Callable, Collection, Mapping
from functools import cached_property, lru_cache
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict

M = TypeVar("M", bound=BaseModel)

_ABSENT: Any = object()

# Past the validation and the freezing of a model, by the descriptors of its four slots: half the cost of `object.__setattr__`.
_new = object.__new__
_slots = BaseModel.__dict__
_set_dict, _set_names = _slots["__dict__"].__set__, _slots["__pydantic_fields_set__"].__set__
_set_extra, _set_private = _slots["__pydantic_extra__"].__set__, _slots["__pydantic_private__"].__set__


class State(BaseModel):
    """A *state* is an immutable value that only reducers replace.

    Examples:
        >>> class Counter(State):
        ...     count: int = 0
        ...     step: int = 1
        >>> Counter().replace(count=2)
        Counter(count=2, step=1)
    """

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    def replace(self, **changes: Any) -> Self:
        """A copy with these fields changed. Untouched fields keep identity; no change gives the same object.

        Names are checked, types are not: validating a large state on every action costs milliseconds.

        Raises:
            TypeError: for a field that the class does not have.
        """
        return replace_fields(self, changes)


def new_model(cls: type[M], values: dict[str, Any]) -> M:
    """An instance that has these values, which must be those of all its fields: nothing is checked, which is the point."""
    new = _new(cls)
    _set_dict(new, values)
    _set_names(new, set(values))
    _set_extra(new, None)
    _set_private(new, None)
    return new


@lru_cache(maxsize=1024)
def field_names(kind: type[Any]) -> Collection[str]:
    """The fields of a pydantic model or a dataclass, in their order; none of anything else."""
    if issubclass(kind, BaseModel):
        return (*kind.__pydantic_fields__,)
    return tuple(field.name for field in dataclasses.fields(kind)) if dataclasses.is_dataclass(kind) else ()


Change = Callable[[Any, Mapping[str, Any]], Any]
"""Gives a copy with fields changed, or the same object when they are so already."""


def replace_fields(model: M, changes: Mapping[str, Any]) -> M:
    """Copy a model with some fields changed, without validation; no change gives the same object.

    Unlike `model_copy` it leaves cached properties behind, which would be those of the old values.

    Raises:
        TypeError: for a field that the class does not have.
    """
    return model_change(model.__class__)(model, changes)  # of what a draft stands for, if it is one


@lru_cache(maxsize=1024)
def model_change(cls: type[BaseModel]) -> Change:
    """`replace_fields` for one class: what can be told from the class is told once."""
    fields = tuple(cls.__pydantic_fields__)
    count = len(fields)
    may_hold_more = bool(cls.__private_attributes__) or cls.model_config.get("extra") == "allow"

    def change(model: BaseModel, changes: Mapping[str, Any]) -> BaseModel:
        values = model.__dict__
        new_values = {**values, **changes}
        if len(new_values) != count:
            values = {name: values[name] for name in fields}
            new_values = {**values, **changes}
            if len(new_values) != count:
                raise TypeError(unknown_field(cls, fields, changes))
        for name in changes:
            if new_values[name] is not values[name]:
                break
        else:
            return model
        new = _new(cls)
        _set_dict(new, new_values)
        names = model.__pydantic_fields_set__
        _set_names(new, names if names.issuperset(changes) else names.union(changes))
        if may_hold_more:
            extra, private = model.__pydantic_extra__, model.__pydantic_private__
            _set_extra(new, extra and dict(extra))
            _set_private(new, private and dict(private))
        else:
            _set_extra(new, None)
            _set_private(new, None)
        return new

    return change


@lru_cache(maxsize=1024)
def change_of(cls: type[Any]) -> Change:
    """How fields of a record are changed: of a model, a dataclass, a named tuple, or else of a mapping."""
    if issubclass(cls, BaseModel):
        return model_change(cls)
    if dataclasses.is_dataclass(cls):
        return _dataclass_change(cls)
    return _change_named_tuple if is_named_tuple(cls) else _change_mapping


def is_named_tuple(cls: Any) -> bool:
    return hasattr(cls, "_fields") and issubclass(cls, tuple)


def _change_mapping(record: Mapping[Any, Any], changes: Mapping[str, Any]) -> Mapping[Any, Any]:
    for name, value in changes.items():
        if record.get(name, _ABSENT) is not value:
            return {**record, **changes}
    return record


def _dataclass_change(cls: type[Any]) -> Change:
    fields = cls.__dataclass_fields__
    copy = _copy_attributes if _is_plain(cls) else _replace

    def change(record: Any, changes: Mapping[str, Any]) -> Any:
        if not changes.keys() <= fields.keys():
            raise TypeError(unknown_field(cls, fields, changes))
        for name, value in changes.items():
            if getattr(record, name) is not value:
                return copy(record, changes)
        return record

    return change


def _is_plain(cls: type[Any]) -> bool:
    """Whether an instance of a dataclass is its attributes, and making one runs no code of its author."""
    fields = dataclasses.fields(cls)
    return (
        cls.__dataclass_params__.init
        and len(fields) == len(cls.__dataclass_fields__)  # no InitVar, no ClassVar
        and all(field.init for field in fields)
        and not hasattr(cls, "__post_init__")
        and not any(isinstance(own, cached_property) for base in cls.__mro__ for own in vars(base).values())
        and not any("__slots__" in vars(base) for base in cls.__mro__[:-1])
    )


def _copy_attributes(record: Any, changes: Mapping[str, Any]) -> Any:
    """Half the time of `dataclasses.replace`."""
    new = _new(record.__class__)
    new.__dict__.update(record.__dict__, **changes)
    return new


def _replace(record: Any, changes: Mapping[str, Any]) -> Any:
    return dataclasses.replace(record, **changes)


def _change_named_tuple(record: Any, changes: Mapping[str, Any]) -> Any:
    return record._replace(**changes) if changes else record


def unknown_field(cls: type[Any], fields: Collection[str], changes: Mapping[str, Any]) -> str:
    unknown = next(name for name in changes if name not in fields)
    return f"{cls.__name__} has no field {unknown!r}. Its fields: {', '.join(fields)}."
