"""The promises of the token refresh, each counted against a real HTTP server."""

import asyncio
import dataclasses
import traceback
from collections import Counter
from typing import Any

import httpx
import pytest
import reactivex as rx
from pydantic import SecretStr
from reactivex import operators as ops
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from rxdux import (
    Action,
    ApiCallError,
    ApiClient,
    ApiDependencies,
    ApiState,
    AuthState,
    CancelFetch,
    FetchData,
    FetchFailure,
    FetchSuccess,
    Login,
    LoginFailure,
    LoginSuccess,
    Logout,
    RefreshFailure,
    RefreshPolicy,
    RefreshSuccess,
    RefreshToken,
    StateStream,
    TokenSet,
    create_api_store,
    from_async,
    merge_map,
    of_type,
    refresh_on_unauthorized,
)


def people(key: str = "people", **params: Any) -> FetchData:
    return FetchData(key=key, path="/people", params={"size": 1, **params})


async def test_the_article(server: Any, open_session: Any) -> None:
    """A token that merely expired: 401, one refresh, the replay; the user sees loading, then the data."""
    async with open_session(server) as session:
        shown: list[str] = []
        session.store.select(lambda state: state.data["people"].status).subscribe(shown.append)
        server.issuer.expire_access_tokens()
        session.store.dispatch(people())
        await session.settle()
        assert session.types(FetchData, RefreshToken, RefreshSuccess, FetchSuccess) == [
            "FETCH_DATA",
            "REFRESH_TOKEN",
            "REFRESH_SUCCESS",
            "FETCH_SUCCESS",
        ]
        assert shown == ["idle", "loading", "success"]
        assert server.api.count == {"api": 2, "unauthorized": 1, "refresh": 1}
        assert session.store.state.data["people"].data["total"] == 300
        assert (session.store.state.auth.generation, session.store.state.auth.refreshes) == (2, 1)


@pytest.mark.parametrize("fetches", [1, 50, pytest.param(1_000, marks=pytest.mark.slow)])
async def test_promise_1_one_refresh_for_all(server: Any, open_session: Any, fetches: int) -> None:
    """N fetches that meet an expired token at once cause exactly one refresh call, and all succeed."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        for n in range(fetches):
            session.store.dispatch(people(f"people {n}"))
        await session.settle()
        assert server.api.count["refresh"] == 1
        assert session.count(FetchSuccess) == fetches
        assert Counter(each.status for each in session.store.state.data.values()) == {"success": fetches}


@pytest.mark.parametrize("fetches", [40, pytest.param(1_000, marks=pytest.mark.slow)])
async def test_promise_1_with_answers_spread_over_half_a_second(server: Any, open_session: Any, fetches: int) -> None:
    """The 401s come late as well: still one refresh."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        for n in range(fetches):
            session.store.dispatch(people(f"people {n}", delay=n / fetches / 2))
        await asyncio.wait_for(session.store.idle(), 55)
        assert server.api.count["refresh"] == 1
        assert session.count(FetchSuccess) == fetches


async def test_promise_2_a_late_401_is_replayed_without_a_refresh(server: Any, open_session: Any) -> None:
    """It was sent with an older token: that is no news."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        session.store.dispatch(people("late", delay=0.3))
        session.store.dispatch(people("early"))
        await session.store.wait_for(lambda state: state.data["early"].status == "success", 20)
        assert session.store.state.data["late"].status == "loading"
        await session.settle()
        assert session.store.state.data["late"].status == "success"
        assert server.api.count == {"api": 4, "unauthorized": 2, "refresh": 1}


async def test_promise_3_a_fetch_during_a_refresh_waits_for_it(server: Any, open_session: Any) -> None:
    """It is not sent with the dead token."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        server.api.trouble.token_delay = 0.2
        session.store.dispatch(people("first"))
        await session.store.wait_for(lambda state: state.auth.status == "refreshing", 20)
        session.store.dispatch(people("second"))
        await session.settle()
        assert session.count(FetchSuccess) == 2
        assert server.api.count == {"api": 3, "unauthorized": 1, "refresh": 1}


