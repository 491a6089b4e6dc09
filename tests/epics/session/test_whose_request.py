"""Promise 14: no request is sent in another session than the one in which it was asked for."""

import asyncio
import threading
from typing import Any

import httpx
import pytest
import reactivex as rx
from reactivex import operators as ops
from starlette.responses import JSONResponse

from rxdux import (
    Action,
    ApiCallError,
    ApiError,
    FetchData,
    Login,
    Logout,
    RefreshFailure,
    RefreshPolicy,
    RefreshToken,
    SessionAuth,
    Store,
    catch_error,
    create_api_store,
    from_async,
    merge_map,
    of_type,
    refresh_on_unauthorized,
    valid_token,
)

from .conftest import Lab, sign_in


class Send(Action):
    text: str


class Sent(Action):
    user: str


class NotSent(Action):
    why: str


def late(state: Any) -> Any:
    """Reads the token long after it was started, as a coroutine may."""

    async def token() -> Any:
        await asyncio.sleep(0.1)
        return state.value.auth.tokens

    return token


def send_epic(actions: Any, state: Any, deps: Any) -> Any:
    def send(action: Send) -> Any:
        async def call() -> Any:
            tokens = await late(state)() if action.text == "late" else state.value.auth.tokens
            return await deps.api.request("POST", "/notes", tokens, body={"text": action.text})

        return from_async(call).pipe(
            ops.map(lambda answer: Sent(user=answer["user"])),
            refresh_on_unauthorized(actions, state),
            catch_error(lambda error, _: rx.just(NotSent(why=str(error)))),
        )

    return actions.pipe(of_type(Send), merge_map(send))


def log_in_as_bob(store: Store[Any], *, after_logout: bool) -> None:
    if after_logout:
        store.dispatch(Logout())
    store.dispatch(Login(username="bob", password="x"))


async def refreshing(store: Store[Any], start: str) -> None:
    """The session is refreshing, for the request of the test or for another one."""
    if start == "while a refresh runs":
        store.dispatch(FetchData(key="x", path="/x"))
        await store.wait_for(lambda state: state.auth.status == "refreshing", 20)


STARTS = pytest.mark.parametrize("start", ["with its own 401", "while a refresh runs"])
LOGOUTS = pytest.mark.parametrize("after_logout", [True, False], ids=["logout and login", "login at once"])


@STARTS
@LOGOUTS
async def test_an_epic_of_ones_own(lab: Lab, start: str, after_logout: bool) -> None:
    """Ada's note waits for ada's refresh; then bob signs in: it ends, and is never posted."""
    lab.token_delay = 0.2
    async with create_api_store(lab.url, epics=[send_epic]) as store:
        ended: list[Action] = []
        store.actions.pipe(of_type(Sent, NotSent)).subscribe(ended.append)
        await sign_in(store)
        lab.expire()
        await refreshing(store, start)
        store.dispatch(Send(text="ada's"))
        await store.wait_for(lambda state: state.auth.status == "refreshing", 20)
        log_in_as_bob(store, after_logout=after_logout)
        await store.idle(20)
        assert store.state.auth.status == "signed_in"
        assert lab.of("POST") == []
        assert ended == [NotSent(why="Your session has ended. Please sign in again.")]


async def test_an_epic_that_reads_its_token_late(lab: Lab) -> None:
    """It is stopped with its session, before it comes to that."""
    async with create_api_store(lab.url, epics=[send_epic]) as store:
        await sign_in(store)
        store.dispatch(Send(text="late"))
        log_in_as_bob(store, after_logout=False)
        await store.idle(20)
        await asyncio.sleep(0.2)
        assert lab.of("POST") == []


@LOGOUTS
async def test_any_httpx_code(lab: Lab, after_logout: bool) -> None:
    """Ada's request ends with its own 401."""
    lab.token_delay = 0.2
    async with (
        create_api_store(lab.url) as store,
        httpx.AsyncClient(base_url=lab.url, auth=SessionAuth(store)) as client,
    ):
        await sign_in(store)
        lab.expire()
        post = asyncio.create_task(client.post("/notes", json={"text": "ada's"}))
        await store.wait_for(lambda state: state.auth.status == "refreshing", 20)
        log_in_as_bob(store, after_logout=after_logout)
        assert (await asyncio.wait_for(post, 20)).status_code == 401
        await store.idle(20)
        assert lab.of("POST") == []


