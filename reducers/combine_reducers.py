"""One reducer out of many, each for its own slice of the state."""

import dataclasses
import warnings
from collections.abc import Mapping
from typing import Any, TypeVar, overload

from pydantic import BaseModel

from ..actions import Action
from ..actions.internal import Init, InternalAction
from .containers import Container, DataclassContainer, MappingContainer, ModelContainer, StateMapping, read_slices
from .errors import ReducerError
from .reducer import ReducerFn, RoutedReducer, check_callable, initial_state, is_routed, returned_none, route_of
from .state import field_names

S = TypeVar("S")


class CombinedReducer(RoutedReducer[S]):
    """What `combine_reducers` returns: a reducer that hands each action to the slices that handle it.

    Slices made of `Reducer`s are found through an index by action class, so that a dispatch does
    not look at slices that do not handle the action. Plain functions are called for every action.
    """

    def __init__(self, parts: dict[str, ReducerFn[Any]], container: Container[S]) -> None:
        super().__init__()
        self.parts = parts
        self._container = container
        self.__name__ = f"combine_reducers({', '.join(parts)})"
        for name, part in parts.items():
            if is_routed(part):
                part.named(name)
                part.add_dependent(self)

    def __call__(self, state: S | None, action: Action) -> S:
        if isinstance(action, InternalAction):
            return self._start(state, action)
        present = state if isinstance(state, self._container.kind) else self._complete(state)
        reduce = self.route(type(action))
        return present if reduce is None else reduce(present, action)

    def _find_route(self, action_class: type[Action]) -> ReducerFn[S] | None:
        steps = [
            (name, self._container.getter(name), step)
            for name, part in self.parts.items()
            if (step := route_of(part, action_class)) is not None
        ]
        if not steps:
            return None
        if len(steps) == 1:
            [(name, _, step)] = steps
            return self._container.one_step(name, step, self._check)
        change = self._container.change
        check = self._check

        def reduce_slices(state: S, action: Action) -> S:
            changes: dict[str, Any] | None = None
            for name, read, step in steps:
                before = read(state)
                after = step(before, action)
                if after is not before:
                    if after is None:
                        check(name, action)
                    changes = {} if changes is None else changes
                    changes[name] = after
            return state if changes is None else change(state, changes)

        return reduce_slices

    def _check(self, name: str, action: Action) -> None:
        if initial_state(self.parts[name]) is not None:
            raise ReducerError(returned_none(f"The reducer of slice {name!r}", action))

    def _start(self, state: S | None, action: InternalAction) -> S:
        """The state to begin with: what is given is kept, what is missing gets its initial value."""
        given = self._given(state, warn=isinstance(action, Init))
        slices = {name: part(given.get(name), action) for name, part in self.parts.items()}
        if isinstance(state, self._container.kind) and _is_complete(state, slices, self._container):
            return state
        return self._container.make(slices)

    def _complete(self, state: Any) -> S:
        """A state of the right shape out of none, or out of a mapping."""
        given = self._given(state, warn=True)
        if isinstance(state, Mapping) and self._container.kind is StateMapping and given.keys() == self.parts.keys():
            return state  # pyright: ignore[reportReturnType, reportUnknownVariableType] -- a plain dict with the same keys
        return self._container.make({name: given.get(name, initial_state(part)) for name, part in self.parts.items()})

    def _given(self, state: Any, *, warn: bool) -> dict[str, Any]:
        if state is None:
            return {}
        given = read_slices(state)
        if warn and not given and not isinstance(state, Mapping):
            msg = f"{self.__name__} takes a state of {self._container.kind.__name__} or a mapping of slices, not {type(state).__name__}."
            raise TypeError(msg)
        unknown = given.keys() - self.parts.keys()
        if warn and unknown:
            msg = f"{self.__name__} has no reducer for {sorted(unknown)}: dropped. Its slices: {', '.join(self.parts)}."
            warnings.warn(msg, stacklevel=2)
        return {name: value for name, value in given.items() if name in self.parts}


def _is_complete(state: S, slices: dict[str, Any], container: Container[S]) -> bool:
    names = list(container.names(state))
    return names == list(slices) and all(container.getter(name)(state) is slices[name] for name in names)


@overload
def combine_reducers(state: Mapping[str, ReducerFn[Any]], /) -> CombinedReducer[Mapping[str, Any]]: ...
@overload
def combine_reducers(state: type[S], /, **reducers: ReducerFn[Any]) -> CombinedReducer[S]: ...
def combine_reducers(
    state: Mapping[str, ReducerFn[Any]] | type[Any], /, **reducers: ReducerFn[Any]
) -> CombinedReducer[Any]:
    """Combine reducers, each for one slice of the state.

    Args:
        state: a mapping of slice names to reducers, for a state read as `state["a"]`; or a frozen
            pydantic model or frozen dataclass, whose fields the keyword arguments name.

    Returns:
        A reducer that gives the same object back when no slice changed.

    Raises:
        TypeError: for a field without a reducer, a reducer without a field, what is no reducer.

    See https://redux.js.org/api/combinereducers

    Examples:
        >>> from rxdux import Action, Reducer, State
        >>> class AppState(State):
        ...     count: int
        ...     name: str
        >>> combine_reducers(AppState, count=Reducer(0), name=Reducer("Ada"))(None, Action())
        AppState(count=0, name='Ada')
    """
    if isinstance(state, Mapping):
        if reducers:
            msg = "combine_reducers takes either a mapping or a state class with keywords, not both."
            raise TypeError(msg)
        return _combine("combine_reducers", dict(state), MappingContainer())
    container = _container_of(state)
    fields = set(field_names(state))
    for missing in fields - reducers.keys():
        msg = f"{state.__name__}.{missing} has no reducer. Add {missing}=... to combine_reducers."
        raise TypeError(msg)
    for extra in reducers.keys() - fields:
        msg = f"{state.__name__} has no field {extra!r} for its reducer. Its fields: {', '.join(sorted(fields))}."
        raise TypeError(msg)
    return _combine(state.__name__, reducers, container)


def _combine(who: str, parts: dict[str, ReducerFn[Any]], container: Container[S]) -> CombinedReducer[S]:
    if not parts:
        msg = f"{who} needs one reducer at least."
        raise TypeError(msg)
    for name, part in parts.items():
        check_callable(f"The reducer of slice {name!r}", part)
    return CombinedReducer(parts, container)


def _container_of(kind: Any) -> Container[Any]:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return ModelContainer(kind)
    if isinstance(kind, type) and dataclasses.is_dataclass(kind):
        return DataclassContainer(kind)
    msg = f"combine_reducers takes a mapping, a frozen pydantic model or a frozen dataclass, not {kind!r:.100}."
    raise TypeError(msg)
