"""What many apps do: every request that meets a 401 refreshes for itself. Here to show what comes of it."""

from collections.abc import Callable, Mapping
from typing import Any

from rxdux import (
    ApiCallError,
    ApiClient,
    ApiError,
    Logout,
    RefreshSuccess,
    RequestRejected,
    Store,
    TokenSet,
)

from .actions import NaiveRefresh, NaiveReplay
from .queries import name_person, people
from .state import DemoState

Tokens = TokenSet | None | Callable[[], TokenSet | None]

ENDED = "One refresh token, many refreshes: taken for theft, the session is over."


class NaiveClient:
    """Calls as an `ApiClient` does, but for its 401s: there is no single flight.

    Args:
        client: does all the rest.
        store: where the tokens are.
    """

    def __init__(self, client: ApiClient, store: Store[DemoState]) -> None:
        self._client = client
        self._store = store
        self._under_way = 0
        self._is_refused = False

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    async def exchange(self, method: str, path: str, tokens: Tokens = None, **options: Any) -> Any:
        """Call -> 401 -> a refresh of its own -> call."""
        self._under_way += 1
        try:
            return await self.exchange_anew(method, path, tokens() if callable(tokens) else tokens, options)
        finally:
            self._under_way -= 1
            if self._is_refused and not self._under_way:
                self._is_refused = False
                self._store.dispatch(Logout(reason=ENDED))

    async def exchange_anew(self, method: str, path: str, sent: TokenSet | None, options: dict[str, Any]) -> Any:
        """Call, and after a 401 refresh and call again, whatever the others do."""
        before, name = self._store.state.auth, name_of(method, options.get("params"))
        try:
            return await self._client.exchange(method, path, sent, **options)
        except ApiCallError as error:
            if error.error.kind != "unauthorized" or sent is None:
                raise
        tell = self._store.dispatch
        tell(RequestRejected(request=name, generation=before.generation, decision="refresh"))
        tell(NaiveRefresh(request=name))
        try:
            tokens = await self._client.refresh(sent)
        except ApiCallError:
            self._is_refused = True
            raise ApiCallError(ApiError(kind="session_expired", message=ENDED)) from None
        tell(RefreshSuccess(tokens=tokens, epoch=before.epoch))
        tell(NaiveReplay(request=name))
        return await self._client.exchange(method, path, tokens, **options)


def name_of(method: str, params: Mapping[str, Any] | None) -> str:
    """What a request is for, as the log of the session names it."""
    if method != "GET" or params is None:
        return name_person.type
    return people(params["page"], params["q"], params["order"]).cache_key
