"""What a reducer is, and one made of handlers for action classes."""

import functools
import weakref
from collections.abc import Callable
from typing import Any, Concatenate, Generic, ParamSpec, Protocol, TypeAlias, TypeGuard, TypeVar

from ..actions import Action
from ..actions.internal import Init, InternalAction
from ..actions.registry import lineage
from .action_class import HasActionClass, action_classes
from .action_creator import ActionCreator, check_takes
from .defined_anew import is_defined_anew
from .does_not_run import does_not_run
from .errors import ReducerError

S = TypeVar("S")
A = TypeVar("A", bound=Action)
P = ParamSpec("P")
Handler: TypeAlias = Callable[[S, A], S]

ReducerFn: TypeAlias = Callable[[S, Action], S]
"""A *reducer*: a pure function of the state and an action that gives the next state.

Where there is no state yet it is called with None, and gives the initial one.
"""


MANY_CLASSES = 1024
"""So many action classes have routes at most; more than that are made while the program runs, and let go again."""


class Dependent(Protocol):
    """Who keeps routes of a reducer, and must be told when they change."""

    def routes_changed(self) -> None: ...


class RoutedReducer(Generic[S]):
    """A reducer that can tell in advance what it does for a class of actions."""

    def __init__(self) -> None:
        self._routes: dict[type[Action], ReducerFn[S] | None] = {}
        self._dependents: weakref.WeakSet[Dependent] = weakref.WeakSet()

    def route(self, action_class: type[Action]) -> ReducerFn[S] | None:
        """The function that reduces actions of this class; None when they change nothing."""
        try:
            return self._routes[action_class]
        except KeyError:
            found = None if issubclass(action_class, InternalAction) else self._find_route(action_class)
            if len(self._routes) >= MANY_CLASSES:
                self._routes.clear()
            self._routes[action_class] = found
            return found

    def _find_route(self, action_class: type[Action]) -> ReducerFn[S] | None:
        raise NotImplementedError

    def add_dependent(self, dependent: Dependent) -> None:
        """Have `dependent.routes_changed()` called when a handler is added. Kept weakly."""
        self._dependents.add(dependent)

    def named(self, name: str) -> None:
        """Told when it becomes the slice of this name."""

    def routes_changed(self) -> None:
        self._routes.clear()
        for dependent in list(self._dependents):
            dependent.routes_changed()


