"""What an answer means: pure functions of status, headers and body, without any I/O."""

import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum

from ...actions import ApiError, ErrorKind
from .policy import RefreshPolicy
from .shown_text import Hide, cleaned

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""Statuses after which a GET is tried again: the server is busy or away, and did nothing."""


class Meaning(Enum):
    """What to do about an answer."""

    ACCEPT = "accept"
    REFRESH = "refresh"  # get a new access token, and start over
    RETRY = "retry"  # a passing failure: try again as it is, after a while
    GIVE_UP = "give up"  # fail; the session goes on
    SIGN_OUT = "sign out"  # the session is over


@dataclass(frozen=True)
class Answer:
    """An answer of the API to a request, or that there was none.

    Attributes:
        status: None when no answer came: a time-out, a lost connection.
        authorised: whether the request carried an access token.
    """

    method: str = "GET"
    status: int | None = None
    authorised: bool = True


def meaning_of(answer: Answer) -> Meaning:
    """What an answer of the API means.

    Examples:
        >>> meaning_of(Answer("GET", 401)), meaning_of(Answer("POST", 503))
        (<Meaning.REFRESH: 'refresh'>, <Meaning.GIVE_UP: 'give up'>)
    """
    match answer.status:
        case int(status) if 200 <= status < 300:
            return Meaning.ACCEPT
        case 401 if answer.authorised:
            return Meaning.REFRESH
        case status if (status is None or status in RETRIED_STATUSES) and answer.method.upper() == "GET":
            return Meaning.RETRY
        case _:
            return Meaning.GIVE_UP


_KINDS: dict[int, ErrorKind] = {
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    408: "timeout",
    410: "not_found",
    429: "rate_limited",
    504: "timeout",
}

_WORDS: dict[ErrorKind, str] = {
    "unauthorized": "You are not signed in, or your sign-in is no longer accepted.",
    "forbidden": "You are not allowed to do this.",
    "not_found": "There is nothing at this address.",
    "client": "The server did not accept the request.",
    "rate_limited": "Too many requests. Please wait a moment.",
    "server": "The server has a problem. Please try again later.",
    "timeout": "The server took too long to answer.",
    "network": "The server cannot be reached.",
    "invalid_response": "The server sent an answer that makes no sense here.",
    "session_expired": "Your session has ended. Please sign in again.",
}


def describe(
    kind: ErrorKind, status: int | None = None, detail: str = "", retry_after: float | None = None
) -> ApiError:
    """An error with words for a person.

    Examples:
        >>> describe("timeout").message
        'The server took too long to answer.'
    """
    message = f"{_WORDS[kind]} {detail}".rstrip()
    return ApiError(kind=kind, status=status, message=message, retry_after=retry_after)


def error_of_status(status: int, headers: Mapping[str, str], now: float, hide: Hide = str) -> ApiError | None:
    """What an API's status says; None for success.

    Args:
        headers: with lower-case names.
        now: seconds since 1970, for a Retry-After that is a date. The server's own Date goes before it:
            the clock here may be wrong by minutes.
        hide: takes what is secret out of a text.

    Examples:
        >>> error_of_status(200, {}, 0.0) is None, error_of_status(503, {"retry-after": "3"}, 0.0).retry_after
        (True, 3.0)
    """
    if 200 <= status < 300:
        return None
    retry_after = parse_retry_after(headers.get("retry-after"), _clock_of(headers, now))
    if status < 400:
        detail = f"It redirects to {cleaned(hide(headers.get('location', ''))) or 'nowhere'}." if status >= 300 else ""
        return describe("invalid_response", status, detail)
    kind = _KINDS.get(status) or ("server" if status >= 500 else "client")
    scope = _parameter(headers.get("www-authenticate", ""), "scope") if status == 403 else None
    scope = cleaned(hide(scope or ""))
    detail = f"It needs the scope {scope!r}." if scope else f"(HTTP {status})"
    return describe(kind, status, detail, retry_after)


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait (RFC 9110, section 10.2.3): a number, or an HTTP date; None for neither.

    Examples:
        >>> parse_retry_after("120", 0.0), parse_retry_after("Thu, 01 Jan 1970 00:01:00 GMT", 50.0), parse_retry_after("soon", 0.0)
        (120.0, 10.0, None)
    """
    if value is None:
        return None
    try:
        seconds = float(value)
    except ValueError:
        try:
            date = parsedate_to_datetime(value)
            date = date if date.tzinfo else date.replace(tzinfo=UTC)
            seconds = (date - datetime.fromtimestamp(now, UTC)).total_seconds()
        except (ValueError, TypeError, OverflowError):  # a zone of a thousand days, a year of five digits
            return None
    return max(0.0, seconds) if math.isfinite(seconds) else None


def backoff(attempt: int, retry_after: float | None, policy: RefreshPolicy) -> float:
    """Seconds to wait before retry number `attempt` (1 is the first): full jitter, or what the server asks for.

    Examples:
        >>> backoff(1, 99.0, RefreshPolicy(retry_after_max=30.0))
        30.0
    """
    if retry_after is not None:
        return min(retry_after, policy.retry_after_max)
    return random.uniform(0.0, min(policy.backoff_max, policy.backoff_initial * 2 ** (attempt - 1)))


def _clock_of(headers: Mapping[str, str], now: float) -> float:
    """What time the server says it is."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError, TypeError, OverflowError, OSError):
        return now


def _parameter(challenge: str, name: str) -> str | None:
    """A quoted parameter of a WWW-Authenticate header (RFC 6750, section 3)."""
    _, found, rest = challenge.partition(f'{name}="')
    return rest.partition('"')[0] if found else None
