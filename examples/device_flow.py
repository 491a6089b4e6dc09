"""Sign-in on another device: a screen with code, address, QR code and the time left, all of it from state.

    python examples/device_flow.py https://id.example.com my-app "openid offline_access"

Needs the extras `textual`, `oauth` and `qrcode`.
"""

import asyncio
import sys
import time
from io import StringIO
from typing import ClassVar

from qrcode.main import QRCode
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Center, Middle
from textual.screen import Screen
from textual.widgets import Footer, Label, Static

from rxdux import (
    AuthState,
    DataState,
    Logout,
    SignIn,
    State,
    auth_reducer,
    combine_reducers,
    create_api_store,
    data_reducer,
)
from rxdux.oauth import OAuthBackend, SignInState, sign_in_reducer
from rxdux.textual import StoreApp, StoreConsumer, bind, from_store


class AppState(State):
    auth: AuthState
    data: DataState
    sign_in: SignInState


app_reducer = combine_reducers(AppState, auth=auth_reducer, data=data_reducer, sign_in=sign_in_reducer)


def qr_code(state: AppState) -> str:
    """The address with the code in it, two rows of modules in one of characters; empty while there is none."""
    address = state.sign_in.verification_uri_complete or state.sign_in.verification_uri
    if address is None:
        return ""
    code = QRCode(border=2)
    code.add_data(address)
    drawn = StringIO()
    code.print_ascii(drawn)
    return drawn.getvalue().rstrip("\n")


def what_to_do(state: AppState) -> str:
    """One line for the user."""
    match state.auth.status:
        case "signing_in" if state.sign_in.user_code is None:
            return "Asking for a code ..."
        case "signing_in":
            return f"Open {state.sign_in.verification_uri} and enter the code:"
        case "signed_out":
            return state.auth.error or "You are signed out. Press s to sign in."
        case _:
            return "You are signed in."


class TimeLeft(StoreConsumer, Label):
    """Counts down to the end of the code."""

    expires_at = from_store(lambda state: state.sign_in.expires_at, None)

    def on_mount(self) -> None:
        self.set_interval(0.5, self.show)

    def watch_expires_at(self) -> None:
        self.show()

    def show(self) -> None:
        left = 0 if self.expires_at is None else max(0, round(self.expires_at - time.time()))
        self.update(f"{left // 60}:{left % 60:02} left" if left else "")


class SignInScreen(StoreConsumer, Screen[None]):
    """All that the user needs to sign in on a telephone, or on any other device."""

    DEFAULT_CSS = """
    SignInScreen { align: center middle; }
    SignInScreen Label, SignInScreen Static { width: auto; }
    SignInScreen #code { text-style: bold; padding: 1; }
    SignInScreen #qr { color: black; background: white; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        ("s", "sign_in", "Sign in"),
        ("c", "cancel", "Cancel"),
        ("q", "app.quit", "Quit"),
    ]

    def compose(self) -> ComposeResult:
        with Middle():
            yield Center(bind(Label(id="what", markup=False), update=what_to_do))
            yield Center(bind(Label(id="code", markup=False), update=lambda state: state.sign_in.user_code or ""))
            yield Center(bind(Static(id="qr"), update=qr_code))
            yield Center(TimeLeft())
        yield Footer()

    def action_sign_in(self) -> None:
        self.dispatch(SignIn())

    def action_cancel(self) -> None:
        self.dispatch(Logout())


class DeviceApp(StoreApp[AppState]):
    """Begins to sign in as it starts."""

    def on_mount(self) -> None:
        self.push_screen(SignInScreen())
        self.dispatch(SignIn())


async def main(issuer: str, client_id: str, scope: str | None = None) -> None:
    backend = OAuthBackend(issuer=issuer, client_id=client_id, flow="device", scope=scope)
    async with create_api_store(issuer, backend=backend, reducer=app_reducer) as store:
        await DeviceApp(store).run_async()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
