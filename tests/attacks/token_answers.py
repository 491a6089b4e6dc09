"""Attacks the refresh: token endpoints that answer anything at all, at the real session over an HTTP client.

After each answer: no error outside the session's own, nothing left loading, signed in or signed out with a reason, no
secret shown; a living refresh token is kept unless the answer was final.

python -m tests.attacks.token_answers 60 1
"""

import asyncio
import json
import random
import sys
from typing import Any

import httpx

from rxdux import (
    FetchData,
    LoginSuccess,
    RefreshFailure,
    RefreshPolicy,
    RefreshSuccess,
    StoreError,
    TokenSet,
    create_api_store,
)

from .diced import attack_by_dice

SECRET = "the-refresh-token-of-this-session"
STATUSES = (200, 200, 201, 204, 301, 307, 400, 400, 401, 403, 404, 408, 409, 418, 422, 425, 429, 500, 502, 503, 504)
CODES = ("invalid_grant", "invalid_client", "unauthorized_client", "temporarily_unavailable", "server_error", "slow_down",
         "invalid_request", "access_denied", "TOKEN_EXPIRED", "", "\x1b[31mred", "x" * 500)  # fmt: skip
ODD: tuple[Any, ...] = (None, True, 0, -1, 1.5, 10**30, "", "text", " ", "a\nb", "tökén", [], [1], {}, {"a": 1})
PASSING = {"temporarily_unavailable", "server_error", "slow_down", "authorization_pending"}
QUICK = RefreshPolicy(refresh_retries=1, backoff_initial=0.0, backoff_max=0.0, retry_after_max=0.001, cool_off=0.0)


class Answer:
    """One answer, thrown with dice."""

    def __init__(self, dice: random.Random) -> None:
        self.status = dice.choice(STATUSES)
        self.headers: dict[str, str] = {}
        if dice.random() < 0.3:
            self.headers["Retry-After"] = dice.choice(
                ("0", "1e999", "-1", "soon", "Mon, 12 Jan 1970 13:46:50 +999999", "9" * 400)
            )
        self.content = dice.choice((self._object, self._object, self._tokens, self._broken))(dice)

    def _object(self, dice: random.Random) -> bytes:
        body: dict[str, Any] = {}
        where = dice.choice(("error", "error_code", "code", "error.status", "detail"))
        code = dice.choice(CODES) if dice.random() < 0.8 else dice.choice(ODD)
        body[where.partition(".")[0]] = {"status": code} if "." in where else code
        for _ in range(dice.randrange(3)):
            body[dice.choice(("access_token", "message", "error_description", "expires_in"))] = dice.choice(ODD)
        return json.dumps(body).encode()

    def _tokens(self, dice: random.Random) -> bytes:
        body: dict[str, Any] = {"access_token": dice.choice(("new", "new", dice.choice(ODD)))}
        for name in ("refresh_token", "expires_in", "scope", "token_type", "issued_at", "id_token", "extra", "others"):
            if dice.random() < 0.4:
                body[name] = dice.choice(ODD)
        return json.dumps(body).encode()

    def _broken(self, dice: random.Random) -> bytes:
        return dice.choice(
            (
                b"", b"<html>no</html>", b"null", b"[]", b'"text"', b"{", b'{"access_token": "new', b"\xff\xfe\x00",
                b"[" * 50_000, b'{"access_token": "new", "expires_in": 1e999}', b'{"access_token": NaN}', b'{"a":' * 20_000,
                dice.randbytes(dice.randrange(200)),
            )
        )  # fmt: skip

    def response(self) -> httpx.Response:
        return httpx.Response(self.status, headers=self.headers, content=self.content)


async def refresh_with(answer: Answer) -> None:
    """One expired fetch, and this answer to the refresh that it causes."""
    asked: list[httpx.Request] = []
    seen: list[Any] = []
    errors: list[StoreError] = []

    def serve(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            asked.append(request)
            return answer.response()
        if request.url.path == "/revoke":
            return httpx.Response(200)
        is_new = request.headers.get("authorization") == "Bearer new"
        return httpx.Response(200 if is_new else 401, json={})

    async with (
        httpx.AsyncClient(transport=httpx.MockTransport(serve)) as client,
        create_api_store("http://api.test", client=client, policy=QUICK, on_error=errors.append) as store,
    ):
        store.actions.subscribe(seen.append)
        store.dispatch(LoginSuccess(tokens=TokenSet(access_token="old", refresh_token=SECRET)))
        store.dispatch(FetchData(key="k", path="/x"))
        await store.idle(10)
        auth, resource = store.state.auth, store.state.data["k"]
        outcomes = [action for action in seen if isinstance(action, RefreshSuccess | RefreshFailure)]
        shown = f"{seen} {[action.serialize() for action in seen]} {store.state!r} {store.state.model_dump_json()}"
    assert not errors, errors
    assert SECRET not in shown, "a secret is shown"
    assert 1 <= len(asked) <= QUICK.refresh_retries + 1 + QUICK.max_refreshes
    assert resource.status in ("success", "failure"), resource
    match outcomes[0]:
        case RefreshSuccess():
            assert auth.status in ("signed_in", "signed_out")
        case RefreshFailure(permanent=True):
            assert (auth.status, auth.tokens, resource.error.kind) == ("signed_out", None, "session_expired")
            assert auth.error
            assert len(asked) == 1, "what is final was asked again"
            check_is_final(answer)
        case _:
            assert auth.status == "signed_in"
            assert auth.tokens is not None
            assert auth.tokens.refresh_token is not None


def check_is_final(answer: Answer) -> None:
    """Only JSON that the server itself wrote may end a session."""
    content = json.loads(answer.content)
    code = content.get("error") if isinstance(content, dict) else None
    speaks_of_the_grant = any(word in answer.content for word in (b"invalid_grant", b"access_denied"))
    assert speaks_of_the_grant or not 300 <= answer.status < 400, "a redirect ended the session"
    assert not (isinstance(code, str) and (code in PASSING or code in ("invalid_client", "unauthorized_client")))


def any_answer(dice: random.Random) -> None:
    answer = Answer(dice)
    try:
        asyncio.run(refresh_with(answer))
    except Exception as error:
        error.add_note(f"{answer.status} {answer.headers} {answer.content[:200]!r}")
        raise


def attack(seconds: float, seed: int) -> tuple[int, int]:
    """Attack for so long; how many were tried, and how many survived."""
    return attack_by_dice([any_answer], seconds, seed)


if __name__ == "__main__":
    print(*attack(float(sys.argv[1]), int(sys.argv[2])))
