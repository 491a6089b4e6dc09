"""The three shapes of a combined state: a read-only mapping, a frozen model, a frozen dataclass."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from operator import attrgetter, itemgetter
from typing import Any, ClassVar, Generic, Protocol, TypeAlias, TypeVar

import immutables
from pydantic import BaseModel

from ..actions import Action
from .state import Change, change_of, field_names, replace_fields

_new = object.__new__

C = TypeVar("C")
M = TypeVar("M", bound=BaseModel)
D = TypeVar("D", bound="DataclassInstance")


FEW = 20
"""Up to so many slices a state is copied as a dict: quicker than a change of a persistent map up to fifty, and small."""

Slices: TypeAlias = "dict[str, Any] | immutables.Map[str, Any]"


class StateMapping(Mapping[str, Any]):
    """A read-only mapping of slices, in the order in which they were combined.

    A change of one slice costs the same among a thousand slices as among ten.
    """

    __slots__ = ("__weakref__", "_names", "_since", "_slices")

    def __init__(self, names: tuple[str, ...], slices: Slices) -> None:
        self._names = names
        self._slices = slices
        self._since: tuple[Slices, str] | None = None  # what it was before, and the one slice that was changed

    def touched_since(self, before: object) -> tuple[str, ...] | None:
        """The names of the slices that are others than in an earlier state; None where that is not known."""
        since = self._since
        if since is None or not isinstance(before, StateMapping) or since[0] is not before._slices:
            return None
        return (since[1],)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the slices; the same object as long as the slices have these names."""
        return self._names

    @property
    def read(self) -> Callable[[str], Any]:
        """Reads a slice by its name."""
        return self._slices.__getitem__

    @property
    def slices(self) -> Slices:
        """The slices by name, in no order."""
        return self._slices

    def __getitem__(self, name: str) -> Any:
        return self._slices[name]

    def __contains__(self, name: object) -> bool:
        return name in self._slices

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def __repr__(self) -> str:
        return repr(dict(self))

    def __reduce__(self) -> tuple[Any, ...]:
        return _mapping_of, (dict(self),)

    def with_slices(self, changes: dict[str, Any]) -> "StateMapping":
        slices = self._slices
        changed = {**slices, **changes} if isinstance(slices, dict) else slices.update(changes)
        return StateMapping(self._names, changed)


def _mapping_of(slices: dict[str, Any]) -> StateMapping:
    return StateMapping(tuple(slices), dict(slices) if len(slices) <= FEW else immutables.Map(slices))


Step = Callable[[Any, Action], Any]
"""What the reducer of one slice does for a class of actions."""

Check = Callable[[str, Action], None]
"""Refuses None as the state of a slice that may not be None."""


class Container(Protocol[C]):
    """How the slices of a combined state are read and changed."""

    kind: type[C]

    def getter(self, name: str) -> Callable[[C], Any]: ...
    def make(self, slices: dict[str, Any]) -> C: ...
    def change(self, state: C, changes: dict[str, Any]) -> C: ...
    def one_step(self, name: str, step: Step, check: Check) -> Callable[[C, Action], C]:
        """The reducer for actions that only one slice handles: most are."""
        ...

    def names(self, state: C) -> Iterable[str]: ...


class MappingContainer:
    """A state that is read as `state["a"]`."""

    kind: type[Mapping[str, Any]] = StateMapping

    def getter(self, name: str) -> Callable[[Mapping[str, Any]], Any]:
        return itemgetter(name)

    def make(self, slices: dict[str, Any]) -> Mapping[str, Any]:
        return _mapping_of(slices)

    def change(self, state: Mapping[str, Any], changes: dict[str, Any]) -> Mapping[str, Any]:
        return state.with_slices(changes) if isinstance(state, StateMapping) else _change_mapping(state, changes)

    def one_step(self, name: str, step: Step, check: Check) -> Callable[[Mapping[str, Any], Action], Mapping[str, Any]]:
        of_any_mapping = _one_step(name, step, check, _change_mapping, itemgetter(name))

        def reduce_slice(state: Mapping[str, Any], action: Action) -> Mapping[str, Any]:
            if type(state) is not StateMapping:
                return of_any_mapping(state, action)
            slices = state._slices  # pyright: ignore[reportPrivateUsage] -- of this file
            before = slices[name]
            after = step(before, action)
            if after is before:
                return state
            if after is None:
                check(name, action)
            new = _new(StateMapping)
            new._names = state._names  # pyright: ignore[reportPrivateUsage]
            if type(slices) is dict:
                new._slices = changed = slices.copy()  # pyright: ignore[reportPrivateUsage]
                changed[name] = after
                new._since = None  # pyright: ignore[reportPrivateUsage] -- few are compared in no time
            else:
                new._slices = slices.set(name, after)  # pyright: ignore[reportPrivateUsage, reportAttributeAccessIssue, reportUnknownMemberType] -- a map
                new._since = slices, name  # pyright: ignore[reportPrivateUsage]
            return new

        return reduce_slice

    def names(self, state: Mapping[str, Any]) -> Iterable[str]:
        return state


