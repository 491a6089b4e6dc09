"""The calls to an authorization server, and what its answers mean."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import SecretStr

from ....actions import TokenSet
from ..answers import parse_retry_after
from ..backends import SessionRefused, SessionUnavailable
from ..connection import Connection, Secrets
from ..errors import ApiCallError
from ..json_answers import parse_json
from ..policy import RefreshPolicy
from ..shown_text import cleaned, secrets_in
from ..token_answers import PASSING_CODES, PROGRAM_CODES, tokens_of
from .words import refusal

Form = dict[str, str | SecretStr]
"""The fields of a form; what is secret stays so until it is sent."""

LARGEST = 1 << 20  # bytes of an answer

_PASSING_STATUSES = frozenset({408, 425, 429})


@dataclass(frozen=True)
class Reply:
    """An answer of an authorization server.

    Attributes:
        content: a JSON object; None for anything else.
        retry_after: seconds that it asks to wait.
        sent: the secrets of the request, should the server repeat them.
        is_refused: what `RefreshPolicy.is_refused` says of it.
    """

    status: int
    content: dict[str, Any] | None = field(repr=False)
    retry_after: float | None = None
    sent: tuple[SecretStr, ...] = field(default=(), repr=False)
    is_refused: bool | None = None

    @property
    def code(self) -> str | None:
        """The OAuth error (RFC 6749, section 5.2), whatever the status."""
        return cleaned((self.content or {}).get("error"), self.sent) or None

    @property
    def description(self) -> str:
        """What the server says beside, on one line and without secrets."""
        return cleaned((self.content or {}).get("error_description"), self.sent)

    @property
    def is_success(self) -> bool:
        return self.status == 200 and self.content is not None and self.code is None


class Wire:
    """Speaks to an authorization server. No redirect is followed: it would take the secrets elsewhere.

    Args:
        policy: says how long a call may take, and may judge what comes of a POST.
    """

    def __init__(self, connection: Connection, policy: RefreshPolicy) -> None:
        self._connection = connection
        self._policy = policy

    async def get(self, url: str) -> Reply:
        """GET a JSON document.

        Raises:
            SessionUnavailable: when no answer comes.
        """
        return await self._send("GET", url, Secrets())

    async def post(
        self, url: str, form: Form, headers: dict[str, SecretStr], hidden: Sequence[SecretStr] = ()
    ) -> Reply:
        """POST a form. Raises as `get`.

        Args:
            hidden: secrets that are in the headers in another form.
        """
        return await self._send("POST", url, Secrets(data=form, headers=headers), hidden)

    async def _send(self, method: str, url: str, secrets: Secrets, hidden: Sequence[SecretStr] = ()) -> Reply:
        try:
            received = await self._connection.send(
                method, url, secrets, timeout=self._policy.request_timeout, largest=LARGEST, redirects=False
            )
        except ApiCallError as error:
            failure = SessionUnavailable(error.error.message, kind=error.error.kind)
        else:
            content = parse_json(received.content)
            judge = self._policy.is_refused if method == "POST" else None
            return Reply(
                received.status,
                content if isinstance(content, dict) else None,  # pyright: ignore[reportUnknownArgumentType] -- JSON
                parse_retry_after(received.headers.get("retry-after"), time.time()),
                (*hidden, *secrets_in(secrets.data), *secrets_in(secrets.headers)),
                None if judge is None else judge(received.as_response()),
            )
        raise failure  # outside of the except: no context


def tokens_in(reply: Reply, refused: str) -> TokenSet:
    """The tokens of an answer.

    Args:
        refused: what to say when the server does not accept what the user or the program came with.

    Raises:
        SessionRefused: for a refusal, and for tokens that cannot be sent as Bearer.
        SessionUnavailable: when the answer says nothing of what they came with.
    """
    if reply.is_refused is True and reply.code not in ("authorization_pending", "slow_down"):  # a flow goes on
        words = (
            f"{refused} (HTTP {reply.status})"
            if reply.code is None
            else refusal(reply.code, reply.description, refused)
        )
        raise SessionRefused(words, reply.code, status=reply.status)
    tokens = tokens_of(reply.content or {}, time.time()) if 200 <= reply.status < 300 else None
    if tokens is None:
        if reply.is_refused is False:
            msg = f"The authorization server gives no tokens now. Please try again later. (HTTP {reply.status})"
            raise SessionUnavailable(msg, reply.retry_after, reply.code, status=reply.status)
        if not reply.is_success:
            raise refusal_of(reply, refused)
        msg = "The authorization server answered without a usable access token."
        raise SessionRefused(msg, status=reply.status)
    if tokens.token_type.lower() != "bearer":
        msg = (
            f"The authorization server issued a token of type {cleaned(tokens.token_type)!r}, "
            "which cannot be sent as Bearer. Check what the program is registered for."
        )
        raise SessionRefused(msg, "unsupported_token_type", status=reply.status)
    return tokens


def refusal_of(reply: Reply, refused: str) -> SessionRefused | SessionUnavailable:
    """What an answer without success means: final for what was asked, or passing, or the program's fault."""
    code, status = reply.code, reply.status
    if code in PROGRAM_CODES:
        return SessionUnavailable(refusal(code, reply.description), code=code, kind="client", status=status)
    if code in PASSING_CODES or status >= 500 or status in _PASSING_STATUSES:
        told = f"HTTP {status}" if code is None else f"{code}, HTTP {status}"
        words = f"The authorization server has a problem. Please try again later. ({told})"
        kind = "rate_limited" if status == 429 else "server"
        return SessionUnavailable(words, reply.retry_after, code, kind=kind, status=status)
    if code is not None:
        return SessionRefused(refusal(code, reply.description, refused), code, status=status)
    if 300 <= status < 400:
        words = f"The authorization server redirects a call, which is not followed. Check issuer and endpoints. (HTTP {status})"
        return SessionUnavailable(words, kind="invalid_response", status=status)
    if reply.content is None:
        words = f"The answer is not that of an authorization server. (HTTP {status})"
        return SessionUnavailable(words, kind="invalid_response", status=status)
    return SessionRefused(f"{refused} (HTTP {status})", status=status)
