"""The HTTP side of a session: API calls in its name, and the calls to its backend."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import httpx
from pydantic import SecretStr

from ...actions import Action, ApiError, Login, SignIn, TokenSet
from ...actions.data import Expect
from .answers import Answer, Meaning, describe, error_of_status, meaning_of
from .backends import Authorizes, PasswordBackend, SessionBackend
from .backends.http import HttpBackend
from .connection import Connection, Received, Secrets
from .errors import ApiCallError
from .in_place import begin_call
from .json_answers import TooDeepError, UnreadableJsonError, read_json
from .known_secrets import KnownSecrets
from .needs import IS_WANTED
from .origin import same_origin
from .policy import RefreshPolicy
from .shown_text import Hide, cleaned
from .token_answers import code_of
from .token_calls import checked, expired, judged, not_revoked, not_signed_in, with_retries

Tokens = TokenSet | None | Callable[[], TokenSet | None]
"""The tokens that a request carries; or a function that is asked for them right before it goes out."""


LARGEST_REFUSAL = 64 << 10  # bytes of a refusal that are kept in its error


@dataclass(frozen=True, repr=False)
class _Call:
    """What is asked of the API."""

    method: str
    path: str
    params: dict[str, Any] | None
    body: Any
    headers: Mapping[str, str] | None
    timeout: float
    expect: Expect


class ApiClient:
    """Calls an API. It holds no session: each call is given its tokens.

    Args:
        base_url: absolute, with scheme; paths are below it.
        client: an `httpx.AsyncClient` or one with the same interface; it is left open. By default one is made.
        backend: how the server signs in, refreshes and revokes; by default a `PasswordBackend` of the next four.
        token_path: the token endpoint (RFC 6749, section 3.2).
        revoke_path: the revocation endpoint (RFC 7009); None for a server without.
        client_id: sent to the token endpoint.
        client_secret: of a confidential client.
        policy: time-outs, retries and limits.

    Raises:
        ValueError: for a `base_url` that is not absolute, or that holds a user, a query or a fragment; for a
            client with an auth of its own.

    Examples:
        >>> ApiClient("localhost:8000")
        Traceback (most recent call last):
            ...
        ValueError: base_url must be absolute, such as 'https://api.example.com', not 'localhost:8000'. Put http:// or https:// in front.
    """

    def __init__(
        self,
        base_url: str,
        *,
        client: httpx.AsyncClient | None = None,
        backend: SessionBackend | None = None,
        token_path: str = "/token",
        revoke_path: str | None = "/revoke",
        client_id: str | None = None,
        client_secret: str | SecretStr | None = None,
        policy: RefreshPolicy | None = None,
    ) -> None:
        if getattr(client, "auth", None) is not None:
            msg = (
                "The client has an auth of its own, which would go in place of the session's token. Give one without auth; "
                "for requests beside the store, use SessionAuth(store) with a client of their own."
            )
            raise ValueError(msg)
        self.policy = policy or RefreshPolicy()
        self._connection = Connection(base_url, client, connections=self.policy.max_in_flight)
        self.base_url = self._connection.base_url
        self.backend: SessionBackend = backend or PasswordBackend(token_path, revoke_path, client_id, client_secret)
        self._authorize = self.backend.authorize if isinstance(self.backend, Authorizes) else None
        if isinstance(self.backend, HttpBackend):
            self.backend.join(self._connection, self.policy)
        self._known = KnownSecrets()
        self._slots = asyncio.Semaphore(self.policy.max_in_flight)

    @property
    def client(self) -> httpx.AsyncClient:
        """The HTTP client, without auth of its own."""
        return self._connection.client

    async def get(
        self,
        path: str,
        tokens: Tokens = None,
        *,
        params: dict[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        expect: Expect = "json",
    ) -> Any:
        """GET a path. As `request`."""
        return await self.request("GET", path, tokens, params=params, headers=headers, timeout=timeout, expect=expect)

    async def request(
        self,
        method: str,
        path: str,
        tokens: Tokens = None,
        *,
        params: dict[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        expect: Expect = "json",
    ) -> Any:
        """Call the API. A GET that meets a passing failure is tried again, see `RefreshPolicy`.

        Args:
            tokens: sent as the backend says, by default as bearer, to the origin of the base URL only.
            params: added to the query that the path has.
            body: sent as JSON.
            headers: of this request. Those that authorise it go before them.
            timeout: for each try, in seconds, from its start to the end of the answer; None for the policy's.
            expect: what to make of the answer: parsed JSON, text, or bytes.

        Returns:
            The answer; None when it has no content.

        Raises:
            ApiCallError: for any other answer than success, and for none.
            ValueError: for a path that leaves the base path.
        """
        call = _Call(method, path, params, body, headers, timeout or self.policy.request_timeout, expect)
        received, carried = await self._exchange(call, tokens)
        return _content_of(received, expect, carried)

    async def exchange(
        self,
        method: str,
        path: str,
        tokens: Tokens = None,
        *,
        params: dict[str, Any] | None = None,
        body: Any = None,
        headers: Mapping[str, str] | None = None,
    ) -> Received:
        """Call the API as `request` does, and give the whole answer: status, headers and content.

        Args:
            headers: of this request. With `If-None-Match` the status 304 is a success as well.

        Raises:
            ApiCallError: for any other answer than success, and for none.
            ValueError: for a path that leaves the base path.
        """
        call = _Call(method, path, params, body, headers, self.policy.request_timeout, "json")
        return (await self._exchange(call, tokens))[0]

    async def _exchange(self, call: _Call, tokens: Tokens) -> tuple[Received, TokenSet | None]:
        """The answer, and the tokens that it was given for."""
        self._connection.place_of(call.path)

        begun = begin_call()

        async def send() -> tuple[Received, TokenSet | None]:
            async with self._slots:
                carried = tokens() if callable(tokens) else tokens
                if begun is not None:
                    begun[1].carries(carried)
                return await self._send(call, carried)

        while True:
            try:
                return await with_retries(send, self.policy.fetch_retries, self.policy)
            except ApiCallError as error:
                if begun is None or error.meaning is not Meaning.REFRESH:
                    raise
                renewal, this = begun
                if renewal.is_one_call or renewal.is_over:
                    raise  # one call: the source is started over
                rejected = error
            if not this.is_own:
                raise ApiCallError(rejected.error, tokens=rejected.tokens)
            renewed = await this.renew(rejected)
            tokens = tokens if callable(tokens) else renewed

    def authorize(self, request: httpx.Request, tokens: TokenSet) -> Mapping[str, str]:
        """The headers that make a request one of a session: the backend's, by default a bearer (RFC 6750).

        Raises:
            SessionRefused: for tokens that are no bearer, where the backend does not say how to send them.
        """
        return bearer(tokens) if self._authorize is None else self._authorize(request, tokens)

    async def sign_in(self, action: SignIn, tell: Callable[[Action], object]) -> TokenSet:
        """Get the tokens of a new session from the backend.

        Raises:
            ApiCallError: when there are none; kind `unauthorized` when the server refuses.
        """
        return await judged(
            lambda: self._checked(self.backend.sign_in(action, tell)), not_signed_in(action), action, self._known
        )

    async def log_in(self, username: str, password: SecretStr) -> TokenSet:
        """Get tokens for a name and a password. As `sign_in`."""
        return await self.sign_in(Login(username=username, password=password), lambda _: None)

    async def refresh(self, tokens: TokenSet | None) -> TokenSet:
        """Get new tokens from the backend. Passing failures are tried again. A subclass may do it in its own way.

        Args:
            tokens: the present ones.

        Raises:
            ApiCallError: when there are none; its meaning is SIGN_OUT when asking again is useless.
        """
        if tokens is None:
            raise ApiCallError(describe("session_expired"), Meaning.SIGN_OUT)
        present = tokens
        self._known.note(tokens)

        async def call() -> TokenSet:
            if not IS_WANTED.get()():
                raise ApiCallError(describe("session_expired"))
            return await judged(lambda: self._checked(self.backend.refresh(present)), expired, present, self._known)

        return await with_retries(call, self.policy.refresh_retries, self.policy)

    async def revoke(self, tokens: TokenSet) -> None:
        """Tell the server that tokens are not needed any more (RFC 7009). Best effort.

        Raises:
            ApiCallError: when it did not work; then they die of age.
        """
        await judged(lambda: self.backend.revoke(tokens), not_revoked, tokens, self._known)

    def hide(self, value: Any) -> Any:
        """A text, or what a server sent, without the tokens that went through this client."""
        return self._known.hiding()(value)

    async def aclose(self) -> None:
        """Close the HTTP clients that were made here, the backend's as well.

        Await it on the loop that the client works on: where that is the store's own, dispatch a thunk.
        """
        close = getattr(self.backend, "aclose", None)
        if close is not None:
            await close()
        await self._connection.aclose()

    async def _checked(self, tokens: Awaitable[TokenSet]) -> TokenSet:
        came = await tokens
        self._known.note(came)
        return checked(came, is_bearer_only=self._authorize is None)

    async def _send(self, call: _Call, tokens: TokenSet | None) -> tuple[Received, TokenSet | None]:
        if not self._connection.place_of(call.path)[1]:
            tokens = None
        carried = tokens
        self._known.note(tokens)
        accept = {} if call.expect == "json" else {"Accept": "*/*"}
        secrets = Secrets(json=call.body, headers={**accept, **(call.headers or {})})
        try:
            received = await self._connection.send(
                call.method,
                call.path,
                secrets,
                params=call.params,
                timeout=call.timeout,
                largest=self.policy.largest_answer,
                authorize=None if carried is None else lambda request: self.authorize(request, carried),
                known=self._known.secrets,
            )
        except ApiCallError as error:
            if error.meaning is Meaning.RETRY:
                error.meaning = meaning_of(Answer(call.method))
            raise
        if not all(same_origin(each.url, self.base_url) for each in (*received.response.history, received.response)):
            tokens = None  # a redirect led elsewhere, and the token did not go with it
        if tokens is not None and self.policy.is_expired is not None and self.policy.is_expired(received.as_response()):
            raise ApiCallError(describe("unauthorized", received.status), Meaning.REFRESH, tokens)
        is_unchanged = received.status == 304 and "If-None-Match" in (call.headers or {})
        if not (is_unchanged or 200 <= received.status < 300):
            meaning = meaning_of(Answer(call.method, received.status, authorised=tokens is not None))
            raise ApiCallError(_refusal_in(received, self._known.hiding(secrets.hidden())), meaning, tokens)
        return received, tokens


def bearer(tokens: TokenSet) -> dict[str, str]:
    """The header of RFC 6750, section 2.1.

    Raises:
        SessionRefused: for tokens of another type.
    """
    token = checked(tokens, is_bearer_only=True).access_token.get_secret_value()
    return {"Authorization": f"Bearer {token}"}


def _content_of(received: Received, expect: Expect, tokens: TokenSet | None) -> Any:
    if not received.content and (expect == "json" or received.status == 204):
        return None
    if expect == "bytes":
        return received.content
    if expect == "text":
        return received.as_response().text
    try:
        return read_json(received.content)
    except UnreadableJsonError as error:
        unreadable = describe("invalid_response", received.status, f"({error})")
    raise ApiCallError(unreadable, tokens=tokens)


def _refusal_in(received: Received, hide: Hide) -> ApiError:
    """What an answer without success says, whatever the server repeats in it."""
    told = error_of_status(received.status, received.headers, time.time(), hide) or describe("invalid_response")
    data = None
    try:
        if len(received.content) <= LARGEST_REFUSAL:
            data = hide(read_json(received.content, only_finite=True))
    except TooDeepError as error:
        told = told.model_copy(update={"message": f"{told.message} ({error}: left out)"})
    except UnreadableJsonError:
        pass  # HTML of a proxy, or nothing
    return told.model_copy(update={"data": data, "code": cleaned(code_of(data)) or None})
