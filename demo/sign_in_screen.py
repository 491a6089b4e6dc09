"""The screen of a sign-in on another device or in a browser: all that it shows is state."""

import time
from io import StringIO
from typing import ClassVar, cast

from qrcode.constants import ERROR_CORRECT_L
from qrcode.main import QRCode
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Center, Vertical
from textual.widgets import Static

from rxdux import Logout, SignIn
from rxdux.oauth import SignInState
from rxdux.textual import StoreConsumer, bind, from_store, on_state
from rxdux.textual.key_line import KeyLine, WithKeyLine
from rxdux.textual.modal import Modal

from .actions import SignInByBrowser
from .state import DemoState


def qr_code(state: DemoState) -> str:
    """The address with the code in it, two rows of modules in one of characters; empty while there is none."""
    address = state.sign_in.verification_uri_complete
    if address is None:
        return ""
    code = QRCode(border=2, error_correction=ERROR_CORRECT_L)
    code.add_data(address)
    drawn = StringIO()
    code.print_ascii(drawn)
    return drawn.getvalue().rstrip("\n")


def what_to_do(state: DemoState) -> str:
    """One line for the user."""
    match state.auth.status:
        case "signing_in" if state.sign_in.url is not None:
            return "Enter opens a browser here. Or open this address yourself:"
        case "signing_in" if state.sign_in.user_code is None:
            return "Asking the server ..."
        case "signing_in":
            return f"Open {state.sign_in.verification_uri} and enter"
        case "signed_out":
            return state.auth.error or "The sign-in is over."
        case _:
            return "You are signed in."


def what_to_type(state: DemoState) -> str:
    """The code; or the address, where the code is in there."""
    return state.sign_in.user_code or state.sign_in.url or ""


def left_of(sign_in: SignInState, now: float) -> str:
    """How long the user has, in words.

    Examples:
        >>> left_of(SignInState(expires_at=100.0), now=35.0)
        '1:05 left'
    """
    left = 0 if sign_in.expires_at is None else max(0, round(sign_in.expires_at - now))
    return f"{left // 60}:{left % 60:02} left" if left else ""


class TimeLeft(StoreConsumer, Static):
    """Counts down to the end of the code."""

    sign_in = from_store(lambda state: state.sign_in, SignInState())

    def on_mount(self) -> None:
        self.set_interval(0.5, self.show)

    def watch_sign_in(self) -> None:
        self.show()

    def show(self) -> None:
        self.update(left_of(self.sign_in, time.time()))


class SignInScreen(StoreConsumer, Modal[None], WithKeyLine):
    """All that the user needs to come in; it goes when they are in."""

    DEFAULT_CSS = """
    SignInScreen Vertical { align: center middle; }
    SignInScreen Center { height: auto; }
    SignInScreen Vertical Static { width: 100%; text-align: center; }
    SignInScreen #code { text-style: bold; }
    SignInScreen Vertical #qr { width: auto; color: black; background: white; }
    SignInScreen.-low #qr, SignInScreen.-narrow #qr { display: none; }
    """

    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (35, "-wide")]  # noqa: RUF012 -- as in Screen
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-low"), (22, "-normal")]  # noqa: RUF012 -- the QR code has 17

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "device", "New code"),
        Binding("b", "browser", "Browser"),
        Binding("enter", "open", "Open"),
        Binding("escape", "cancel", "Cancel"),
    ]

    url = from_store(lambda state: state.sign_in.url, cast("str | None", None))

    def compose(self) -> ComposeResult:
        with Vertical():
            yield bind(Static(id="what", markup=False), update=what_to_do)
            yield bind(Static(id="code", markup=False), update=what_to_type)
            yield Center(bind(Static(id="qr", markup=False), update=qr_code))
            yield TimeLeft(id="left")
        yield KeyLine()

    @on_state(lambda state: state.auth.status)
    def follow(self, status: str) -> None:
        if status in ("signed_in", "refreshing"):
            self.dismiss()

    def action_device(self) -> None:
        self.dispatch(SignIn())

    def action_browser(self) -> None:
        self.dispatch(SignInByBrowser())

    def action_open(self) -> None:
        if self.url is not None:
            self.app.open_url(self.url)  # pyright: ignore[reportUnknownMemberType] -- of any app

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return (action != "open" or self.url is not None) and super().check_action(action, parameters)

    def watch_url(self) -> None:
        self.refresh_bindings()

    def action_cancel(self) -> None:
        self.dispatch(Logout())
        self.dismiss()
