"""The demo server: OAuth 2 as the RFCs have it, rows, and trouble on demand."""

import os
import signal
import subprocess
import sys
from typing import Any

import httpx
import pytest

from rxdux.demo.people import PEOPLE
from rxdux.demo.server import DemoServer


@pytest.fixture
def http(server: DemoServer) -> Any:
    with httpx.Client(base_url=server.url) as client:
        yield client


def ask(http: httpx.Client, **form: str) -> httpx.Response:
    return http.post("/token", data=form)


def log_in(http: httpx.Client) -> dict[str, Any]:
    return ask(http, grant_type="password", username="ada", password="lovelace").json()


def bearer(tokens: dict[str, Any]) -> dict[str, str]:
    return {"Authorization": f"Bearer {tokens['access_token']}"}


def test_the_password_grant(http: httpx.Client) -> None:
    """RFC 6749, sections 4.3 and 5.1."""
    answer = ask(http, grant_type="password", username="ada", password="lovelace")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.json().keys() == {"access_token", "token_type", "expires_in", "refresh_token", "scope"}
    assert http.get("/me", headers=bearer(answer.json())).json() == {"name": "ada"}


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({"grant_type": "password", "username": "ada", "password": "wrong"}, "invalid_grant"),
        ({"grant_type": "password", "username": "eve", "password": ""}, "invalid_grant"),
        ({"grant_type": "password", "username": "ada"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": "made-up"}, "invalid_grant"),
        ({"grant_type": "magic"}, "unsupported_grant_type"),
        ({}, "unsupported_grant_type"),
    ],
)
def test_errors_of_the_token_endpoint(http: httpx.Client, form: dict[str, str], error: str) -> None:
    """RFC 6749, section 5.2."""
    answer = ask(http, **form)
    assert (answer.status_code, answer.json()["error"]) == (400, error)


def test_refresh_tokens_rotate_and_reuse_revokes_the_family(http: httpx.Client, server: DemoServer) -> None:
    """RFC 9700, section 4.14.2."""
    first = log_in(http)
    other = log_in(http)
    second = ask(http, grant_type="refresh_token", refresh_token=first["refresh_token"]).json()
    assert second["refresh_token"] != first["refresh_token"]
    reused = ask(http, grant_type="refresh_token", refresh_token=first["refresh_token"])
    assert (reused.status_code, reused.json()["error"]) == (400, "invalid_grant")
    assert server.issuer.reuse_detected == 1
    assert ask(http, grant_type="refresh_token", refresh_token=second["refresh_token"]).status_code == 400
    assert ask(http, grant_type="refresh_token", refresh_token=other["refresh_token"]).status_code == 200


