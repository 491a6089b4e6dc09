"""The session on the screen, and the dialog to sign in."""

import time
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Input, Label, Static

from rxdux import AuthState, Login
from rxdux.textual import StoreConsumer, from_store
from rxdux.textual.modal import Modal

from .people_table import BAR
from .state import DemoState, View

ENOUGH = 60  # cells of the screen, for the whole bar
TROUBLES = {
    "server_errors": "server errors",
    "slow": "slow network",
    "offline": "offline",
    "skewed": "clock skew",
    "refusing": "refuses the next change",
}


def troubles_of(state: DemoState) -> str:
    """What is wrong just now, in words. Offline is also who has met no network."""
    names = [name for name in TROUBLES if getattr(state.view, name)]
    if not state.api.online and "offline" not in names:
        names.append("offline")
    return ", ".join(TROUBLES[name] for name in names)


class SessionPanel(StoreConsumer, Static):
    """Who is signed in, how long the access token lives, and what troubles there are."""

    auth = from_store(lambda state: state.auth, AuthState())
    view = from_store(lambda state: state.view, View())
    troubles = from_store(troubles_of, "")

    def on_mount(self) -> None:
        self.border_title = "Session"
        self.set_interval(0.5, self.refresh)

    def watch_troubles(self, troubles: str) -> None:
        self.border_subtitle = troubles

    def render(self) -> Content:
        auth, view = self.auth, self.view
        words = auth.status.replace("_", " ")
        who = f"{view.user}, {words}" if view.user and auth.tokens else words
        numbers = "" if auth.tokens is None else f"   generation {auth.generation}   refreshes {auth.refreshes}"
        naive = "   naive" if view.naive else ""
        return Content.assemble((who, "bold"), "   ", self._life(), numbers, (naive, "bold $text-error"))

    def _life(self) -> Content:
        if self.auth.tokens is None:
            return Content.styled("no token", "dim")
        if self.auth.expires_at is None or not self.auth.tokens.expires_in:
            return Content("a token without end")
        left = self.auth.expires_at - time.time()
        if left <= 0:
            return Content.styled("token expired", "bold $text-warning")
        bar = BAR if self.size.width >= ENOUGH else BAR // 2
        filled = round(bar * min(1.0, left / self.auth.tokens.expires_in))
        return Content.assemble(("█" * filled, "$text-success"), ("░" * (bar - filled), "dim"), f" {left:.0f} s")


class LoginDialog(Modal[Login | None]):
    """Asks for a name and a password."""

    AUTO_FOCUS = "#password"

    BINDINGS: ClassVar = [("escape", "dismiss", "Cancel")]

    def compose(self) -> ComposeResult:
        with Vertical() as dialog:
            dialog.border_title = "Sign in"
            yield Input("ada", placeholder="name", id="username")
            yield Input("lovelace", placeholder="password", password=True, id="password")
            yield Label("Enter signs in, Escape goes back.\nUsers: ada/lovelace, grace/hopper")

    @on(Input.Submitted)
    def submit(self) -> None:
        username, password = (self.query_one(f"#{name}", Input).value for name in ("username", "password"))
        self.dismiss(Login(username=username, password=password))
