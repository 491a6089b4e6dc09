"""Sign-in in a browser on this machine: what may come back, and what comes of it."""

import asyncio
import socket
from urllib.parse import urlsplit

import httpx
import pytest

from rxdux import LoginFailure, LoginSuccess, Logout, SignIn
from rxdux.oauth import BrowserWanted, SignInState

from ....conftest import PATIENCE, Session
from ....servers.places import until
from .authority import Answer, Authority, query_of
from .conftest import Opens

CODE = "an-authorization-code"


async def wanted(session: Session) -> dict[str, str]:
    """The parameters of the address that the user is to open."""
    session.store.dispatch(SignIn())
    state = await session.store.wait_for(lambda state: state.sign_in.url and state, PATIENCE)
    return query_of(state.sign_in.url)


async def come_back(url: str, method: str = "GET", **parameters: str) -> httpx.Response:
    async with httpx.AsyncClient(trust_env=False) as browser:
        return await browser.request(method, url, params=parameters or None)


async def is_open(url: str) -> bool:
    place = urlsplit(url)
    try:
        _, writer = await asyncio.open_connection(place.hostname, place.port)
    except OSError:
        return False
    writer.close()
    await writer.wait_closed()
    return True


async def test_the_answer_is_traded_for_tokens(authority: Authority, opened: Opens) -> None:
    """With PKCE, at the address that was free; the window says so, and the door is closed."""
    async with opened(flow="browser", scope="openid", parameters={"prompt": "consent"}) as session:
        asked = await wanted(session)
        assert asked["response_type"] == "code"
        assert (asked["client_id"], asked["scope"], asked["prompt"]) == ("my-app", "openid", "consent")
        assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
        page = await come_back(asked["redirect_uri"], code=CODE, state=asked["state"], iss=authority.url)
        await session.settle()
        assert (page.status_code, "You are signed in." in page.text) == (200, True)
        assert session.types() == ["SIGN_IN", "BROWSER_WANTED", "LOGIN_SUCCESS"]
        assert session.store.state.sign_in == SignInState()
        assert not await is_open(asked["redirect_uri"])
    (form,) = authority.forms("/token")
    verifier = form.pop("code_verifier")
    assert 43 <= len(verifier) <= 128
    assert form == {
        "client_id": "my-app",
        "grant_type": "authorization_code",
        "code": CODE,
        "redirect_uri": asked["redirect_uri"],
    }


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"state": "another"}, "its state is wrong"),
        ({"state": ""}, "its state is wrong"),
        ({"iss": "https://evil.example.com"}, "its iss is wrong"),
    ],
)
async def test_an_answer_that_is_not_ours_ends_it(
    authority: Authority, opened: Opens, change: dict[str, str], words: str
) -> None:
    """The code is not sent anywhere (RFC 6749, section 10.12; RFC 9207)."""
    async with opened(flow="browser") as session:
        asked = await wanted(session)
        page = await come_back(asked["redirect_uri"], **{"code": CODE, "state": asked["state"], **change})
        await session.settle()
        assert (page.status_code, words in page.text) == (400, True)
        assert session.store.state.auth.status == "signed_out"
        assert words in session.store.state.auth.error
        assert CODE not in repr(session.log)
        assert not await is_open(asked["redirect_uri"])
    assert authority.forms("/token") == []


async def test_a_server_that_promises_its_name_has_to_give_it(authority: Authority, opened: Opens) -> None:
    """`authorization_response_iss_parameter_supported` (RFC 9207, section 2.4)."""
    authority.describe(authorization_response_iss_parameter_supported=True)
    async with opened(flow="browser") as session:
        asked = await wanted(session)
        await come_back(asked["redirect_uri"], code=CODE, state=asked["state"])
        await session.settle()
        assert "its iss is wrong" in session.store.state.auth.error


async def test_a_name_that_comes_twice_is_not_guessed_at(authority: Authority, opened: Opens) -> None:
    """Two codes are none."""
    async with opened(flow="browser") as session:
        asked = await wanted(session)
        await come_back(f"{asked['redirect_uri']}?code=a&code=b&state={asked['state']}")
        await session.settle()
        assert "code is in it twice" in session.store.state.auth.error


