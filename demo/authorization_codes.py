"""Authorization codes: what a browser carries from the page to the program (RFC 6749, section 4.1, with PKCE, RFC 7636)."""

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass

from .clients import CLIENT_ID, may_redirect_to
from .refusal import Refusal

FIELDS = ("response_type", "client_id", "redirect_uri", "state", "scope", "code_challenge", "code_challenge_method")
"""Of an authorization request, as far as the server reads them."""

CHALLENGE = 43  # characters: SHA-256 in base64url (RFC 7636, section 4.2)


def comes_from_program(fields: Mapping[str, str]) -> bool:
    """Whether a browser may be sent back with an answer: else it would go to whoever wrote the address (section 4.1.2.1)."""
    return fields.get("client_id") == CLIENT_ID and may_redirect_to(fields.get("redirect_uri", ""))


def mistake_in(fields: Mapping[str, str]) -> Refusal | None:
    """What is wrong with the authorization request of a program that is known; None for nothing.

    Examples:
        >>> mistake_in({"response_type": "token"})
        Refusal(error='unsupported_response_type', description='response_type must be code.')
    """
    if fields.get("response_type") != "code":
        return Refusal("unsupported_response_type", "response_type must be code.")
    if fields.get("code_challenge_method") != "S256" or len(fields.get("code_challenge", "")) != CHALLENGE:
        return Refusal("invalid_request", "A code_challenge by S256 is needed.")
    return None


@dataclass(frozen=True)
class _Approval:
    user: str
    redirect_uri: str
    challenge: str
    ends_at: float


class AuthorizationCodes:
    """All that are not traded yet, in memory.

    Attributes:
        life: of a code, in seconds.
    """

    def __init__(self) -> None:
        self.life = 60.0
        self._approvals: dict[str, _Approval] = {}

    def issue(self, user: str, fields: Mapping[str, str]) -> str:
        """A code for a request without mistakes, which the user has approved."""
        now = time.monotonic()
        kept = {code: each for code, each in self._approvals.items() if each.ends_at > now}
        code = secrets.token_urlsafe(32)
        approval = _Approval(user, fields["redirect_uri"], fields["code_challenge"], now + self.life)
        self._approvals = {**kept, code: approval}
        return code

    def redeem(self, code: str, client_id: str, redirect_uri: str, code_verifier: str) -> str | Refusal:
        """Who has approved. A code is good for one try."""
        approval = self._approvals.pop(code, None)
        if approval is None or approval.ends_at <= time.monotonic():
            return Refusal("invalid_grant", "The code is unknown, used, or has expired.")
        if client_id != CLIENT_ID or redirect_uri != approval.redirect_uri:
            return Refusal("invalid_grant", "The code is for another program, or another address.")
        if not hmac.compare_digest(challenge_of(code_verifier).encode(), approval.challenge.encode()):
            return Refusal("invalid_grant", "The code_verifier is wrong.")
        return approval.user


def challenge_of(verifier: str) -> str:
    """Of a code verifier, by S256.

    Examples:
        >>> challenge_of("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk")  # RFC 7636, appendix B
        'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM'
    """
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
