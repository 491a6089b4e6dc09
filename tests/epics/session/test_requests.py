"""What a request may ask for, and what of its answer arrives."""

import asyncio
import time
import tracemalloc
import zlib
from typing import Any

import httpx
import pytest
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from rxdux import (
    ApiCallError,
    FetchData,
    FetchFailure,
    LoginSuccess,
    RefreshPolicy,
    Resource,
    SessionAuth,
    TokenSet,
    create_api_store,
    valid_token,
)

from .conftest import Lab, sign_in


async def fetched(lab: Lab, policy: RefreshPolicy | None = None, **asked: Any) -> Resource:
    """What comes of a fetch, with a 401 in between."""
    async with create_api_store(lab.url, policy=policy) as store:
        await sign_in(store)
        lab.expire()
        store.dispatch(FetchData(**{"key": "k", "path": "/x", **asked}))
        await store.idle(20)
        return store.state.data["k"]


async def test_headers_go_out_with_each_try(lab: Lab) -> None:
    """And the session's own before them."""
    seen: list[tuple[str | None, str | None]] = []

    def note(request: Request, _: str | None) -> None:
        seen.append((request.headers.get("idempotency-key"), request.headers.get("authorization")))

    lab.instead = note
    await fetched(lab, method="POST", headers={"Idempotency-Key": "7", "Authorization": "mine"})
    assert seen == [("7", "Bearer access-1"), ("7", "Bearer access-2")]


@pytest.mark.parametrize(
    ("expect", "body", "data"),
    [("text", b"a,b\n1,2\n", "a,b\n1,2\n"), ("bytes", bytes(range(256)), bytes(range(256))), ("json", b"[1]", [1])],
)
async def test_what_is_expected(lab: Lab, expect: str, body: bytes, data: Any) -> None:
    """JSON, text or bytes."""
    lab.instead = lambda _, user: None if user is None else Response(body)
    resource = await fetched(lab, expect=expect)
    assert (resource.status, resource.data) == ("success", data)


async def test_a_request_may_take_longer_than_the_policy_says(lab: Lab) -> None:
    """A steady stream for longer than `request_timeout`."""

    async def slow() -> Any:
        yield b'["'
        for _ in range(6):
            await asyncio.sleep(0.25)
            yield b"x"
        yield b'"]'

    lab.instead = lambda _, user: None if user is None else StreamingResponse(slow())
    policy = RefreshPolicy(request_timeout=1.0, fetch_retries=0)
    assert (await fetched(lab, policy)).error.kind == "timeout"
    assert (await fetched(lab, policy, timeout=20.0)).data == ["xxxxxx"]


@pytest.mark.parametrize("timeout", [0, -1.0, float("inf"), float("nan")])
def test_a_senseless_timeout_is_refused(timeout: float) -> None:
    """At the door."""
    with pytest.raises(ValueError, match="timeout"):
        FetchData(key="k", path="/x", timeout=timeout)


async def test_params_add_to_the_query_of_the_path(lab: Lab) -> None:
    """A link to the next page keeps its cursor, as it was written."""
    resource = await fetched(lab, path=f"{lab.url}/people?cursor=a%2Fb+c&tag=1", params={"limit": 5, "tag": [2, 3]})
    assert resource.data["query"] == "cursor=a%2Fb+c&tag=1&limit=5&tag=2&tag=3"


async def test_what_is_wrong_with_a_form_arrives(lab: Lab) -> None:
    """The parsed body of the refusal, and the server's own code."""
    wrong = {"code": "invalid", "errors": {"email": "taken"}}
    lab.instead = lambda _, user: None if user is None else JSONResponse(wrong, 422)
    error = (await fetched(lab, method="POST", body={"email": "x"})).error
    assert error is not None
    assert (error.kind, error.status, error.code, error.data) == ("client", 422, "invalid", wrong)
    assert FetchFailure.parse(FetchFailure(key="k", error=error).serialize()) == FetchFailure(key="k", error=error)


async def test_a_huge_refusal_is_not_kept(lab: Lab) -> None:
    """Up to 64 KiB are."""
    lab.instead = lambda _, user: None if user is None else JSONResponse({"x": "y" * (64 << 10)}, 422)
    error = (await fetched(lab)).error
    assert error is not None
    assert (error.kind, error.data) == ("client", None)


