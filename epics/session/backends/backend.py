"""What a session asks of a server, whatever dialect the server speaks."""

from collections.abc import Callable, Iterable, Mapping
from typing import Protocol, runtime_checkable

import httpx
from pydantic import SecretStr

from ....actions import Action, ErrorKind, RxduxError, SignIn, TokenSet
from ..shown_text import LONGEST_WORDS, cleaned


class SessionBackend(Protocol):
    """All that a dialect has to know; retries, the single refresh and the states are the session's.

    Each call raises `SessionRefused` for what is final and `SessionUnavailable` for what may pass. The
    errors of an HTTP client's transport are passing by themselves.

    Where the access token does not go out as a bearer, give the class an `authorize` as well; see
    `Authorizes`. Where a refresh needs no refresh token, say `asks_anew = True`: then it is made ahead of the expiry
    without one, if the policy wants that.

    Examples:
        ```python
        class MyBackend(HttpBackend):
            async def sign_in(self, action, tell):
                answer = await self.post("/login", json={"user": action.username, "password": action.password})
                return TokenSet(access_token=answer["access"], refresh_token=answer["refresh"])
        ```
    """

    async def sign_in(self, action: SignIn, tell: Callable[[Action], object]) -> TokenSet:
        """Get the tokens of a new session. It is cancelled when the session ends meanwhile.

        Args:
            action: what was dispatched: `Login`, `SignIn` or a subclass of yours.
            tell: dispatches an action, such as the progress of a flow that takes long.
        """
        ...

    async def refresh(self, tokens: TokenSet) -> TokenSet:
        """Get new tokens. A refresh token that is left out is kept as it was."""
        ...

    async def revoke(self, tokens: TokenSet) -> None:
        """Tell the server that these tokens are not needed any more."""
        ...


@runtime_checkable
class Authorizes(Protocol):
    """A backend whose access token is no plain bearer: a cookie, a header of its own, a proof of possession."""

    def authorize(self, request: httpx.Request, tokens: TokenSet) -> Mapping[str, str]:
        """The headers that make a request one of this session."""
        ...


class SessionRefused(RxduxError):  # noqa: N818 -- the contract's name
    """The server refused for good: who refreshes is signed out, who signs in stays so.

    Args:
        words: for a person; by default those of the session.
        code: the server's own word, such as `invalid_grant` (RFC 6749, section 5.2).
        status: of the answer.
    """

    def __init__(self, words: str = "", code: str | None = None, *, status: int | None = None) -> None:
        super().__init__(words or f"The server refused the session ({code or status or 'no reason given'}).")
        self.words = words
        self.code = code
        self.status = status


class SessionUnavailable(RxduxError):  # noqa: N818 -- the contract's name
    """There is no answer that counts, and asking later may help: the tokens are kept.

    Args:
        words: for a person.
        retry_after: seconds that the server asks to wait.
        code: the server's own word. `invalid_client` and `unauthorized_client` say that the program is
            refused: it is told, and not asked again.
        kind: as in `ApiError`.
        status: of the answer.
    """

    def __init__(
        self,
        words: str = "",
        retry_after: float | None = None,
        code: str | None = None,
        *,
        kind: ErrorKind = "server",
        status: int | None = None,
    ) -> None:
        super().__init__(words or f"The server gives no session now ({code or status or 'no answer'}).")
        self.words = words
        self.retry_after = retry_after
        self.code = code
        self.kind: ErrorKind = kind
        self.status = status


def without_secrets(
    refusal: SessionRefused | SessionUnavailable, secrets: Iterable[SecretStr]
) -> SessionRefused | SessionUnavailable:
    """The same refusal, should the server have repeated what it was sent."""
    sent = tuple(secrets)
    words = cleaned(refusal.words, sent, LONGEST_WORDS)
    code = cleaned(refusal.code, sent) or None
    if isinstance(refusal, SessionRefused):
        return SessionRefused(words, code, status=refusal.status)
    return SessionUnavailable(words, refusal.retry_after, code, kind=refusal.kind, status=refusal.status)