async def test_promise_4_a_failed_refresh_leaves_no_fetch_loading(server: Any, open_session: Any) -> None:
    """The article taken literally hangs here: 20 of 20 requests."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        server.issuer.revoke_all()
        for n in range(20):
            session.store.dispatch(people(f"people {n}"))
        await session.settle()
        assert Counter(each.status for each in session.store.state.data.values()) == {"failure": 20}
        assert session.count(FetchFailure) == 20
        assert server.api.count["refresh"] == 1


async def test_promise_5_a_permanent_refusal_ends_the_session(server: Any, open_session: Any) -> None:
    """Tokens are dropped, the user is told in words, waiting fetches fail with `session_expired`."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        server.issuer.revoke_all()
        session.store.dispatch(people())
        await session.settle()
        auth = session.store.state.auth
        assert (auth.status, auth.tokens, auth.error) == (
            "signed_out",
            None,
            "Your session has ended. Please sign in again.",
        )
        assert session.store.state.data["people"].error.kind == "session_expired"
        assert [action.permanent for action in session.log if isinstance(action, RefreshFailure)] == [True]


def token_server(*answers: tuple[int, Any]) -> Starlette:
    """An API that refuses every token, and a token endpoint that gives these answers, the last one for ever."""
    left = list(answers)
    seen: list[str] = []

    async def token(request: Any) -> Any:
        seen.append((await request.body()).decode())
        status, content = left.pop(0) if len(left) > 1 else left[0]
        if isinstance(content, str):
            return httpx_response(content, status)
        return JSONResponse(content, status)

    async def api(request: Any) -> Any:
        return JSONResponse({}, 401)

    app = Starlette(routes=[Route("/token", token, methods=["POST"]), Route("/{path}", api)])
    app.state.seen = seen
    return app


def httpx_response(content: str, status: int) -> Any:
    from starlette.responses import HTMLResponse

    return HTMLResponse(content, status)


PERMANENT = {
    "400 invalid_grant": (400, {"error": "invalid_grant"}),
    "400 with the code in another field": (400, {"code": 400, "error_code": "refresh_token_not_found"}),
    "401 with JSON": (401, {"detail": "Token is invalid"}),
    "404 with JSON": (404, {"detail": "refresh token not found"}),
    "422 with JSON": (422, {"msg": "Not enough segments"}),
    "500 invalid_grant": (500, {"error": "invalid_grant"}),
    "200 without access token": (200, {"token_type": "Bearer"}),
    "200 with an error": (200, {"error": "bad_refresh_token"}),
    "200 with an access token of two lines": (200, {"access_token": "a\nb"}),
    "200 with an access token beyond ASCII": (200, {"access_token": "tökén"}),
    "200 with an access token that is no text": (200, {"access_token": 5}),
}
TRANSIENT = {
    "500": (500, {"error": "server_error"}),
    "503": (503, "<html>"),
    "429": (429, {}),
    "408": (408, {}),
    "200 html": (200, "<html>It works!</html>"),
    "400 html": (400, "<html>proxy</html>"),
    "401 html": (401, "<html>proxy</html>"),
    "403 html": (403, "<html>blocked</html>"),
    "400 temporarily_unavailable": (400, {"error": "temporarily_unavailable"}),
    "200 temporarily_unavailable": (200, {"error": "temporarily_unavailable"}),
    "302": (302, ""),
}


@pytest.mark.parametrize("answer", PERMANENT.values(), ids=PERMANENT)
async def test_promise_5_answers_that_end_the_session(answer: tuple[int, Any], quick: Any) -> None:
    """Asking again is useless: one call, signed out."""
    app = token_server(answer)
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client,
        create_api_store("http://api.test", client=client, policy=quick) as store,
    ):
        store.dispatch(LoginSuccess(tokens=TokenSet(access_token="a", refresh_token="r")))
        store.dispatch(people())
        await store.idle(20)
        assert len(app.state.seen) == 1
        assert (store.state.auth.status, store.state.auth.tokens) == ("signed_out", None)
        assert store.state.data["people"].error.kind == "session_expired"


@pytest.mark.parametrize("answer", TRANSIENT.values(), ids=TRANSIENT)
async def test_promise_6_answers_that_may_pass(answer: tuple[int, Any], quick: Any) -> None:
    """They are retried; then the fetch fails, the tokens are kept, and a later fetch may try again."""
    app = token_server(answer)
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client,
        create_api_store("http://api.test", client=client, policy=quick) as store,
    ):
        failures: list[RefreshFailure] = []
        store.actions.pipe(of_type(RefreshFailure)).subscribe(failures.append)
        store.dispatch(LoginSuccess(tokens=TokenSet(access_token="a", refresh_token="r")))
        store.dispatch(people())
        await store.idle(20)
        assert len(app.state.seen) == quick.refresh_retries + 1
        assert store.state.auth.status == "signed_in"
        assert [failure.permanent for failure in failures] == [False]
        assert store.state.data["people"].error == failures[0].error