async def test_a_bomb_is_an_error_of_that_one_answer(lab: Lab) -> None:
    """A hundred megabytes of nothing in a few bytes: bounded in time and size, for a fetch and for a refresh."""
    packer = zlib.compressobj(1, wbits=31)
    bomb = b"".join(packer.compress(bytes(1 << 20)) for _ in range(100)) + packer.flush()

    def burst(*_: object) -> Response:
        return Response(bomb, headers={"Content-Encoding": "gzip", "Content-Type": "application/json"})

    policy = RefreshPolicy(refresh_retries=0, cool_off=0, largest_answer=4 << 20)

    async with create_api_store(lab.url, policy=policy) as store:
        await sign_in(store)
        lab.instead = lambda request, _: burst() if request.url.path == "/bomb" else None
        tracemalloc.start()
        store.dispatch(FetchData(key="bomb", path="/bomb"))
        await store.idle(20)
        lab.expire()
        lab.token_instead = burst
        store.dispatch(FetchData(key="x", path="/x"))
        await store.idle(20)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert {store.state.data[key].error.kind for key in ("bomb", "x")} == {"invalid_response"}
        assert peak < 20 << 20
        lab.token_instead = None
        store.dispatch(FetchData(key="x", path="/x"))
        await store.idle(20)
        assert store.state.data["x"].status == "success"


@pytest.mark.parametrize("body", [b"[" * 200_000, b"\xff\xfe", b"{", b"NaN-"])
async def test_json_that_is_none(lab: Lab, body: bytes) -> None:
    """However deep it is."""
    lab.instead = lambda _, user: None if user is None else Response(body, media_type="application/json")
    error = (await fetched(lab)).error
    assert error is not None
    assert error.kind == "invalid_response"


def looks_expired(response: httpx.Response) -> bool:
    return response.status_code in (419, 498) or "UNAUTHENTICATED" in response.text


EXPIRED = {
    "419": lambda: Response(status_code=419),
    "498": lambda: Response(status_code=498),
    "GraphQL": lambda: JSONResponse({"errors": [{"extensions": {"code": "UNAUTHENTICATED"}}]}),
}


@pytest.mark.parametrize("name", EXPIRED)
async def test_what_else_is_an_expired_token(lab: Lab, name: str) -> None:
    """Where the policy says so: for a fetch, and for any httpx code, which may stream other answers all the same."""
    lab.instead = lambda _, user: EXPIRED[name]() if user is None else None
    policy = RefreshPolicy(is_expired=looks_expired)
    assert (await fetched(lab, policy, method="POST")).data["user"] == "ada"
    async with (
        create_api_store(lab.url, policy=policy) as store,
        httpx.AsyncClient(base_url=lab.url, auth=SessionAuth(store)) as client,
    ):
        await sign_in(store)
        lab.expire()
        async with client.stream("GET", "/x") as answer:
            assert b"ada" in await answer.aread()
        lab.instead = lambda *_: StreamingResponse(iter([b"1", b"2"]), media_type="text/event-stream")
        async with client.stream("GET", "/events") as answer:
            assert [piece async for piece in answer.aiter_bytes()] in ([b"1", b"2"], [b"12"])
    assert lab.count["refresh"] == 2


async def test_what_else_came_with_the_tokens_is_kept_and_not_shown(lab: Lab) -> None:
    """Through a refresh that does not bring it anew as well."""
    tokens = TokenSet.model_validate({"access_token": "a", "id_token": "the-identity", "refresh_expires_in": 1800})
    assert tokens.extra == {"id_token": "the-identity", "refresh_expires_in": 1800}
    shown = f"{tokens!r} {tokens} {tokens.model_dump()} {tokens.model_dump_json()} {LoginSuccess(tokens=tokens).serialize()}"
    assert "the-identity" not in shown
    lab.token_instead = lambda: JSONResponse({"access_token": "b", "id_token": "of-the-refresh"})
    async with create_api_store(lab.url) as store:
        await sign_in(store)
        lab.expire()
        store.dispatch(FetchData(key="k", path="/x"))
        await store.wait_for(lambda state: state.auth.generation == 2, 20)
        assert store.state.auth.tokens.extra == {"id_token": "of-the-refresh"}


async def test_a_valid_token(lab: Lab) -> None:
    """The present one while it is good; else that of the one refresh, however many ask."""
    async with create_api_store(lab.url) as store:
        with pytest.raises(ApiCallError, match="sign in again"):
            await valid_token(store)
        await sign_in(store)
        assert (await valid_token(store)).get_secret_value() == "access-1"
        old = store.state.auth.tokens.model_copy(update={"issued_at": time.time() - 3_600})
        store.dispatch(LoginSuccess(tokens=old))
        tokens = await asyncio.gather(*(valid_token(store) for _ in range(20)))
        assert {token.get_secret_value() for token in tokens} == {"access-2"}
        assert lab.count["refresh"] == 1


async def test_a_valid_token_that_cannot_be_had(lab: Lab) -> None:
    """Is an error in words, and no dead token."""
    policy = RefreshPolicy(refresh_retries=0)
    async with create_api_store(lab.url, policy=policy) as store:
        await sign_in(store)
        old = store.state.auth.tokens.model_copy(update={"issued_at": time.time() - 3_600})
        store.dispatch(LoginSuccess(tokens=old))
        lab.token_instead = lambda: Response(status_code=503)
        for _ in range(2):
            with pytest.raises(ApiCallError) as refused:
                await valid_token(store)
            assert refused.value.error.kind == "server"
        assert lab.count["refresh"] == 1  # the second cools off
