"""The parts of the demo's screen: each follows the part of the state that it shows."""

import time
from typing import ClassVar, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import DataTable, Input, Label, Static

from rxdux import AuthState, Login
from rxdux.textual import StoreConsumer, from_store, on_state

from .people import Person
from .state import Column, Progress, View, search_for, select_progress, select_rows, sort_by

BAR = 20  # cells
COLUMNS: tuple[Column, ...] = ("id", "name", "role", "city")
TROUBLES = {
    "server_errors": "server errors",
    "slow": "slow network",
    "offline": "offline",
    "skewed": "the server's clock is an hour ahead",
}


class SessionPanel(StoreConsumer, Static):
    """Who is signed in, how long the access token lives, and what troubles there are."""

    auth = from_store(lambda state: state.auth, AuthState())
    view = from_store(lambda state: state.view, View())

    def on_mount(self) -> None:
        self.border_title = "Session"
        self.set_interval(0.5, self.refresh)

    def render(self) -> Text:
        auth, view = self.auth, self.view
        words = auth.status.replace("_", " ")
        who = f"{view.user}, {words}" if view.user and auth.tokens else words
        line = Text.assemble(
            (who, "bold"),
            *("   ", self._life()),
            *("   ", f"generation {auth.generation}"),
            *("   ", f"refreshes {auth.refreshes}"),
        )
        if view.naive:
            line.append("   naive", "bold red")
        return Text("\n").join([line, self._trouble()])

    def _trouble(self) -> Text:
        if self.auth.error:
            return Text(self.auth.error, "bold red")
        return Text(", ".join(words for name, words in TROUBLES.items() if getattr(self.view, name)), "bold yellow")

    def _life(self) -> Text:
        if self.auth.tokens is None:
            return Text("no token", "dim")
        if self.auth.expires_at is None or not self.auth.tokens.expires_in:
            return Text("a token without end")
        left = self.auth.expires_at - time.time()
        if left <= 0:
            return Text("token expired", "bold yellow")
        filled = round(BAR * min(1.0, left / self.auth.tokens.expires_in))
        return Text.assemble(("█" * filled, "green"), ("░" * (BAR - filled), "dim"), f" {left:.0f} s")


class PeopleTable(StoreConsumer, Vertical):
    """The rows of all answers, with search, sort and progress."""

    rows = from_store(select_rows, cast("tuple[Person, ...]", ()))
    progress = from_store(select_progress, Progress())
    _has_columns = False

    def compose(self) -> ComposeResult:
        yield Input(placeholder="/ search", id="search")
        yield DataTable[str](cursor_type="row", zebra_stripes=True)

    def on_mount(self) -> None:
        for column, words in zip(COLUMNS, ("#", "Name", "Role", "City"), strict=True):
            self._table.add_column(words, key=column)
        self._has_columns = True
        self._fill()
        self._table.focus()

    @property
    def _table(self) -> DataTable[str]:
        return cast("DataTable[str]", self.query_one(DataTable))

    def watch_rows(self) -> None:
        self._fill()

    def watch_progress(self, before: Progress, progress: Progress) -> None:
        words = [f"{progress.fetched} fetched"] if progress.fetched else []
        words += [f"{progress.loading} loading"] if progress.loading else []
        words += [f"{progress.failed} failed"] if progress.failed else []
        self.border_title = ", ".join(["People", *words])
        self.border_subtitle = _bar(progress) if progress.loading else progress.reason
        if before.loading and not progress.loading:
            self._fill()

    def _fill(self) -> None:
        if self.progress.loading or not self._has_columns:
            return  # the rows come when all are there: one change of the table, not fifty
        self._table.clear()
        for row in self.rows:
            self._table.add_row(str(row["id"]), row["name"], row["role"], row["city"])

    @on_state(lambda state: state.view.search)
    def search_changed(self, search: str) -> None:
        box = self.query_one(Input)
        if box.value.strip() != search and not box.has_focus:
            box.value = search

    @on(Input.Changed)
    def _search(self, event: Input.Changed) -> None:
        self.dispatch(search_for(event.value))

    @on(Input.Submitted)
    def _found(self) -> None:
        self._table.focus()

    @on(DataTable.HeaderSelected)
    def _sort(self, event: DataTable.HeaderSelected) -> None:
        self.dispatch(sort_by(COLUMNS[event.column_index]))


def _bar(progress: Progress) -> str:
    done, count = progress.fetched + progress.failed, progress.fetched + progress.failed + progress.loading
    filled = round(BAR * done / count)
    return f"{'█' * filled}{'░' * (BAR - filled)} {done}/{count}"


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