@pytest.mark.parametrize("answer", [(401, "invalid_client"), (400, "unauthorized_client"), (200, "invalid_client")])
async def test_promise_6_a_program_that_is_refused(answer: tuple[int, str], quick: Any) -> None:
    """It is told with the server's own code, and not asked again; the tokens are kept."""
    status, code = answer
    app = token_server((status, {"error": code, "error_description": "secret rotated"}))
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client,
        create_api_store("http://api.test", client=client, policy=quick) as store,
    ):
        store.dispatch(LoginSuccess(tokens=TokenSet(access_token="a", refresh_token="r")))
        store.dispatch(people())
        await store.idle(20)
        assert len(app.state.seen) == 1
        assert store.state.auth.status == "signed_in"
        error = store.state.data["people"].error
        assert (error.kind, error.code) == ("client", code)
        assert "client id" in error.message


async def test_a_hook_decides_what_a_refusal_means(quick: Any) -> None:
    """It goes before the rules, in both directions."""
    for is_final, status in ((True, "signed_out"), (False, "signed_in")):
        policy = dataclasses.replace(quick, refresh_retries=0, is_refused=lambda _, final=is_final: final)
        async with (
            httpx.AsyncClient(transport=httpx.ASGITransport(token_server((400, "<html>")))) as client,
            create_api_store("http://api.test", client=client, policy=policy) as store,
        ):
            store.dispatch(LoginSuccess(tokens=TokenSet(access_token="a", refresh_token="r")))
            store.dispatch(people())
            await store.idle(20)
            assert store.state.auth.status == status


async def test_promise_5_without_a_refresh_token(server: Any, open_session: Any) -> None:
    """There is nothing to ask with, so nobody is asked."""
    async with open_session(server, sign_in=False) as session:
        session.store.dispatch(LoginSuccess(tokens=TokenSet(access_token="expired")))
        session.store.dispatch(people())
        await session.settle()
        assert server.api.count == {"api": 1, "unauthorized": 1}
        assert session.store.state.auth.status == "signed_out"
        assert session.store.state.data["people"].error.kind == "session_expired"


async def test_promise_7_an_endless_loop_is_ended(server: Any, open_session: Any) -> None:
    """An API that always answers 401: 3 refresh calls, 4 API calls, signed out with a reason."""
    async with open_session(server) as session:
        server.api.trouble.refuse_all = True
        session.store.dispatch(people())
        await session.settle()
        assert (server.api.count["api"], server.api.count["refresh"]) == (4, 3)
        assert session.store.state.auth.status == "signed_out"
        assert "sign in again" in session.store.state.auth.error
        assert [action.reason for action in session.log if isinstance(action, Logout)] == [
            session.store.state.auth.error
        ]
        assert session.store.state.data["people"].error.kind == "session_expired"


async def test_promise_7_an_accepted_request_starts_the_count_anew(server: Any, open_session: Any) -> None:
    """A session that is refreshed once an hour lives for ever."""
    async with open_session(server) as session:
        for n in range(7):
            server.issuer.expire_access_tokens()
            session.store.dispatch(people(page=n + 1) if n % 2 else FetchData(key="none", path="/people/999"))
            await session.settle()
        assert session.store.state.auth.status == "signed_in"
        assert session.store.state.auth.refreshes == 7
        assert session.store.state.data["none"].error.kind == "not_found"


async def test_promise_8_rotation(server: Any, open_session: Any) -> None:
    """The new refresh token is in the state before any replay; no used one is ever sent again."""
    async with open_session(server) as session:
        tokens = [session.store.state.auth.tokens.refresh_token]
        for _ in range(5):
            server.issuer.expire_access_tokens()
            for n in range(10):
                session.store.dispatch(people(f"people {n}"))
            await session.settle()
            tokens.append(session.store.state.auth.tokens.refresh_token)
        assert len(set(tokens)) == 6
        assert server.issuer.reuse_detected == 0
        assert server.api.count["refresh"] == 5


