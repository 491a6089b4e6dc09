"""What an answer of a token endpoint means: pure functions of status and body, without any I/O.

An OAuth error code counts more than the status (RFC 6749, section 5.2). Where there is none, JSON was
written by the server that was asked, while HTML or an empty body comes from something in between.
"""

import re
from typing import Any

from pydantic import ValidationError

from ...actions import TokenSet
from .answers import Meaning
from .json_answers import parse_json

PASSING_CODES = frozenset({"temporarily_unavailable", "server_error", "slow_down", "authorization_pending"})
"""The same grant may be accepted later."""

PROGRAM_CODES = frozenset({"invalid_client", "unauthorized_client"})
"""The program is refused, and not the session: asking again is useless, and nobody has to sign in again."""

GRANT_CODES = frozenset({"invalid_grant", "invalid_token", "expired_token", "access_denied"})
"""The grant is refused, whatever the status."""

_OF_OURS = frozenset({"scope", "token_type", "issued_at", "others", "extra"})
_PASSING_STATUSES = frozenset({408, 425, 429})
_CODE = re.compile(r"[\x21-\x7e][\x20-\x7e]{0,99}")


def meaning_of_token_answer(status: int | None, body: bytes) -> Meaning:
    """What an answer of a token endpoint means; None is the status of an answer that never came.

    Examples:
        >>> meaning_of_token_answer(400, b'{"error": "invalid_grant"}'), meaning_of_token_answer(401, b"<html>")
        (<Meaning.SIGN_OUT: 'sign out'>, <Meaning.RETRY: 'retry'>)
        >>> meaning_of_token_answer(401, b'{"error": "invalid_client"}')
        <Meaning.GIVE_UP: 'give up'>
    """
    content = parse_json(body)
    is_success = status is not None and 200 <= status < 300
    if is_success and isinstance(content, dict) and tokens_of(content, 0.0) is not None:  # pyright: ignore[reportUnknownArgumentType] -- JSON
        return Meaning.ACCEPT
    return meaning_of_refusal(status, content)


def meaning_of_refusal(status: int | None, content: Any) -> Meaning:
    """What an answer without tokens means.

    Args:
        status: None when no answer came.
        content: the parsed JSON; None where there is none.
    """
    code = code_of(content)
    if code in PASSING_CODES:
        return Meaning.RETRY
    if code in PROGRAM_CODES:
        return Meaning.GIVE_UP
    if code in GRANT_CODES:
        return Meaning.SIGN_OUT
    if status is None or status in _PASSING_STATUSES or status >= 500 or 300 <= status < 400:
        return Meaning.RETRY
    if status < 300:
        return Meaning.SIGN_OUT if isinstance(content, dict) else Meaning.RETRY
    return Meaning.RETRY if content is None else Meaning.SIGN_OUT


def code_of(content: Any) -> str | None:
    """The server's own word for what is wrong: OAuth's `error`, or where other servers have theirs.

    Examples:
        >>> code_of({"error": "invalid_grant"}), code_of({"error": {"status": "INVALID_ARGUMENT"}}), code_of([])
        ('invalid_grant', 'INVALID_ARGUMENT', None)
        >>> code_of({"code": "0"}), code_of({"code": "SUCCESS"})
        (None, None)
    """
    match content:
        case {"error": str(code)} | {"error_code": str(code)} | {"error": {"status": str(code)}}:
            pass
        case {"error": {"code": str(code)}} | {"code": str(code)}:
            pass
        case _:
            return None
    return code if _CODE.fullmatch(code) and not _is_success_word(code) else None


def _is_success_word(code: str) -> bool:
    """Some servers put a code beside everything, and say with it that nothing is wrong."""
    return code.strip("0") == "" or re.fullmatch(r"2\d\d|ok|success(ful)?|none|null", code.casefold()) is not None


def tokens_of(content: dict[str, Any], now: float) -> TokenSet | None:
    """The tokens of a JSON answer; None when it holds no usable access token.

    Args:
        now: when it came, in seconds since 1970.
    """
    texts = {name: value for name in ("scope", "token_type") if isinstance(value := content.get(name), str)}
    rest = {name: value for name, value in content.items() if name not in _OF_OURS}
    try:
        return TokenSet.model_validate({"access_token": None, **rest, **texts, "issued_at": now})
    except ValidationError:
        return None
