"""The tokens of a session, as an OAuth 2 server issues them."""

import math
import time
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator

LONGEST_LIFE = 10 * 365 * 86_400.0  # ten years, in seconds: beyond it a number is a mistake, not a life


def sendable(token: str) -> bool:
    """Whether a token may stand in an HTTP header: visible ASCII, RFC 6749 appendix A.12.

    Examples:
        >>> sendable("abc.def-1~"), sendable("abc\\ndef"), sendable("tök"), sendable("")
        (True, False, False, False)
    """
    return bool(token) and all("\x21" <= character <= "\x7e" for character in token)


def _seconds(value: Any) -> float | None:
    """A life in seconds out of whatever a server sent; what makes no sense is None (not known)."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return min(seconds, LONGEST_LIFE) if math.isfinite(seconds) and seconds > 0 else None


class TokenSet(BaseModel):
    """A successful answer of a token endpoint (RFC 6749, section 5.1). Fields that it does not name are ignored.

    Attributes:
        access_token: the bearer token; visible ASCII.
        refresh_token: None when the server gave none.
        expires_in: life of the access token in seconds, None when not known. Text that holds a
            number counts; zero, a negative or a senseless value is not known.
        issued_at: when the answer came, in seconds since 1970.

    Raises:
        pydantic.ValidationError: for a token that no header can carry. It never shows the token.

    Examples:
        >>> TokenSet(access_token="secret", expires_in="3600")
        TokenSet(access_token=SecretStr('**********'), refresh_token=None, expires_in=3600.0)
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    access_token: SecretStr
    refresh_token: SecretStr | None = None
    expires_in: Annotated[float | None, BeforeValidator(_seconds)] = None
    token_type: str = Field("Bearer", repr=False)
    scope: str | None = Field(None, repr=False)
    issued_at: float = Field(default_factory=time.time, repr=False)

    if TYPE_CHECKING:  # pydantic takes plain strings as well

        def __init__(
            self,
            *,
            access_token: str | SecretStr,
            refresh_token: str | SecretStr | None = None,
            expires_in: float | str | None = None,
            token_type: str = "Bearer",
            scope: str | None = None,
            issued_at: float = ...,
        ) -> None: ...

    @field_validator("access_token", "refresh_token")
    @classmethod
    def _is_sendable(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not sendable(token.get_secret_value()):
            msg = "a token must be visible ASCII, without spaces or line breaks (RFC 6749, appendix A.12)"
            raise ValueError(msg)
        return token

    @property
    def expires_at(self) -> float | None:
        """When the access token expires, in seconds since 1970; None when not known."""
        return None if self.expires_in is None else self.issued_at + self.expires_in
