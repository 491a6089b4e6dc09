"""Requests to one base URL, bounded in time and size; what fails says so without a secret."""

import asyncio
import ssl
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from http.cookies import CookieError, SimpleCookie
from typing import Any

import httpx
from pydantic import SecretStr

from ...actions import ApiError
from .addresses import absolute, place_below, with_params
from .answers import Meaning, describe
from .bounded import TooLargeError, read
from .errors import ApiCallError, api_error_of
from .origin import same_origin
from .own_pool import OwnPool, keeps, no_cookies, own_pool, unless_held
from .shown_text import masked, secrets_in


@dataclass(frozen=True, repr=False)
class Secrets:
    """What a request carries. It is revealed in the call that sends it: no frame of ours holds it in clear."""

    json: Any = None
    data: Mapping[str, Any] | None = None
    headers: Mapping[str, str | SecretStr] | None = None
    cookies: Mapping[str, str | SecretStr] | None = None

    def hidden(self) -> list[SecretStr]:
        """What must not be shown, should the answer or an error repeat it. A cookie is secret, whatever it was given as."""
        cookies = [SecretStr(value) for value in reveal(self.cookies or {}).values()]
        return [*secrets_in([self.json, self.data, self.headers]), *cookies]


@dataclass(frozen=True, repr=False)
class _Asked:
    """One request, before it is built."""

    method: str
    url: str
    secrets: Secrets
    timeout: float
    authorize: Callable[[httpx.Request], Mapping[str, str]] | None
    redirects: bool | None


@dataclass(frozen=True, repr=False)
class Received:
    """An answer, read to its end."""

    status: int
    headers: httpx.Headers
    content: bytes
    response: httpx.Response

    @property
    def cookies(self) -> dict[str, str]:
        """The cookies that it sets, by name."""
        jar: SimpleCookie = SimpleCookie()
        for each in self.headers.get_list("set-cookie"):
            try:
                jar.load(each)
            except CookieError:
                continue  # a cookie that no browser would take either
        return {name: morsel.value for name, morsel in jar.items()}

    def as_response(self) -> httpx.Response:
        """As the HTTP client shows it, for a hook of the app."""
        kept = [(k, v) for k, v in self.headers.multi_items() if k not in ("content-encoding", "transfer-encoding")]
        make = type(self.response)
        return make(self.status, headers=kept, content=self.content, request=self.response.request)


class Connection:
    """An HTTP client, and the base URL that its requests are below.

    Args:
        base_url: absolute, with scheme, and with neither user, query nor fragment.
        client: it is left open; by default one is made when it is needed.
        connections: of the client that is made.

    Raises:
        ValueError: for another `base_url`.
    """

    def __init__(self, base_url: str, client: httpx.AsyncClient | None = None, *, connections: int = 4) -> None:
        self.base_url = absolute(base_url)
        self._given = client
        self._connections = connections
        self._made: httpx.AsyncClient | None = None
        self._place_of = lru_cache(maxsize=1024)(partial(place_below, self.base_url))  # 0.2 ms a call

    @property
    def client(self) -> httpx.AsyncClient:
        """The client that builds and sends."""
        if self._given is not None:
            return self._given
        if self._made is None:
            limits = httpx.Limits(max_connections=self._connections, max_keepalive_connections=self._connections)
            self._made = httpx.AsyncClient(limits=limits, cookies=no_cookies(), verify=_certificates())
        return self._made

    def sibling(self) -> "Connection":
        """The same, over a pool of its own: what waits in this one cannot hold it up."""
        return _Sibling(self)

    def place_of(self, path: str) -> tuple[str, bool]:
        """The URL of a path, and whether it is of our origin: only there the session's token goes.

        Raises:
            ValueError: for a path that leaves the base path, or one with a user in it.
        """
        return self._place_of(path)

    async def send(
        self,
        method: str,
        path: str,
        secrets: Secrets,
        *,
        timeout: float,
        largest: int,
        params: Mapping[str, Any] | None = None,
        redirects: bool | None = None,
        authorize: Callable[[httpx.Request], Mapping[str, str]] | None = None,
        known: Callable[[], Iterable[SecretStr]] = tuple,
    ) -> Received:
        """Send one request and read its answer.

        Args:
            timeout: seconds, from its start to the end of the answer.
            largest: the most bytes that the answer may have.
            params: added to the query that the path has.
            redirects: whether to follow them; None leaves it to the client.
            authorize: asked for the headers of the session. They go along a redirect only within its origin.
            known: what else no error may show.

        Raises:
            ApiCallError: when no answer came; its meaning is RETRY where that may pass. It has neither cause nor
                context: those would hold the request, and the request the token.
        """
        url = with_params(self.place_of(path)[0], params)
        asked = _Asked(method, url, secrets, timeout, authorize, redirects)
        self._sender()  # a client is made before the time runs: the first one's certificates take some 30 ms
        failure = None
        try:
            async with asyncio.timeout(timeout):
                response = await self._answer(asked)
                try:
                    content = await _read(response, largest)
                finally:
                    await response.aclose()
            return Received(response.status_code, response.headers, content, response)
        except Exception as error:
            failure = _failure_of(error, self.base_url, (*secrets.hidden(), *known()))
        raise failure

    async def aclose(self) -> None:
        """Close the client that was made here."""
        made, self._made = self._made, None
        if made is not None:
            await made.aclose()

    def _sender(self) -> httpx.AsyncClient:
        return self.client

    async def _answer(self, request: _Asked) -> httpx.Response:
        return await self._answer_of(self._sender(), request)

    async def _answer_of(self, client: httpx.AsyncClient, asked: _Asked) -> httpx.Response:
        options: dict[str, Any] = {} if asked.redirects is None else {"follow_redirects": asked.redirects}
        if not keeps(client, "request"):
            own: Mapping[str, str] = (
                {} if asked.authorize is None else asked.authorize(httpx.Request(asked.method, asked.url))
            )
            if set(own) - {"Authorization"}:  # the client would take them along a redirect
                options = {"follow_redirects": False}
            return await client.request(
                asked.method,
                asked.url,
                json=reveal(asked.secrets.json),
                data=reveal(asked.secrets.data),
                headers={**_reveal_headers(asked.secrets), **own},
                timeout=asked.timeout,
                **options,
            )
        request = client.build_request(
            asked.method,
            asked.url,
            json=reveal(asked.secrets.json),
            data=reveal(asked.secrets.data),
            headers=_reveal_headers(asked.secrets),
            timeout=asked.timeout,
        )
        if asked.authorize is not None:
            return await self._send_authorised(client, request, asked.authorize, asked.redirects)
        return await client.send(request, stream=True, auth=None, **options)

    async def _send_authorised(
        self,
        client: httpx.AsyncClient,
        request: httpx.Request,
        authorize: Callable[[httpx.Request], Mapping[str, str]],
        redirects: bool | None,
    ) -> httpx.Response:
        """Send, and follow redirects here: httpx takes all headers but two to any origin, and a cookie to none."""
        follows = client.follow_redirects if redirects is None else redirects
        history: list[httpx.Response] = []
        own = authorize(request)
        request.headers.update(own)
        is_at_home, home = True, request.url
        while True:
            response = await client.send(request, stream=True, auth=None, follow_redirects=False)
            response.history = list(history)
            following = response.next_request if follows else None
            if following is None:
                return response
            await response.aclose()
            history.append(response)
            if len(history) > client.max_redirects:
                msg = "Exceeded maximum allowed redirects."
                raise httpx.TooManyRedirects(msg, request=request)
            is_at_home = is_at_home and same_origin(following.url, home)
            if is_at_home:
                own = authorize(following)
                following.headers.update(own)
            else:
                for name in own:
                    following.headers.pop(name, None)
            request = following