ENDS: dict[str, tuple[Action, ...]] = {
    "bob signs in": (Login(username="bob", password="x"),),
    "bob signs in after a logout": (Logout(), Login(username="bob", password="x")),
    "logout": (Logout(),),
}


@pytest.mark.parametrize("name", ENDS)
async def test_what_waited_goes_out_in_nobodys_name(lab: Lab, name: str) -> None:
    """Ada's requests have not been sent yet when her session ends: they get what nobody gets, whoever came after her."""
    lab.token_delay = 0.2
    sent: list[tuple[str, str | None]] = []

    def note(request: Any, user: str | None) -> None:
        sent.append((request.method, request.headers.get("Authorization")))

    lab.instead = note
    async with (
        create_api_store(lab.url) as store,
        httpx.AsyncClient(base_url=lab.url, auth=SessionAuth(store)) as client,
    ):
        await sign_in(store)
        store.dispatch(RefreshToken())
        post = asyncio.create_task(client.post("/notes", json={"text": "ada's"}))
        get = asyncio.create_task(client.get("/notes"))
        await asyncio.sleep(0)
        for action in ENDS[name]:
            store.dispatch(action)
        answers = await asyncio.wait_for(asyncio.gather(post, get), 20)
        assert [answer.status_code for answer in answers] == [401, 401]
        await store.idle(20)
    assert sorted(sent) == [("GET", None), ("POST", None)]


@LOGOUTS
async def test_a_token_for_elsewhere(lab: Lab, after_logout: bool) -> None:
    """Who asked for ada's token never gets bob's."""
    lab.token_delay = 0.2
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        store.dispatch(RefreshToken())
        asking = asyncio.create_task(valid_token(store))
        await asyncio.sleep(0)
        log_in_as_bob(store, after_logout=after_logout)
        with pytest.raises(ApiCallError, match="session has ended"):
            await asyncio.wait_for(asking, 20)
        await store.wait_for(lambda state: state.auth.status == "signed_in", 20)
        assert await valid_token(store) == store.state.auth.tokens.access_token
        await store.idle(20)


async def test_a_permanent_refusal_ends_the_epoch(lab: Lab) -> None:
    """What the last user loaded is not readable any more."""
    async with create_api_store(lab.url, policy=RefreshPolicy(cool_off=0)) as store:
        await sign_in(store)
        store.dispatch(FetchData(key="mine", path="/mine"))
        await store.idle(20)
        assert store.state.data["mine"].data["user"] == "ada"
        epoch = store.state.auth.epoch
        store.dispatch(
            RefreshFailure(error=ApiError(kind="session_expired", message="Over."), permanent=True, epoch=epoch)
        )
        assert (store.state.auth.epoch, store.state.auth.status) == (epoch + 1, "signed_out")
        assert store.state.data["mine"].data is None


async def test_a_refusal_of_an_older_session_is_no_news(lab: Lab) -> None:
    """Bob's session and data stay, when ada's refresh is refused late."""
    async with create_api_store(lab.url, policy=RefreshPolicy(refresh_retries=0)) as store:
        await sign_in(store)
        lab.expire()
        lab.token_instead = lambda: JSONResponse({"error": "invalid_grant"}, 400)
        store.dispatch(FetchData(key="x", path="/x"))
        await store.wait_for(lambda state: state.auth.status == "refreshing", 20)
        store.dispatch(Login(username="bob", password="x"))
        await store.wait_for(lambda state: state.auth.status == "signed_in", 20)
        store.dispatch(FetchData(key="y", path="/y"))
        await store.idle(20)
        assert store.state.auth.status == "signed_in"
        assert store.state.data["y"].data["user"] == "bob"


@LOGOUTS
async def test_a_session_that_ends_in_a_refresh_that_fails(lab: Lab, after_logout: bool) -> None:
    """Its refresh token is revoked, and is not sent for a refresh again."""
    answer = threading.Event()

    def busy() -> JSONResponse:
        answer.wait(20)
        return JSONResponse({}, 503)

    lab.token_instead = busy
    async with create_api_store(lab.url, policy=RefreshPolicy(refresh_retries=3, backoff_initial=0.01)) as store:
        await sign_in(store)
        store.dispatch(RefreshToken())
        while not lab.count["refresh"]:
            await asyncio.sleep(0.01)
        log_in_as_bob(store, after_logout=after_logout)
        answer.set()
        await store.idle(20)
    assert (lab.count["refresh"], lab.count["revoke"]) == (1, 1)
