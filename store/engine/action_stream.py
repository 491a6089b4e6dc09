"""The stream of actions, with an index by action class: a dispatch touches only who wants that class."""

from collections.abc import Callable
from itertools import count
from threading import RLock
from typing import Any, Generic, Protocol, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ...actions import Action
from ...actions.internal import InternalAction
from ...reducers import ReducerFn

A = TypeVar("A", bound=Action)
S = TypeVar("S")


class Owner(Protocol):
    """Who answers for the observers that it has: an epic, or the app."""

    name: str
    order: int

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
    """

    def __init__(self) -> None:
        self.routes: dict[type[object], Route[Any]] = {}
        self._observations: dict[type[Action], dict[Observation, None]] = {}
        self._routed: dict[type[Action], set[type[Action]]] = {}  # class -> classes whose route looked at it
        self._owned: dict[Owner, set[Observation]] = {}
        self._numbers = count()
        self._lock = RLock()  # reentrant: a garbage collection may end a subscription right in here

    def observe(
        self,
        observer: abc.ObserverBase[A],
        classes: tuple[type[A], ...],
        owner: Owner,
    ) -> Observation:
        """Have the observer get the actions of these classes."""
        return self._add(Observation(observer, observer.on_next, classes, owner, next(self._numbers), of_states=False))

    def observe_states(
        self, observer: abc.ObserverBase[Any], show: Callable[[Action], None], owner: Owner
    ) -> Observation:
        """Have `show` called for every action, and for a replaced reducer."""
        return self._add(Observation(observer, show, (Action,), owner, next(self._numbers), of_states=True))

    def _add(self, observation: Observation) -> Observation:
        with self._lock:
            self._owned.setdefault(observation.owner, set()).add(observation)
            for cls in observation.classes:
                self._observations.setdefault(cls, {})[observation] = None
                self._forget_routes(cls)
        return observation

    def end(self, observation: Observation) -> None:
        observation.active = False
        with self._lock:
            self._owned.get(observation.owner, set()).discard(observation)
            for cls in observation.classes:
                self._observations.get(cls, {}).pop(observation, None)
                self._forget_routes(cls)

    def end_owned(self, owner: Owner) -> list[Observation]:
        """End all that this owner observes, and say what it was."""
        with self._lock:
            ended = list(self._owned.pop(owner, ()))
        for observation in ended:
            self.end(observation)
        return ended

    def observers(self, action_class: type[Action], route: Route[Any]) -> tuple[Observation, ...]:
        """Look up who observes this class, and remember it in the route."""
        with self._lock:
            found: dict[Observation, None] = {}
            for cls in action_class.__mro__:
                if issubclass(cls, Action):
                    found.update(self._observations.get(cls, {}))
                    self._routed.setdefault(cls, set()).add(action_class)
            wanted = [each for each in found if each.of_states] if issubclass(action_class, InternalAction) else found
            route.observers = tuple(sorted(wanted, key=lambda each: each.order)) or NOBODY
            return route.observers

    def _forget_routes(self, cls: type[Action]) -> None:
        for action_class in self._routed.pop(cls, ()):
            route = self.routes.get(action_class)
            if route is not None:
                route.observers = None


class ActionStream(Observable[Action]):
    """An Observable of every action, after the reducers. `of_type` reaches it through the index."""

    def __init__(self, index: ActionIndex, owner: Owner) -> None:
        super().__init__()
        self._index = index
        self._owner = owner

    def of_classes(self, *classes: type[A]) -> Observable[A]:
        """The actions of these classes alone."""

        def subscribe(observer: abc.ObserverBase[A], scheduler: abc.SchedulerBase | None = None) -> abc.DisposableBase:
            return self._observe(observer, classes)

        return Observable(subscribe)

    def _subscribe_core(
        self, observer: abc.ObserverBase[Action], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        return self._observe(observer, (Action,))

    def _observe(self, observer: abc.ObserverBase[A], classes: tuple[type[A], ...]) -> abc.DisposableBase:
        observation = self._index.observe(observer, classes, self._owner)
        return Disposable(lambda: self._index.end(observation))
