"""What a selector is asked with beside the state: which input takes it, and how it is remembered."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Arguments:
    """What an input takes beside the state."""

    names: tuple[str, ...]  # of the positional ones, the state among them
    count: int  # how many positional ones, the state among them
    named: frozenset[str]
    any_name: bool

    @property
    def are_none(self) -> bool:
        """Whether it takes the state and nothing else."""
        return self.count == 1 and not self.named and not self.any_name

    def take(self, name: str) -> bool:
        return self.any_name or name in self.named

    @classmethod
    def together(cls, inner: "list[Arguments]") -> "Arguments":
        """What a selector takes: what any of its own inputs takes."""
        return cls(
            max((each.names for each in inner), key=len),
            max(each.count for each in inner),
            frozenset[str]().union(*(each.named for each in inner)),
            any(each.any_name for each in inner),
        )

    @classmethod
    def of(cls, function: Callable[..., Any]) -> "Arguments":
        try:
            parameters = list(inspect.signature(function).parameters.values())
        except ValueError:
            return cls(("state",), 1, frozenset(), any_name=False)  # a built-in function that does not tell
        kinds = {each.kind for each in parameters}
        positional = [
            each.name for each in parameters if each.kind in (each.POSITIONAL_ONLY, each.POSITIONAL_OR_KEYWORD)
        ]
        named = (each.name for each in parameters[1:] if each.kind in (each.KEYWORD_ONLY, each.POSITIONAL_OR_KEYWORD))
        count = sys.maxsize if inspect.Parameter.VAR_POSITIONAL in kinds else len(positional)
        return cls(tuple(positional), count, frozenset(named), inspect.Parameter.VAR_KEYWORD in kinds)


class ByIdentity:
    """Stands for an argument that cannot be hashed: it is the same as long as it is the same object."""

    __slots__ = ("_value",)

    def __init__(self, value: Any) -> None:
        self._value = value

    def __hash__(self) -> int:
        return id(self._value)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ByIdentity) and self._value is other._value


def kinds(value: Any) -> Any:
    """The class of an argument, and those of what is in it: (1,) equals (True,) and is another argument."""
    cls: type[Any] = value.__class__
    if issubclass(cls, tuple):
        return cls, *map(kinds, value)
    if issubclass(cls, frozenset):
        return cls, frozenset((each, kinds(each)) for each in value)
    return cls


def is_hashable(value: Any) -> bool:
    try:
        hash(value)
    except TypeError:
        return False
    return True
