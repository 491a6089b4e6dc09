"""The parts of the demo's screen: state comes down, messages go up."""

import time
from collections import Counter
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive
from textual.screen import ModalScreen
from textual.widgets import DataTable, Input, Label, RichLog, Static

from rxdux import Action, AuthState, DataState, Login

from .log_line import Tone, line_of

TONES: dict[Tone, str] = {"plain": "", "wire": "dim", "good": "green", "bad": "bold red", "session": "bold cyan"}
BAR = 20  # cells


class SessionPanel(Static):
    """Who is signed in, and how long the access token lives."""

    DEFAULT_CSS = """
    SessionPanel { height: 4; padding: 0 1; border: round $primary; }
    """

    auth: reactive[AuthState] = reactive(AuthState())
    user: reactive[str] = reactive("")
    errors_on: reactive[bool] = reactive(False)

    def on_mount(self) -> None:
        self.border_title = "Session"
        self.set_interval(0.5, self.refresh)

    def render(self) -> Text:
        auth = self.auth
        words = auth.status.replace("_", " ")
        who = f"{self.user}, {words}" if self.user and auth.tokens else words
        line = Text.assemble(
            (who, "bold"), "   ", self._life(), f"   generation {auth.generation}   refreshes {auth.refreshes}"
        )
        if self.errors_on:
            line.append("   server errors on", style="bold red")
        line.append("\n")
        line.append(auth.error or "", style="bold red")
        return line

    def _life(self) -> Text:
        if self.auth.tokens is None:
            return Text("no token", style="dim")
        if self.auth.expires_at is None or not self.auth.tokens.expires_in:
            return Text("a token without end")
        left = self.auth.expires_at - time.time()
        if left <= 0:
            return Text("token expired", style="bold yellow")
        filled = round(BAR * min(1.0, left / self.auth.tokens.expires_in))
        return Text.assemble(("█" * filled, "green"), ("░" * (BAR - filled), "dim"), f" {left:.0f} s")


class PeopleTable(DataTable[str]):
    """The rows of all answers, and how many fetches are under way."""

    DEFAULT_CSS = """
    PeopleTable { width: 2fr; height: 1fr; border: round $primary; overflow-x: hidden; }
    """

    data: reactive[DataState] = reactive(DataState())

    def on_mount(self) -> None:
        self.cursor_type = "row"
        self.zebra_stripes = True
        self.add_columns("#", "Name", "Role", "City")

    def watch_data(self, data: DataState) -> None:
        count = Counter(each.status for each in data.values())
        words = {"success": "fetched", "loading": "loading", "failure": "failed"}
        self.border_title = ", ".join(["People", *(f"{count[each]} {words[each]}" for each in words if count[each])])
        if count["loading"]:
            return  # the rows come when all are there: one change of the table, not fifty
        people = {row["id"]: row for each in data.values() if each.data for row in each.data["items"]}
        self.clear()
        for number in sorted(people):
            row = people[number]
            self.add_row(str(number), row["name"], row["role"], row["city"])
        reason = next((each.error for each in data.values() if each.error), None)
        self.border_subtitle = str(reason) if reason else ""


class ActionLog(RichLog):
    """Every action, as it happens."""

    DEFAULT_CSS = """
    ActionLog { width: 3fr; height: 1fr; border: round $primary; overflow-x: hidden; scrollbar-size-vertical: 1; }
    """

    def __init__(self) -> None:
        super().__init__(max_lines=2_000, wrap=False)
        self._started = time.monotonic()

    def on_mount(self) -> None:
        self.border_title = "Actions"

    def show(self, action: Action) -> None:
        line = line_of(action)
        self.write(Text(f"{time.monotonic() - self._started:6.2f} {line}", style=TONES[line.tone], no_wrap=True))


class LoginDialog(ModalScreen[Login | None]):
    """Asks for a name and a password."""

    DEFAULT_CSS = """
    LoginDialog { align: center middle; }
    LoginDialog Vertical { width: 44; height: auto; border: round $primary; padding: 1 2; background: $surface; }
    LoginDialog Label { color: $text-muted; }
    """

    BINDINGS: ClassVar = [("escape", "dismiss", "Cancel")]

    def compose(self) -> ComposeResult:
        with Vertical() as dialog:
            dialog.border_title = "Sign in"
            yield Input("ada", placeholder="name", id="username")
            yield Input("lovelace", placeholder="password", password=True, id="password")
            yield Label("Enter signs in, Escape goes back.\nUsers: ada/lovelace, grace/hopper")

    def on_mount(self) -> None:
        self.query_one("#password", Input).focus()

    @on(Input.Submitted)
    def submit(self) -> None:
        username, password = (self.query_one(f"#{name}", Input).value for name in ("username", "password"))
        self.dismiss(Login(username=username, password=password))
