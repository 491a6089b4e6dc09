"""What an answer means, and what is done about a 401: the tables. `pytest -v` prints them."""

from typing import Any

import httpx
import pytest

from rxdux import ApiCallError, AuthState, RefreshPolicy, TokenSet
from rxdux.epics.session.answers import (
    Answer,
    Meaning,
    backoff,
    describe,
    error_of_status,
    meaning_of,
    parse_retry_after,
)
from rxdux.epics.session.errors import TokenNotReadyError
from rxdux.epics.session.token_answers import meaning_of_token_answer
from rxdux.epics.session.unauthorized import Asked, Decision, Now, Sent, decide, is_due, proves_token, refresh_time

GOOD = b'{"access_token": "a"}'
NOW = 1_000_000.0
STEADY = 50.0

API_ANSWERS = {
    "GET 200": (Answer("GET", 200), "accept"),
    "POST 201": (Answer("POST", 201), "accept"),
    "GET 204": (Answer("GET", 204), "accept"),
    "GET 302": (Answer("GET", 302), "give up"),
    "GET 400": (Answer("GET", 400), "give up"),
    "GET 401 with a token": (Answer("GET", 401), "refresh"),
    "POST 401 with a token": (Answer("POST", 401), "refresh"),
    "GET 401 without a token": (Answer("GET", 401, authorised=False), "give up"),
    "GET 403": (Answer("GET", 403), "give up"),
    "GET 404": (Answer("GET", 404), "give up"),
    "GET 408": (Answer("GET", 408), "give up"),
    "GET 429": (Answer("GET", 429), "retry"),
    "POST 429": (Answer("POST", 429), "give up"),
    "GET 500": (Answer("GET", 500), "give up"),
    "GET 501": (Answer("GET", 501), "give up"),
    "GET 502": (Answer("GET", 502), "retry"),
    "GET 503": (Answer("GET", 503), "retry"),
    "PUT 503": (Answer("PUT", 503), "give up"),
    "GET 504": (Answer("GET", 504), "retry"),
    "GET without an answer": (Answer("GET"), "retry"),
    "DELETE without an answer": (Answer("DELETE"), "give up"),
}

TOKEN_ANSWERS = {
    "200 with an access token": (200, GOOD, "accept"),
    "200 with an absurd life": (200, b'{"access_token": "a", "expires_in": -1}', "accept"),
    "200 with a scope that is a list": (200, b'{"access_token": "a", "scope": ["x"]}', "accept"),
    "200 without an access token": (200, b'{"token_type": "Bearer"}', "sign out"),
    "200 with an empty access token": (200, b'{"access_token": ""}', "sign out"),
    "200 with null": (200, b'{"access_token": null}', "sign out"),
    "200 with a number": (200, b'{"access_token": 5}', "sign out"),
    "200 with a line break in it": (200, b'{"access_token": "a\\nb"}', "sign out"),
    "200 beyond ASCII": (200, '{"access_token": "tökén"}'.encode(), "sign out"),
    "200 with a refresh token of two lines": (200, b'{"access_token": "a", "refresh_token": "r\\r"}', "sign out"),
    "200 with an error": (200, b'{"error": "bad_refresh_token"}', "sign out"),
    "200 with a passing error": (200, b'{"error": "temporarily_unavailable"}', "retry"),
    "200 with a refused client": (200, b'{"error": "invalid_client"}', "give up"),
    "200 with a list": (200, b"[]", "retry"),
    "200 with half a JSON": (200, b'{"access_token": "a', "retry"),
    "200 empty": (200, b"", "retry"),
    "200 HTML": (200, b"<html>", "retry"),
    "201 with an access token": (201, GOOD, "accept"),
    "204": (204, b"", "retry"),
    "302": (302, b"", "retry"),
    "302 with JSON": (302, b"{}", "retry"),
    "400 invalid_grant": (400, b'{"error": "invalid_grant"}', "sign out"),
    "400 invalid_client": (400, b'{"error": "invalid_client"}', "give up"),
    "401 unauthorized_client": (401, b'{"error": "unauthorized_client"}', "give up"),
    "400 invalid_request": (400, b'{"error": "invalid_request"}', "sign out"),
    "400 server_error": (400, b'{"error": "server_error"}', "retry"),
    "400 slow_down": (400, b'{"error": "slow_down"}', "retry"),
    "400 with a code elsewhere": (400, b'{"error_code": "refresh_token_not_found"}', "sign out"),
    "400 with an error that is an object": (400, b'{"error": {"status": "INVALID_ARGUMENT"}}', "sign out"),
    "400 HTML": (400, b"<html>", "retry"),
    "400 with a JSON that is no OAuth error": (400, b'{"message": "no"}', "sign out"),
    "400 with a number that JSON has not": (400, b'{"a": 1e999}', "retry"),
    "400 of 100,000 brackets": (400, b"[" * 100_000, "retry"),
    "401": (401, b"", "retry"),
    "401 with JSON": (401, b'{"detail": "expired"}', "sign out"),
    "403 HTML": (403, b"<html>", "retry"),
    "404": (404, b"", "retry"),
    "404 with JSON": (404, b'{"detail": "not found"}', "sign out"),
    "408": (408, b"", "retry"),
    "422 with JSON": (422, b'{"msg": "Not enough segments"}', "sign out"),
    "429": (429, b"{}", "retry"),
    "500 invalid_grant": (500, b'{"error": "invalid_grant"}', "sign out"),
    "500 with another error": (500, b'{"error": "oops"}', "retry"),
    "503": (503, b"", "retry"),
    "no answer": (None, b"", "retry"),
}


