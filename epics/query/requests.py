"""One HTTP call of an endpoint: with the session's token, its one refresh, and what the server has told of its age."""

import asyncio
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import reactivex as rx
from reactivex import Observable

from ...actions import Action, RequestRejected, TokenSet
from ...reducers import AuthState
from ...store import ActionStream, StateStream
from ...store.engine.scheduler import EpicScheduler
from ..operators.from_async import from_async
from ..session.answers import Meaning, describe
from ..session.errors import ApiCallError, TokenNotReadyError, hider_of
from ..session.json_answers import UnreadableJsonError, read_json
from ..session.refresh_on_unauthorized import refresh_on_unauthorized
from ..session.unauthorized import BUSY

if TYPE_CHECKING:
    from ..session.api_client import ApiClient, Tokens
    from ..session.connection import Received

Etags = dict[str, tuple[str, bytes]]
"""For each GET of a query the entity tag of its last answer (RFC 9110, section 8.8.3), and that answer."""


@dataclass(frozen=True)
class Surroundings:
    """What an epic has: what requests go by."""

    actions: ActionStream
    state: StateStream[Any]
    dependencies: Any
    scheduler: EpicScheduler
    emit: Callable[[Action], None]

    @property
    def auth(self) -> AuthState | None:
        """The session of the store; None where it has none."""
        return getattr(self.state.value, "auth", None)

    def hide(self, text: str) -> str:
        """The text without the tokens of the session."""
        return hider_of(getattr(self.dependencies, "api", None))(text)


@dataclass(frozen=True)
class Request:
    """What is to be sent."""

    method: str
    path: str
    params: dict[str, Any] | None
    body: Any
    headers: dict[str, str]


@dataclass(frozen=True)
class Sender:
    """Sends the requests of one call of an endpoint.

    Attributes:
        name: what they are for, in the log of the session.
        in_session: whether they carry the session's token.
        etags: what the server said of the answers before; it is kept up to date.
        idempotency_key: sent with each request that is no GET.
    """

    around: Surroundings
    name: str
    in_session: bool
    etags: Etags
    idempotency_key: str | None = None

    async def send(self, method: str, path: str, params: dict[str, Any] | None, body: Any) -> Any:
        """Send, and give the parsed answer. A 401 is refreshed away; a 304 gives the answer before."""
        api = self._api()
        place = f"{path}?{json.dumps(params, sort_keys=True, default=str)}"
        known = self.etags.get(place) if method == "GET" else None
        headers = {} if known is None else {"If-None-Match": known[0]}
        if self.idempotency_key is not None and method != "GET":
            headers["Idempotency-Key"] = self.idempotency_key
        response = await self._authorised(api, Request(method, path, params, body, headers))
        if response.status == 304 and known is not None:
            return json.loads(known[1])
        etag = response.headers.get("etag") if method == "GET" else None
        if etag is not None:
            self.etags[place] = (etag, response.content)
        elif method == "GET":
            self.etags.pop(place, None)
        return parsed(response)

    def _api(self) -> "ApiClient":
        api = getattr(self.around.dependencies, "api", None)
        if api is None:
            msg = (
                "call.get and its kind need an API client: Store(..., dependencies=ApiDependencies(ApiClient(base_url))), "
                "or create_api_store. An endpoint of another source takes it from call.deps."
            )
            raise TypeError(msg)
        return api

    async def _authorised(self, api: "ApiClient", request: Request) -> "Received":
        auth = self.around.auth
        if auth is None or not self.in_session:
            return await _exchange(api, request, None)
        is_settled = auth.status not in BUSY and not auth.unproven and not api.policy.refresh_before_expiry
        if not is_settled:
            return await self._with_refresh(api, request, None)
        try:
            return await self._attempt(api, request)  # nearly always; the way below costs ten times as much
        except TokenNotReadyError as error:
            return await self._with_refresh(api, request, error)
        except ApiCallError as error:
            if error.meaning is not Meaning.REFRESH:
                raise
            return await self._with_refresh(api, request, error)

    async def _attempt(self, api: "ApiClient", request: Request) -> "Received":
        """Send with the token that the session has when the request goes out, in the session that asked."""
        asked = self._session()

        def tokens() -> TokenSet | None:
            auth = self._session()
            self._check_session(asked)
            if auth.status in BUSY:
                msg = "The session is getting a new token: the request waits for it."
                raise TokenNotReadyError(msg)
            return auth.tokens

        received = await _exchange(api, request, tokens)
        self._check_session(asked)
        return received

    def _session(self) -> AuthState:
        return self.around.state.value.auth

    def _check_session(self, asked: AuthState) -> None:
        """Refuse to send, or to use an answer, in another session than the one in which it was asked for."""
        auth = self._session()
        if auth.epoch != asked.epoch or (asked.tokens is not None and auth.tokens is None):
            raise ApiCallError(describe("session_expired"))

    async def _with_refresh(self, api: "ApiClient", request: Request, first: Exception | None) -> "Received":
        """As the article has it: catch the 401, wait for the one refresh, start this one request over."""
        around, answer = self.around, asyncio.get_running_loop().create_future()
        failures = [] if first is None or isinstance(first, TokenNotReadyError) else [first]

        def start(_: Any) -> Observable[Any]:
            return rx.throw(failures.pop()) if failures else from_async(lambda: self._attempt(api, request))

        operator = refresh_on_unauthorized(around.actions, around.state, policy=api.policy, request=self.name)
        stream: Observable[Any] = rx.defer(start).pipe(operator)

        def on_next(value: Any) -> None:
            if isinstance(value, Action):
                around.emit(value)
            else:
                settle(lambda: answer.set_result(value))

        def on_error(error: Exception) -> None:
            settle(lambda: answer.set_exception(error))

        def settle(how: Callable[[], None]) -> None:
            loop = answer.get_loop()
            if not loop.is_closed():
                loop.call_soon_threadsafe(lambda: None if answer.done() else how())

        def begin() -> None:
            auth = self._session()
            if failures and auth.status in BUSY:  # others have asked for the new token already: it waits with them
                failures.clear()
                around.emit(RequestRejected(request=self.name, generation=auth.generation, decision="wait"))
            running.begin(stream, on_next, on_error, around.scheduler)

        running = _Running()
        around.scheduler.post(begin)
        try:
            return await answer
        finally:
            around.scheduler.post(running.end)


class _Running:
    """A stream that is subscribed to, and ended, in the store's turn."""

    def __init__(self) -> None:
        self._subscription: rx.abc.DisposableBase | None = None
        self._ended = False

    def begin(
        self,
        stream: Observable[Any],
        on_next: Callable[[Any], None],
        on_error: Callable[[Exception], None],
        scheduler: EpicScheduler,
    ) -> None:
        if not self._ended:
            self._subscription = stream.subscribe(on_next, on_error, scheduler=scheduler)

    def end(self) -> None:
        self._ended = True
        if self._subscription is not None:
            self._subscription.dispose()


async def _exchange(api: "ApiClient", request: Request, tokens: "Tokens") -> "Received":
    return await api.exchange(
        request.method, request.path, tokens, params=request.params, body=request.body, headers=request.headers
    )


def parsed(response: "Received") -> Any:
    """The JSON of an answer; None for an empty one.

    Raises:
        ApiCallError: for what is no JSON.
    """
    if not response.content:
        return None
    try:
        return read_json(response.content)
    except UnreadableJsonError as error:
        words = f"({error})"
    raise ApiCallError(describe("invalid_response", response.status, words))
