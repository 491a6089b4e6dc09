"""A base class for states: frozen, typed, and cheap to change by copy."""

import dataclasses
from collections.abc import Collection
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict

M = TypeVar("M", bound=BaseModel)

_new, _set = object.__new__, object.__setattr__  # past the validation and the freezing of a model


class State(BaseModel):
    """A *state* is an immutable value that only reducers replace.

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
        fields = type(self).__pydantic_fields__
        for name in changes:
            if name not in fields:
                msg = f"{type(self).__name__} has no field {name!r}. Its fields: {', '.join(fields)}."
                raise TypeError(msg)
        return replace_fields(self, changes)


def field_names(kind: type[Any]) -> Collection[str]:
    """The fields of a pydantic model or a dataclass, in their order; none of anything else."""
    if issubclass(kind, BaseModel):
        return kind.__pydantic_fields__
    return [field.name for field in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else ()


def replace_fields(model: M, changes: dict[str, Any]) -> M:
    """Copy a model with some fields changed, without validation.

    Unlike `model_copy` it leaves cached properties behind, which would be those of the old values.
    """
    values = model.__dict__
    for name, value in changes.items():
        if values[name] is not value:
            break
    else:
        return model
    fields = type(model).__pydantic_fields__
    if len(values) != len(fields):
        values = {name: values[name] for name in fields}
    extra, private = model.__pydantic_extra__, model.__pydantic_private__
    new = _new(type(model))
    _set(new, "__dict__", {**values, **changes})
    _set(new, "__pydantic_fields_set__", model.__pydantic_fields_set__ | changes.keys())
    _set(new, "__pydantic_extra__", extra and dict(extra))
    _set(new, "__pydantic_private__", private and dict(private))
    return new
