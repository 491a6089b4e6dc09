"""Sign-in on another device and in a browser, in the demo app."""

import webbrowser
from typing import Any

import httpx
import pytest

from rxdux import Logout
from rxdux.demo.log_line import line_of
from rxdux.demo.server import DemoServer
from rxdux.demo.sign_in_screen import SignInScreen
from rxdux.textual import wait_for_state

from ..key_pages import pages_shown
from .driver import LARGE, SMALL, Driver, recorded


async def asked(demo: Driver) -> str:
    """Press `d`, and wait for the code."""
    await demo.pilot.press("d")
    await wait_for_state(demo.pilot, lambda state: state.sign_in.user_code)
    await demo.pilot.pause()
    return str(demo.store.state.sign_in.user_code)


async def decide(server: DemoServer, user_code: str, decision: str) -> None:
    form = {"user_code": user_code, "username": "grace", "password": "hopper", "decision": decision}
    async with httpx.AsyncClient() as browser:
        assert (await browser.post(f"{server.url}/device", data=form)).status_code == 200


async def sent(demo: Driver) -> str:
    """Press `b`, and wait for the address."""
    await demo.pilot.press("b")
    await wait_for_state(demo.pilot, lambda state: state.sign_in.url)
    await demo.pilot.pause()
    return str(demo.store.state.sign_in.url)


async def answer_in_browser(url: str, decision: str) -> httpx.Response:
    """Send the form of the page, and follow the browser back to the program."""
    fields = {**dict(httpx.URL(url).params), "username": "grace", "password": "hopper", "decision": decision}
    async with httpx.AsyncClient(follow_redirects=True, timeout=20) as browser:
        assert (await browser.get(url)).status_code == 200
        return await browser.post(url.partition("?")[0], data=fields)


@pytest.fixture
def server(server: DemoServer) -> DemoServer:
    server.issuer.device_codes.interval = 0.1
    return server


@pytest.mark.slow
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_code_is_shown_until_it_is_approved(server: DemoServer, drive: Any, size: tuple[int, int]) -> None:
    """Code, address, QR code, time left and keys, all on the screen; then the user is in, by name, and the rows come."""
    async with drive(server.url, size) as demo:
        user_code = await asked(demo)
        screen = demo.screen()
        assert user_code in screen
        assert f"Open {server.url}/device" in screen
        assert screen.replace("\xa0", " ").count("█ ███ █") >= 3  # the corners of the QR code
        assert ":" in screen
        assert " left" in screen
        assert [words in screen.splitlines()[-1] for words in ("d New code", "esc Cancel")] == [True, True]
        await decide(server, user_code, "approve")
        await wait_for_state(demo.pilot, lambda state: state.auth.status == "signed_in")
        await demo.press()
        assert not isinstance(demo.app.screen, SignInScreen)
        assert "grace, signed in" in demo.screen()
        await demo.press("e", "f")
        assert demo.rows() == 6
        assert server.api.count["refresh"] == 1
        log = "\n".join(str(line_of(entry.action)) for entry in demo.app.history.entries)
        assert "DEVICE_CODE_ISSUED" in log
        assert user_code not in log


@pytest.mark.parametrize("size", [(40, 10), (20, 5)])
async def test_on_a_small_screen_the_code_goes_before_the_picture(
    server: DemoServer, drive: Any, size: tuple[int, int]
) -> None:
    """What has to be typed is there at any size."""
    async with drive(server.url, size) as demo:
        assert await asked(demo) in demo.screen()
        assert "█" not in demo.screen()
        await demo.press("escape")


@pytest.mark.slow
async def test_a_denied_code_is_told(server: DemoServer, drive: Any) -> None:
    """In words, on the screen; `d` asks for another one."""
    async with drive(server.url) as demo:
        first = await asked(demo)
        await decide(server, first, "deny")
        await wait_for_state(demo.pilot, lambda state: state.auth.status == "signed_out")
        await demo.press()
        assert "declined" in demo.screen()
        assert first not in demo.screen()
        assert await asked(demo) != first
        await demo.press("escape")


async def test_an_expired_code_is_told(server: DemoServer, drive: Any) -> None:
    """In words, there and on the main screen."""
    server.issuer.device_codes.life = 0.5
    async with drive(server.url) as demo:
        await demo.pilot.press("d")
        await wait_for_state(demo.pilot, lambda state: state.auth.error)
        await demo.press()
        assert "The code has expired. Please start again." in demo.screen()