async def test_promise_8_an_absent_refresh_token_keeps_the_old(quick: Any) -> None:
    """RFC 6749, section 6."""
    app = token_server((200, {"access_token": "b"}), (400, {"error": "invalid_grant"}))
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client,
        create_api_store("http://api.test", client=client, policy=quick) as store,
    ):
        store.dispatch(LoginSuccess(tokens=TokenSet(access_token="a", refresh_token="kept")))
        store.dispatch(people())
        await store.idle(20)
        assert ["refresh_token=kept" in form for form in app.state.seen] == [True, True]


async def test_promise_9_403_is_never_refreshed(server: Any, open_session: Any) -> None:
    """It names the scope that is missing."""
    async with open_session(server) as session:
        session.store.dispatch(FetchData(key="salaries", path="/salaries"))
        await session.settle()
        error = session.store.state.data["salaries"].error
        assert (error.kind, error.status) == ("forbidden", 403)
        assert "payroll" in error.message
        assert server.api.count == {"api": 1}


async def test_promise_9_401_without_tokens_is_unauthorized(server: Any, open_session: Any) -> None:
    """Nobody is signed in: no refresh call."""
    async with open_session(server, sign_in=False) as session:
        session.store.dispatch(people())
        await session.settle()
        assert session.store.state.data["people"].error.kind == "unauthorized"
        assert server.api.count == {"api": 1, "unauthorized": 1}


@pytest.mark.parametrize(("method", "calls"), [("GET", 3), ("POST", 1)])
async def test_promise_10_only_a_get_is_retried(server: Any, open_session: Any, method: str, calls: int) -> None:
    """A busy server is asked again, but never told twice."""
    async with open_session(server) as session:
        server.api.trouble.fail(60, 503)
        path = "/people" if method == "GET" else "/notes"
        session.store.dispatch(
            FetchData(key="x", path=path, method=method, body=None if method == "GET" else {"text": "hello"})
        )
        await session.settle()
        assert server.api.count["api"] == calls
        assert (session.store.state.data["x"].error.kind, session.store.state.data["x"].error.status) == ("server", 503)


async def test_a_500_is_not_retried_and_keeps_the_session(server: Any, open_session: Any) -> None:
    """The server had the request, and failed."""
    async with open_session(server) as session:
        server.api.trouble.fail(60, 500)
        session.store.dispatch(people())
        await session.settle()
        assert server.api.count == {"api": 1}
        assert session.store.state.data["people"].error.kind == "server"
        assert session.store.state.auth.status == "signed_in"


async def test_a_post_is_replayed_after_a_401(server: Any, open_session: Any) -> None:
    """With its body: the server did nothing the first time."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        session.store.dispatch(FetchData(key="note", path="/notes", method="POST", body={"text": "hello"}))
        await session.settle()
        assert session.store.state.data["note"].data == {"text": "hello"}
        assert server.api.count == {"api": 2, "unauthorized": 1, "refresh": 1}


async def test_promise_11_logout_cancels_fetches(server: Any, open_session: Any) -> None:
    """Their answers change nothing, and the data of the session are gone."""
    async with open_session(server) as session:
        session.store.dispatch(people("done"))
        await session.settle()
        session.store.dispatch(people("slow", delay=5))
        session.store.dispatch(Logout())
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        assert dict(session.store.state.data) == {}
        assert session.count(FetchSuccess) == 1
        assert server.api.count["revoke"] == 1


async def test_promise_11_logout_during_a_refresh(server: Any, open_session: Any) -> None:
    """The session is not resurrected, and what the refresh brings is revoked."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        server.api.trouble.token_delay = 0.2
        session.store.dispatch(people())
        await session.store.wait_for(lambda state: state.auth.status == "refreshing", 20)
        old = session.store.state.auth.tokens.refresh_token.get_secret_value()
        session.store.dispatch(Logout())
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        assert session.store.state.auth.tokens is None
        assert (server.api.count["refresh"], server.api.count["revoke"]) == (1, 1)
        assert server.issuer.is_revoked(old)
        assert session.count(RefreshSuccess) == 0


