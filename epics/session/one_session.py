"""The streams of a store as one of its sessions sees them: the actions of others left out, its own state as `auth`."""

from collections.abc import Callable, Iterable, Mapping
from functools import partial, wraps
from typing import TYPE_CHECKING, Any, TypeVar

from reactivex import Observable, abc

from ...actions import Action
from ...actions.auth import SessionAction
from ...reducers import AuthState
from ...store import ActionStream, StateStream
from ..operators import direct
from .needs import HasApi, HasAuth

if TYPE_CHECKING:
    from .api_client import ApiClient

A = TypeVar("A", bound=Action)

SessionEpic = Callable[[ActionStream, StateStream[HasAuth], HasApi], Observable[Action]]

AUTH = "auth"
"""The name of the session that `create_api_store` makes."""


class _OwnActions(ActionStream):
    """The actions of one session, and those that are of none."""

    def __init__(self, actions: ActionStream, name: str) -> None:
        super().__init__(actions._index, actions._owner)
        self._name = name

    def of_classes(self, *classes: type[A]) -> Observable[A]:
        return super().of_classes(*classes).pipe(direct.filter(self._is_own))

    def _subscribe_core(
        self, observer: abc.ObserverBase[Action], scheduler: abc.SchedulerBase | None = None
    ) -> abc.DisposableBase:
        def pass_on(action: Action) -> None:
            if self._is_own(action):
                observer.on_next(action)

        every = super().of_classes(Action)
        return every.subscribe(pass_on, observer.on_error, observer.on_completed, scheduler=scheduler)

    def _is_own(self, action: Action) -> bool:
        return _is_of(self._name, action)


def _is_of(name: str, action: Action) -> bool:
    return not isinstance(action, SessionAction) or action.session == name


class _OwnState:
    """The present state, with this session as `auth`."""

    def __init__(self, state: StateStream[Any], name: str) -> None:
        self._state = state
        self._name = name

    @property
    def value(self) -> "_OwnState":
        return self

    @property
    def auth(self) -> AuthState:
        return auth_of(self._state.value, self._name)


def auth_of(state: Any, name: str) -> AuthState:
    """The session of this name in a state.

    Raises:
        TypeError: where there is none.
    """
    found = state.get(name) if isinstance(state, Mapping) else getattr(state, name, None)  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    if not isinstance(found, AuthState):
        msg = f"The state has no session {name!r}. Combine it: combine_reducers(..., {name}=session.reducer)."
        raise TypeError(msg)
    return found


def actions_of(actions: ActionStream, name: str) -> ActionStream:
    """The actions as one session sees them."""
    if isinstance(actions, _OwnActions):
        return actions
    if isinstance(actions, ActionStream):  # pyright: ignore[reportUnnecessaryIsInstance]
        return _OwnActions(actions, name)
    every: Any = actions  # the plain stream of `run_epic`
    return every.pipe(direct.filter(partial(_is_of, name)))


def state_of(state: StateStream[Any], name: str) -> StateStream[HasAuth]:
    """The state as one session sees it."""
    if name == AUTH or isinstance(state, _OwnState):
        return state
    view: Any = _OwnState(state, name)
    return view


def signed_by(name: str, answers: Observable[Any]) -> Observable[Any]:
    """What a session answers, with its name on it."""
    if name == AUTH:
        return answers

    def sign(answer: Any) -> Any:
        is_unsigned = isinstance(answer, SessionAction) and answer.session == AUTH
        return answer.model_copy(update={"session": name}) if is_unsigned else answer

    return answers.pipe(direct.map(sign))


def session_epic(epic: SessionEpic) -> SessionEpic:
    """An epic of the session called `auth`; `epic_for` makes it one of another session."""
    return epic_for(AUTH, epic)


def epic_for(name: str, epic: SessionEpic, dependencies: HasApi | None = None) -> SessionEpic:
    """An epic for the session of this name.

    Args:
        dependencies: its own; by default those of the store.
    """
    unscoped: SessionEpic = getattr(epic, "unscoped", epic)

    @wraps(unscoped)
    def scoped(actions: ActionStream, state: StateStream[HasAuth], deps: HasApi) -> Observable[Action]:
        own = deps if dependencies is None else dependencies
        return signed_by(name, unscoped(actions_of(actions, name), state_of(state, name), own))

    vars(scoped).update(unscoped=unscoped, dependencies=dependencies, session=name)
    return scoped


def sessions_in(epics: Iterable[object]) -> "dict[ApiClient, str]":
    """The API clients that epics bring with them, each with the name of its session; combined ones as well."""
    found: dict[ApiClient, str] = {}
    for epic in epics:
        own: HasApi | None = getattr(epic, "dependencies", None)
        if own is not None:
            found[own.api] = getattr(epic, "session", AUTH)
        found |= sessions_in(getattr(epic, "combined_epics", ()))
    return found


def check_names(names: Iterable[str]) -> None:
    """Refuse two sessions of one name in one store.

    Raises:
        ValueError: naming it.
    """
    seen: set[str] = set()
    for name in names:
        if name in seen:
            whose = "that of create_api_store and a Session" if name == AUTH else "two Sessions"
            msg = (
                f"There are two sessions called {name!r}: {whose}. Each would answer the other's actions. "
                "Give the Session another name, and its slice in the state the same."
            )
            raise ValueError(msg)
        seen.add(name)
