"""Undo and redo for the users of an application: a reducer that keeps the states before and after the present one."""

import inspect
from collections.abc import Callable, Iterable
from typing import Annotated, Any, Generic, TypeVar

from pydantic import Field

from ..actions import Action
from ..actions.internal import InternalAction
from .action_class import HasActionClass, classes_in
from .does_not_run import does_not_run
from .errors import ReducerError
from .reducer import ReducerFn, RoutedReducer, check_callable, initial_state, is_routed, returned_none, route_of
from .slice_types import type_of
from .state import State

S = TypeVar("S")


class Undo(Action, type="undoable/undo"):
    """Go one step back, in the slice of this name, or in all that are `undoable`; at the first state nothing happens."""

    slice: str | None = None


class Redo(Action, type="undoable/redo"):
    """Go one step forward again, in the slice of this name, or in all that are `undoable`."""

    slice: str | None = None


class UndoTo(Action, type="undoable/undo_to"):
    """Go back to one of the past states, counted from 0, the oldest; where there is none of this number nothing happens."""

    index: Annotated[int, Field(ge=0)]
    slice: str | None = None

    def __init__(self, index: int, *, slice: str | None = None) -> None:
        super().__init__(index=index, slice=slice)  # pyright: ignore[reportCallIssue] -- pydantic's own takes the fields


class Undoable(State, Generic[S]):
    """The state of an `undoable` reducer.

    Attributes:
        past: the states before, the oldest first.
        present: the state of the reducer itself.
        future: the states that were undone, the next first.
        group: what `group_by` gave for the newest step; None when the next step stands by itself.
    """

    past: tuple[S, ...] = ()
    present: S
    future: tuple[S, ...] = ()
    group: Any = None


GroupBy = (
    Callable[[Any], Any] | Callable[[Any, S], Any] | Callable[[Any, S, Undoable[S]], Any]
)  # takes the action, the new state, the history before


class UndoableReducer(RoutedReducer[Undoable[S]], Generic[S]):
    """What `undoable` returns.

    Attributes:
        inner: the reducer that it keeps the states of.
        slice: the name by which `Undo(slice=...)` reaches it.
    """

    def __init__(
        self,
        inner: ReducerFn[S],
        limit: int,
        only: tuple[type[Action], ...] | None,
        group_by: Callable[[Any, S, Undoable[S]], Any] | None,
        slice: str | None,
    ) -> None:
        super().__init__()
        self.inner = inner
        self.slice = slice
        self._limit = limit
        self._only = only
        self._group_by = group_by
        self.__name__ = f"undoable({getattr(inner, '__name__', None) or slice or type(inner).__name__})"
        if is_routed(inner):
            inner.add_dependent(self)

    def __call__(self, state: Undoable[S] | None, action: Action) -> Undoable[S]:
        if not isinstance(state, Undoable):  # none, or one from before the reducer was undoable
            return self._begin(self.inner(state, action))  # pyright: ignore[reportArgumentType] -- None asks for the initial one
        if isinstance(action, InternalAction):
            return state.replace(present=self.inner(state.present, action))
        step = self.route(type(action))
        return state if step is None else step(state, action)

    def named(self, name: str) -> None:
        self.slice = self.slice or name

    def _begin(self, present: S) -> Undoable[S]:
        """Of the class that knows the type of the states, so that they are read back as what they were."""
        kind, guessed = type_of(self.inner, present)
        if isinstance(kind, dict) or (guessed and kind.__class__ is type and kind.__module__ == "builtins"):
            kind = Any  # an initial 0 does not say that there will never be 1.5
        state_class: Any = Undoable[kind]
        return state_class(present=present)

    def __repr__(self) -> str:
        return f"<{self.__name__}, limit: {self._limit}>"

    def _find_route(self, action_class: type[Action]) -> ReducerFn[Undoable[S]] | None:
        if issubclass(action_class, Undo | Redo | UndoTo):
            return self._travel
        step = route_of(self.inner, action_class)
        if step is None:
            return None
        is_step = self._only is None or issubclass(action_class, self._only)

        def reduce(state: Undoable[S], action: Action) -> Undoable[S]:
            before = state.present
            after = step(before, action)
            if after is before:
                return state
            if after is None and initial_state(self.inner) is not None:
                raise ReducerError(returned_none(f"The reducer in {self.__name__}", action))
            return self._advance(state, after, action) if is_step else state.replace(present=after)

        return reduce

    def _advance(self, state: Undoable[S], after: S, action: Action) -> Undoable[S]:
        group, is_same = (None, False) if self._group_by is None else self._group_of(state, after, action)
        if is_same:
            return state.replace(present=after, future=())
        past = (*state.past, state.present)[-self._limit :]
        return state.replace(past=past, present=after, future=(), group=group)

    def _group_of(self, state: Undoable[S], after: S, action: Action) -> tuple[Any, bool]:
        """The group of a step, and whether it is that of the step before."""
        assert self._group_by is not None  # noqa: S101 -- for the type checker
        try:
            group = self._group_by(action, after, state)
            return group, group is not None and bool(group == state.group)
        except Exception as error:
            msg = f"group_by of {self.__name__} failed for {action.type!r}: {error!r}."
            raise ReducerError(msg) from error

    def _travel(self, state: Undoable[S], action: Any) -> Undoable[S]:
        if action.slice is not None and action.slice != self.slice:
            return state
        match action:
            case UndoTo(index=index):
                place = index
            case Undo():
                place = len(state.past) - 1
            case _:
                place = len(state.past) + 1
        states = (*state.past, state.present, *state.future)
        if not 0 <= place < len(states) or (isinstance(action, UndoTo) and place >= len(state.past)):
            return state
        return state.replace(past=states[:place], present=states[place], future=states[place + 1 :], group=None)