class Reducer(RoutedReducer[S]):
    """A reducer built of handlers, each for one or more action classes.

    The handler of the most specific class runs, alone; a handler for a base class gets subclasses.

    Examples:
        >>> class Add(Action):
        ...     amount: int = 1
        >>> counter = Reducer(0)
        >>> @counter.on(Add)
        ... def _(count: int, action: Add) -> int:
        ...     return count + action.amount
        >>> counter(None, Add(amount=2))
        2
    """

    def __init__(self, initial: S) -> None:
        super().__init__()
        self.initial = initial
        self._handlers: dict[type[Action], ReducerFn[S]] = {}

    @property
    def handles(self) -> frozenset[type[Action]]:
        """The action classes that have a handler."""
        return frozenset(self._handlers)

    def on(self, *actions: type[A] | HasActionClass[A]) -> Callable[[Handler[S, A]], Handler[S, A]]:
        """Decorate the handler of these action classes, or of a slice's actions; it comes back unchanged.

        Raises:
            TypeError: when one is not an action class, or there is none.
            ValueError: when one has a handler already, other than an earlier edition of this one (a notebook's cell
                that is run again).
        """
        classes = action_classes("on()", actions)

        def register(handler: Handler[S, A]) -> Handler[S, A]:
            check_callable(f"The handler of {classes[0].type}", handler)
            for cls in classes:
                if cls in self._handlers and not is_defined_anew(handler, self._handlers[cls]):
                    msg = (
                        f"{cls.__name__} has a handler already: {self._handlers[cls]!r}. Change that one, or remove it."
                    )
                    raise ValueError(msg)
            for cls in classes:
                self._handlers[cls] = handler  # pyright: ignore[reportArgumentType] -- it gets this class only
            self.routes_changed()
            return handler

        return register

    def when(
        self, *actions: ActionCreator[P]
    ) -> Callable[[Callable[Concatenate[S, P], S]], Callable[Concatenate[S, P], S]]:
        """Decorate the handler of another slice's actions: it takes what they were made with; it comes back unchanged.

        Args:
            actions: one action of a slice, or several with the same parameters.

        Raises:
            TypeError: for what is no slice's action, and for a handler that cannot take the parameters.
            ValueError: when one has a handler already.

        Examples:
            >>> from rxdux import Slice
            >>> todos = Slice[tuple[str, ...]]("todos", initial=())
            >>> @todos.action
            ... def add(state: tuple[str, ...], text: str, *, done: bool = False) -> tuple[str, ...]:
            ...     return (*state, text)
            >>> added = Slice("added", initial=0)
            >>> @added.when(add)
            ... def _(count: int, text: str, *, done: bool = False) -> int:
            ...     return count + 1
            >>> added(0, add("milk"))
            1
        """
        classes = action_classes("when()", actions)
        for given, cls in zip(actions, classes, strict=True):
            if not isinstance(given, ActionCreator):  # pyright: ignore[reportUnnecessaryIsInstance]
                msg = f"when() takes an action of a slice, as in when(add), and {cls.__name__} is none. Write on({cls.__name__})."
                raise TypeError(msg)

        def register(handler: Callable[Concatenate[S, P], S]) -> Callable[Concatenate[S, P], S]:
            check_callable(f"The handler of {classes[0].type}", handler)
            for cls in classes:
                check_takes(f"when({cls.type!r})", handler, cls, after=1)

            @functools.wraps(handler)
            def reduce(state: S, action: Action) -> S:
                return handler(state, **action.__dict__)  # pyright: ignore[reportCallIssue] -- its fields, and nothing else

            self.on(*classes)(reduce)
            return handler

        return register

    def __repr__(self) -> str:
        return f"<{type(self).__name__}, handlers: {len(self._handlers)}>"

    def _find_route(self, action_class: type[Action]) -> ReducerFn[S] | None:
        return next((self._handlers[cls] for cls in lineage(action_class) if cls in self._handlers), None)

    def __call__(self, state: S | None, action: Action) -> S:
        present = self.initial if state is None else state
        handler = self.route(type(action))
        if handler is None:
            return present
        result = handler(present, action)
        if result is None and self.initial is not None:
            raise ReducerError(returned_none("The reducer", action))
        return result


def is_routed(reducer: ReducerFn[S]) -> TypeGuard[RoutedReducer[S]]:
    return isinstance(reducer, RoutedReducer)


def route_of(reducer: ReducerFn[S], action_class: type[Action]) -> ReducerFn[S] | None:
    """What a reducer does for a class of actions: a plain function may do anything for any class."""
    return reducer.route(action_class) if is_routed(reducer) else reducer


def initial_state(reducer: ReducerFn[S]) -> S:
    """What a reducer gives where there is no state yet."""
    return reducer(None, Init())  # pyright: ignore[reportArgumentType] -- None asks for the initial state


def returned_none(who: str, action: Action) -> str:
    return f"{who} returned None for {action.type!r}. Return the state, the unchanged one where nothing happens."


def check_callable(who: str, reducer: Any) -> None:
    """Refuse what is no function of (state, action).

    Raises:
        TypeError: for what cannot be called, and for what does not run when it is called.
    """
    if not callable(reducer):
        msg = f"{who} must be a function of (state, action), not {reducer!r:.100}."
        raise TypeError(msg)
    kind = does_not_run(reducer)
    if kind is not None:
        msg = f"{who} is {kind}. Reducers are pure and synchronous: do the work in an epic."
        raise TypeError(msg)