@pytest.mark.parametrize(
    ("answer", "meaning"), API_ANSWERS.values(), ids=[f"{k} -> {v[1]}" for k, v in API_ANSWERS.items()]
)
def test_what_an_answer_of_the_api_means(answer: Answer, meaning: str) -> None:
    """A row of the table."""
    assert meaning_of(answer) is Meaning(meaning)


@pytest.mark.parametrize(
    ("status", "body", "meaning"), TOKEN_ANSWERS.values(), ids=[f"{k} -> {v[2]}" for k, v in TOKEN_ANSWERS.items()]
)
def test_what_an_answer_of_the_token_endpoint_means(status: int | None, body: bytes, meaning: str) -> None:
    """A row of the table."""
    assert meaning_of_token_answer(status, body) is Meaning(meaning)


KINDS = {
    400: "client", 401: "unauthorized", 403: "forbidden", 404: "not_found", 408: "timeout", 410: "not_found",
    418: "client", 429: "rate_limited", 500: "server", 502: "server", 503: "server", 504: "timeout", 302: "invalid_response",
}  # fmt: skip


@pytest.mark.parametrize(("status", "kind"), KINDS.items(), ids=[f"{k} -> {v}" for k, v in KINDS.items()])
def test_the_kind_of_an_error(status: int, kind: str) -> None:
    """Each with its status, and words for a person."""
    error = error_of_status(status, {}, NOW)
    assert error is not None
    assert (error.kind, error.status) == (kind, status)
    assert error.message[0].isupper()


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("0", 0.0), ("3", 3.0), ("1.5", 1.5), ("-3", 0.0), ("inf", None), ("soon", None), ("", None), (None, None),
     ("Mon, 12 Jan 1970 13:46:50 GMT", 10.0), ("Mon, 12 Jan 1970 13:46:30 GMT", 0.0),
     ("Mon, 12 Jan 1970 13:46:50 +999999", None), ("Mon, 12 Jan 99999 13:46:50 GMT", None), ("1e999", None)],
)  # fmt: skip
def test_retry_after(value: str | None, seconds: float | None) -> None:
    """Seconds, or an HTTP date (RFC 9110, section 10.2.3)."""
    assert parse_retry_after(value, NOW) == seconds


def test_a_retry_after_date_is_read_by_the_servers_clock() -> None:
    """The clock here may be wrong by minutes."""
    headers = {"retry-after": "Mon, 12 Jan 1970 13:46:50 GMT", "date": "Mon, 12 Jan 1970 13:46:45 GMT"}
    error = error_of_status(503, headers, NOW - 600)
    assert error is not None
    assert error.retry_after == 5.0


def test_the_backoff_has_full_jitter_and_a_cap() -> None:
    """It doubles; what the server asks for goes before, up to its own cap."""
    policy = RefreshPolicy(backoff_initial=0.2, backoff_max=1.0, retry_after_max=30.0)
    longest = [max(backoff(attempt, None, policy) for _ in range(500)) for attempt in (1, 2, 3, 4)]
    assert all(top * 0.8 < seen <= top for seen, top in zip(longest, (0.2, 0.4, 0.8, 1.0), strict=True))
    assert min(backoff(1, None, policy) for _ in range(500)) < 0.02
    assert (backoff(1, 5.0, policy), backoff(1, 3600.0, policy)) == (5.0, 30.0)


