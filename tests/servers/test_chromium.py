"""Sign-in through a real browser: Chromium asks for icons, opens connections in advance, and shows what it is told."""

import asyncio
import shutil
from typing import Any

import pytest

import rxdux
from rxdux import AuthState, DataState, State, auth_reducer, combine_reducers, create_api_store, data_reducer
from rxdux.oauth import OAuthBackend, SignInState, sign_in_reducer

from ..conftest import PATIENCE
from .running import RunningServer

pytestmark = pytest.mark.slow


class AppState(State):
    auth: AuthState
    data: DataState
    sign_in: SignInState


def approve(url: str) -> str:
    """Open an address, sign in there, say yes to all, and read the last page."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "chromium is not installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page()
        page.route(lambda address: "127.0.0.1" not in address, lambda route: route.abort())  # fonts from elsewhere
        page.goto(url)
        while (yes := page.locator("button[type=submit]:not([name=abort])")).count():
            for name, text in [("login", "ada"), ("password", "lovelace")]:
                if (field := page.locator(f"input[name={name}]:not([type=hidden])")).count():
                    field.fill(text)
            with page.expect_navigation():
                yes.first.click()
        words: str = page.inner_text("body")
        browser.close()
        return words


@pytest.mark.parametrize(
    ("flow", "words"),
    [("browser", "You are signed in. You may close this window"), ("device", "Your sign-in was successful")],
)
async def test_a_user_comes_in_with_chromium(oidc_provider: RunningServer, flow: Any, words: str) -> None:
    """To its end, and without a complaint of the event loop."""
    complaints: list[Any] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, complaint: complaints.append(complaint))
    backend = OAuthBackend(
        issuer=oidc_provider.url, client_id="public", flow=flow, scope="openid offline_access people"
    )
    reducer = combine_reducers(AppState, auth=auth_reducer, data=data_reducer, sign_in=sign_in_reducer)
    async with create_api_store(oidc_provider.url, backend=backend, reducer=reducer) as store:
        store.dispatch(rxdux.SignIn())
        shown = await store.wait_for(
            lambda state: state.sign_in.verification_uri_complete or state.sign_in.url, PATIENCE
        )
        address = shown.sign_in.verification_uri_complete or shown.sign_in.url
        assert words in await asyncio.to_thread(approve, address)
        await store.wait_for(lambda state: state.auth.status == "signed_in", PATIENCE)
        await store.idle(PATIENCE)
    assert complaints == []
