"""Selectors that remember: derived data are computed anew only when their inputs have changed."""

import warnings
import weakref
from collections import OrderedDict
from collections.abc import Callable, Hashable
from functools import partial
from itertools import repeat
from typing import Any, Concatenate, Generic, TypeVar, overload

from ..reducers.does_not_run import check_runs
from ..reducers.drafts import Draft
from .engine.names import name_of
from .engine.watched import Watched, unwatched
from .selector_arguments import Arguments, ByIdentity, is_hashable, kinds

S = TypeVar("S")
A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C")
D = TypeVar("D")
R = TypeVar("R")


Held = Callable[[], Any]
"""Gives something remembered; None when it was not kept alive, and is over."""

_none: Held = repeat(None).__next__


class Latest:
    """What cannot be remembered without being kept alive: of such the latest is kept, and no other."""

    __slots__ = ("_box", "held", "keys")

    def __init__(self, value: Any = None) -> None:
        self._box = [value]
        self.held: Held = partial(self._box.__getitem__, 0)
        self.keys: set[Hashable] = set()  # of the results that were computed of it

    def let_go(self) -> None:
        self._box[0] = None


class SelectorWarning(UserWarning):
    """A selector that cannot remember anything, as it is written."""


class Selector(Generic[S, R]):
    """A function of the state that remembers its result while the results of its inputs are the same objects.

    States, and the parts of them that its inputs gave, are remembered without being kept alive. Of those whose class does
    not allow that, such as tuples and dicts, the latest is kept, and the results of earlier ones are let go with them.

    Attributes:
        inputs: the selectors whose results it computes from.
        arguments: what each of them takes beside the state.
        result_func: the function that computes, of the results of the inputs.
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
            check_runs(f"{name_of(each)} in selector()", each)
        if isinstance(maxsize, bool) or not isinstance(maxsize, int):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"selector(maxsize=...) takes a number, not {maxsize!r:.100}."
            raise TypeError(msg)
        if maxsize < 1:
            msg = f"selector(maxsize=...) must be 1 or more, not {maxsize}."
            raise ValueError(msg)
        self.inputs = inputs
        self.result_func = compute
        self.recomputations = 0
        self.arguments = [
            Arguments.together(each.arguments) if isinstance(each, Selector) else Arguments.of(each) for each in inputs
        ]
        self._maxsize = maxsize
        self._remembered: OrderedDict[Hashable, tuple[Held, list[Held], R]] = OrderedDict()
        self._checked = False
        self._told: set[str] = set()  # of which arguments it was said that they cannot be hashed
        self._latest = [Latest() for _ in range(len(inputs) + 1)]  # of the state, and of each input
        self.__name__ = self.__qualname__ = name_of(compute)
        self.__doc__ = compute.__doc__

    def __call__(self, state: S, *args: Any, **kwargs: Any) -> R:
        """The result for this state. Further arguments go to the inputs that take them, and are remembered too.

        Raises:
            TypeError: for an argument that no input takes, naming it.

        Warns:
            SelectorWarning: once, of an argument that cannot be hashed, naming it.
        """
        if isinstance(state, Draft):
            return self.result_func(*self._read(state, args, kwargs))  # a draft changes, and stays the same object
        further = args or kwargs
        key = self._key_of(args, kwargs) if further else ()
        remembered = self._remembered.get(key)
        if remembered is not None and remembered[0]() is state and state is not None:
            if further:
                self._remembered.move_to_end(key)
            return remembered[2]
        is_plain = not further and not issubclass(type(state), Watched)
        values = [each(state) for each in self.inputs] if is_plain else self._read(state, args, kwargs)
        if remembered is not None and _are_same(remembered[1], values):
            held, result = remembered[1], remembered[2]
        else:
            if not self._checked:
                self._check(values, self._read(state, args, kwargs))
            self.recomputations += 1
            result = self.result_func(*values)
            self._check_result(values, result)
            held = [self._hold(place, value, key) for place, value in enumerate(values, 1)]
        self._remembered[key] = (self._hold(0, state, key), held, result)
        if further:
            self._remembered.move_to_end(key)
            if len(self._remembered) > self._maxsize:
                self._remembered.popitem(last=False)
        return result

    def reset(self) -> None:
        """Forget all results, and count from 0."""
        self._remembered.clear()
        self.recomputations = 0

    def __repr__(self) -> str:
        remembered = f"{len(self._remembered)} of {self._maxsize}"
        return f"<Selector {self.__name__}, inputs: {len(self.inputs)}, recomputations: {self.recomputations}, remembered: {remembered}>"

    def _key_of(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Hashable:
        """Equal only for equal arguments of equal types: 1 is not True here."""
        for name in kwargs:
            if not any(each.take(name) for each in self.arguments):
                msg = f"No input of selector {self.__name__} takes an argument {name!r}."
                raise TypeError(msg)
        if len(args) >= max(each.count for each in self.arguments):
            surplus = args[max(each.count for each in self.arguments) - 1]
            msg = f"No input of selector {self.__name__} takes so many arguments beside the state: {surplus!r:.100} is one too many."
            raise TypeError(msg)
        named = sorted(kwargs.items())
        key = (args, tuple(named), *map(kinds, args), *(kinds(value) for _, value in named))
        if is_hashable(key):
            return key
        by_name: list[tuple[str, Any]] = [
            *((self._name_at(place), value) for place, value in enumerate(args, 1)),
            *named,
        ]
        return tuple((name, self._by_identity(name, value)) for name, value in by_name)

    def _by_identity(self, name: str, value: Any) -> Hashable:
        if is_hashable(value):
            return value, kinds(value)
        if name not in self._told:
            self._told.add(name)
            msg = (
                f"Selector {self.__name__} remembers by its arguments, and its argument {name!r} cannot be hashed: {value!r:.100}. "
                "It is remembered as the object that it is: made anew for each call it is of no use, changed it gives the old "
                "result. Give a tuple, a frozenset, or the id of what you mean."
            )
            warnings.warn(msg, SelectorWarning, stacklevel=5)
        return ByIdentity(value)

    def _name_at(self, place: int) -> str:
        return next((each.names[place] for each in self.arguments if place < len(each.names)), f"number {place}")

    def _hold(self, place: int, value: Any, key: Hashable) -> Held:
        """Remember the state (place 0) or what an input gave, and keep alive as little as possible."""
        if value is None:
            return _none
        if type(value).__weakrefoffset__:
            return weakref.ref(value) if place == 0 else weakref.ref(value, partial(self._forget, key))
        if place and not self.arguments[place - 1].are_none:
            return repeat(value).__next__  # there is one for each argument
        latest = self._latest[place]
        if latest.held() is not value:
            stale, latest = latest, Latest(value)
            self._latest[place] = latest
            stale.let_go()
            if place:  # what the state was does not matter as long as the inputs give the same
                for each in stale.keys:
                    self._forget(each, stale.held)
        latest.keys.add(key)
        return latest.held

    def _forget(self, key: Hashable, over: Held) -> None:
        """What a result was computed of is over: nobody can ask for it any more."""
        remembered = self._remembered.get(key)
        if remembered is not None and any(each is over for each in remembered[1]):
            self._remembered.pop(key, None)

    def _read(self, state: S, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[Any]:
        values = [
            each(state, *args[: takes.count - 1], **{name: kwargs[name] for name in kwargs if takes.take(name)})
            for each, takes in zip(self.inputs, self.arguments, strict=True)
        ]
        return [unwatched(value) for value in values] if issubclass(type(state), Watched) else values

    def _check(self, values: list[Any], again: list[Any]) -> None:
        for each, one, other in zip(self.inputs, values, again, strict=True):
            if one is not other:
                msg = (
                    f"The input {name_of(each)} of selector {self.__name__} gives a new object for the same state, "
                    f"so that nothing can be remembered. Return a part of the state, and derive from it in the selector."
                )
                warnings.warn(msg, SelectorWarning, stacklevel=3)

    def _check_result(self, values: list[Any], result: R) -> None:
        if not self._checked and len(values) == 1 and result is values[0] and isinstance(result, list | dict | tuple):
            msg = (
                f"Selector {self.__name__} gives back its input. Take the part of the state in an input selector, "
                "and derive something from it in the selector; or use the input alone."
            )
            warnings.warn(msg, SelectorWarning, stacklevel=3)
        self._checked = True


def _are_same(held: list[Held], values: list[Any]) -> bool:
    for one, value in zip(held, values, strict=True):  # noqa: SIM110 -- half the time of all()
        if one() is not value or (value is None and one is not _none):
            return False
    return True


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
        maxsize: for how many combinations of further arguments results are remembered; the one that
            was not asked for the longest is dropped.

    Raises:
        TypeError: for no input, one that cannot be called, or a `maxsize` that is no number.
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