async def test_promise_11_another_user_meanwhile(server: Any, open_session: Any) -> None:
    """No answer of the old session reaches the new one."""
    async with open_session(server) as session:
        session.store.dispatch(FetchData(key="me", path="/me", params={"delay": 0.3}))
        session.store.dispatch(FetchData(key="mine", path="/me"))
        await session.store.wait_for(lambda state: state.data["mine"].status == "success", 20)
        session.store.dispatch(Login(username="grace", password="hopper"))
        assert dict(session.store.state.data) == {}
        session.store.dispatch(FetchData(key="whoami", path="/me"))
        await session.settle()
        assert {key: each.data for key, each in session.store.state.data.items()} == {"whoami": {"name": "grace"}}
        assert session.store.state.auth.epoch == 2


async def test_promise_11_of_two_logins_the_later_counts(server: Any, open_session: Any) -> None:
    """The tokens that the first has been issued all the same are revoked."""
    async with open_session(server, sign_in=False) as session:
        server.api.trouble.token_delay = 1.0
        session.store.dispatch(Login(username="ada", password="lovelace"))
        while not server.api.count["login"]:
            await asyncio.sleep(0.01)
        server.api.trouble.token_delay = 0.0
        await session.sign_in("grace", "hopper")
        session.store.dispatch(FetchData(key="whoami", path="/me"))
        await session.settle()
        assert session.store.state.data["whoami"].data == {"name": "grace"}
        assert session.count(LoginSuccess) == 1
        assert server.api.count["revoke"] == 1


async def test_promise_12_a_newer_fetch_cancels_the_older(server: Any, open_session: Any) -> None:
    """With the same key; others go on."""
    async with open_session(server) as session:
        session.store.dispatch(people("search", q="ada", delay=0.3))
        session.store.dispatch(people("other", delay=0.1))
        session.store.dispatch(people("search", q="grace"))
        await session.settle()
        assert session.count(FetchSuccess) == 2
        assert "Grace" in session.store.state.data["search"].data["items"][0]["name"]


async def test_promise_12_cancel_puts_the_resource_back(server: Any, open_session: Any) -> None:
    """As it was, also when there was nothing, and while it waits for a refresh."""
    async with open_session(server) as session:
        session.store.dispatch(people())
        await session.settle()
        before = session.store.state.data["people"]
        server.issuer.expire_access_tokens()
        server.api.trouble.token_delay = 0.2
        session.store.dispatch(people())
        session.store.dispatch(people("new"))
        await session.store.wait_for(lambda state: state.auth.status == "refreshing", 20)
        session.store.dispatch(CancelFetch(key="people"))
        session.store.dispatch(CancelFetch(key="new"))
        session.store.dispatch(CancelFetch(key="never"))
        assert session.store.state.data["people"] is before
        assert list(session.store.state.data) == ["people"]
        assert session.store.state.data["new"].status == "idle"
        await session.settle()
        assert session.store.state.data["people"] is before
        assert session.store.state.auth.generation == 2  # the refresh belongs to nobody's request


