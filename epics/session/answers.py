"""What an answer means: pure functions of status, headers and body, without any I/O."""

import json
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum
from typing import Any, Literal

from pydantic import ValidationError

from ...actions import ApiError, ErrorKind, TokenSet
from .policy import RefreshPolicy

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
    """An answer to a request, or that there was none.

    Attributes:
        endpoint: the API, or the token endpoint asked for a refresh or a login.
        status: None when no answer came: a time-out, a lost connection.
        authorised: whether the request carried an access token.
    """

    endpoint: Literal["api", "token"]
    method: str = "GET"
    status: int | None = None
    body: bytes = b""
    authorised: bool = True


def meaning_of(answer: Answer) -> Meaning:
    """What an answer means.

    Examples:
        >>> meaning_of(Answer("api", "GET", 401)), meaning_of(Answer("token", "POST", 400, b'{"error": "invalid_grant"}'))
        (<Meaning.REFRESH: 'refresh'>, <Meaning.SIGN_OUT: 'sign out'>)
    """
    return _meaning_of_token_answer(answer) if answer.endpoint == "token" else _meaning_of_api_answer(answer)


def _meaning_of_api_answer(answer: Answer) -> Meaning:
    match answer.status:
        case int(status) if 200 <= status < 300:
            return Meaning.ACCEPT
        case 401 if answer.authorised:
            return Meaning.REFRESH
        case status if (status is None or status in RETRIED_STATUSES) and answer.method.upper() == "GET":
            return Meaning.RETRY
        case _:
            return Meaning.GIVE_UP


def _meaning_of_token_answer(answer: Answer) -> Meaning:
    """Permanent is what the same grant will always get; anything else may pass (RFC 6749, sections 5.1 and 5.2)."""
    content = parse_object(answer.body)
    match answer.status:
        case 200 if content is not None:
            return Meaning.ACCEPT if tokens_of(content, 0.0) is not None else Meaning.SIGN_OUT
        case 401 | 403:
            return Meaning.SIGN_OUT
        case 400 if content is not None and isinstance(content.get("error"), str):
            return Meaning.SIGN_OUT
        case _:
            return Meaning.RETRY


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


def error_of_status(status: int, headers: Mapping[str, str], now: float) -> ApiError | None:
    """What an API's status says; None for success.

    Args:
        headers: with lower-case names.
        now: seconds since 1970, for a Retry-After that is a date. The server's own Date goes before it:
            the clock here may be wrong by minutes.

    Examples:
        >>> error_of_status(200, {}, 0.0) is None, error_of_status(503, {"retry-after": "3"}, 0.0).retry_after
        (True, 3.0)
    """
    if 200 <= status < 300:
        return None
    retry_after = parse_retry_after(headers.get("retry-after"), _clock_of(headers, now))
    if status < 400:
        detail = f"It redirects to {headers.get('location', 'nowhere')}." if status >= 300 else ""
        return describe("invalid_response", status, detail)
    kind = _KINDS.get(status) or ("server" if status >= 500 else "client")
    scope = _parameter(headers.get("www-authenticate", ""), "scope") if status == 403 else None
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
        except ValueError:
            return None
        date = date if date.tzinfo else date.replace(tzinfo=UTC)
        seconds = (date - datetime.fromtimestamp(now, UTC)).total_seconds()
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


def error_of_token_answer(status: int, headers: Mapping[str, str], meaning: Meaning, now: float) -> ApiError:
    """Why a token endpoint gave no tokens."""
    if meaning is Meaning.SIGN_OUT:
        return describe("session_expired", status)
    if status < 400:
        return describe("invalid_response", status, "(no JSON from the token endpoint)")
    return error_of_status(status, headers, now) or describe("invalid_response", status)


def tokens_of(content: dict[str, Any], now: float) -> TokenSet | None:
    """The tokens of a JSON answer; None when it holds no usable access token.

    Args:
        now: when it came, in seconds since 1970.
    """
    known = {name: content.get(name) for name in ("access_token", "refresh_token", "expires_in")}
    texts = {name: value for name in ("scope", "token_type") if isinstance(value := content.get(name), str)}
    try:
        return TokenSet.model_validate({**known, **texts, "issued_at": now})
    except ValidationError:
        return None


def parse_object(body: bytes) -> dict[str, Any] | None:
    """A JSON object, None for anything else."""
    try:
        content = json.loads(body)
    except ValueError:
        return None
    return content if isinstance(content, dict) else None  # pyright: ignore[reportUnknownVariableType] -- JSON


def _clock_of(headers: Mapping[str, str], now: float) -> float:
    """What time the server says it is."""
    try:
        return parsedate_to_datetime(headers["date"]).timestamp()
    except (KeyError, ValueError):
        return now


def _parameter(challenge: str, name: str) -> str | None:
    """A quoted parameter of a WWW-Authenticate header (RFC 6750, section 3)."""
    _, found, rest = challenge.partition(f'{name}="')
    return rest.partition('"')[0] if found else None
