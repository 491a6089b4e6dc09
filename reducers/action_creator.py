"""What makes the actions of a slice: typed by the parameters of the handler that they are for."""

import inspect
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Concatenate, Generic, ParamSpec, TypeVar, get_args, get_origin

from pydantic.fields import FieldInfo

from ..actions import Action

P = ParamSpec("P")
R = TypeVar("R")


class ActionCreator(Generic[P]):
    """Makes the actions of one handler of a slice; called with what the handler takes beside the state.

    Attributes:
        action_class: the class of its actions.
    """

    def __init__(self, handler: Callable[Concatenate[Any, P], Any], action_class: type[Action]) -> None:
        parameters = list(inspect.signature(handler).parameters.values())[1:]
        self._signature = inspect.Signature(parameters)
        self.action_class = action_class
        self._required = [name for name, field in action_class.__pydantic_fields__.items() if field.is_required()]
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
            given = self._signature.bind_partial(*args, **kwargs).arguments
        except TypeError as error:
            raise TypeError(f"{self._call()}: {error}.") from None
        for name in self._required:  # not bind(): it knows no default that stands in an annotation
            if name not in given:
                raise TypeError(f"{self._call()}: missing a required argument: {name!r}.")
        return self.action_class(**given)

    def unpack(self, function: Callable[P, R]) -> Callable[[Action], R]:
        """A function of an action that calls `function` with what the action was made with.

        For operators, behind `of_type`: `merge_map(add.unpack(save))`, where `save` takes what `add` takes.

        Args:
            function: takes the parameters of this action by their names. A coroutine function stays one.

        Raises:
            TypeError: for a function that cannot take them, naming both; later, for an action of another type.

        Examples:
            >>> from rxdux import Slice
            >>> todos = Slice[tuple[str, ...]]("todos", initial=())
            >>> @todos.action
            ... def add(state: tuple[str, ...], text: str, *, done: bool = False) -> tuple[str, ...]:
            ...     return (*state, text)
            >>> shout = add.unpack(lambda text, *, done=False: text.upper())
            >>> shout(add("milk"))
            'MILK'
        """
        check_takes(f"{self.__name__}.unpack()", function, self.action_class)

        def fields_of(action: Action) -> Mapping[str, Any]:
            if not isinstance(action, self.action_class):
                msg = (
                    f"{self.__name__}.unpack({_name_of(function)}) was called with {action!r:.100}, which is no {self.type!r}. "
                    f"Put of_type({self.__name__}) before it."
                )
                raise TypeError(msg)
            return action.__dict__

        call: Callable[..., Any] = function
        if inspect.iscoroutinefunction(function):

            async def await_unpacked(action: Action) -> Any:
                return await call(**fields_of(action))

            return _named_after(function, await_unpacked)  # pyright: ignore[reportReturnType] -- R is what it awaits

        def call_unpacked(action: Action) -> R:
            return call(**fields_of(action))

        return _named_after(function, call_unpacked)

    def __repr__(self) -> str:
        return f"<action creator {self.type}{self._shown()}>"

    def _call(self) -> str:
        return f"{self.__name__}{self._shown()}"

    def _shown(self) -> inspect.Signature:
        """The signature for people."""
        return self._signature.replace(parameters=[_shown(each) for each in self._signature.parameters.values()])


def _shown(parameter: inspect.Parameter) -> inspect.Parameter:
    """A parameter for people: without what is said of the field, a default made anew as the call that makes it."""
    annotation, default = parameter.annotation, parameter.default
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if isinstance(default, FieldInfo):
        default = _default_of(default)
    return parameter.replace(annotation=annotation, default=default)


def _default_of(field: FieldInfo) -> object:
    if field.default_factory is not None:
        return _Words(f"{_name_of(field.default_factory)}()")
    return _Words("...") if field.is_required() else field.default


class _Words:
    def __init__(self, words: str) -> None:
        self._words = words

    def __repr__(self) -> str:
        return self._words


def check_takes(who: str, function: Any, action_class: type[Action], *, after: int = 0) -> None:
    """Refuse a function that cannot be called with the fields of these actions, by their names.

    Args:
        after: how many positional arguments come before them.

    Raises:
        TypeError: naming the function, where it is, and what it would have to take.
    """
    if not callable(function):
        msg = f"{who} takes a function, not {function!r:.100}."
        raise TypeError(msg)
    try:
        signature = inspect.signature(function)
    except ValueError:
        return  # a built-in function that does not tell
    fields = action_class.__pydantic_fields__
    try:
        signature.bind(*[None] * after, **dict.fromkeys(fields))
    except TypeError as error:
        wanted = ", ".join([*["state"] * after, *fields])
        msg = (
            f"{who} got {_name_of(function)}{signature}{_place_of(function)}, which cannot take the fields of "
            f"{action_class.type!r}: {error}. It is called with ({wanted}), the fields by name."
        )
        raise TypeError(msg) from None


def _name_of(function: Any) -> str:
    return getattr(function, "__qualname__", None) or repr(function)


def _place_of(function: Any) -> str:
    code = getattr(inspect.unwrap(function), "__code__", None)
    return "" if code is None else f" ({code.co_filename}, line {code.co_firstlineno})"


def _named_after(function: Any, unpacked: Callable[[Action], R]) -> Callable[[Action], R]:
    unpacked.__name__ = unpacked.__qualname__ = f"unpack({_name_of(function)})"
    return unpacked
