"""A slice: a reducer that also makes its actions."""

import functools
import inspect
from collections.abc import Callable, Iterable
from types import SimpleNamespace
from typing import Any, Concatenate, ParamSpec, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from ..actions import Action
from .action_class import HasActionClass, classes_in
from .action_creator import ActionCreator
from .defined_anew import is_defined_anew
from .reducer import Reducer, check_callable

S = TypeVar("S")
P = ParamSpec("P")


class SliceAction(Action, type="@@rxdux/SLICE"):
    """What the actions of slices have in common: they bear the name of the handler that they were made of."""

    model_config = ConfigDict(arbitrary_types_allowed=True, validate_by_name=True, validate_by_alias=True)

    def __init_subclass__(cls, *, qualname: str | None = None, **config: Any) -> None:
        if qualname is not None:
            cls.__qualname__ = qualname  # before it is registered under it
        super().__init_subclass__(**config)


class Slice(Reducer[S]):
    """A reducer of one part of the state, and the actions that it handles.

    Args:
        name: the first half of its actions' types.
        initial: the initial state.
        reset_on: action classes, or actions of other slices, that bring back the initial state.

    Raises:
        TypeError: for a name that is no text, or what is no action class.
        ValueError: for an empty name.

    See https://redux-toolkit.js.org/api/createslice

    Examples:
        >>> counter = Slice("counter", initial=0)
        >>> @counter.action
        ... def add(count: int, amount: int = 1) -> int:
        ...     return count + amount
        >>> add(5), add.type
        (add(amount=5), 'counter/add')
        >>> counter(1, add(amount=2))
        3
    """

    def __init__(
        self, name: str, initial: S, *, reset_on: Iterable[type[Action] | HasActionClass[Action]] = ()
    ) -> None:
        if not isinstance(name, str):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"Slice takes its name first, as in Slice('todos', initial=...), not {name!r:.100}."
            raise TypeError(msg)
        if not name.strip():
            msg = f"A slice cannot be called {name!r}: its name is the first half of its actions' types, as in 'todos/add'."
            raise ValueError(msg)
        super().__init__(initial)
        self.name = name
        self.actions = SimpleNamespace()
        self._made_of: dict[str, Callable[..., Any]] = {}  # the handlers of the actions
        self._reset_on(reset_on)

    def _reset_on(self, actions: Any) -> None:
        classes = classes_in("Slice(reset_on=...)", "reset_on=(Logout,)", actions)
        if classes:

            def reset(state: S, action: Action) -> S:
                return self.initial

            reset.__qualname__ = f"reset_on of slice {self.name!r}"
            self.on(*classes)(reset)

    def __repr__(self) -> str:
        actions = ", ".join(vars(self.actions)) or "none"
        return f"<Slice {self.name!r}, actions: {actions}, handlers: {len(self.handles)}>"

    def action(self, handler: Callable[Concatenate[S, P], S]) -> ActionCreator[P]:
        """Make an action of a handler: its name is the action's, its parameters after the state are the fields.

        Raises:
            TypeError: for a parameter that cannot be a field.
            ValueError: when the slice has an action of that name, other than an earlier edition of this one
                (a notebook's cell that is run again).
        """
        check_callable(f"The handler of an action of slice {self.name!r}", handler)
        name = getattr(handler, "__name__", "")
        if not name.isidentifier():
            msg = f"An action of slice {self.name!r} is named after its handler, and {handler!r:.100} has no name. Write a def."
            raise TypeError(msg)
        before = self._made_of.get(name)
        if before is not None and not is_defined_anew(handler, before):
            msg = f"The slice {self.name!r} has an action {name!r} already. Give one of them another name."
            raise ValueError(msg)
        creator = ActionCreator(handler, _make_class(self.name, handler))

        @functools.wraps(handler)
        def reduce(state: S, action: Action) -> S:
            return handler(state, **action.__dict__)  # pyright: ignore[reportCallIssue] -- its fields, and nothing else

        if before is not None:
            del self._handlers[getattr(self.actions, name).action_class]
        self._made_of[name] = handler
        self.on(creator.action_class)(reduce)
        setattr(self.actions, name, creator)
        return creator


def _make_class(slice_name: str, handler: Callable[..., Any]) -> type[Action]:
    parameters = _fields_of(slice_name, handler)
    hints = _hints_of(slice_name, handler, parameters)
    fields: dict[str, Any] = {}
    for parameter in parameters:
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (hints.get(parameter.name, Any), default)
    return create_model(
        handler.__name__,
        __base__=SliceAction,
        __module__=handler.__module__,
        __doc__=handler.__doc__,
        __cls_kwargs__={"type": f"{slice_name}/{handler.__name__}", "qualname": handler.__qualname__},
        **fields,
    )


def _fields_of(slice_name: str, handler: Callable[..., Any]) -> list[inspect.Parameter]:
    """The parameters after the state."""
    parameters = list(inspect.signature(handler).parameters.values())
    if not parameters or parameters[0].kind in (inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_KEYWORD):
        msg = f"The action {slice_name}/{handler.__name__} takes no state. A handler takes it first: def {handler.__name__}(state, ...)."
        raise TypeError(msg)
    if parameters[0].kind is inspect.Parameter.VAR_POSITIONAL:
        _check_parameter(slice_name, handler, parameters[0])
    for parameter in parameters[1:]:
        _check_parameter(slice_name, handler, parameter)
    return parameters[1:]


def _hints_of(slice_name: str, handler: Callable[..., Any], parameters: list[inspect.Parameter]) -> dict[str, Any]:
    """What the fields are annotated with; that of the state may be a name that only the type checker knows."""
    annotations = {each.name: each.annotation for each in parameters if each.annotation is not each.empty}
    known = getattr(inspect.unwrap(handler), "__globals__", {})
    try:
        return get_type_hints(SimpleNamespace(__annotations__=annotations), globalns=known, include_extras=True)
    except NameError as error:
        msg = (
            f"The action {slice_name}/{handler.__name__} has a parameter of the type {error.name!r}, which is not known "
            "when the program runs. Import it outside of TYPE_CHECKING, and define it in the module."
        )
        raise TypeError(msg) from error


def _check_parameter(slice_name: str, handler: Callable[..., Any], parameter: inspect.Parameter) -> None:
    where = f"The action {slice_name}/{handler.__name__}"
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD, parameter.POSITIONAL_ONLY):
        msg = f"{where} takes {str(parameter)!r}, which cannot be a field. Name each parameter, without a slash behind it."
        raise TypeError(msg)
    if (
        parameter.name.startswith("_")
        or parameter.name == "type"
        or hasattr(BaseModel, parameter.name)
        or hasattr(Action, parameter.name)
    ):
        msg = f"{where} has a parameter {parameter.name!r}, a name that actions use themselves. Rename it."
        raise TypeError(msg)