class _Sibling(Connection):
    def __init__(self, beside: Connection) -> None:
        super().__init__(str(beside.base_url))
        self._beside = beside
        self._own: OwnPool | None = None

    @property
    def client(self) -> httpx.AsyncClient:
        return self._beside.client

    def _sender(self) -> httpx.AsyncClient:
        if self._own is None:
            self._own = own_pool(self.client, self.base_url)
        return self.client if self._own is None else self._own.client

    async def aclose(self) -> None:
        self._own = None  # it keeps nothing open

    async def _answer(self, request: _Asked) -> httpx.Response:
        sender, own = self._sender(), self._own
        if own is None or own.plain is own.client:
            return await self._answer_of(sender, request)
        return await unless_held(
            lambda: self._answer_of(own.client, request),
            lambda: self._answer_of(own.plain, request),
            request.timeout,
        )


@cache
def _certificates() -> ssl.SSLContext:
    """Those that httpx trusts, read once a process."""
    return httpx.create_ssl_context()


def reveal(value: Any) -> Any:
    """What is secret in clear, at any depth of dicts and lists."""
    match value:
        case SecretStr():
            return value.get_secret_value()
        case Mapping():
            return {name: reveal(each) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType] -- JSON
        case list() | tuple():
            return [reveal(each) for each in value]  # pyright: ignore[reportUnknownVariableType] -- JSON
        case _:
            return value


def _reveal_headers(secrets: Secrets) -> dict[str, str]:
    headers: dict[str, str] = {"Accept": "application/json", **reveal(secrets.headers or {})}
    if secrets.cookies:
        headers["Cookie"] = "; ".join(f"{name}={reveal(value)}" for name, value in secrets.cookies.items())
    return headers


async def _read(response: httpx.Response, largest: int) -> bytes:
    try:
        return await read(response, largest)
    except TooLargeError:
        told = describe("invalid_response", response.status_code, f"(more than {largest} bytes)")
    raise ApiCallError(told)


def _failure_of(error: Exception, base_url: httpx.URL, hidden: Iterable[SecretStr]) -> ApiCallError:
    if isinstance(error, ApiCallError):
        return ApiCallError(error.error, error.meaning)
    failure = _transport_failure(error, base_url)
    if failure is not None:
        return ApiCallError(failure, Meaning.RETRY)
    return ApiCallError(api_error_of(error, lambda text: masked(text, hidden)))


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
