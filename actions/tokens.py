"""The tokens of a session, as an OAuth 2 server issues them."""

import json
import math
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, field_validator, model_validator

LONGEST_LIFE = 10 * 365 * 86_400.0  # ten years, in seconds: beyond it a number is a mistake, not a life


def sendable(token: str) -> bool:
    """Whether a token may stand in an HTTP header: visible ASCII, RFC 6749 appendix A.12.

    Examples:
        >>> sendable("abc.def-1~"), sendable("abc\\ndef"), sendable("tök"), sendable("")
        (True, False, False, False)
    """
    return bool(token) and token.isascii() and token.isprintable() and " " not in token


def _seconds(value: Any) -> float | None:
    """A life in seconds out of whatever a server sent; what makes no sense is None (not known)."""
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        return None
    return min(seconds, LONGEST_LIFE) if math.isfinite(seconds) and seconds > 0 else None


def _given(token: Any) -> Any:
    """A refresh token; None for what some servers send in place of none."""
    text: Any = token.get_secret_value() if isinstance(token, SecretStr) else token
    return None if text is False or (isinstance(text, str) and not text.strip()) else token


def _plain(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text  # masked: it came out of a log


class TokenSet(BaseModel, defer_build=True):
    """A successful answer of a token endpoint (RFC 6749, section 5.1).

    Attributes:
        access_token: the bearer token; visible ASCII.
        refresh_token: None when the server gave none. An empty one is none: the old one stays (RFC 6749, section 6).
        expires_in: life of the access token in seconds, None when not known. Text that holds a
            number counts; zero, a negative or a senseless value is not known.
        issued_at: when the answer came, in seconds since 1970.
        others: what else came, each as the JSON that it was; `extra` reads it.

    Raises:
        pydantic.ValidationError: for a token that no header can carry. It never shows the token.

    Examples:
        >>> TokenSet(access_token="secret", expires_in="3600")
        TokenSet(access_token=SecretStr('**********'), refresh_token=None, expires_in=3600.0)
    """

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)

    access_token: SecretStr
    refresh_token: Annotated[SecretStr | None, BeforeValidator(_given)] = None
    expires_in: Annotated[float | None, BeforeValidator(_seconds)] = None
    token_type: str = Field("Bearer", repr=False)
    scope: str | None = Field(None, repr=False)
    issued_at: float = Field(default_factory=time.time, repr=False)
    others: dict[str, SecretStr] = Field(default_factory=dict, repr=False)

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
            extra: Mapping[str, Any] = ...,
        ) -> None: ...

    @model_validator(mode="before")
    @classmethod
    def _keep_others(cls, data: Any) -> Any:
        if not isinstance(data, Mapping) or data.keys() <= cls.model_fields.keys():
            return data  # pyright: ignore[reportUnknownVariableType] -- pydantic judges it
        came: dict[str, Any] = {str(name): value for name, value in data.items()}  # pyright: ignore[reportUnknownVariableType, reportUnknownArgumentType]
        known = {name: came.pop(name) for name in cls.model_fields if name in came}
        extra: Any = came.pop("extra", None) or {}
        others = {name: json.dumps(value, default=str) for name, value in {**extra, **came}.items()}
        return {**known, "others": {**known.get("others", {}), **others}}

    @field_validator("access_token", "refresh_token")
    @classmethod
    def _is_sendable(cls, token: SecretStr | None) -> SecretStr | None:
        if token is not None and not sendable(token.get_secret_value()):
            msg = "a token must be visible ASCII, without spaces or line breaks (RFC 6749, appendix A.12)"
            raise ValueError(msg)
        return token

    @property
    def extra(self) -> Mapping[str, Any]:
        """What else the server sent, such as `id_token` or `refresh_expires_in`. It is shown nowhere."""
        return {name: _plain(value.get_secret_value()) for name, value in self.others.items()}

    @property
    def expires_at(self) -> float | None:
        """When the access token expires, in seconds since 1970; None when not known."""
        return None if self.expires_in is None else self.issued_at + self.expires_in
