"""What can go wrong with an API call, as a value that fits into an action and a state."""

from typing import Any, Literal

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


class ApiError(BaseModel, defer_build=True):
    """Why a call failed.

    Attributes:
        kind: what to do about it turns on this.
        status: the HTTP status, None when no answer came.
        message: words for a person.
        retry_after: seconds that the server asks to wait, None when it does not.
        data: the parsed body of a refusal, up to 64 KiB, such as the fields that a form has wrong; without the tokens
            of the session, should the server repeat them.
        code: the server's own word for what is wrong, such as OAuth's `invalid_client`; None where it has none.

    Examples:
        >>> str(ApiError(kind="not_found", status=404, message="There is nothing at /users/9."))
        'There is nothing at /users/9.'
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: ErrorKind
    status: int | None = None
    message: str = ""
    retry_after: float | None = None
    code: str | None = None
    data: Any = None

    def __str__(self) -> str:
        return self.message or self.kind