OLD, NEW = (TokenSet(access_token=token, refresh_token="r", expires_in=60.0, issued_at=NOW) for token in ("old", "new"))
SIGNED_IN = AuthState(status="signed_in", tokens=NEW, generation=2, epoch=1, expires_at=NOW + 60)
SENT = Sent(generation=2, epoch=1)


def rejected(tokens: TokenSet | None = NEW) -> ApiCallError:
    return ApiCallError(describe("unauthorized", 401), Meaning.REFRESH, tokens)


def plain(bearer: str | None, status: int = 401) -> httpx.HTTPStatusError:
    headers = {} if bearer is None else {"Authorization": bearer}
    request = httpx.Request("GET", "http://x.test", headers=headers)
    return httpx.HTTPStatusError("refused", request=request, response=httpx.Response(status, request=request))


ASKED = Asked(epoch=1, name="people")
RENEWED = ASKED.renewed()
REFUSED_BEFORE = SIGNED_IN.replace(refused=("people",))

DECISIONS: dict[str, tuple[Exception, Asked, Sent, AuthState, Decision]] = {
    "another error -> unrelated": (ValueError(), ASKED, SENT, SIGNED_IN, Decision.UNRELATED),
    "403 -> unrelated": (plain("Bearer new", 403), ASKED, SENT, SIGNED_IN, Decision.UNRELATED),
    "401 with the current token -> refresh": (rejected(), ASKED, SENT, SIGNED_IN, Decision.REFRESH),
    "401 with the current header -> refresh": (plain("Bearer new"), ASKED, SENT, SIGNED_IN, Decision.REFRESH),
    "401 of an older generation -> replay": (rejected(OLD), ASKED, Sent(1, 1), SIGNED_IN, Decision.REPLAY),
    "401 of an older generation with the same string -> replay": (
        plain("Bearer new"),
        ASKED,
        Sent(1, 1),
        SIGNED_IN,
        Decision.REPLAY,
    ),
    "401 with another header -> replay": (plain("bearer old"), ASKED, SENT, SIGNED_IN, Decision.REPLAY),
    "the same once more -> unrelated": (plain("Bearer old"), ASKED.replayed(), SENT, SIGNED_IN, Decision.UNRELATED),
    "started late, sent with the current token -> refresh": (
        rejected(),
        ASKED,
        Sent(1, 1),
        SIGNED_IN,
        Decision.REFRESH,
    ),
    "401 without a bearer -> unrelated": (plain(None), ASKED, SENT, SIGNED_IN, Decision.UNRELATED),
    "401 with Basic -> unrelated": (plain("Basic eDp5"), ASKED, SENT, SIGNED_IN, Decision.UNRELATED),
    "401 while refreshing -> wait": (rejected(), ASKED, SENT, SIGNED_IN.replace(status="refreshing"), Decision.WAIT),
    "401 while signing in -> wait": (rejected(), ASKED, SENT, SIGNED_IN.replace(status="signing_in"), Decision.WAIT),
    "not sent, token ready by now -> replay": (TokenNotReadyError(), ASKED, SENT, SIGNED_IN, Decision.REPLAY),
    "not sent, not ready -> wait": (
        TokenNotReadyError(),
        ASKED,
        SENT,
        SIGNED_IN.replace(status="refreshing"),
        Decision.WAIT,
    ),
    "401 of another session -> expired": (rejected(), ASKED, Sent(2, 0), SIGNED_IN, Decision.EXPIRED),
    "401 and signed out -> expired": (
        rejected(),
        ASKED,
        SENT,
        SIGNED_IN.replace(status="signed_out", tokens=None),
        Decision.EXPIRED,
    ),
    "after three refreshes for nothing -> give up": (
        rejected(),
        ASKED,
        SENT,
        SIGNED_IN.replace(unproven=3, fruitless=3),
        Decision.GIVE_UP,
    ),
    "after three refreshes that no refused request asked for -> refresh": (
        rejected(),
        ASKED,
        SENT,
        SIGNED_IN.replace(unproven=3),
        Decision.REFRESH,
    ),
    "just after a failed refresh -> cool off": (
        rejected(),
        ASKED,
        SENT,
        SIGNED_IN.replace(cool_until=STEADY + 1),
        Decision.COOL_OFF,
    ),
    "a while after -> refresh": (rejected(), ASKED, SENT, SIGNED_IN.replace(cool_until=STEADY), Decision.REFRESH),
    "thirty in this minute -> over budget": (
        rejected(),
        ASKED,
        SENT,
        SIGNED_IN.replace(recent=(STEADY - 1,) * 30),
        Decision.OVER_BUDGET,
    ),
    "thirty in the last minute -> refresh": (
        rejected(),
        ASKED,
        SENT,
        SIGNED_IN.replace(recent=(STEADY - 61,) * 30),
        Decision.REFRESH,
    ),
    "asked for in another session -> expired": (rejected(), Asked(0), SENT, SIGNED_IN, Decision.EXPIRED),
    "refused with a new token that others are accepted with -> refused": (
        rejected(),
        RENEWED,
        SENT,
        SIGNED_IN,
        Decision.REFUSED,
    ),
    "refused with a new token that nobody proved -> refresh": (
        rejected(),
        RENEWED,
        SENT,
        SIGNED_IN.replace(unproven=1),
        Decision.REFRESH,
    ),
    "known as refused with this token -> refused": (rejected(), ASKED, SENT, REFUSED_BEFORE, Decision.REFUSED),
    "known as refused, with a token of unknown life -> refused": (
        rejected(),
        ASKED,
        SENT,
        REFUSED_BEFORE.replace(expires_at=None),
        Decision.REFUSED,
    ),
    "the same an hour later -> refresh": (
        rejected(),
        ASKED,
        SENT,
        REFUSED_BEFORE.replace(expires_at=None, tokens=NEW.model_copy(update={"issued_at": NOW - 3600})),
        Decision.REFRESH,
    ),
    "known as refused, but the token is expired by now -> refresh": (
        rejected(),
        ASKED,
        SENT,
        REFUSED_BEFORE.replace(expires_at=NOW - 1),
        Decision.REFRESH,
    ),
    "after three refreshes for nothing, others were accepted before -> refused": (
        rejected(),
        RENEWED.renewed().renewed(),
        SENT,
        SIGNED_IN.replace(unproven=3, fruitless=3, accepted="notes"),
        Decision.REFUSED,
    ),
    "after three refreshes for nothing, it alone was accepted before -> give up": (
        rejected(),
        RENEWED.renewed().renewed(),
        SENT,
        SIGNED_IN.replace(unproven=3, fruitless=3, accepted="people"),
        Decision.GIVE_UP,
    ),
}