def test_a_revoked_token_is_of_no_use(http: httpx.Client) -> None:
    """RFC 7009: 200 for any token."""
    tokens = log_in(http)
    assert http.post("/revoke", data={"token": tokens["refresh_token"]}).status_code == 200
    assert http.post("/revoke", data={"token": "made-up"}).status_code == 200
    assert ask(http, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 400


def test_challenges(http: httpx.Client, server: DemoServer) -> None:
    """RFC 6750, section 3: no error code without a token, `invalid_token` for a bad one, the scope that is missing."""
    tokens = log_in(http)
    assert http.get("/people").headers["WWW-Authenticate"] == 'Bearer realm="rxdux demo"'
    forged = http.get("/people", headers={"Authorization": "Bearer a.b.c"})
    assert (forged.status_code, 'error="invalid_token"' in forged.headers["WWW-Authenticate"]) == (401, True)
    poor = http.get("/salaries", headers=bearer(tokens))
    assert (poor.status_code, 'scope="payroll"' in poor.headers["WWW-Authenticate"]) == (403, True)
    server.issuer.expire_access_tokens()
    expired = http.get("/people", headers=bearer(tokens))
    assert (expired.status_code, "expired" in expired.headers["WWW-Authenticate"]) == (401, True)


def test_tokens_are_signed_and_expire() -> None:
    """By the clock, to the millisecond."""
    with DemoServer(token_life=-1.0) as server, httpx.Client(base_url=server.url) as http:
        assert http.get("/me", headers=bearer(log_in(http))).status_code == 401
    with DemoServer() as server, DemoServer() as stranger:
        with httpx.Client(base_url=stranger.url) as http:
            tokens = log_in(http)
        assert httpx.get(f"{server.url}/me", headers=bearer(tokens)).status_code == 401


def test_people_are_paged_and_searched(http: httpx.Client) -> None:
    """Pages begin at 1; a search looks at name, role and city."""
    headers = bearer(log_in(http))
    page = http.get("/people", params={"page": 3, "size": 7}, headers=headers).json()
    assert page == {"items": list(PEOPLE[14:21]), "page": 3, "pages": 43, "total": 300}
    found = http.get("/people", params={"q": "LOVELACE"}, headers=headers).json()
    assert 0 < found["total"] < 300
    assert all("Lovelace" in person["name"] for person in found["items"])
    assert http.get("/people", params={"page": "x"}, headers=headers).status_code == 400
    assert http.get("/people", params={"page": 0}, headers=headers).status_code == 400
    assert http.get("/people/7", headers=headers).json() == PEOPLE[6]
    assert http.get("/people/301", headers=headers).status_code == 404
    last = http.get("/people", params={"order": "-id", "size": 1}, headers=headers).json()
    assert last["items"] == [PEOPLE[299]]
    assert http.get("/people", params={"order": "age"}, headers=headers).status_code == 400


def test_an_answer_that_is_known_is_not_sent_again(http: httpx.Client) -> None:
    """RFC 9110, section 13.1.2; and each answer says how many requests there were."""
    headers = bearer(log_in(http))
    first = http.get("/people", headers=headers)
    again = http.get("/people", headers={**headers, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert (first.headers["X-Requests"], again.headers["X-Requests"]) == ("1", "2")
    http.patch("/people/1", json={"name": "Ada"}, headers=headers)
    assert http.get("/people", headers={**headers, "If-None-Match": first.headers["ETag"]}).status_code == 200


def test_people_are_renamed_unless_that_is_refused(http: httpx.Client) -> None:
    """The next change is refused on demand, and one only; what is no name is refused always."""
    headers = bearer(log_in(http))
    http.post("/admin/refuse")
    answers = [http.patch("/people/7", json={"name": name}, headers=headers) for name in (" Ada ", " Ada ")]
    assert [answer.status_code for answer in answers] == [409, 200]
    assert http.get("/people/7", headers=headers).json() == answers[1].json() == {**PEOPLE[6], "name": "Ada"}
    for body in (b"", b"[]", b'{"name": 1}', b'{"name": " "}', b'{"name": "\\u001b[1m"}'):
        assert http.patch("/people/7", content=body, headers=headers).status_code == 422
    assert http.patch("/people/301", json={"name": "Ada"}, headers=headers).status_code == 404
    assert http.patch("/people/7", json={"name": "Eve"}).status_code == 401


def test_trouble_on_demand(http: httpx.Client) -> None:
    """Expire, revoke, fail, be slow; and count."""
    tokens = log_in(http)
    assert http.post("/admin/expire").status_code == 204
    assert http.get("/me", headers=bearer(tokens)).status_code == 401
    assert http.post("/admin/revoke").status_code == 204
    assert ask(http, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 400
    assert http.post("/admin/fail", params={"seconds": 60, "status": 502}).status_code == 204
    assert http.get("/me").status_code == 502
    http.post("/admin/fail", params={"seconds": 0})
    http.post("/admin/slow", params={"seconds": 0.2})
    assert http.get("/me").elapsed.total_seconds() >= 0.2
    stats = http.get("/admin/stats").json()
    assert stats == {"login": 1, "api": 3, "unauthorized": 2, "refresh": 1, "reuse_detected": 0}


def test_sessions_survive_in_a_file(tmp_path: Any) -> None:
    """A refresh token outlives the server that issued it."""
    database = str(tmp_path / "sessions.sqlite")
    with DemoServer(database=database) as server, httpx.Client(base_url=server.url) as http:
        tokens = log_in(http)
    with DemoServer(database=database) as server, httpx.Client(base_url=server.url) as http:
        assert ask(http, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).status_code == 200


def test_the_server_runs_alone() -> None:
    """And ends at Ctrl+C without a traceback."""
    command = [sys.executable, "-m", "rxdux.demo.server", "--port", "0"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ}
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        url = line.split()[2]
        assert httpx.get(f"{url}/people").status_code == 401
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=20)
    assert (process.returncode, output, errors) == (0, "Bye.\n", "")
