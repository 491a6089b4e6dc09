"""What can go wrong with an API call, as a value that fits into an action and a state."""

from typing import Literal

from pydantic import BaseModel, ConfigDict

ErrorKind = Literal[
    "unauthorized",
    "forbidden",
    "not_found",
    "client",
    "rate_limited",
    "server",
    "timeout",
    "network",
    "invalid_response",
    "session_expired",
]


class ApiError(BaseModel):
    """Why a call failed.

    Attributes:
        kind: what to do about it turns on this.
        status: the HTTP status, None when no answer came.
        message: words for a person.
        retry_after: seconds that the server asks to wait, None when it does not.

    Examples:
        >>> str(ApiError(kind="not_found", status=404, message="There is nothing at /users/9."))
        'There is nothing at /users/9.'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ErrorKind
    status: int | None = None
    message: str = ""
    retry_after: float | None = None

    def __str__(self) -> str:
        return self.message or self.kind
