"""Selectors that remember: derived data are computed anew only when their inputs have changed."""

import inspect
import warnings
from collections import OrderedDict
from collections.abc import Callable
from typing import Any, Concatenate, Generic, TypeVar, overload

from .engine.names import name_of

S = TypeVar("S")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
R = TypeVar("R")

_MISSING: Any = object()


class SelectorWarning(UserWarning):
    """A selector that cannot remember anything, as it is written."""


class Selector(Generic[S, R]):
    """A function of the state that remembers its result while the results of its inputs are the same objects.

    Attributes:
        inputs: the selectors whose results it computes from.
        recomputations: how often it was computed.
    """

    def __init__(self, inputs: tuple[Callable[..., Any], ...], compute: Callable[..., R], maxsize: int) -> None:
        if not inputs:
            msg = "selector() takes one input selector at least, as in @selector(lambda state: state.todos)."
            raise TypeError(msg)
        for each in (*inputs, compute):
            if not callable(each):
                msg = f"selector() takes functions, not {each!r:.100}."
                raise TypeError(msg)
        if maxsize < 1:
            msg = f"selector(maxsize=...) must be 1 or more, not {maxsize}."
            raise ValueError(msg)
        self.inputs = inputs
        self.recomputations = 0
        self._arities = [_arity(each) for each in inputs]
        self._compute = compute
        self._maxsize = maxsize
        self._remembered: OrderedDict[tuple[Any, ...], tuple[Any, tuple[Any, ...], R]] = OrderedDict()
        self._checked = False
        self.__name__ = self.__qualname__ = name_of(compute)
        self.__doc__ = compute.__doc__

    def __call__(self, state: S, *args: Any) -> R:
        """The result for this state. Further arguments go to the inputs that take them, and are remembered too."""
        remembered = self._remembered.get(args)
        if remembered is not None and remembered[0] is state:
            return remembered[2]
        values = self._read(state, args)
        if remembered is not None and all(one is other for one, other in zip(values, remembered[1], strict=True)):
            result = remembered[2]
        else:
            if not self._checked:
                self._check(state, args, values)
            self.recomputations += 1
            result = self._compute(*values)
            self._check_result(values, result)
        self._remembered[args] = (state, values, result)
        self._remembered.move_to_end(args)
        if len(self._remembered) > self._maxsize:
            self._remembered.popitem(last=False)
        return result

    def reset(self) -> None:
        """Forget all results, and count from 0."""
        self._remembered.clear()
        self.recomputations = 0

    def _read(self, state: S, args: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(each(state, *args[: arity - 1]) for each, arity in zip(self.inputs, self._arities, strict=True))

    def _check(self, state: S, args: tuple[Any, ...], values: tuple[Any, ...]) -> None:
        for each, one, other in zip(self.inputs, values, self._read(state, args), strict=True):
            if one is not other:
                msg = (
                    f"The input {name_of(each)} of selector {self.__name__} gives a new object for the same state, "
                    f"so that nothing can be remembered. Return a part of the state, and derive from it in the selector."
                )
                warnings.warn(msg, SelectorWarning, stacklevel=3)

    def _check_result(self, values: tuple[Any, ...], result: R) -> None:
        if not self._checked and len(values) == 1 and result is values[0] and isinstance(result, list | dict | tuple):
            msg = (
                f"Selector {self.__name__} gives back its input. Take the part of the state in an input selector, "
                "and derive something from it in the selector; or use the input alone."
            )
            warnings.warn(msg, SelectorWarning, stacklevel=3)
        self._checked = True


def _arity(function: Callable[..., Any]) -> int:
    """How many positional arguments an input takes, the state among them."""
    if isinstance(function, Selector):
        return max(function._arities)  # pyright: ignore[reportPrivateUsage]
    parameters = inspect.signature(function).parameters.values()
    if any(parameter.kind is parameter.VAR_POSITIONAL for parameter in parameters):
        return 1_000
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    return sum(parameter.kind in positional for parameter in parameters)


@overload
def selector(
    first: Callable[Concatenate[S, ...], A], /, *, maxsize: int = ...
) -> Callable[[Callable[[A], R]], Selector[S, R]]: ...
@overload
def selector(
    first: Callable[Concatenate[S, ...], A], second: Callable[Concatenate[S, ...], B], /, *, maxsize: int = ...
) -> Callable[[Callable[[A, B], R]], Selector[S, R]]: ...
@overload
def selector(
    first: Callable[Concatenate[S, ...], A],
    second: Callable[Concatenate[S, ...], B],
    third: Callable[Concatenate[S, ...], C],
    /,
    *,
    maxsize: int = ...,
) -> Callable[[Callable[[A, B, C], R]], Selector[S, R]]: ...
@overload
def selector(
    first: Callable[Concatenate[S, ...], A],
    second: Callable[Concatenate[S, ...], B],
    third: Callable[Concatenate[S, ...], C],
    fourth: Callable[Concatenate[S, ...], D],
    /,
    *,
    maxsize: int = ...,
) -> Callable[[Callable[[A, B, C, D], R]], Selector[S, R]]: ...
def selector(*inputs: Callable[..., Any], maxsize: int = 128) -> Callable[[Callable[..., R]], Selector[Any, R]]:
    """Derive data from the results of other selectors, and remember them by the identity of these results.

    Args:
        inputs: functions of the state, and of further arguments if they take them; selectors among them.
        maxsize: for how many combinations of further arguments results are remembered.

    Raises:
        TypeError: for no input, or one that cannot be called.
        ValueError: for a `maxsize` below 1.

    See https://reselect.js.org/

    Examples:
        >>> @selector(lambda state: state["prices"], lambda state, rate: rate)
        ... def total(prices, rate):
        ...     return sum(prices) * rate
        >>> state = {"prices": [1, 2]}
        >>> total(state, 2), total(state, 2), total(state, 3), total.recomputations
        (6, 6, 9, 2)
    """

    def decorate(compute: Callable[..., R]) -> Selector[Any, R]:
        return Selector(inputs, compute, maxsize)

    return decorate