def undoable(
    reducer: ReducerFn[S],
    limit: int = 100,
    *,
    only: Iterable[type[Action] | HasActionClass[Action]] | None = None,
    group_by: GroupBy[S] | None = None,
    slice: str | None = None,
) -> UndoableReducer[S]:
    """Keep the past states of a reducer, so that the users of an application can undo and redo.

    A new action drops what was undone. An action that changes nothing is no step.

    Args:
        reducer: a slice, or any other reducer.
        limit: how many past states are kept, at least 1; the oldest are dropped.
        only: the actions that are steps of their own, classes or slices' actions. Others change the
            present state, and leave past and future as they are. None: all are steps.
        group_by: gives the group of a step for the action, the new state, and the `Undoable` before; it may
            take the first one or two of these only. Steps in a row of one group are undone as one;
            None: a step by itself. It has to be pure: take the time from the action.
        slice: the name by which `Undo(slice=...)` reaches it: a `Slice` has one already.

    Raises:
        TypeError: for what is no reducer, no action class, no function.
        ValueError: for a limit below 1.
        ReducerError: out of `dispatch`, when `group_by` raises.

    See https://github.com/omnidan/redux-undo and https://redux.js.org/usage/implementing-undo-history

    Examples:
        >>> from rxdux import Redo, Slice, Store, Undo, undoable
        >>> drawing = Slice[tuple[str, ...]]("drawing", initial=())
        >>> @drawing.action
        ... def draw(state: tuple[str, ...], shape: str) -> tuple[str, ...]:
        ...     return (*state, shape)
        >>> store = Store(undoable(drawing))
        >>> for action in (draw("circle"), draw("line"), Undo()):
        ...     _ = store.dispatch(action)
        >>> store.state.past, store.state.present, store.state.future
        (((),), ('circle',), (('circle', 'line'),))
    """
    check_callable("The reducer of undoable()", reducer)
    if isinstance(limit, bool) or not isinstance(limit, int):  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"undoable(limit=...) takes a number of states, not {limit!r:.100}."
        raise TypeError(msg)
    if limit < 1:
        msg = f"undoable(limit=...) must be 1 or more, not {limit}: nothing could be undone."
        raise ValueError(msg)
    name = getattr(reducer, "name", None) if slice is None else slice
    classes = None if only is None else _classes(only)
    return UndoableReducer(reducer, limit, classes, None if group_by is None else _of_three(group_by), name)


def _classes(only: Any) -> tuple[type[Action], ...]:
    classes = classes_in("undoable(only=...)", "only=(add, Clear)", only)
    if not classes:
        msg = "undoable(only=...) takes one or more action classes, and got none: nothing could be undone."
        raise TypeError(msg)
    return classes


def _of_three(group_by: Any) -> Callable[[Any, Any, Any], Any]:
    """As a function of the action, the new state, and the history, whatever it takes of them."""
    kind = does_not_run(group_by) if callable(group_by) else repr(group_by)[:100]
    if kind is not None:
        msg = f"undoable(group_by=...) takes a function of (action, state, history), not {kind}."
        raise TypeError(msg)
    try:
        signature = inspect.signature(group_by)
    except ValueError:
        return lambda action, state, history: group_by(action)  # a built-in function that does not tell
    for count in (3, 2, 1):
        try:
            signature.bind(*[None] * count)
        except TypeError:
            continue
        return _first_of(group_by, count)
    msg = (
        f"undoable(group_by=...) takes a function of (action, state, history), and {group_by!r:.100} cannot take them."
    )
    raise TypeError(msg)


def _first_of(function: Callable[..., Any], count: int) -> Callable[..., Any]:
    def call(*given: Any) -> Any:
        return function(*given[:count])

    return call