async def test_logout_in_the_middle_leaves_nothing(server: DemoServer, drive: Any) -> None:
    """By Escape, or from elsewhere: the server is not asked any more, and the code is gone from the screen."""
    async with drive(server.url) as demo:
        user_code = await asked(demo)
        demo.store.dispatch(Logout())
        await demo.press()
        assert "The sign-in is over." in demo.screen()
        assert user_code not in demo.screen()
        await asked(demo)
        await demo.press("escape")
        assert not isinstance(demo.app.screen, SignInScreen)
        assert "signed out" in demo.screen()
        polls = server.api.count["poll"]
        await demo.press("s", "enter")
        assert "ada, signed in" in demo.screen()
        assert server.api.count["poll"] == polls


async def test_a_server_that_cannot_be_reached_is_told(drive: Any) -> None:
    """Where a code was asked for."""
    async with drive("http://127.0.0.1:9") as demo:
        await demo.press("d")
        assert "cannot be reached" in demo.screen()
        await demo.press("escape")


async def test_a_recording_signs_nobody_in() -> None:
    """The key says so, and opens no screen."""
    async with recorded(SMALL) as demo:
        await demo.press("d")
        assert "This is a recording" in demo.screen()
        assert not isinstance(demo.app.screen, SignInScreen)


async def test_the_keys_of_the_screen_can_be_found_at_any_width(server: DemoServer, drive: Any) -> None:
    """On their pages."""
    async with drive(server.url, (20, 10)) as demo:
        await asked(demo)
        shown = await pages_shown(demo.pilot)
        assert [words in "".join(shown) for words in ("d New code", "b Browser", "esc Cancel")] == [True] * 3
        await demo.press("escape")


@pytest.mark.slow
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_browser_brings_the_user_back(server: DemoServer, drive: Any, size: tuple[int, int]) -> None:
    """Address, time left and keys on the screen; the user approves, is in by name, and the token is refreshed as any."""
    async with drive(server.url, size) as demo:
        url = await sent(demo)
        screen = demo.screen()
        assert f"{server.url}/authorize" in screen
        assert " left" in screen
        assert [words in screen.splitlines()[-1] for words in ("Open", "esc Cancel")] == [True, True]
        page = await answer_in_browser(url, "approve")
        assert (page.status_code, "You are signed in." in page.text) == (200, True)
        await wait_for_state(demo.pilot, lambda state: state.auth.status == "signed_in")
        await demo.press()
        assert not isinstance(demo.app.screen, SignInScreen)
        assert "grace, signed in" in demo.screen()
        await demo.press("e", "f")
        assert demo.rows() == 6
        log = "\n".join(str(line_of(entry.action)) for entry in demo.app.history.entries)
        assert f"{server.url}/authorize\n" in log
        assert dict(httpx.URL(url).params)["state"] not in log


async def test_enter_opens_the_browser(server: DemoServer, drive: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The one of the machine, at the address that is shown."""
    opened: list[str] = []

    class Browser(webbrowser.BaseBrowser):
        def open(self, url: str, new: int = 0, autoraise: bool = True) -> bool:
            opened.append(url)
            return True

    monkeypatch.setattr(webbrowser, "_tryorder", ["here"])
    monkeypatch.setitem(webbrowser._browsers, "here", [None, Browser()])  # type: ignore[attr-defined]
    async with drive(server.url) as demo:
        url = await sent(demo)
        await demo.pilot.press("enter")
        await demo.pilot.pause()
        assert opened == [url]
        await demo.press("escape")


async def test_who_says_no_in_the_browser_is_not_in(server: DemoServer, drive: Any) -> None:
    """The screen and the page say so; `b` begins anew."""
    async with drive(server.url) as demo:
        page = await answer_in_browser(await sent(demo), "deny")
        assert page.status_code == 400
        await demo.press()
        assert demo.store.state.auth.status == "signed_out"
        assert demo.store.state.auth.error in demo.screen()
        await sent(demo)
        await demo.press("escape")


async def test_logout_in_the_middle_closes_the_door_to_the_browser(server: DemoServer, drive: Any) -> None:
    """Nothing waits for it any more; and another way in takes the place of the one before."""
    async with drive(server.url) as demo:
        url = await sent(demo)
        await demo.press("escape")
        with pytest.raises(httpx.ConnectError):
            await answer_in_browser(url, "approve")
        assert "signed out" in demo.screen()
        await sent(demo)
        assert await asked(demo) in demo.screen()
        assert demo.store.state.sign_in.url is None
        await demo.press("escape")
