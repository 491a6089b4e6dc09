"""The demo server's ways in beside the password, as the RFCs have them."""

from typing import Any

import httpx
import pytest

from rxdux.demo.clients import CLIENT_ID
from rxdux.demo.device_codes import GRANT
from rxdux.demo.server import DemoServer

ADA = {"username": "ada", "password": "lovelace"}


@pytest.fixture
def http(server: DemoServer) -> Any:
    with httpx.Client(base_url=server.url) as client:
        yield client


def code(http: httpx.Client) -> dict[str, Any]:
    return http.post("/device_authorization", data={"client_id": CLIENT_ID}).json()


def ask(http: httpx.Client, device_code: str, client_id: str = CLIENT_ID) -> httpx.Response:
    return http.post("/token", data={"grant_type": GRANT, "device_code": device_code, "client_id": client_id})


def test_the_server_describes_itself(http: httpx.Client, server: DemoServer) -> None:
    """RFC 8414: under the name that it was asked as, with endpoints that are there."""
    told = http.get("/.well-known/oauth-authorization-server").json()
    assert told["issuer"] == server.url
    for name in [name for name in told if name.endswith("_endpoint")]:
        assert httpx.request("OPTIONS", told[name]).status_code == 405, name


def test_a_code_that_is_approved_is_good_for_one_sign_in(http: httpx.Client, server: DemoServer) -> None:
    """RFC 8628: pending first; the page has the code in it, and takes it typed in any manner; then tokens, once."""
    server.issuer.device_codes.interval = 0.0
    given = code(http)
    assert ask(http, given["device_code"]).json()["error"] == "authorization_pending"
    page = http.get(given["verification_uri_complete"])
    assert f'value="{given["user_code"]}"' in page.text
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]
    typed = given["user_code"].lower().replace("-", " ")
    done = http.post(given["verification_uri"], data={**ADA, "user_code": typed, "decision": "approve"})
    assert (done.status_code, "Approved" in done.text) == (200, True)
    tokens = ask(http, given["device_code"]).json()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    assert http.get("/me", headers=headers).json() == {"name": "ada"} == {"name": tokens["username"]}
    assert ask(http, given["device_code"]).json()["error"] == "invalid_grant"


def test_a_code_that_is_denied_or_expired_brings_nothing(http: httpx.Client, server: DemoServer) -> None:
    """RFC 8628, section 3.5; and the page does not take either any more."""
    server.issuer.device_codes.interval = 0.0
    denied = code(http)
    http.post("/device", data={**ADA, "user_code": denied["user_code"], "decision": "deny"})
    assert ask(http, denied["device_code"]).json()["error"] == "access_denied"
    server.issuer.device_codes.life = 0.0
    expired = code(http)
    assert ask(http, expired["device_code"]).json()["error"] == "expired_token"
    for given in (denied, expired):
        page = http.post("/device", data={**ADA, "user_code": given["user_code"], "decision": "approve"})
        assert (page.status_code, "No sign-in waits under this code" in page.text) == (404, True)


def test_who_asks_too_often_is_told_to_slow_down(http: httpx.Client, server: DemoServer) -> None:
    """RFC 8628, section 3.5: and has to wait five seconds more from then on."""
    server.issuer.device_codes.interval = 60.0
    given = code(http)
    errors = [ask(http, given["device_code"]).json()["error"] for _ in range(2)]
    assert errors == ["authorization_pending", "slow_down"]
    waiting = server.issuer.device_codes.waiting(given["user_code"])
    assert waiting is not None
    assert waiting.interval == 65.0


def test_a_code_is_of_no_use_to_others(http: httpx.Client) -> None:
    """Neither to another program, nor without a password; and an unknown program gets none."""
    given = code(http)
    assert ask(http, given["device_code"], "another").json()["error"] == "invalid_grant"
    assert http.post("/token", data={"grant_type": GRANT}).json()["error"] == "invalid_request"
    for decision in ("approve", "deny"):
        form = {"username": "ada", "password": "wrong", "user_code": given["user_code"], "decision": decision}
        page = http.post("/device", data=form)
        assert (page.status_code, "wrong password" in page.text) == (403, True)
    assert http.post("/device", data={**ADA, "user_code": given["user_code"]}).status_code == 400
    assert ask(http, given["device_code"]).json()["error"] == "authorization_pending"
    refused = http.post("/device_authorization", data={"client_id": "another"})
    assert (refused.status_code, refused.json()["error"]) == (400, "invalid_client")


def test_what_comes_from_outside_stays_text(http: httpx.Client) -> None:
    """No page runs what its address holds."""
    page = http.get("/device", params={"user_code": '"><script>alert(1)</script>'})
    assert "<script>" not in page.text
    assert "&lt;script&gt;" in page.text