@pytest.mark.parametrize(("error", "asked", "sent", "auth", "decision"), DECISIONS.values(), ids=DECISIONS)
def test_what_is_done_about_a_failed_request(error: Any, asked: Any, sent: Any, auth: Any, decision: Decision) -> None:
    """A row of the table."""
    assert decide(error, asked, sent, auth, now=Now(NOW, STEADY), policy=RefreshPolicy()) is decision


@pytest.mark.parametrize(
    ("lead", "life", "expected"),
    [(0.0, 60.0, None), (10.0, 60.0, NOW + 50), (60.0, 30.0, NOW + 15), (10.0, None, None)],
)
def test_when_to_refresh_ahead(lead: float, life: float | None, expected: float | None) -> None:
    """`refresh_before_expiry` ahead, at most half of the token's life; never without a known expiry."""
    tokens = TokenSet(access_token="a", refresh_token="r", expires_in=life, issued_at=NOW)
    auth = AuthState(status="signed_in", tokens=tokens, expires_at=tokens.expires_at)
    policy = RefreshPolicy(refresh_before_expiry=lead)
    assert refresh_time(auth, policy) == expected
    assert is_due(auth, Now(NOW + 59, STEADY), policy) is (expected is not None)
    assert not is_due(auth, Now(NOW, STEADY), policy)


@pytest.mark.parametrize(
    ("field", "value"),
    [("max_refreshes", 0), ("refresh_retries", -1), ("request_timeout", 0), ("max_in_flight", 0), ("cool_off", -0.1)],
)
def test_a_policy_refuses_senseless_numbers(field: str, value: float) -> None:
    """At the door."""
    with pytest.raises(ValueError, match=f"RefreshPolicy.{field} must be"):
        RefreshPolicy(**{field: value})  # pyright: ignore


def test_who_is_busy_proves_no_token() -> None:
    """A 429 comes from before the token was looked at."""
    proving = {
        status for status in (200, 204, 302, 400, 401, 403, 404, 408, 422, 425, 429, 500, 503) if proves_token(status)
    }
    assert proving == {200, 204, 302, 400, 403, 404, 422}
