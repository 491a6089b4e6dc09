"""What an answer means: pure functions of status, headers and body, without any I/O."""

import json
import math
import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from pydantic import ValidationError

from ..actions import ApiError, ErrorKind, TokenSet
from .policy import RefreshPolicy

RETRIED_STATUSES = frozenset({429, 502, 503, 504})
"""Statuses after which a GET is tried again: the server is busy or away, and did nothing."""

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


@dataclass(frozen=True)
class Refusal:
    """A token endpoint gave no tokens. `permanent`: asking again with the same grant is useless."""

    error: ApiError
    permanent: bool


def describe(
    kind: ErrorKind, status: int | None = None, detail: str = "", retry_after: float | None = None
) -> ApiError:
    """An error with words for a person.

    >>> describe("timeout").message
    'The server took too long to answer.'
    """
    message = f"{_WORDS[kind]} {detail}".rstrip()
    return ApiError(kind=kind, status=status, message=message, retry_after=retry_after)


def error_of_status(status: int, headers: Mapping[str, str], now: float) -> ApiError | None:
    """What an API's status says; None for success.

    Args:
        headers: with lower-case names.
        now: seconds since 1970, for a Retry-After that is a date.

    >>> error_of_status(200, {}, 0.0) is None, error_of_status(503, {"retry-after": "3"}, 0.0).retry_after
    (True, 3.0)
    """
    if 200 <= status < 300:
        return None
    retry_after = parse_retry_after(headers.get("retry-after"), now)
    if status < 400:
        detail = f"It redirects to {headers.get('location', 'nowhere')}." if status >= 300 else ""
        return describe("invalid_response", status, detail)
    kind = _KINDS.get(status) or ("server" if status >= 500 else "client")
    scope = _parameter(headers.get("www-authenticate", ""), "scope") if status == 403 else None
    detail = f"It needs the scope {scope!r}." if scope else f"(HTTP {status})"
    return describe(kind, status, detail, retry_after)


def parse_retry_after(value: str | None, now: float) -> float | None:
    """Seconds to wait (RFC 9110, section 10.2.3): a number, or an HTTP date; None for neither.

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


def is_retried(method: str, error: ApiError) -> bool:
    """Whether a failed request may be sent once more as it is: a GET, after a passing failure.

    >>> is_retried("GET", describe("server", 503)), is_retried("POST", describe("server", 503)), is_retried("GET", describe("server", 500))
    (True, False, False)
    """
    passing = error.status in RETRIED_STATUSES if error.status is not None else error.kind in ("timeout", "network")
    return method.upper() == "GET" and passing


def backoff(attempt: int, retry_after: float | None, policy: RefreshPolicy) -> float:
    """Seconds to wait before retry number `attempt` (1 is the first): full jitter, or what the server asks for.

    >>> backoff(1, 99.0, RefreshPolicy(retry_after_max=30.0))
    30.0
    """
    if retry_after is not None:
        return min(retry_after, policy.retry_after_max)
    return random.uniform(0.0, min(policy.backoff_max, policy.backoff_initial * 2 ** (attempt - 1)))


def read_token_answer(status: int, headers: Mapping[str, str], body: bytes, now: float) -> TokenSet | Refusal:
    """What a token endpoint's answer means (RFC 6749, sections 5.1 and 5.2).

    Permanent is what the same grant will always get: 401, 403, an OAuth error, a success without a
    usable access token. Anything else may pass: 408, 429, 5xx, what is not JSON.

    >>> read_token_answer(400, {}, b'{"error": "invalid_grant"}', 0.0).permanent
    True
    >>> read_token_answer(200, {}, b"<html>", 0.0).permanent
    False
    """
    content = parse_object(body)
    if status == 200 and content is not None:
        tokens = _tokens_of(content, now)
        return tokens or Refusal(
            describe("invalid_response", status, "It holds no usable access token."), permanent=True
        )
    if 200 <= status < 400:
        return Refusal(describe("invalid_response", status, "(no JSON from the token endpoint)"), permanent=False)
    oauth_error = content.get("error") if content is not None else None
    if status in (401, 403) or (status == 400 and isinstance(oauth_error, str)):
        return Refusal(describe("session_expired", status), permanent=True)
    error = error_of_status(status, headers, now)
    return Refusal(error or describe("invalid_response", status), permanent=False)


def _tokens_of(content: dict[str, Any], now: float) -> TokenSet | None:
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


def _parameter(challenge: str, name: str) -> str | None:
    """A quoted parameter of a WWW-Authenticate header (RFC 6750, section 3)."""
    _, found, rest = challenge.partition(f'{name}="')
    return rest.partition('"')[0] if found else None
