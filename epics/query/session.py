"""What the end of a session takes away: pure transitions of the state."""

from ...actions import Action, LoginSuccess, Logout, RefreshFailure, SignIn
from ..session.one_session import AUTH
from .entries import removed
from .layers import without_layers
from .state import QueryState, Session


def session_changed(state: QueryState, action: Action) -> QueryState:
    """Nothing that the server gave to one user is shown to another."""
    if getattr(action, "session", AUTH) != AUTH:
        return state  # requests go out in the session called `auth`; another one is none of ours
    match action:
        case LoginSuccess() if state.session == "signing_in":
            return state.replace(session="open")  # what is asked already waited for this login
        case LoginSuccess():
            return dropped(state, "open")
        case Logout():
            return dropped(state, "ended")
        case RefreshFailure(permanent=permanent):
            return dropped(state, "ended") if permanent else state
        case SignIn():
            return dropped(state, "signing_in")
        case _:
            return state


def dropped(state: QueryState, session: Session) -> QueryState:
    """Drop all that is of a session."""
    state = without_layers(state).replace(
        mutations=state.mutations.__class__(),
        latest=state.latest.__class__(),
        session=session,
        dropped=state.dropped + 1,
    )
    for key, record in state.records.items():
        if record.query.endpoint.of_session:
            state = removed(state, key)
    return state
