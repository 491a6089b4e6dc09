"""The errors of API calls."""

from ..actions import ApiError, RxduxError, TokenSet


class ApiCallError(RxduxError):
    """A call to the API failed.

    Attributes:
        error: why, as a value for actions and states.
        tokens: those that the request carried, if any. They appear neither in `str` nor in `repr`.
    """

    def __init__(self, error: ApiError, tokens: TokenSet | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.tokens = tokens


class TokenNotReadyError(RxduxError):
    """A request did not go out, because the session is getting a new token just now."""


def api_error_of(error: Exception) -> ApiError:
    """Any error of a call as a value. One that nobody foresaw is shown as what it is."""
    if isinstance(error, ApiCallError):
        return error.error
    return ApiError(kind="client", message=f"The request could not be made: {type(error).__name__}: {error}")
