"""What an action is: the base class, its type string, and the way to a dictionary and back."""

import gc
import re
import weakref
from typing import Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict

_WORD = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_registry: dict[str, "weakref.WeakSet[type[Action]]"] = {}


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
        TypeError: when a subclass declares a field called `type`.

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

    def __init_subclass__(cls, *, type: str | None = None, **config: Any) -> None:
        super().__init_subclass__(**config)
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
            _register(cls)

    @classmethod
    def parse(cls, data: dict[str, Any]) -> Self:
        """Make the action that `data` describes, as an instance of its own class.

        Args:
            data: what `serialize` gave: the `type` and the fields.

        Raises:
            ValueError: for an unknown type or one that several classes share, naming the
                candidates; pydantic's ValidationError (a ValueError) for wrong fields.
        """
        match data:
            case {"type": str(name), **fields}:
                return _class_of(name, cls)(**fields)
            case _:
                msg = f"An action is parsed from a dict with a string under 'type', not from a {data.__class__.__name__} without it."
                raise ValueError(msg)

    def serialize(self) -> dict[str, Any]:
        """The action as a JSON-able dictionary: `{"type": ..., **fields}`. Secrets stay masked."""
        return {"type": self.type, **self.model_dump(mode="json")}


_A = TypeVar("_A", bound=Action)


def _is_parametrized(cls: type[Action]) -> bool:
    return "[" in cls.__name__


def _register(cls: type[Action]) -> None:
    namesakes = _registry.setdefault(cls.type, weakref.WeakSet())
    for older in list(namesakes):
        if _redefines(cls, older):
            namesakes.discard(older)
    namesakes.add(cls)


def _redefines(newer: type[Action], older: type[Action]) -> bool:
    """A reloaded module or a notebook cell run again replaces its classes; local classes all differ."""
    return (
        newer.__module__ == older.__module__
        and newer.__qualname__ == older.__qualname__
        and "<locals>" not in newer.__qualname__
    )


def _candidates(name: str, base: type[_A]) -> list[type[_A]]:
    return [found for found in list(_registry.get(name, ())) if issubclass(found, base)]


def _class_of(name: str, base: type[_A]) -> type[_A]:
    classes = _candidates(name, base)
    if len(classes) > 1:
        classes.clear()
        gc.collect()  # a class lives in cycles: only a collection tells which are still there
        classes = _candidates(name, base)
    if len(classes) == 1:
        return classes[0]
    if classes:
        sharing = ", ".join(sorted(f"{found.__module__}.{found.__qualname__}" for found in classes))
        msg = f"The action type {name!r} is ambiguous: {sharing} share it. Give one another type, or call parse on the one you mean."
    else:
        known = ", ".join(sorted(known for known in list(_registry) if _candidates(known, base)))
        msg = f"No action of type {name!r} is known below {base.__name__}. Candidates: {known or 'none'}."
    raise ValueError(msg)
