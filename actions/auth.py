"""The actions of a session: login, token refresh, logout.

Their validators are built when they are first used: an import does not wait for them (`defer_build`).
"""

from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field, SecretStr

from .action import Action
from .api_error import ApiError
from .measured import MaybeSeconds, Seconds
from .tokens import TokenSet


class SessionAction(Action, defer_build=True):
    """An action of a session. `session` is its name: that of its slice in the state."""

    session: str = Field(default="auth", repr=False)


class SignIn(SessionAction, defer_build=True):
    """Begin a new session, by whatever way the backend signs in. Subclass it for what your backend has to know."""


class Login(SignIn, defer_build=True):
    """Sign in with a user name and a password. The password stays masked wherever the action is shown."""

    model_config = ConfigDict(hide_input_in_errors=True)

    username: str
    password: SecretStr

    if TYPE_CHECKING:  # pydantic takes a plain string as well

        def __init__(self, *, username: str, password: str | SecretStr, session: str = "auth") -> None: ...


class LoginSuccess(SessionAction, defer_build=True):
    """The server issued tokens. `epoch` is the session that asked; None stands for the present one."""

    model_config = ConfigDict(hide_input_in_errors=True)

    tokens: TokenSet
    epoch: int | None = None


class LoginFailure(SessionAction, defer_build=True):
    """The server did not sign the user in."""

    error: ApiError
    epoch: int | None = None


class RefreshToken(SessionAction, defer_build=True):
    """Get a new access token with the refresh token.

    `generation` and `epoch` say which token was found expired, and in which session: a request for
    one that is replaced already changes nothing. None stands for the present one. `cause` names the
    request that met the 401, `at` is when, in seconds of `time.monotonic()`. `refused`: a request was
    refused with that token; only such refreshes count towards the end of the session.
    """

    generation: int | None = None
    epoch: int | None = None
    cause: str | None = None
    at: MaybeSeconds = None
    refused: bool = False


class RefreshSuccess(SessionAction, defer_build=True):
    """The server issued new tokens. A refresh token that it left out is kept as it was.

    `at` is when they came, in seconds of `time.monotonic()`.
    """

    model_config = ConfigDict(hide_input_in_errors=True)

    tokens: TokenSet
    epoch: int | None = None
    at: MaybeSeconds = None


class RefreshFailure(SessionAction, defer_build=True):
    """No new tokens. `permanent`: the session is over; otherwise a later request may try again.

    `retry_at` is when, in seconds since 1970; until then requests that need a refresh fail at once.
    `cool_until` is the same in seconds of `time.monotonic()`, which no change of the clock disturbs.
    """

    error: ApiError
    permanent: bool
    epoch: int | None = None
    retry_at: MaybeSeconds = None
    cool_until: MaybeSeconds = None


class TokenAccepted(SessionAction, defer_build=True):
    """The API accepted the token of this `generation`, for `request`: refreshes count anew."""

    generation: int
    request: str = ""


class RequestRejected(SessionAction, defer_build=True):
    """A request did not get through with its token, and what is done about it.

    Attributes:
        request: what it was for, such as the key of a fetch.
        generation: of the token that it was started with.
        decision: `wait`, `replay`, `refresh`, `expired`, `refused` or `give_up`.
    """

    request: str
    generation: int
    decision: str


class RequestReplayed(SessionAction, defer_build=True):
    """A request that waited for a new token was started over, after so many seconds."""

    request: str
    generation: int
    waited: Seconds


class Logout(SessionAction, defer_build=True):
    """End the session. `reason` is shown to the user; None when the user asked for it."""

    reason: str | None = None
