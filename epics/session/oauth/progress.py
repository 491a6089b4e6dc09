"""How far a sign-in is that waits for its user: what it tells, and the state that a screen shows."""

from ....actions import LoginFailure, LoginSuccess, Logout, SignIn
from ....actions.auth import SessionAction
from ....reducers import Reducer, State


class DeviceCodeIssued(SessionAction, defer_build=True):
    """The user may now open an address on any device, and type a code there (RFC 8628, section 3.2).

    Attributes:
        user_code: for the user to type.
        verification_uri: where.
        verification_uri_complete: the address with the code in it, for a QR code; None when the server has none.
        expires_at: until when, in seconds since 1970.
        interval: seconds between two questions whether the user is done.
    """

    user_code: str
    verification_uri: str
    verification_uri_complete: str | None = None
    expires_at: float
    interval: float


class DevicePolled(SessionAction, defer_build=True):
    """The server was asked whether the user is done, and is to be asked again (RFC 8628, section 3.5).

    Attributes:
        answer: `authorization_pending`, `slow_down`, or `unavailable` when there was no answer.
        interval: seconds until the next question.
    """

    answer: str
    interval: float


class BrowserWanted(SessionAction, defer_build=True):
    """The user has to open this address in a browser on this machine, which leads back to the program (RFC 8252).

    Attributes:
        url: the authorization request.
        expires_at: until when the program waits, in seconds since 1970.
    """

    url: str
    expires_at: float


class SignInState(State, defer_build=True):
    """A sign-in that waits for its user; all of it is empty while none does.

    Attributes:
        user_code: what the user types at `verification_uri`.
        verification_uri: to show, and to type into a browser.
        verification_uri_complete: the same with the code in it, for a QR code.
        expires_at: until when the program waits, in seconds since 1970.
        interval: seconds between two questions whether the user is done.
        polls: how often the server was asked.
        url: what the user has to open in a browser on this machine.
    """

    user_code: str | None = None
    verification_uri: str | None = None
    verification_uri_complete: str | None = None
    expires_at: float | None = None
    interval: float | None = None
    polls: int = 0
    url: str | None = None


_NOBODY = SignInState()


def sign_in_reducer_of(session: str) -> Reducer[SignInState]:
    """A reducer for the sign-in of the session with this name; it leaves the actions of others alone.

    Examples:
        >>> sign_in_reducer_of("billing")(None, DevicePolled(answer="slow_down", interval=10.0, session="auth")).polls
        0
    """
    reducer = Reducer(_NOBODY)

    @reducer.on(SignIn, LoginSuccess, LoginFailure, Logout)
    def over(state: SignInState, action: SessionAction) -> SignInState:
        return _NOBODY if action.session == session else state

    @reducer.on(DeviceCodeIssued)
    def code_issued(state: SignInState, action: DeviceCodeIssued) -> SignInState:
        if action.session != session:
            return state
        return SignInState(
            user_code=action.user_code,
            verification_uri=action.verification_uri,
            verification_uri_complete=action.verification_uri_complete,
            expires_at=action.expires_at,
            interval=action.interval,
        )

    @reducer.on(DevicePolled)
    def polled(state: SignInState, action: DevicePolled) -> SignInState:
        if action.session != session or state.user_code is None:
            return state
        return state.replace(polls=state.polls + 1, interval=action.interval)

    @reducer.on(BrowserWanted)
    def browser_wanted(state: SignInState, action: BrowserWanted) -> SignInState:
        return SignInState(url=action.url, expires_at=action.expires_at) if action.session == session else state

    return reducer


sign_in_reducer = sign_in_reducer_of("auth")
