"""Marks the fields of an action that are measured: a clock's reading, a duration. They differ from run to run."""

from typing import Annotated, Any


class Measured:
    """What marks such a field: `at: Annotated[float, Measured()]`."""

    def __repr__(self) -> str:
        return "Measured()"


Seconds = Annotated[float, Measured()]
MaybeSeconds = Annotated[float | None, Measured()]


def is_measured(metadata: list[Any]) -> bool:
    return any(isinstance(each, Measured) for each in metadata)
