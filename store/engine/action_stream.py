"""The stream of actions, with an index by action class: a dispatch touches only who wants that class."""

from collections.abc import Callable
from itertools import count
from typing import Any, Generic, Protocol, TypeVar

from reactivex import Observable, abc

from ...actions import Action
from ...actions.internal import InternalAction
from ...actions.registry import lineage
from ...reducers import ReducerFn
from .contexts import ContextMemory
from .direct import Direct

A = TypeVar("A", bound=Action)
S = TypeVar("S")


class Owner(Protocol):
    """Who answers for the observers that it has: an epic, or the app."""

    name: str
    order: int
    memory: ContextMemory | None
    """Of the contexts of what it is shown, where it holds values back."""

    def failed(self, error: BaseException) -> None: ...


class Observation:
    """One observer of some action classes. Observers of states come before observers of actions."""

    __slots__ = ("active", "classes", "observer", "of_states", "on_next", "order", "owner")

    def __init__(
        self,
        observer: abc.ObserverBase[Any],
        on_next: Callable[[Any], None],
        classes: tuple[type[Action], ...],
        owner: Owner,
        number: int,
        *,
        of_states: bool,
    ) -> None:
        self.observer = observer
        self.on_next = on_next
        self.classes = classes
        self.owner = owner
        self.of_states = of_states
        self.order = (not of_states, owner.order, number)
        self.active = True


class Route(Generic[S]):
    """What a dispatch does for one action class, prepared once."""

    __slots__ = ("observers", "reduce")

    def __init__(self, reduce: ReducerFn[S] | None) -> None:
        self.reduce = reduce
        self.observers: tuple[Observation, ...] | None = None  # None: to be looked up


NOBODY: tuple[Observation, ...] = ()


class ActionIndex:
    """Who observes which action classes.

    Observers of a class, of its bases and of several classes at once come in one order: that of
    their owners, then that in which they subscribed.

    Without a lock: each step is atomic by itself, and who looked up observers while something changed looks again.
    """

    def __init__(self) -> None:
        self.routes: dict[type[object], Route[Any]] = {}
        self._observations: dict[type[Action], dict[Observation, None]] = {}
        self._routed: dict[type[Action], dict[type[Action], None]] = {}  # class -> classes whose route looked at it
        self._owned: dict[Owner, dict[Observation, None]] = {}
        self._numbers = count()
        self._version = object()
        self.generation = object()  # another one each time that all routes are forgotten

    def observe(
        self,
        observer: abc.ObserverBase[A],
        classes: tuple[type[A], ...],
        owner: Owner,
    ) -> Observation:
        """Have the observer get the actions of these classes."""
        on_next = observer.on_next if owner.memory is None else owner.memory.noting(observer.on_next)
        return self._add(Observation(observer, on_next, classes, owner, next(self._numbers), of_states=False))

    def remember(self, owner: Owner, memory: ContextMemory) -> None:
        """Have the contexts noted of all that this owner is shown from now on."""
        owner.memory = memory
        for observation in list(self._owned.get(owner, ())):
            if not observation.of_states:
                observation.on_next = memory.noting(observation.observer.on_next)

    def observe_states(
        self, observer: abc.ObserverBase[Any], show: Callable[[Action], None], owner: Owner
    ) -> Observation:
        """Have `show` called for every action, and for a replaced reducer."""
        return self._add(Observation(observer, show, (Action,), owner, next(self._numbers), of_states=True))

    def _add(self, observation: Observation) -> Observation:
        self._owned.setdefault(observation.owner, {})[observation] = None
        for cls in observation.classes:
            self._file(cls, observation)
            self._forget_routes(cls)
        return observation

    def end(self, observation: Observation) -> None:
        observation.active = False
        self._owned.get(observation.owner, {}).pop(observation, None)
        for cls in observation.classes:
            self._take_out(cls, observation)
            self._forget_routes(cls)

    def owned(self, owner: Owner) -> list[Observation]:
        """What this owner observes."""
        return list(self._owned.get(owner, ()))

    def end_owned(self, owner: Owner) -> None:
        """End all that this owner observes."""
        for observation in self.owned(owner):
            self.end(observation)
        if not self._owned.get(owner):
            self._owned.pop(owner, None)

    def observers(self, action_class: type[Action], route: Route[Any]) -> tuple[Observation, ...]:
        """Look up who observes this class, and remember it in the route."""
        while True:
            version = self._version
            found: dict[Observation, None] = {}
            for cls in lineage(action_class):
                found.update(self._observations.get(cls, {}))
                self._routed.setdefault(cls, {})[action_class] = None
            if issubclass(action_class, InternalAction):  # not for who observes all actions
                wanted = [each for each in found if each.of_states or Action not in each.classes]
            else:
                wanted = list(found)
            observers = route.observers = tuple(sorted(wanted, key=lambda each: each.order)) or NOBODY
            if version is self._version:
                return observers
            route.observers = None

    def _file(self, cls: type[Action], observation: Observation) -> None:
        while True:
            filed = self._observations.setdefault(cls, {})
            filed[observation] = None
            if self._observations.get(cls) is filed:
                return  # else it was thrown away in between, as empty

    def _take_out(self, cls: type[Action], observation: Observation) -> None:
        filed = self._observations.get(cls)
        if filed is None:
            return
        filed.pop(observation, None)
        if not filed and self._observations.pop(cls, None) is filed:  # so that no class is kept for nothing
            for other in list(filed):
                self._file(cls, other)  # filed in between

    def forget_all_routes(self) -> None:
        """Prepare all anew, at the next action of each class."""
        self.generation = object()
        self._routed.clear()
        self.routes.clear()

    def _forget_routes(self, cls: type[Action]) -> None:
        self._version = object()
        routed = self._routed.get(cls)
        if routed is None:
            return
        known = list(routed)
        self._forget_observers(known)
        self._routed.pop(cls, None)  # at the end: after an interrupt it is done again
        self._version = object()  # once more: who has filed itself in what was just taken away looks again
        if len(routed) != len(known):
            self._forget_observers(list(routed))

    def _forget_observers(self, action_classes: list[type[Action]]) -> None:
        for action_class in action_classes:
            route = self.routes.get(action_class)
            if route is not None:
                route.observers = None


class ActionStream(Direct[Action]):
    """An Observable of every action, after the reducers. `of_type` reaches it through the index."""

    def __init__(self, index: ActionIndex, owner: Owner) -> None:
        self._index = index
        self._owner = owner

    def of_classes(self, *classes: type[A]) -> Observable[A]:
        """The actions of these classes alone."""

        def subscribe(observer: abc.ObserverBase[A], scheduler: abc.SchedulerBase | None = None) -> abc.DisposableBase:
            return self._observe(observer, classes)

        return Direct(subscribe)

    def _subscribe_core(
        self, observer: abc.ObserverBase[Action], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        return self._observe(observer, (Action,))

    def _observe(self, observer: abc.ObserverBase[A], classes: tuple[type[A], ...]) -> abc.DisposableBase:
        return _Ending(self._index, self._index.observe(observer, classes, self._owner))


class _Ending(abc.DisposableBase):
    """Ends an observation. A second time it does nothing."""

    __slots__ = ("_index", "_observation")

    def __init__(self, index: ActionIndex, observation: Observation) -> None:
        self._index = index
        self._observation = observation

    def dispose(self) -> None:
        self._index.end(self._observation)
