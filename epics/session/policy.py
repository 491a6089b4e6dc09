"""How patient the session is: retries, waits and limits."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx


@dataclass(frozen=True)
class RefreshPolicy:
    """The knobs of the token refresh and of the API calls; times in seconds.

    Attributes:
        max_refreshes: successful refreshes in a row that refused requests asked for, without an accepted request; then
            the session is ended.
        refresh_retries: how often a refresh call that failed for a passing reason is tried again.
        fetch_retries: how often a GET that failed for a passing reason is tried again.
        refresh_before_expiry: refresh so long ahead of the expiry, without a failing request; 0 is off.
        request_timeout: for one request, from its start to the end of the answer.
        backoff_initial: the wait before the first retry is at most this, and doubles with each.
        backoff_max: the longest wait between two tries that the server did not ask for.
        retry_after_max: a Retry-After is honoured up to this.
        cool_off: after a refresh that failed for a passing reason, fetches that need one fail at once for so long.
        max_refreshes_per_minute: beyond it fetches fail with `rate_limited`, without a logout.
        max_in_flight: requests at once towards httpx; the rest wait in front of its pool.
        largest_answer: bytes, unpacked, that an answer of the API may have; beyond it, it is a bomb.
        is_expired: says what counts as an expired token beside 401: 419, 440, 498, a 200 that holds an error. Through
            `SessionAuth` it sees the body of a JSON document of up to 1 MiB, and of other answers the head alone.
        is_refused: decides what an answer of the token endpoint means: True ends the session, False says that it is
            no refusal: passing, where it brings no tokens. None leaves it to the rules (RFC 6749, section 5.2).

    Raises:
        ValueError: for a negative number, or a zero where something must happen.

    Examples:
        >>> RefreshPolicy(max_refreshes=5).max_refreshes
        5
    """

    max_refreshes: int = 3
    refresh_retries: int = 3
    fetch_retries: int = 2
    refresh_before_expiry: float = 0.0
    request_timeout: float = 10.0
    backoff_initial: float = 0.2
    backoff_max: float = 5.0
    retry_after_max: float = 30.0
    cool_off: float = 1.0
    max_refreshes_per_minute: int = 30
    max_in_flight: int = 20
    largest_answer: int = 64 << 20
    is_expired: "Callable[[httpx.Response], bool] | None" = None
    is_refused: "Callable[[httpx.Response], bool | None] | None" = None

    def __post_init__(self) -> None:
        positive = {"max_refreshes", "request_timeout", "max_refreshes_per_minute", "max_in_flight", "largest_answer"}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is None or callable(value):
                continue
            if value < 0 or (value == 0 and field.name in positive):
                least = "more than 0" if field.name in positive else "0 or more"
                msg = f"RefreshPolicy.{field.name} must be {least}, not {value}."
                raise ValueError(msg)