async def test_stray_visits_change_nothing(authority: Authority, opened: Opens) -> None:
    """Each gets a page in words, and the sign-in goes on: an icon, another method, no answer at all, no HTTP."""
    async with opened(flow="browser") as session:
        asked = await wanted(session)
        door = asked["redirect_uri"]
        place = urlsplit(door)
        statuses = [
            (await come_back(door.replace("/callback", "/favicon.ico"))).status_code,
            (await come_back(door, "POST", code=CODE, state=asked["state"])).status_code,
            (await come_back(door)).status_code,
        ]
        assert statuses == [404, 405, 400]
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(b"\x16\x03\x01 this is no HTTP\r\n\r\n")
        assert b"400" in await reader.read(100)
        writer.close()
        silent = await asyncio.open_connection(place.hostname, place.port)  # as browsers do, in advance
        page = await come_back(door, code=CODE, state=asked["state"])
        await session.settle()
        assert page.status_code == 200
        assert session.count(LoginSuccess) == 1
        assert await silent[0].read() == b""
        silent[1].close()


async def test_a_refusal_is_told_in_the_window_and_to_the_program(authority: Authority, opened: Opens) -> None:
    """On one line, without what a terminal or a page would obey."""
    async with opened(flow="browser") as session:
        asked = await wanted(session)
        page = await come_back(
            asked["redirect_uri"],
            error="access_denied",
            error_description="<script>\x1b[2J\nno",
            state=asked["state"],
        )
        await session.settle()
        assert session.store.state.auth.error == "The sign-in was declined. (access_denied: <script> [2J no)"
        assert "<script>" not in page.text
        assert session.count(LoginFailure) == 1


async def test_a_code_that_the_server_refuses_is_told_in_the_window(authority: Authority, opened: Opens) -> None:
    """And no code is repeated, though the server does so."""
    description = f"the code {CODE} was used"
    authority.answer("/token", Answer({"error": "invalid_grant", "error_description": description}, 400))
    async with opened(flow="browser") as session:
        asked = await wanted(session)
        page = await come_back(asked["redirect_uri"], code=CODE, state=asked["state"])
        await session.settle()
        assert page.status_code == 400
        assert session.store.state.auth.error == (
            "The server did not accept the browser's answer. Please start again. (invalid_grant: the code *** was used)"
        )
        assert session.store.state.auth.error.replace("'", "&#x27;") in page.text


async def test_logout_closes_the_door(authority: Authority, opened: Opens) -> None:
    """Nothing waits any more, and the next sign-in has a door of its own."""
    async with opened(flow="browser") as session:
        first = await wanted(session)
        session.store.dispatch(Logout())
        await session.settle()
        assert not await is_open(first["redirect_uri"])
        assert session.store.state.sign_in == SignInState()
        second = await wanted(session)
        await come_back(second["redirect_uri"], code=CODE, state=second["state"])
        await session.settle()
        assert session.store.state.auth.status == "signed_in"
        assert first["state"] != second["state"]


async def test_logout_once_the_code_is_traded(authority: Authority, opened: Opens) -> None:
    """Whether they have arrived or are on their way: the tokens are revoked."""
    async with opened(flow="browser") as session:
        asked = await wanted(session)
        place = urlsplit(asked["redirect_uri"])
        reader, writer = await asyncio.open_connection(place.hostname, place.port)
        writer.write(f"GET {place.path}?code={CODE}&state={asked['state']} HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        await until(lambda: len(authority.forms("/token")) == 1)
        session.store.dispatch(Logout())
        await until(lambda: len(authority.forms("/revoke")) == 1)
        await session.settle()
        assert session.store.state.auth.status == "signed_out"
        assert await reader.read() is not None
        writer.close()


async def test_nobody_comes(authority: Authority, opened: Opens) -> None:
    """The program does not wait for ever."""
    async with opened(flow="browser", patience=0.2) as session:
        await wanted(session)
        await session.settle()
        assert session.store.state.auth.error == "Nobody signed in within 0.2 s. Please start again."


async def test_a_port_that_is_taken_is_named(authority: Authority, opened: Opens) -> None:
    """It was asked for: another would not be registered."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        async with opened(flow="browser", redirect_uri=f"http://localhost:{port}/") as session:
            session.store.dispatch(SignIn())
            await session.settle()
            assert f"port {port}" in session.store.state.auth.error
            assert session.count(BrowserWanted) == 0


async def test_a_port_of_ones_own(authority: Authority, opened: Opens) -> None:
    """The address is sent as it is registered."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    async with opened(flow="browser", redirect_uri=f"http://localhost:{port}/back") as session:
        asked = await wanted(session)
        assert asked["redirect_uri"] == f"http://localhost:{port}/back"
        await come_back(f"http://127.0.0.1:{port}/back", code=CODE, state=asked["state"])
        await session.settle()
        assert session.store.state.auth.status == "signed_in"
