"""The demo server's sign-in in a browser: authorization code with PKCE, as the RFCs have it."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from rxdux.demo.authorization_codes import challenge_of
from rxdux.demo.clients import CLIENT_ID, may_redirect_to
from rxdux.demo.server import DemoServer

ADA = {"username": "ada", "password": "lovelace", "decision": "approve"}
VERIFIER = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
BACK = "http://127.0.0.1:51004/callback"
REQUEST = {
    "response_type": "code",
    "client_id": CLIENT_ID,
    "redirect_uri": BACK,
    "state": "a-state",
    "code_challenge": challenge_of(VERIFIER),
    "code_challenge_method": "S256",
}


@pytest.fixture
def http(server: DemoServer) -> Any:
    with httpx.Client(base_url=server.url) as client:
        yield client


def brought(answer: httpx.Response) -> dict[str, str]:
    """What the browser takes back to the program."""
    assert answer.status_code == 303
    address = answer.headers["Location"]
    assert address.partition("?")[0] == BACK
    return {name: value for name, [value] in parse_qs(urlsplit(address).query).items()}


def trade(http: httpx.Client, code: str, **other: str) -> httpx.Response:
    form = {"client_id": CLIENT_ID, "redirect_uri": BACK, "code_verifier": VERIFIER, **other}
    return http.post("/token", data={"grant_type": "authorization_code", "code": code, **form})


def test_what_the_user_approves_is_traded_for_tokens(http: httpx.Client, server: DemoServer) -> None:
    """RFC 6749, section 4.1; RFC 9207: the answer says whose it is. The page asks first, and carries the request on."""
    page = http.get("/authorize", params=REQUEST)
    assert (page.status_code, 'name="state" value="a-state"' in page.text) == (200, True)
    answer = brought(http.post("/authorize", data={**REQUEST, **ADA}))
    assert (answer["state"], answer["iss"]) == ("a-state", server.url)
    tokens = trade(http, answer["code"]).json()
    assert http.get("/me", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json() == {"name": "ada"}
    assert tokens["username"] == "ada"


def test_a_code_that_comes_twice_ends_what_came_of_it(http: httpx.Client) -> None:
    """RFC 6749, section 4.1.2."""
    code = brought(http.post("/authorize", data={**REQUEST, **ADA}))["code"]
    tokens = trade(http, code).json()
    assert trade(http, code).json()["error"] == "invalid_grant"
    refreshed = http.post("/token", data={"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]})
    assert refreshed.json()["error"] == "invalid_grant"


@pytest.mark.parametrize(
    "other",
    [{"code_verifier": "another" * 8}, {"client_id": "another"}, {"redirect_uri": "http://127.0.0.1:1/callback"}],
)
def test_a_code_is_of_no_use_to_others(http: httpx.Client, other: dict[str, str]) -> None:
    """Without the verifier, or for another program or address; and it is gone with the first try."""
    code = brought(http.post("/authorize", data={**REQUEST, **ADA}))["code"]
    assert trade(http, code, **other).json()["error"] == "invalid_grant"
    assert trade(http, code).json()["error"] == "invalid_grant"


def test_a_code_expires(http: httpx.Client, server: DemoServer) -> None:
    """RFC 6749, section 4.1.2."""
    server.issuer.authorization_codes.life = 0.0
    assert trade(http, brought(http.post("/authorize", data={**REQUEST, **ADA}))["code"]).status_code == 400


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"decision": "deny", "password": ""}, "access_denied"),
    ],
)
def test_a_refusal_goes_back_to_the_program(http: httpx.Client, change: dict[str, str], error: str) -> None:
    """RFC 6749, section 4.1.2.1."""
    answer = brought(http.post("/authorize", data={**REQUEST, **ADA, **change}))
    assert (answer["error"], answer["state"], "code" in answer) == (error, "a-state", False)


@pytest.mark.parametrize("change", [{"client_id": "another"}, {"redirect_uri": "https://evil.example.com/callback"}])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_stranger_gets_no_browser_sent(http: httpx.Client, method: str, change: dict[str, str]) -> None:
    """A page says so: no answer goes to an address that is not the program's."""
    form = {**REQUEST, **ADA, **change}
    page = http.request(method, "/authorize", **({"params": form} if method == "GET" else {"data": form}))
    assert (page.status_code, "Location" in page.headers) == (400, False)


def test_a_wrong_password_is_told_on_the_page(http: httpx.Client) -> None:
    """And may be mended there; what the address holds stays text."""
    page = http.post("/authorize", data={**REQUEST, **ADA, "password": "wrong", "state": '"><script>'})
    assert (page.status_code, "wrong password" in page.text, "<script>" in page.text) == (403, True, False)


@pytest.mark.parametrize(
    ("address", "may"),
    [
        ("http://127.0.0.1:51004/callback", True),
        ("http://[::1]:51004/callback", True),
        ("http://127.0.0.1:51004/elsewhere", False),
        ("https://127.0.0.1:51004/callback", False),
        ("http://ada@127.0.0.1:51004/callback", False),
        ("http://127.0.0.1:51004/callback?next=x", False),
        ("http://127.0.0.1.example.com/callback", False),
        ("http://127.0.0.1:99999/callback", False),
        ("", False),
    ],
)
def test_a_browser_is_sent_to_this_machine_alone(address: str, may: bool) -> None:
    """RFC 8252, section 7.3: at any port, with the path that is the program's."""
    assert may_redirect_to(address) is may
