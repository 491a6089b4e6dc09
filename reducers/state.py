"""A base class for states: frozen, typed, and cheap to change by copy."""

import copy
from typing import Any, Self, TypeVar

from pydantic import BaseModel, ConfigDict

M = TypeVar("M", bound=BaseModel)


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
        fields = type(self).model_fields
        for name in changes:
            if name not in fields:
                msg = f"{type(self).__name__} has no field {name!r}. Its fields: {', '.join(fields)}."
                raise TypeError(msg)
        return replace_fields(self, changes)


def replace_fields(model: M, changes: dict[str, Any]) -> M:
    """Copy a model with some fields changed, without validation.

    Unlike `model_copy` it leaves cached properties behind, which would be those of the old values.
    """
    values = model.__dict__
    if all(values[name] is value for name, value in changes.items()):
        return model
    fields = type(model).model_fields
    if len(values) != len(fields):
        values = {name: values[name] for name in fields}
    new = object.__new__(type(model))
    object.__setattr__(new, "__dict__", {**values, **changes})
    object.__setattr__(new, "__pydantic_fields_set__", model.__pydantic_fields_set__ | changes.keys())
    object.__setattr__(new, "__pydantic_extra__", copy.copy(model.__pydantic_extra__))
    object.__setattr__(new, "__pydantic_private__", copy.copy(model.__pydantic_private__))
    return new