async def test_promise_14_no_secret_is_shown(server: Any, open_session: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Neither in a log, nor in a repr, an exception, a serialised action or a dumped state."""
    caplog.set_level(0)
    shown: list[str] = []

    def watch(store: Any, action: Any, call_next: Any) -> Any:
        result = call_next(action)
        shown.extend([repr(action), str(action.serialize()), repr(store.state), store.state.model_dump_json()])
        return result

    secrets: set[str] = {"lovelace"}
    async with open_session(server, middleware=[watch]) as session:
        for _ in range(2):
            tokens = session.store.state.auth.tokens
            secrets |= {tokens.access_token.get_secret_value(), tokens.refresh_token.get_secret_value()}
            server.issuer.expire_access_tokens()
            session.store.dispatch(people())
            await session.settle()
        session.store.dispatch(Logout())
        await session.settle()
    everything = "\n".join(shown) + caplog.text
    assert len(secrets) == 5
    assert [secret for secret in secrets if secret in everything] == []


async def test_promise_14_a_crash_report_shows_no_secret(server: Any) -> None:
    """Not even one that prints the local variables of every frame."""
    tokens = TokenSet(access_token="the-access-token", refresh_token="the-refresh-token")
    policy = RefreshPolicy(request_timeout=1.0, fetch_retries=0, refresh_retries=0)
    here = ApiClient(server.url, policy=policy)
    nowhere = ApiClient("http://127.0.0.1:9", policy=policy)
    calls = [
        lambda: nowhere.get("/people", tokens),
        lambda: here.get("/people", tokens),
        lambda: here.request("POST", "/notes", tokens, body=object()),
        lambda: here.get("/people", tokens, params={"delay": 30}),
        lambda: nowhere.refresh(tokens),
        lambda: here.refresh(tokens),
        lambda: here.log_in("ada", SecretStr("the-password")),
        lambda: nowhere.log_in("ada", SecretStr("the-password")),
    ]
    for call in calls:
        with pytest.raises(ApiCallError) as crash:
            await call()
        report = traceback.TracebackException.from_exception(crash.value, capture_locals=True)
        dump = "".join(report.format())
        assert "api_client.py" in dump
        assert [each for each in ("the-access-token", "the-refresh-token", "the-password") if each in dump] == []
    await here.aclose()
    await nowhere.aclose()


# --- the operator in a user's own epic -----------------------------------------------------------


class LoadMe(Action):
    pass


class MeLoaded(Action):
    name: str


class MeFailed(Action):
    error: str


def with_the_client(deps: ApiDependencies, state: StateStream[Any]) -> Any:
    async def call() -> Any:
        return await deps.api.get("/me", state.value.auth.tokens)

    return call


def with_plain_httpx(deps: ApiDependencies, state: StateStream[Any]) -> Any:
    async def call() -> Any:
        bearer = state.value.auth.tokens.access_token.get_secret_value()
        response = await deps.api.client.get(f"{deps.api.base_url}/me", headers={"Authorization": f"Bearer {bearer}"})
        return response.raise_for_status().json()

    return call


def me_epic(make_call: Any) -> Any:
    def epic(actions: Any, state: StateStream[Any], deps: ApiDependencies) -> Any:
        return actions.pipe(
            of_type(LoadMe),
            merge_map(
                lambda _: from_async(make_call(deps, state)).pipe(
                    ops.map(lambda me: MeLoaded(name=me["name"])),
                    refresh_on_unauthorized(actions, state),
                    ops.catch(lambda error, _: rx.just(MeFailed(error=str(error)))),
                )
            ),
        )

    return epic


@pytest.mark.parametrize("make_call", [with_the_client, with_plain_httpx])
async def test_a_users_epic_shares_the_refresh(server: Any, open_session: Any, make_call: Any) -> None:
    """Ten of its calls and ten fetches meet an expired token: one refresh."""
    async with open_session(server, epics=[me_epic(make_call)]) as session:
        server.issuer.expire_access_tokens()
        for n in range(10):
            session.store.dispatch(LoadMe())
            session.store.dispatch(people(f"people {n}"))
        await session.settle()
        assert server.api.count["refresh"] == 1
        assert (session.count(MeLoaded), session.count(FetchSuccess)) == (10, 10)


async def test_a_users_epic_fails_when_the_session_ends(server: Any, open_session: Any) -> None:
    """By a permanent refusal, and by a logout while it waits; never in silence."""
    async with open_session(server, epics=[me_epic(with_the_client)]) as session:
        server.issuer.expire_access_tokens()
        server.api.trouble.token_delay = 0.2
        session.store.dispatch(LoadMe())
        await session.store.wait_for(lambda state: state.auth.status == "refreshing", 20)
        session.store.dispatch(Logout())
        await session.settle()
        await session.sign_in()
        server.issuer.expire_access_tokens()
        server.issuer.revoke_all()
        session.store.dispatch(LoadMe())
        await session.settle()
        assert [action.error for action in session.log if isinstance(action, MeFailed)] == [
            "Your session has ended. Please sign in again."
        ] * 2


async def test_a_source_that_does_not_read_its_token_anew_is_not_replayed_for_ever(
    server: Any, open_session: Any
) -> None:
    """It gets its 401 after one replay; nobody is logged out for it."""
    stale: list[TokenSet] = []

    def with_a_kept_token(deps: ApiDependencies, state: StateStream[Any]) -> Any:
        stale.append(state.value.auth.tokens)

        async def call() -> Any:
            return await deps.api.get("/me", stale[0])

        return call

    async with open_session(server, epics=[me_epic(with_a_kept_token)]) as session:
        server.issuer.expire_access_tokens()
        session.store.dispatch(LoadMe())
        await session.settle()
        assert session.count(MeFailed) == 1
        assert session.store.state.auth.status == "signed_in"
        assert server.api.count["refresh"] == 1


def test_a_state_that_fails_shows_no_token() -> None:
    """Neither the session's nor that of a whole store."""
    tokens = {"access_token": "the-secret", "refresh_token": "the secret with spaces"}
    for make in (lambda: AuthState(tokens=tokens), lambda: ApiState(auth={"tokens": tokens, "status": "?"})):
        with pytest.raises(ValueError, match="refresh_token|status") as refused:
            make()
        assert "the-secret" not in f"{refused.value} {refused.value!r}"
        assert "the secret" not in f"{refused.value} {refused.value!r}"


LEAVING = ["/../admin", "../x", "a/../../x", "/%2e%2e/x", "/..%2Fx", "\\..\\x", "./../x"]


@pytest.mark.parametrize("path", LEAVING)
async def test_a_path_that_leaves_the_base_path(path: str) -> None:
    """It is refused before anything is sent: the token would go to what is not the API."""
    api = ApiClient("http://api.test/v1")
    with pytest.raises(ValueError, match="leaves the base path"):
        await api.get(path)
    with pytest.raises(ValueError, match="user or a password"):
        await api.get("http://ada:secret@api.test/v1/x")


@pytest.mark.parametrize(
    "base_url",
    [
        "https://ada:the-secret@api.test",
        "ftp://ada:the-secret@api.test",
        "ada:the-secret@api.test",
        "https://api.test?key=1",
        "https://api.test/v1#x",
        "https://api.test/?",
    ],
)
def test_a_base_url_is_no_more_than_a_base(base_url: str) -> None:
    """The error says what to do, and shows no password."""
    with pytest.raises(ValueError, match="base_url must") as refused:
        create_api_store(base_url)
    assert "the-secret" not in str(refused.value)


async def test_no_secret_is_reachable_from_an_error(server: Any) -> None:
    """Neither by its cause nor by its context."""
    tokens = TokenSet(access_token="the-access-token", refresh_token="the-refresh-token")
    api = ApiClient("http://127.0.0.1:9", policy=RefreshPolicy(fetch_retries=0, refresh_retries=0))
    for call in (lambda: api.get("/x", tokens), lambda: api.refresh(tokens), lambda: api.revoke(tokens)):
        with pytest.raises(ApiCallError) as failed:
            await call()
        assert (failed.value.__cause__, failed.value.__context__) == (None, None)
    await api.aclose()


async def test_the_token_endpoint_is_not_followed_elsewhere() -> None:
    """Not with the refresh token in the hand, also where the client follows redirects."""
    seen: list[str] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(307, headers={"Location": "http://elsewhere.test/token"})

    policy = RefreshPolicy(refresh_retries=0)
    async with httpx.AsyncClient(transport=httpx.MockTransport(answer), follow_redirects=True) as client:
        api = ApiClient("http://api.test", client=client, policy=policy)
        tokens = TokenSet(access_token="a", refresh_token="r")
        for call in (api.refresh, api.revoke):
            with pytest.raises(ApiCallError):
                await call(tokens)
    assert seen == ["api.test", "api.test"]


# --- bad input -----------------------------------------------------------------------------------


@pytest.mark.parametrize("base_url", ["localhost:8000", "api.example.com", "", "ftp://x", "http://", "/relative"])
def test_a_base_url_must_be_absolute(base_url: str) -> None:
    """The error says so before anything is sent."""
    with pytest.raises(ValueError, match="base_url must be absolute"):
        create_api_store(base_url)


async def test_a_wrong_password_is_told_in_words(server: Any, open_session: Any) -> None:
    """And the user stays signed out."""
    async with open_session(server, sign_in=False) as session:
        session.store.dispatch(Login(username="ada", password="wrong"))
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        assert session.store.state.auth.error == "The user name or the password is wrong."
        assert [action.error.kind for action in session.log if isinstance(action, LoginFailure)] == ["unauthorized"]


async def test_a_token_endpoint_that_answers_html(server: Any, open_session: Any) -> None:
    """A state with words for a person, not a traceback."""
    async with open_session(server, sign_in=False) as session:
        server.api.trouble.token_answer = "<html>Welcome to nginx!</html>"
        session.store.dispatch(Login(username="ada", password="lovelace"))
        await session.settle()
        assert session.store.state.auth.error.startswith("The server sent an answer that makes no sense here.")


async def test_a_server_that_is_not_there(quick: Any) -> None:
    """Neither a login nor a fetch hangs."""
    async with create_api_store("http://127.0.0.1:9", policy=quick) as store:
        store.dispatch(Login(username="ada", password="lovelace"))
        await store.idle(20)
        assert store.state.auth.error.startswith("The server cannot be reached.")
        store.dispatch(people())
        await store.idle(20)
        assert store.state.data["people"].error.kind == "network"


async def test_a_server_that_hangs(server: Any, open_session: Any, quick: Any) -> None:
    """The time-out is for the whole request."""
    async with open_session(server, policy=dataclasses.replace(quick, request_timeout=1.0, fetch_retries=1)) as session:
        session.store.dispatch(people(delay=30))
        await session.settle()
        assert session.store.state.data["people"].error.kind == "timeout"
        assert server.api.count["api"] == 2


async def test_an_answer_that_is_no_json(open_session: Any, quick: Any) -> None:
    """It is a failure of kind `invalid_response`; a redirect is one too."""

    async def page(request: Any) -> Any:
        return httpx_response("<html>", 200)

    async def moved(request: Any) -> Any:
        return JSONResponse({}, 302, headers={"Location": "http://elsewhere.test/"})

    app = Starlette(routes=[Route("/page", page), Route("/moved", moved)])
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client,
        create_api_store("http://api.test", client=client, policy=quick) as store,
    ):
        for key in ("page", "moved"):
            store.dispatch(FetchData(key=key, path=f"/{key}"))
        await store.idle(20)
        assert [each.error.kind for each in store.state.data.values()] == ["invalid_response"] * 2
        assert not client.is_closed


