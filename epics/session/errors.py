"""The errors of API calls."""

from ...actions import ApiError, RxduxError, TokenSet
from .answers import Meaning
from .shown_text import LONGEST_WORDS, Hide, cleaned


class ApiCallError(RxduxError):
    """A call to the API failed.

    Attributes:
        error: why, as a value for actions and states.
        meaning: what to do about it.
        tokens: those that the request carried, if any. They appear neither in `str` nor in `repr`.
    """

    def __init__(self, error: ApiError, meaning: Meaning = Meaning.GIVE_UP, tokens: TokenSet | None = None) -> None:
        super().__init__(str(error))
        self.error = error
        self.meaning = meaning
        self.tokens = tokens


class TokenNotReadyError(RxduxError):
    """A request did not go out, because the session is getting a new token just now."""


def api_error_of(error: Exception, hide: Hide = str) -> ApiError:
    """Any error of a call as a value. One that nobody foresaw is shown as what it is.

    Args:
        hide: takes what is secret out of its text, which may hold anything.
    """
    if isinstance(error, ApiCallError):
        return error.error
    words = cleaned(hide(str(error)), longest=LONGEST_WORDS)
    return ApiError(kind="client", message=f"The request could not be made: {type(error).__name__}: {words}")


def hider_of(api: object) -> Hide:
    """What takes the tokens out that went through an API client. One of your own need not have it."""
    hide: Hide = getattr(api, "hide", str)
    return hide
