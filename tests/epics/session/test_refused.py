"""Promise 7: a request that is refused again and again is not a session that is refused."""

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import Response

from rxdux import FetchData, RefreshPolicy, SessionAuth, create_api_store

from .conftest import Lab, sign_in


def bad_is_refused(request: Request, _: str | None) -> Response | None:
    return Response(status_code=401) if request.url.path == "/bad" else None


@pytest.mark.parametrize("together", [True, False])
async def test_one_endpoint_that_always_answers_401(lab: Lab, together: bool) -> None:
    """It alone fails, `unauthorized`; the session goes on, and it does not cause a refresh each time."""
    lab.instead = bad_is_refused
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        for _ in range(10):
            store.dispatch(FetchData(key="good", path="/good"))
            if not together:
                await store.idle(20)
            store.dispatch(FetchData(key="bad", path="/bad"))
            await store.idle(20)
            assert store.state.auth.status == "signed_in"
            assert store.state.data["good"].status == "success"
            assert store.state.data["bad"].error.kind == "unauthorized"
        assert lab.count["refresh"] <= 3


async def test_the_same_with_any_httpx_code(lab: Lab) -> None:
    """The caller gets the 401."""
    lab.instead = bad_is_refused
    async with (
        create_api_store(lab.url) as store,
        httpx.AsyncClient(base_url=lab.url, auth=SessionAuth(store)) as client,
    ):
        await sign_in(store)
        for _ in range(10):
            assert (await client.get("/good")).status_code == 200
            assert (await client.get("/bad")).status_code == 401
        assert store.state.auth.status == "signed_in"
        assert lab.count["refresh"] <= 3


async def test_an_endpoint_is_asked_anew_with_a_new_token(lab: Lab) -> None:
    """What was refused may be allowed later: the token expires, and the next one is tried there too."""
    lab.instead = bad_is_refused
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        for key in ("good", "bad"):
            store.dispatch(FetchData(key=key, path=f"/{key}"))
            await store.idle(20)
        lab.instead = None
        lab.expire()
        store.dispatch(FetchData(key="good", path="/good"))
        await store.idle(20)
        store.dispatch(FetchData(key="bad", path="/bad"))
        await store.idle(20)
        assert store.state.data["bad"].status == "success"


async def test_an_api_that_refuses_everything_from_now_on(lab: Lab) -> None:
    """Different requests find it out, with twice `max_refreshes` refreshes in all; then the session is over."""
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        store.dispatch(FetchData(key="good", path="/good"))
        await store.idle(20)
        lab.instead = lambda *_: Response(status_code=401)
        for key in ("one", "two", "three"):
            store.dispatch(FetchData(key=key, path=f"/{key}"))
            await store.idle(20)
            assert store.state.auth.status == "signed_in"
        store.dispatch(FetchData(key="four", path="/four"))
        await store.idle(20)
        assert lab.count["refresh"] == 6
        assert store.state.auth.status == "signed_out"


async def test_two_endpoints_that_always_answer_401(lab: Lab) -> None:
    """Both fail and the session goes on: another request was accepted in it."""
    lab.instead = lambda request, _: None if request.url.path == "/good" else Response(status_code=401)
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        for _ in range(5):
            for key in ("good", "bad", "worse"):
                store.dispatch(FetchData(key=key, path=f"/{key}"))
                await store.idle(20)
            assert store.state.auth.status == "signed_in"
        assert {key: store.state.data[key].status for key in ("good", "bad", "worse")} == {
            "good": "success",
            "bad": "failure",
            "worse": "failure",
        }


async def test_a_429_does_not_prove_the_token(lab: Lab) -> None:
    """Every other answer is 429: still an API that accepts nothing, and the loop ends."""
    answers = [401, 429]

    def refuse(*_: object) -> Response:
        answers.append(answers.pop(0))
        return Response(status_code=answers[-1])

    lab.instead = refuse
    policy = RefreshPolicy(fetch_retries=0, backoff_initial=0.001)
    async with create_api_store(lab.url, policy=policy) as store:
        await sign_in(store)
        for n in range(20):
            store.dispatch(FetchData(key=str(n), path="/x"))
            await store.idle(20)
        assert lab.count["refresh"] == 3
        assert store.state.auth.status == "signed_out"


async def test_a_request_that_is_accepted_again_is_refused_no_more(lab: Lab) -> None:
    """It had a bad minute. When the token expires later, which the server did not announce, it alone causes a refresh."""
    lab.life = None
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        for instead, keys in ((bad_is_refused, ("good", "bad", "good")), (None, ("bad",))):
            lab.instead = instead
            for key in keys:
                store.dispatch(FetchData(key=key, path=f"/{key}"))
                await store.idle(20)
        assert store.state.auth.refused == ()
        lab.expire()
        store.dispatch(FetchData(key="bad", path="/bad"))
        await store.idle(20)
        assert store.state.data["bad"].status == "success"


async def test_what_any_httpx_code_is_accepted_with_is_refused_no_more(lab: Lab) -> None:
    """SessionAuth takes back what it found, too."""
    lab.life = None
    async with (
        create_api_store(lab.url) as store,
        httpx.AsyncClient(base_url=lab.url, auth=SessionAuth(store)) as client,
    ):
        await sign_in(store)
        lab.instead = bad_is_refused
        assert [(await client.get(path)).status_code for path in ("/good", "/bad", "/good")] == [200, 401, 200]
        lab.instead = None
        assert (await client.get("/bad")).status_code == 200
        lab.expire()
        assert (await client.get("/bad")).status_code == 200


async def test_who_only_waited_has_not_been_refused(lab: Lab) -> None:
    """A slow queue in front of the API, and tokens that live for two requests: each refusal is the token's, none the request's."""
    lab.life = None
    lab.token_delay = 0.05

    def expire_after_two(*_: object) -> None:
        if len(lab.paths) % 2 == 0:
            lab.expire()

    lab.after = expire_after_two
    keys = [str(n) for n in range(9)]
    async with create_api_store(lab.url, policy=RefreshPolicy(max_in_flight=1)) as store:
        await sign_in(store)
        for key in keys:
            store.dispatch(FetchData(key=key, path=f"/{key}"))
        await store.idle(20)
        assert {key: store.state.data[key].status for key in keys} == dict.fromkeys(keys, "success")
        assert lab.count["refresh"] == 4