async def test_a_body_that_is_no_json_is_a_failure(server: Any, open_session: Any) -> None:
    """The mistake is told, and nothing hangs."""
    async with open_session(server) as session:
        session.store.dispatch(FetchData(key="x", path="/notes", method="POST", body=object()))
        await session.settle()
        assert "could not be made" in session.store.state.data["x"].error.message


async def test_the_bearer_stays_at_home(server: Any, open_session: Any) -> None:
    """A path with another origin gets no token."""
    headers: list[Any] = []

    async def elsewhere(request: Any) -> Any:
        headers.append(request.headers)
        return JSONResponse({})

    app = Starlette(routes=[Route("/{path}", elsewhere)])
    async with (
        httpx.AsyncClient(transport=httpx.ASGITransport(app)) as client,
        create_api_store("http://api.test/v1/", client=client) as store,
    ):
        store.dispatch(LoginSuccess(tokens=TokenSet(access_token="a")))
        for key, path in (("home", "x"), ("away", "http://evil.test/x")):
            store.dispatch(FetchData(key=key, path=path))
            await store.idle(20)
    assert ["authorization" in each for each in headers] == [False]


async def test_a_redirect_to_another_origin(quick: Any) -> None:
    """The bearer does not go there, and a 401 from there is no reason to refresh."""
    seen: list[tuple[str, bool]] = []

    async def answer(request: Any) -> Any:
        host = request.url.hostname
        seen.append((host, "authorization" in request.headers))
        if host == "api.test" and request.url.path == "/moved":
            return JSONResponse({}, 302, headers={"Location": "http://elsewhere.test/x"})
        return JSONResponse({}, 401)

    app = Starlette(routes=[Route("/{path}", answer, methods=["GET", "POST"])])
    transport = httpx.ASGITransport(app)
    async with (
        httpx.AsyncClient(transport=transport, follow_redirects=True) as client,
        create_api_store("http://api.test", client=client, policy=quick) as store,
    ):
        store.dispatch(LoginSuccess(tokens=TokenSet(access_token="a", refresh_token="r")))
        store.dispatch(FetchData(key="x", path="/moved"))
        await store.idle(20)
        assert seen == [("api.test", True), ("elsewhere.test", False)]
        assert store.state.data["x"].error.kind == "unauthorized"
        assert store.state.auth.status == "signed_in"


async def test_the_clients_errors_are_one_tree(server: Any) -> None:
    """Called by hand, the client raises ApiCallError, and never shows a token."""
    client = ApiClient(server.url)
    with pytest.raises(ApiCallError) as refused:
        await client.get("/people", TokenSet(access_token="expired-token"))
    assert refused.value.error.kind == "unauthorized"
    assert "expired-token" not in f"{refused.value!r} {refused.value} {vars(refused.value)}"
    await client.aclose()
