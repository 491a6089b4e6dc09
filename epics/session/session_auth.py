"""A store's session for any httpx code: bearer from the store, 401 -> the same single refresh."""

import contextlib
import sys
from collections.abc import AsyncGenerator, Callable, Generator, Mapping
from concurrent.futures import Future, InvalidStateError
from dataclasses import dataclass
from typing import Any, Protocol, Self, TypeVar

import httpx

from ...actions import Logout, RefreshToken, RequestRejected, TokenAccepted, TokenSet
from ...actions.auth import SessionAction
from ...reducers import AuthState
from ...store import Store, StoreClosedError
from .answers import Meaning, describe
from .api_client import bearer
from .errors import ApiCallError
from .kept_at_origin import keep_at_origin
from .look_into import is_document, look_into, look_into_here, take, take_here
from .one_session import AUTH, auth_of
from .origin import same_origin
from .policy import RefreshPolicy
from .refresh_on_unauthorized import GAVE_UP
from .replay import Body
from .unauthorized import (
    BUSY,
    Asked,
    Decision,
    Now,
    Sent,
    decide,
    is_due,
    is_news,
    is_rejection,
    may_refresh,
    proves_token,
)

A = TypeVar("A")


class Named(Protocol):
    """One of several sessions."""

    @property
    def name(self) -> str: ...


Condition = Callable[[AuthState], bool]
"""What a flow waits for; whoever drives the flow knows how to wait."""


@dataclass(frozen=True)
class Wait:
    """A step of a flow: go on when this holds."""

    until: Condition


@dataclass(frozen=True)
class Read:
    """A step of a flow: read this answer, within bounds, and let go of its connection."""

    response: httpx.Response


@dataclass(frozen=True)
class LookInto:
    """A step of a flow: read this answer if it is small, and leave it to the caller if it is not."""

    response: httpx.Response


Step = httpx.Request | Wait | Read | LookInto
"""What a flow asks of who drives it: to send, to wait, or to read."""


