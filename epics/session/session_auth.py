"""A store's session for any httpx code: bearer from the store, 401 -> the same single refresh."""

import threading
import time
from collections.abc import AsyncGenerator, Callable, Generator
from typing import Any

import httpx

from ...actions import Logout, RefreshToken, RequestRejected, RxduxError, TokenAccepted
from ...reducers import AuthState
from ...store import Store
from .answers import Meaning, describe
from .errors import ApiCallError
from .origin import same_origin
from .policy import RefreshPolicy
from .refresh_on_unauthorized import GAVE_UP
from .unauthorized import BUSY, Decision, Sent, decide, is_due, may_refresh

Condition = Callable[[AuthState], bool]
"""What a flow waits for; whoever drives the flow knows how to wait."""


class BodyNotReplayableError(RxduxError):
    """A request has to be sent again, and its body is used up."""


class SessionAuth(httpx.Auth):
    """Authorises requests with the session of a store, and shares its refresh.

    Works with `httpx.AsyncClient` and, outside the store's event loop, with `httpx.Client`. When there
    is no new token, the caller gets the 401.

    Args:
        store: one with `.auth` in its state and the `refresh_token_epic`.
        base_url: the bearer is sent to this origin only; by default that of the store's API client,
            and where it has none, that of the request.
        policy: when to refresh, and when not; by default that of the store's API client.

    Raises:
        BodyNotReplayableError: from a request that met a 401 after its body, a generator or a file,
            was consumed. Give bytes instead.

    Examples:
        ```python
        client = httpx.AsyncClient(base_url=..., auth=SessionAuth(store))
        ```
    """

    def __init__(self, store: Store[Any], *, base_url: str | None = None, policy: RefreshPolicy | None = None) -> None:
        api = getattr(store.dependencies, "api", None)
        self._store = store
        self._origin = httpx.URL(base_url) if base_url is not None else getattr(api, "base_url", None)
        self._policy = policy or getattr(api, "policy", None) or RefreshPolicy()

    def sync_auth_flow(self, request: httpx.Request) -> Generator[httpx.Request, httpx.Response, None]:
        flow = self._flow(request)
        step = next(flow, None)
        while step is not None:
            if isinstance(step, httpx.Request):
                step = _send(flow, (yield step))
            else:
                self._block_until(step)
                step = _send(flow, None)

    async def async_auth_flow(self, request: httpx.Request) -> AsyncGenerator[httpx.Request, httpx.Response]:
        flow = self._flow(request)
        step = next(flow, None)
        while step is not None:
            if isinstance(step, httpx.Request):
                step = _send(flow, (yield step))
            else:
                await self._store.wait_for(_of_auth(step))
                step = _send(flow, None)

    def _flow(self, request: httpx.Request) -> Generator[httpx.Request | Condition, httpx.Response | None, None]:
        """The protocol without I/O: yields requests to send, and conditions to wait for."""
        if self._origin is not None and not same_origin(request.url, self._origin):
            yield request
            return
        replays, ahead = 0, True
        while True:
            auth = self._store.state.auth
            if auth.status in BUSY:
                yield _is_settled
                continue
            if ahead and is_due(auth, time.time(), self._policy):
                ahead = False
                if may_refresh(auth, time.time(), self._policy) is Decision.REFRESH:
                    yield self._refresh(auth, request)
                    continue
            if replays:
                _check_replayable(request)
            response = yield self._authorised(request, auth)
            if response is None or not self._is_rejected(response, request, auth):
                return
            if not (yield from self._recover(request, auth, replays)):
                return
            replays += 1

    def _recover(
        self, request: httpx.Request, sent: AuthState, replays: int
    ) -> Generator[httpx.Request | Condition, httpx.Response | None, bool]:
        """After a 401. Returns whether to send the request again."""
        auth: AuthState = self._store.state.auth
        error = ApiCallError(describe("unauthorized", 401), Meaning.REFRESH, sent.tokens)
        decision = decide(error, Sent.now(sent), auth, now=time.time(), replays=replays, policy=self._policy)
        name = _name_of(request)
        self._store.dispatch(RequestRejected(request=name, generation=sent.generation, decision=decision.value))
        match decision:
            case Decision.REFRESH:
                yield self._refresh(auth, request)
            case Decision.WAIT:
                yield _is_settled
            case Decision.REPLAY:
                pass
            case Decision.GIVE_UP:
                self._store.dispatch(Logout(reason=GAVE_UP))
                return False
            case _:
                return False
        auth = self._store.state.auth
        return auth.tokens is not None and auth.epoch == sent.epoch and auth.generation != sent.generation

    def _refresh(self, before: AuthState, request: httpx.Request) -> Condition:
        """Ask for a refresh; the condition holds when it is over."""

        def is_over(auth: AuthState) -> bool:
            is_another = (auth.attempts, auth.generation, auth.epoch) != (
                before.attempts,
                before.generation,
                before.epoch,
            )
            return is_another and auth.status not in BUSY

        self._store.dispatch(
            RefreshToken(generation=before.generation, epoch=before.epoch, cause=_name_of(request), at=time.time())
        )
        return is_over

    def _authorised(self, request: httpx.Request, auth: AuthState) -> httpx.Request:
        if auth.tokens is None:
            request.headers.pop("Authorization", None)
        else:
            request.headers["Authorization"] = f"Bearer {auth.tokens.access_token.get_secret_value()}"
        return request

    def _is_rejected(self, response: httpx.Response, request: httpx.Request, sent: AuthState) -> bool:
        is_ours = sent.tokens is not None and same_origin(response.request.url, request.url)
        if is_ours and response.status_code == 401:
            return True
        auth: AuthState = self._store.state.auth
        if is_ours and response.status_code < 500 and auth.unproven and Sent.now(auth) == Sent.now(sent):
            self._store.dispatch(TokenAccepted(generation=sent.generation))
        return False

    def _block_until(self, condition: Condition) -> None:
        if self._store.core.loop.is_running_here():
            msg = "A synchronous client would block the event loop that has to refresh the token. Use httpx.AsyncClient here."
            raise RuntimeError(msg)
        reached = threading.Event()

        def look(is_reached: bool) -> None:
            if is_reached:
                reached.set()

        watching = self._store.select(_of_auth(condition)).subscribe(look, on_completed=reached.set)
        try:
            reached.wait()
        finally:
            watching.dispose()


def _send(flow: Generator[Any, Any, None], value: httpx.Response | None) -> Any:
    try:
        return flow.send(value)
    except StopIteration:
        return None


def _of_auth(condition: Condition) -> Callable[[Any], bool]:
    return lambda state: condition(state.auth)


def _is_settled(auth: AuthState) -> bool:
    return auth.status not in BUSY


def _name_of(request: httpx.Request) -> str:
    return f"{request.method} {request.url.path}"


def _check_replayable(request: httpx.Request) -> None:
    """Refuse to send an empty body in place of one that is used up. Multipart rewinds its files itself."""
    if not isinstance(request.stream, httpx.ByteStream) and type(request.stream).__name__ != "MultipartStream":
        msg = (
            f"{_name_of(request)} met a 401 and has to be sent again, but its body, a generator or a file, is used up. "
            "Give the body as bytes, or send the request anew."
        )
        raise BodyNotReplayableError(msg)
