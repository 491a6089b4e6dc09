"""The HTTP side of a session: API calls with a bearer token, and the calls to the token endpoint."""

import asyncio
import contextlib
import logging
import re
import time
from collections.abc import Awaitable, Callable, Mapping
from functools import lru_cache
from typing import Any, Literal, TypeVar

import httpx
import stamina
from pydantic import SecretStr

from ...actions import ApiError, TokenSet
from .answers import (
    Answer,
    Meaning,
    backoff,
    describe,
    error_of_status,
    error_of_token_answer,
    meaning_of,
    parse_object,
    tokens_of,
)
from .errors import ApiCallError, api_error_of
from .origin import same_origin
from .policy import RefreshPolicy

# stamina reports each retry as a warning. Where logging is not set up, Python would print it, in the middle of a TUI.
logging.getLogger("stamina").addHandler(logging.NullHandler())

R = TypeVar("R")
Tokens = TokenSet | None | Callable[[], TokenSet | None]
"""The tokens that a request carries; or a function that is asked for them right before it goes out."""

Form = Mapping[str, str | SecretStr]
"""The fields of a form; what is secret stays so until it is sent."""

_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")

_SPARE_CONNECTIONS = 4  # so that a refresh is never queued behind the requests that wait for it


class ApiClient:
    """Calls an API. It holds no session: each call is given its tokens.

    Args:
        base_url: absolute, with scheme; paths are below it.
        client: an `httpx.AsyncClient` or one with the same interface; it is left open. By default one is made.
        token_path: the token endpoint (RFC 6749, section 3.2).
        revoke_path: the revocation endpoint (RFC 7009); None for a server without.
        client_id: sent to the token endpoint.
        policy: time-outs, retries and limits.

    Raises:
        ValueError: for a `base_url` that is not absolute.

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
        token_path: str = "/token",
        revoke_path: str | None = "/revoke",
        client_id: str | None = None,
        policy: RefreshPolicy | None = None,
    ) -> None:
        self.base_url = _absolute(base_url)
        self.policy = policy or RefreshPolicy()
        self._owns_client = client is None
        self.client = client or _new_client(self.policy)
        self._token_path = token_path
        self._revoke_path = revoke_path
        self._client_id = client_id
        self._place_of = lru_cache(maxsize=1024)(self._find_place)  # 0.2 ms a call
        self._slots = asyncio.Semaphore(self.policy.max_in_flight)

    async def get(self, path: str, tokens: Tokens = None, *, params: dict[str, Any] | None = None) -> Any:
        """GET a path. As `request`."""
        return await self.request("GET", path, tokens, params=params)

    async def request(
        self, method: str, path: str, tokens: Tokens = None, *, params: dict[str, Any] | None = None, body: Any = None
    ) -> Any:
        """Call the API. A GET that meets a passing failure is tried again, see `RefreshPolicy`.

        Args:
            tokens: sent as bearer, to the origin of the base URL only.
            body: sent as JSON.

        Returns:
            The parsed JSON of the answer; None when it has no content.

        Raises:
            ApiCallError: for any other answer than success, and for none.
        """

        async def call() -> Any:
            async with self._slots:
                return await self._send(method, path, tokens() if callable(tokens) else tokens, params, body)

        return await _with_retries(call, self.policy.fetch_retries, self.policy)

    async def log_in(self, username: str, password: SecretStr) -> TokenSet:
        """Get tokens with the resource owner's password (RFC 6749, section 4.3).

        Raises:
            ApiCallError: when there are none; kind `unauthorized` for a wrong name or password.
        """
        try:
            return await self._ask_for_tokens({"grant_type": "password", "username": username, "password": password})
        except ApiCallError as error:
            if error.meaning is not Meaning.SIGN_OUT:
                raise
            status = error.error.status
            wrong = ApiError(kind="unauthorized", status=status, message="The user name or the password is wrong.")
            senseless = describe("invalid_response", status, "(no usable access token)")
            raise ApiCallError(senseless if status == 200 else wrong) from None

    async def refresh(self, tokens: TokenSet | None) -> TokenSet:
        """Get new tokens with the refresh token (RFC 6749, section 6). Passing failures are tried again.

        Raises:
            ApiCallError: when there are none; its meaning is SIGN_OUT when asking again is useless.
        """
        if tokens is None or tokens.refresh_token is None:
            raise ApiCallError(describe("session_expired"), Meaning.SIGN_OUT)
        form: Form = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
        return await _with_retries(lambda: self._ask_for_tokens(form), self.policy.refresh_retries, self.policy)

    async def revoke(self, tokens: TokenSet) -> None:
        """Tell the server that a refresh token is not needed any more (RFC 7009). Best effort: it raises nothing."""
        if self._revoke_path is None or tokens.refresh_token is None:
            return
        form: Form = {"token": tokens.refresh_token, "token_type_hint": "refresh_token"}
        with contextlib.suppress(ApiCallError):  # then the token dies of age
            await self._post_form(self._revoke_path, form)

    async def aclose(self) -> None:
        """Close the HTTP client, if it was made here.

        Await it on the loop that the client works on: where that is the store's own, dispatch a thunk.
        """
        if self._owns_client:
            await self.client.aclose()

    async def _send(
        self, method: str, path: str, tokens: TokenSet | None, params: dict[str, Any] | None, body: Any
    ) -> Any:
        url, is_ours = self._place_of(path)
        if not is_ours:
            tokens = None
        arguments: dict[str, Any] = {}
        if params is not None:
            arguments["params"] = params
        if body is not None:
            arguments["json"] = body
        response = await self._perform("api", method, url, arguments, tokens=tokens)
        if response.history and not same_origin(response.url, self.base_url):
            tokens = None  # a redirect led elsewhere, and the bearer did not go with it
        answer = Answer("api", method, response.status_code, authorised=tokens is not None)
        error = error_of_status(response.status_code, response.headers, time.time())
        if error is not None:
            raise ApiCallError(error, meaning_of(answer), tokens)
        if not response.content:
            return None
        try:
            return response.json()
        except ValueError:
            unreadable = describe("invalid_response", response.status_code, "(no JSON)")
            raise ApiCallError(unreadable, tokens=tokens) from None

    async def _ask_for_tokens(self, form: Form) -> TokenSet:
        response = await self._post_form(self._token_path, form)
        meaning = meaning_of(Answer("token", "POST", response.status_code, response.content))
        tokens = tokens_of(parse_object(response.content) or {}, time.time())
        if meaning is not Meaning.ACCEPT or tokens is None:
            error = error_of_token_answer(response.status_code, response.headers, meaning, time.time())
            raise ApiCallError(error, meaning)
        return tokens

    async def _post_form(self, path: str, form: Form) -> httpx.Response:
        if self._client_id is not None:
            form = {**form, "client_id": self._client_id}
        return await self._perform("token", "POST", self._place_of(path)[0], {}, form=form)

    async def _perform(
        self,
        endpoint: Literal["api", "token"],
        method: str,
        url: str,
        arguments: dict[str, Any],
        *,
        tokens: TokenSet | None = None,
        form: Form | None = None,
    ) -> httpx.Response:
        """Send one request. Secrets are revealed in the call itself: no frame of ours holds one, should it be dumped.

        Raises:
            ApiCallError: when no answer came. It has no cause: that would hold the request, and the request the token.
        """
        timeout = self.policy.request_timeout
        try:
            async with asyncio.timeout(timeout):
                return await self.client.request(
                    method, url, timeout=timeout, headers=_reveal_headers(tokens), data=_reveal(form), **arguments
                )
        except Exception as error:
            failure = _transport_failure(error, self.base_url)
            if failure is None:  # a mistake in the program, such as a body that is no JSON
                raise ApiCallError(api_error_of(error)) from None
            raise ApiCallError(failure, meaning_of(Answer(endpoint, method))) from None

    def _find_place(self, path: str) -> tuple[str, bool]:
        """The URL of a path, and whether it is of our origin: only there the bearer goes."""
        base = str(self.base_url).rstrip("/")
        url = httpx.URL(path if _ABSOLUTE.match(path) else f"{base}/{path.lstrip('/')}")
        return str(url), same_origin(url, self.base_url)


def _reveal_headers(tokens: TokenSet | None) -> dict[str, str]:
    accept = {"Accept": "application/json"}
    if tokens is None:
        return accept
    return {**accept, "Authorization": f"Bearer {tokens.access_token.get_secret_value()}"}


def _reveal(form: Form | None) -> dict[str, str] | None:
    if form is None:
        return None
    return {name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in form.items()}


def _new_client(policy: RefreshPolicy) -> httpx.AsyncClient:
    connections = policy.max_in_flight + _SPARE_CONNECTIONS
    limits = httpx.Limits(max_connections=connections, max_keepalive_connections=connections)
    return httpx.AsyncClient(limits=limits)


async def _with_retries(call: Callable[[], Awaitable[R]], retries: int, policy: RefreshPolicy) -> R:
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

    async for attempt in stamina.retry_context(on=wait_before_next, attempts=retries + 1, timeout=None):
        with attempt:
            if attempt.num == 1:
                raise first  # that was the first attempt
            return await call()
    raise AssertionError  # the loop returns or raises


def _absolute(base_url: str) -> httpx.URL:
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError):
        url = None
    if url is None or url.scheme not in ("http", "https") or not url.host:
        msg = f"base_url must be absolute, such as 'https://api.example.com', not {base_url!r}. Put http:// or https:// in front."
        raise ValueError(msg)
    return url


def _transport_failure(error: Exception, base_url: httpx.URL) -> ApiError | None:
    """What a client's exception says; None for one that is a mistake in the program.

    Told by class names, since clients with the interface of httpx have exceptions of their own.
    """
    names = {cls.__name__ for cls in type(error).__mro__}
    if names & {"TimeoutException", "TimeoutError"}:
        return describe("timeout")
    if names & {"DecodingError", "TooManyRedirects"}:
        return describe("invalid_response", detail=f"({type(error).__name__})")
    if names & {"TransportError", "RequestError", "OSError"}:
        return describe("network", detail=f"({base_url.host}: {type(error).__name__})")
    return None
