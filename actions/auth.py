"""The actions of a session: login, token refresh, logout."""

from typing import TYPE_CHECKING

from pydantic import ConfigDict, SecretStr

from .action import Action
from .api_error import ApiError
from .tokens import TokenSet


class Login(Action):
    """Sign in with a user name and a password. The password stays masked wherever the action is shown."""

    model_config = ConfigDict(hide_input_in_errors=True)

    username: str
    password: SecretStr

    if TYPE_CHECKING:  # pydantic takes a plain string as well

        def __init__(self, *, username: str, password: str | SecretStr) -> None: ...


class LoginSuccess(Action):
    """The server issued tokens. `epoch` is the session that asked; None stands for the present one."""

    model_config = ConfigDict(hide_input_in_errors=True)

    tokens: TokenSet
    epoch: int | None = None


class LoginFailure(Action):
    """The server did not sign the user in."""

    error: ApiError
    epoch: int | None = None


class RefreshToken(Action):
    """Get a new access token with the refresh token.

    `generation` and `epoch` say which token was found expired, and in which session: a request for
    one that is replaced already changes nothing. None stands for the present one.
    """

    generation: int | None = None
    epoch: int | None = None


class RefreshSuccess(Action):
    """The server issued new tokens. A refresh token that it left out is kept as it was."""

    model_config = ConfigDict(hide_input_in_errors=True)

    tokens: TokenSet
    epoch: int | None = None


class RefreshFailure(Action):
    """No new tokens. `permanent`: the session is over; otherwise a later request may try again."""

    error: ApiError
    permanent: bool
    epoch: int | None = None


class TokenAccepted(Action):
    """The API accepted the token of this `generation`: refreshes count anew."""

    generation: int


class Logout(Action):
    """End the session. `reason` is shown to the user; None when the user asked for it."""

    reason: str | None = None