class SessionAuth(httpx.Auth):
    """Authorises requests with the session of a store, and shares its refresh.

    Works with `httpx.AsyncClient` and, outside the store's event loop, with `httpx.Client`. When there
    is no new token, the caller gets the 401. A request that waited to be sent while its session ended goes out
    without a token, in nobody's name, whoever is signed in by then.

    Args:
        store: one with `.auth` in its state and the `refresh_token_epic`.
        base_url: the bearer is sent to this origin only; by default that of the store's API client,
            and where it has none, that of the request.
        policy: when to refresh, and when not; by default that of the store's API client.
        session: whose token the requests carry, where a store has several; `Session.auth(store)` says it.

    Raises:
        StoreClosedError: from a request that waits for a store that is closed.
        BodyNotReplayableError: from a request that met a 401 after its body, a generator or a file that cannot
            seek, was consumed. Give bytes instead.

    Examples:
        ```python
        client = httpx.AsyncClient(base_url=..., auth=SessionAuth(store))
        ```
    """

    def __new__(cls, *_: Any, **__: Any) -> Self:
        return super().__new__(_for_both_clients(cls))

    def __init__(
        self,
        store: Store[Any],
        *,
        base_url: str | None = None,
        policy: RefreshPolicy | None = None,
        session: "Named | None" = None,
    ) -> None:
        api = getattr(store.dependencies if session is None else session, "api", None)
        self._store = store
        self._session = AUTH if session is None else session.name
        self._origin = httpx.URL(base_url) if base_url is not None else getattr(api, "base_url", None)
        self._authorize: Callable[[httpx.Request, TokenSet], Mapping[str, str]] = getattr(api, "authorize", _bearer)
        self._own_headers: set[str] = {"Authorization"}
        self._policy = policy or getattr(api, "policy", None) or RefreshPolicy()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        flow = self._flow(request)
        step = next(flow, None)
        while step is not None:
            answer = None
            match step:
                case Wait():
                    self._block_until(step.until)
                case Read():
                    take_here(step.response, self._policy.largest_answer, self._policy.request_timeout)
                case LookInto():
                    look_into_here(step.response)
                case _:
                    keep_at_origin(step, self._own_headers, is_async=False)
                    answer = yield step
            step = _send(flow, answer)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        flow = self._flow(request)
        step = next(flow, None)
        while step is not None:
            answer = None
            match step:
                case Wait():
                    await self._store.wait_for(self._holds(step.until))
                case Read():
                    await take(step.response, self._policy.largest_answer, self._policy.request_timeout)
                case LookInto():
                    await look_into(step.response)
                case _:
                    keep_at_origin(step, self._own_headers, is_async=True)
                    answer = yield step
            step = _send(flow, answer)

    def _flow(self, request: httpx.Request) -> Generator[Step, httpx.Response | None, None]:
        """The protocol without I/O: yields the request to send, answers to read, and conditions to wait for."""
        if self._origin is not None and not same_origin(request.url, self._origin):
            yield request
            return
        auth: AuthState = self._auth()
        asked, ahead, was_sent, body = Asked(auth.epoch, _name_of(request)), True, False, Body(request)
        while True:
            auth = self._auth()
            if not asked.may_go_out(auth):  # it waited, and its session is over
                self._bare(request)  # it asks in nobody's name, and gets the 401 that nobody gets
                yield request
                return
            if auth.status in BUSY:
                yield Wait(_is_settled)
                asked = asked.waited()
                continue
            now = Now.read()
            if ahead and is_due(auth, now, self._policy):
                ahead = False
                if may_refresh(auth, now, self._policy) is Decision.REFRESH:
                    yield Wait(self._refresh(auth, request, refused=False))
                    continue
            if was_sent:
                body.rewind(asked.name)
            was_sent = True
            response = yield self._authorised(request, auth)
            is_refused = response is not None and auth.tokens is not None and response.status_code == 401
            if response is not None and is_refused and self._is_bared_by_redirect(response, request):
                if response.request.method == request.method:
                    body.rewind(asked.name)
                yield Read(response)
                request = response.request  # where it leads, this time with what httpx left behind
                response = yield self._authorised(request, auth)
            if response is None:
                return
            if self._policy.is_expired is not None and is_document(response):
                yield LookInto(response)  # other answers may be streams
            if not self._is_rejected(response, request, auth):
                return
            yield Read(response)  # what waits must not hold the connection
            found = yield from self._recover(request, asked, auth)
            if found is None:
                return
            asked = found

    def _recover(
        self, request: httpx.Request, asked: Asked, sent: AuthState
    ) -> Generator[Step, httpx.Response | None, Asked | None]:
        """After a 401. Returns the request as it is to be sent again; None for not at all."""
        auth: AuthState = self._auth()
        error = ApiCallError(describe("unauthorized", 401), Meaning.REFRESH, sent.tokens)
        decision = decide(error, asked, Sent.now(sent), auth, now=Now.read(), policy=self._policy)
        self._dispatch(RequestRejected(request=asked.name, generation=sent.generation, decision=decision.value))
        match decision:
            case Decision.REFRESH:
                yield Wait(self._refresh(auth, request, refused=True))
                asked = asked.renewed()
            case Decision.WAIT:
                yield Wait(_is_settled)
                asked = asked.renewed()
            case Decision.REPLAY:
                asked = asked.replayed()
            case Decision.GIVE_UP:
                self._dispatch(Logout(reason=GAVE_UP))
                return None
            case _:
                return None
        auth = self._auth()
        goes_on = auth.tokens is not None and asked.may_go_out(auth) and auth.generation != sent.generation
        return asked if goes_on else None

    def _refresh(self, before: AuthState, request: httpx.Request, *, refused: bool) -> Condition:
        """Ask for a refresh; the condition holds when it is over."""

        def is_over(auth: AuthState) -> bool:
            is_another = (auth.attempts, auth.generation, auth.epoch) != (
                before.attempts,
                before.generation,
                before.epoch,
            )
            return is_another and auth.status not in BUSY

        self._dispatch(
            RefreshToken(
                generation=before.generation,
                epoch=before.epoch,
                cause=_name_of(request),
                at=Now.read().steady,
                refused=refused,
            )
        )
        return is_over

    def _auth(self) -> AuthState:
        return auth_of(self._store.state, self._session)

    def _dispatch(self, action: SessionAction) -> None:
        self._store.dispatch(action.model_copy(update={"session": self._session}))

    def _holds(self, condition: Condition) -> Callable[[Any], bool]:
        return lambda state: condition(auth_of(state, self._session))

    def _authorised(self, request: httpx.Request, auth: AuthState) -> httpx.Request:
        self._bare(request)
        if auth.tokens is not None:
            headers = self._authorize(request, auth.tokens)
            self._own_headers = self._own_headers | set(headers)
            request.headers.update(headers)
        return request

    def _bare(self, request: httpx.Request) -> None:
        """Take away what a session has put there before."""
        for name in self._own_headers:
            request.headers.pop(name, None)

    def _went_along(self, response: httpx.Response, request: httpx.Request) -> bool:
        """Whether the answer is one to the session: a redirect may have led elsewhere, or left its headers behind."""
        stayed = all(same_origin(each.url, request.url) for each in (*response.history, response))
        return stayed and any(name in response.request.headers for name in self._own_headers)

    def _is_bared_by_redirect(self, response: httpx.Response, request: httpx.Request) -> bool:
        """Whether a redirect within the origin left the headers of the session behind: httpx does so with a cookie."""
        stayed = all(same_origin(each.url, request.url) for each in (*response.history, response))
        return bool(response.history) and stayed and not self._went_along(response, request)

    def _is_rejected(self, response: httpx.Response, request: httpx.Request, sent: AuthState) -> bool:
        if sent.tokens is None or not self._went_along(response, request):
            return False
        if is_rejection(response, self._policy):
            return True
        auth: AuthState = self._auth()
        name = _name_of(request)
        tells = auth.accepted is None or is_news(auth, name)
        if proves_token(response.status_code) and tells and Sent.now(auth) == Sent.now(sent):
            self._dispatch(TokenAccepted(generation=sent.generation, request=name))
        return False

    def _block_until(self, condition: Condition) -> None:
        if self._store.core.loop.is_running_here():
            msg = "A synchronous client would block the event loop that has to refresh the token. Use httpx.AsyncClient here."
            raise RuntimeError(msg)
        reached: Future[None] = Future()

        def settle(error: StoreClosedError | None = None) -> None:
            with contextlib.suppress(InvalidStateError):  # the first counts
                reached.set_result(None) if error is None else reached.set_exception(error)

        def look(is_reached: bool) -> None:
            if is_reached:
                settle()

        def closed() -> None:
            msg = "The store was closed while a request waited for a new token."
            settle(StoreClosedError(msg))

        watching = self._store.select(self._holds(condition)).subscribe(look, on_completed=closed)
        try:
            reached.result()
        finally:
            watching.dispose()


def _for_both_clients(kind: type[A]) -> type[A]:
    """The class, as an Auth of httpx2 as well where that is in use: a client takes none but its own."""
    other: type[Any] | None = getattr(sys.modules.get("httpx2"), "Auth", None)
    if other is None or issubclass(kind, other):
        return kind
    found: Any = _both.get(kind)
    if found is None:
        names = {"__module__": kind.__module__, "__qualname__": kind.__qualname__, "__doc__": kind.__doc__}
        found = _both[kind] = type(kind.__name__, (kind, other), names)
    return found


_both: dict[type[Any], type[Any]] = {}


def _bearer(_: httpx.Request, tokens: TokenSet) -> Mapping[str, str]:
    return bearer(tokens)


def _send(flow: Generator[Any, Any, None], value: httpx.Response | None) -> Any:
    try:
        return flow.send(value)
    except StopIteration:
        return None


def _is_settled(auth: AuthState) -> bool:
    return auth.status not in BUSY


def _name_of(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path}"
