"""The stream of states."""

from typing import Generic, Protocol, TypeVar

from reactivex import abc
from reactivex.disposable import Disposable

from ...actions import Action
from .action_stream import ActionIndex, Owner
from .direct import Direct

S_co = TypeVar("S_co", covariant=True)


class StateSource(Protocol[S_co]):
    """Where the stream has its states from."""

    index: ActionIndex

    @property
    def shown_state(self) -> S_co: ...
    @property
    def state(self) -> S_co: ...
    def guard(self, name: str) -> None: ...


class StateStream(Direct[S_co], Generic[S_co]):
    """An Observable of the current state at once, then of each new one. `value` is the current state."""

    def __init__(self, source: StateSource[S_co], owner: Owner) -> None:
        self._source = source
        self._owner = owner

    @property
    def value(self) -> S_co:
        """The current state."""
        self._source.guard("state")
        return self._source.state

    def _subscribe_core(
        self, observer: abc.ObserverBase[S_co], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        seen: object = None

        def show(_action: Action) -> None:
            nonlocal seen
            state = self._source.shown_state
            if state is not seen:
                seen = state
                observer.on_next(state)

        observation = self._source.index.observe_states(observer, show, self._owner)
        seen = self.value
        observer.on_next(self.value)
        return Disposable(lambda: self._source.index.end(observation))
