"""What a backend's refusals mean to a session, and how often it is asked again."""

import logging
import traceback
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from ...actions import ApiError, Login, SignIn, TokenSet
from .answers import Meaning, backoff, describe
from .backends.backend import SessionRefused, SessionUnavailable, without_secrets
from .errors import ApiCallError
from .known_secrets import KnownSecrets
from .policy import RefreshPolicy
from .shown_text import secrets_in
from .token_answers import GRANT_CODES, PROGRAM_CODES

# stamina reports each retry as a warning. Where logging is not set up, Python would print it, in the middle of a TUI.
logging.getLogger("stamina").addHandler(logging.NullHandler())

R = TypeVar("R")

WRONG_NAME_OR_WORD = "The user name or the password is wrong."


async def judged(
    call: Callable[[], Awaitable[R]],
    refused: Callable[[SessionRefused], ApiError],
    given: SignIn | TokenSet,
    known: KnownSecrets,
) -> R:
    """Await a call of a backend.

    Args:
        given: what it was made with. What is secret in it is shown in no error, though the server repeats it.
        known: the tokens that the session has had; no more are they.

    Raises:
        ApiCallError: for whatever the call raises. It has neither cause nor context: those might hold a secret.
    """
    try:
        return await call()
    except Exception as error:
        shown: Exception = error
        if isinstance(error, SessionRefused | SessionUnavailable):
            shown = without_secrets(error, (*secrets_in(given), *known.secrets()))
        failure = _failure_of(shown, refused)
    raise failure


def expired(refusal: SessionRefused) -> ApiError:
    """Why a refresh was refused."""
    known = describe("session_expired", refusal.status)
    return known.model_copy(update={"code": refusal.code, **_words(refusal.words)})


def not_revoked(refusal: SessionRefused) -> ApiError:
    """Why tokens were not revoked."""
    return ApiError(kind="client", status=refusal.status, message=str(refusal), code=refusal.code)


def not_signed_in(action: SignIn) -> Callable[[SessionRefused], ApiError]:
    """Why a sign-in was refused: in the words of the backend, else in ours."""

    def why(refusal: SessionRefused) -> ApiError:
        blames_password = isinstance(action, Login) and (refusal.code is None or refusal.code in GRANT_CODES)
        reason = f" ({refusal.code})" if refusal.code else ""
        message = WRONG_NAME_OR_WORD if blames_password else f"The server did not accept the sign-in{reason}."
        is_senseless = refusal.status is not None and refusal.status < 300
        return ApiError(
            kind="invalid_response" if is_senseless else "unauthorized",
            status=refusal.status,
            message=refusal.words or message,
            code=refusal.code,
        )

    return why


async def with_retries(call: Callable[[], Awaitable[R]], retries: int, policy: RefreshPolicy) -> R:
    """Call, and call again by stamina with our backoff. A call that succeeds at once costs nothing more: most do."""
    try:
        return await call()
    except ApiCallError as error:
        if error.meaning is not Meaning.RETRY or retries == 0:
            raise
        first = error
    count = 0

    def wait_before_next(error: Exception) -> bool | float:
        nonlocal count
        count += 1
        if not isinstance(error, ApiCallError) or error.meaning is not Meaning.RETRY:
            return False
        return backoff(count, error.error.retry_after, policy)

    import stamina  # noqa: PLC0415 -- most do without

    async for attempt in stamina.retry_context(on=wait_before_next, attempts=retries + 1, timeout=None):
        with attempt:
            if attempt.num == 1:
                raise first  # that was the first attempt
            return await call()
    raise AssertionError  # the loop returns or raises


def checked(tokens: TokenSet, *, is_bearer_only: bool) -> TokenSet:
    """Tokens that requests can be authorised with.

    Raises:
        SessionRefused: for a type of token that nobody here knows how to send.
    """
    if is_bearer_only and tokens.token_type.lower() != "bearer":
        msg = (
            f"The server issued a token of type {tokens.token_type[:40]!r}, which must not be sent as a bearer. "
            "Give the backend an authorize method that knows how to send it."
        )
        raise SessionRefused(msg, "unsupported_token_type", status=200)
    return tokens


def _failure_of(error: Exception, refused: Callable[[SessionRefused], ApiError]) -> ApiCallError:
    match error:
        case ApiCallError():
            return ApiCallError(error.error, error.meaning)
        case SessionRefused():
            return ApiCallError(refused(error), Meaning.SIGN_OUT)
        case SessionUnavailable():
            meaning = Meaning.GIVE_UP if error.code in PROGRAM_CODES else Meaning.RETRY
            return ApiCallError(_unavailable(error), meaning)
        case ValidationError():
            refusal = SessionRefused(describe("invalid_response", detail="(no usable tokens)").message, status=200)
            return ApiCallError(refused(refusal), Meaning.SIGN_OUT)
        case _:
            return _unforeseen(error)


def _unavailable(error: SessionUnavailable) -> ApiError:
    message = error.words or describe(error.kind).message
    return ApiError(
        kind=error.kind, status=error.status, message=message, retry_after=error.retry_after, code=error.code
    )


def _unforeseen(error: Exception) -> ApiCallError:
    """An HTTP client's own error is passing. Any other is a mistake in the backend: where it is may be said, not its text."""
    names = {cls.__name__ for cls in type(error).__mro__}
    if names & {"TimeoutException", "TimeoutError"}:
        return ApiCallError(describe("timeout"), Meaning.RETRY)
    if names & {"TransportError", "RequestError", "OSError"}:
        return ApiCallError(describe("network", detail=f"({type(error).__name__})"), Meaning.RETRY)
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return ApiCallError(ApiError(kind="client", message=f"The backend failed: {type(error).__name__}{place}."))


def _words(words: str) -> dict[str, str]:
    return {"message": words} if words else {}
