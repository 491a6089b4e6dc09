"""A slice: a reducer that also makes its actions."""

import importlib
import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any, Concatenate, Generic, ParamSpec, TypeVar, get_type_hints

from pydantic import BaseModel, ConfigDict, create_model

from ..actions import Action
from .reducer import Reducer, check_callable

S = TypeVar("S")
P = ParamSpec("P")


class SliceAction(Action):
    """What the actions of slices have in common: they are found again by the creator that made them."""

    model_config = ConfigDict(arbitrary_types_allowed=True)

    def __reduce__(self) -> tuple[Any, ...]:
        fields = {name: getattr(self, name) for name in type(self).model_fields}
        return _remake, (type(self).__module__, type(self).__qualname__, fields)


class ActionCreator(Generic[P]):
    """Makes the actions of one handler of a slice; called with what the handler takes beside the state."""

    def __init__(self, handler: Callable[Concatenate[Any, P], Any], action_class: type[Action]) -> None:
        parameters = list(inspect.signature(handler).parameters.values())[1:]
        self._signature = inspect.Signature(parameters)
        self.action_class = action_class
        self.__name__ = handler.__name__
        self.__qualname__ = handler.__qualname__
        self.__module__ = handler.__module__
        self.__doc__ = handler.__doc__

    @property
    def type(self) -> str:
        """The type of its actions, such as `todos/add`."""
        return self.action_class.type

    def __call__(self, *args: P.args, **kwargs: P.kwargs) -> Action:
        """Make an action.

        Raises:
            TypeError: for arguments that the handler does not take.
            pydantic.ValidationError: for values of another type.
        """
        try:
            bound = self._signature.bind(*args, **kwargs)
        except TypeError as error:
            msg = f"{self.__name__}{self._signature}: {error}."
            raise TypeError(msg) from None
        return self.action_class(**bound.arguments)

    def __repr__(self) -> str:
        return f"<action creator {self.type}{self._signature}>"


class Slice(Reducer[S]):
    """A reducer of one part of the state, and the actions that it handles.

    Args:
        name: the first half of its actions' types.
        initial: the initial state.

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

    def __init__(self, name: str, initial: S) -> None:
        super().__init__(initial)
        self.name = name
        self.actions = SimpleNamespace()

    def action(self, handler: Callable[Concatenate[S, P], S]) -> ActionCreator[P]:
        """Make an action of a handler: its name is the action's, its parameters after the state are the fields.

        Raises:
            TypeError: for a parameter that cannot be a field.
            ValueError: when the slice has an action of that name.
        """
        check_callable(f"The handler of an action of slice {self.name!r}", handler)
        name = handler.__name__
        if name in vars(self.actions):
            msg = f"The slice {self.name!r} has an action {name!r} already. Give one of them another name."
            raise ValueError(msg)
        creator = ActionCreator(handler, _make_class(self.name, handler))

        def reduce(state: S, action: Action) -> S:
            return handler(state, **action.__dict__)  # pyright: ignore[reportCallIssue] -- its fields, and nothing else

        self.on(creator.action_class)(reduce)
        setattr(self.actions, name, creator)
        return creator


def _make_class(slice_name: str, handler: Callable[..., Any]) -> type[Action]:
    hints = get_type_hints(handler, include_extras=True)
    fields: dict[str, Any] = {}
    for parameter in list(inspect.signature(handler).parameters.values())[1:]:
        _check_parameter(slice_name, handler, parameter)
        default = ... if parameter.default is parameter.empty else parameter.default
        fields[parameter.name] = (hints.get(parameter.name, Any), default)
    cls = create_model(
        handler.__name__,
        __base__=SliceAction,
        __module__=handler.__module__,
        __doc__=handler.__doc__,
        __cls_kwargs__={"type": f"{slice_name}/{handler.__name__}"},
        **fields,
    )
    cls.__qualname__ = handler.__qualname__
    return cls


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


def _remake(module: str, qualname: str, fields: dict[str, Any]) -> Action:
    """Find the creator of an unpickled action by its name, and make the action anew."""
    found: Any = importlib.import_module(module)
    for name in qualname.split("."):
        found = getattr(found, name)
    return found.action_class(**fields)
