"""An action of an app that is somewhere else: its type and its fields, as they came."""

from collections.abc import Iterator, Mapping
from typing import Any, cast

from .kept import keep, printable


class RemoteAction(Mapping[str, Any]):
    """The fields of an action, and its type, without a class that says what they are.

    Examples:
        >>> action = RemoteAction.of({"type": "todos/added", "text": "milk"})
        >>> action.type, dict(action), action
        ('todos/added', {'text': 'milk'}, todos/added(text='milk'))
    """

    def __init__(self, type: str, fields: dict[str, Any]) -> None:
        self.type = type
        self._fields = fields

    @classmethod
    def of(cls, action: Any) -> "RemoteAction":
        """The action that JSON stands for; one without a type gets a mark in its place.

        Raises:
            ValueError: for one that is nested too deep.
        """
        fields: Any = keep(None, action)
        match fields:
            case {"type": type, **others}:
                return cls(printable(type if isinstance(type, str) else repr(type)), cast("dict[str, Any]", others))
            case dict():
                return cls("(no type)", cast("dict[str, Any]", fields))
            case _:
                return cls("(no action)", {"value": fields})

    def __getitem__(self, name: str) -> Any:
        return self._fields[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._fields)

    def __len__(self) -> int:
        return len(self._fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, RemoteAction) and (self.type, self._fields) == (other.type, other._fields)

    __hash__ = None  # its fields are JSON

    def __repr__(self) -> str:
        return f"{self.type}({', '.join(f'{name}={part!r}' for name, part in self._fields.items())})"

    def serialize(self) -> dict[str, Any]:
        """The action as JSON."""
        return {"type": self.type, **self._fields}
