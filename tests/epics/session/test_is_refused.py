"""What counts as a refusal of the token endpoint: the app's hook goes before the rules, and tokens before a code."""

from collections.abc import Callable
from typing import Any

import pytest
from starlette.responses import JSONResponse, Response

from rxdux import Login, PasswordBackend, RefreshPolicy, RefreshToken, SessionBackend, create_api_store
from rxdux.oauth import OAuthBackend

from .conftest import Lab

TOKENS = {"access_token": "access", "refresh_token": "refresh", "token_type": "bearer"}


def password(lab: Lab) -> SessionBackend:
    return PasswordBackend("/made-up")


def oauth(lab: Lab) -> SessionBackend:
    endpoints = {"token_endpoint": f"{lab.url}/made-up"}
    return OAuthBackend(issuer=lab.url, client_id="me", flow="password", endpoints=endpoints)


Make = Callable[[Lab], SessionBackend]
BACKENDS = pytest.mark.parametrize("make", [password, oauth])


async def state_after(lab: Lab, make: Make, policy: RefreshPolicy, answer: Response) -> str:
    """Sign in, and refresh with this answer."""
    lab.instead = lambda *_: JSONResponse(TOKENS)
    async with create_api_store(lab.url, backend=make(lab), policy=policy) as store:
        store.dispatch(Login(username="ada", password="x"))
        await store.wait_for(lambda state: state.auth.status != "signing_in", 20)
        assert store.state.auth.status == "signed_in"
        lab.instead = lambda *_: answer
        store.dispatch(RefreshToken())
        await store.wait_for(lambda state: state.auth.status != "refreshing", 20)
        await store.idle(20)
        generation: int = store.state.auth.generation
        return f"{store.state.auth.status}, {'new' if generation == 2 else 'no new'} tokens"


HOOKS: dict[str, tuple[Any, tuple[int, Any], str]] = {
    "not refused, with tokens": (False, (200, TOKENS), "signed_in, new tokens"),
    "not refused, without tokens": (False, (200, {"state": "busy"}), "signed_in, no new tokens"),
    "not refused, an error": (False, (400, {"error": "invalid_grant"}), "signed_in, no new tokens"),
    "refused, an error that may pass": (True, (503, {}), "signed_out, no new tokens"),
    "no opinion, with tokens": (None, (200, TOKENS), "signed_in, new tokens"),
    "no opinion, without tokens": (None, (200, {"state": "busy"}), "signed_out, no new tokens"),
}


@BACKENDS
@pytest.mark.parametrize("name", HOOKS)
async def test_a_hook_decides(lab: Lab, make: Make, name: str) -> None:
    """Of every backend; that something is no refusal takes no tokens away."""
    verdict, (status, content), after = HOOKS[name]

    def is_refused(response: Any) -> bool | None:
        is_sign_in = response.status_code == 200 and response.json() == TOKENS
        return None if is_sign_in and verdict else verdict

    policy = RefreshPolicy(refresh_retries=0, is_refused=is_refused)
    assert await state_after(lab, make, policy, JSONResponse(content, status)) == after


@BACKENDS
@pytest.mark.parametrize(
    "beside",
    [{"code": "0"}, {"code": "SUCCESS"}, {"code": "whatever"}, {"error": ""}, {"error": None}, {"error": "none"}],
    ids=str,
)
async def test_a_code_beside_tokens_is_no_refusal(lab: Lab, make: Make, beside: dict[str, Any]) -> None:
    """Some servers put one beside everything."""
    answer = JSONResponse({**TOKENS, **beside})
    assert await state_after(lab, make, RefreshPolicy(), answer) == "signed_in, new tokens"