def _change_mapping(state: Mapping[str, Any], changes: Mapping[str, Any]) -> Mapping[str, Any]:
    return _mapping_of({**state, **changes})


class ModelContainer(Generic[M]):
    """A state that is a frozen pydantic model."""

    def __init__(self, kind: type[M]) -> None:
        if not kind.model_config.get("frozen"):
            msg = f"{kind.__name__} must be frozen, so that nothing but a reducer can change it: derive it from rxdux.State."
            raise TypeError(msg)
        self.kind = kind

    def getter(self, name: str) -> Callable[[M], Any]:
        return attrgetter(name)

    def make(self, slices: dict[str, Any]) -> M:
        return self.kind(**slices)

    def change(self, state: M, changes: dict[str, Any]) -> M:
        return replace_fields(state, changes)

    def one_step(self, name: str, step: Step, check: Check) -> Callable[[M, Action], M]:
        return _one_step(name, step, check, _change_record, attrgetter(name))

    def names(self, state: M) -> Iterable[str]:
        return field_names(type(state))


def _change_record(state: Any, changes: Mapping[str, Any]) -> Any:
    """By the state's own class, which may be a subclass of the one that was combined."""
    return change_of(state.__class__)(state, changes)


def _one_step(
    name: str, step: Step, check: Check, change: Change, read: Callable[[Any], Any]
) -> Callable[[Any, Action], Any]:
    def reduce_slice(state: Any, action: Action) -> Any:
        before = read(state)
        after = step(before, action)
        if after is before:
            return state
        if after is None:
            check(name, action)
        return change(state, {name: after})

    return reduce_slice


class DataclassInstance(Protocol):
    """What makes an object a dataclass's."""

    __dataclass_fields__: ClassVar[dict[str, dataclasses.Field[Any]]]


class DataclassContainer(Generic[D]):
    """A state that is a frozen dataclass."""

    def __init__(self, kind: type[D]) -> None:
        if not getattr(kind, "__dataclass_params__").frozen:  # noqa: B009 -- type checkers do not know the name
            msg = (
                f"{kind.__name__} must be frozen, so that nothing but a reducer can change it: @dataclass(frozen=True)."
            )
            raise TypeError(msg)
        self.kind = kind

    def getter(self, name: str) -> Callable[[D], Any]:
        return attrgetter(name)

    def make(self, slices: dict[str, Any]) -> D:
        return self.kind(**slices)

    def change(self, state: D, changes: dict[str, Any]) -> D:
        return _change_record(state, changes)

    def one_step(self, name: str, step: Step, check: Check) -> Callable[[D, Action], D]:
        return _one_step(name, step, check, _change_record, attrgetter(name))

    def names(self, state: D) -> Iterable[str]:
        return field_names(type(state))


def read_slices(state: Any) -> dict[str, Any]:
    """The slices of a mapping, a model or a dataclass, whichever it is; none of anything else."""
    if isinstance(state, Mapping):
        return dict(state)  # pyright: ignore[reportUnknownArgumentType] -- of any mapping
    return {name: getattr(state, name) for name in field_names(state.__class__)}


def has_slices(state: Any) -> bool:
    """Whether a state is of a kind that `combine_reducers` makes, or a model or a dataclass by itself."""
    return isinstance(state, StateMapping) or bool(field_names(state.__class__))


def with_slices(state: Any, changes: dict[str, Any]) -> Any:
    """The state with some of its slices replaced."""
    if isinstance(state, StateMapping):
        return state.with_slices(changes)
    return _change_record(state, changes)
