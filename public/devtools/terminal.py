"""The terminal of the DevTools: which apps are connected, and the Inspector for the one that is chosen."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from rich.text import Text
from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import DataTable, Static

from ..store.tools.monitor.apps import Apps
from ..store.tools.monitor.remote_history import RemoteHistory
from ..textual.hub import FRAME
from ..textual.key_line import KeyLine, WithKeyLine
from .app_inspector import AppInspector

LOCAL = ("127.0.0.1", "localhost", "::1")


class AppTable(DataTable[Text]):
    """A row for each app."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "select_cursor", "Look into"),
        Binding("delete", "app.forget", "Forget", key_display="Del"),
    ]

    def __init__(self) -> None:
        super().__init__(id="apps", cursor_type="row", zebra_stripes=True)

    def on_mount(self) -> None:
        self.add_columns("app", "", "actions", "last")

    def show(self, histories: list[RemoteHistory]) -> None:
        row = self.cursor_row
        self.clear()
        for history in histories:
            self.add_row(*_row(history))
        self.move_cursor(row=row)


class Terminal(App[None], WithKeyLine):
    """Lists the apps that are connected; Enter looks into one. The first that comes is looked into at once.

    Args:
        apps: those that a server listens to.
        url: where it listens.
    """

    TITLE = "Redux DevTools"
    AUTO_FOCUS = None
    CSS = """
    #where { height: auto; padding: 0 1; background: $panel; }
    #how { height: auto; padding: 1 1; }
    #apps { height: 1fr; display: none; }
    #news { height: auto; padding: 0 1; color: $text-error; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("q", "quit", "Quit")]

    def __init__(self, apps: Apps, url: str) -> None:
        super().__init__()
        self.apps = apps
        self.url = url
        self._is_stale = True
        self._last: RemoteHistory | None = None  # that was looked into

    def compose(self) -> ComposeResult:
        yield Static(self._where(), id="where", markup=False)
        yield Static(self._how(), id="how", markup=False)
        yield AppTable()
        yield Static(id="news", markup=False)
        yield KeyLine()

    def on_mount(self) -> None:
        self._list = self.screen
        self._table = self.query_one(AppTable)
        self._help = self.query_one("#how", Static)
        self._news = self.query_one("#news", Static)
        self.apps.changes.subscribe(self._note_change)
        self.set_interval(FRAME, self._follow)
        self._follow()

    def _note_change(self) -> None:
        self._is_stale = True

    def _follow(self) -> None:
        if not self._is_stale:
            return
        self._is_stale = False
        histories = self.apps.histories
        table = self._table
        table.show(histories)
        if bool(histories) != table.display:
            table.display = bool(histories)
            self._list.set_focus(table if histories else None)
        self._help.display = not histories
        self._news.update(self.apps.news)
        if histories and self._last is None and self.screen_stack == [self._list]:
            self._look_into(histories[0])

    # --- choosing --------------------------------------------------------------------------------

    @on(DataTable.RowSelected, "#apps")
    def _selected(self) -> None:
        history = self._chosen()
        if history is not None:
            self._look_into(history)

    def action_forget(self) -> None:
        """Drop what is known of the app under the cursor, if it has gone."""
        history = self._chosen()
        if history is not None and not history.is_connected:
            self.apps.forget(history)

    def action_next_app(self) -> None:
        """Look into the app after the one that was looked into last."""
        histories = self.apps.histories
        if histories:
            place = histories.index(self._last) if self._last in histories else -1
            self._look_into(histories[(place + 1) % len(histories)])

    def _look_into(self, history: RemoteHistory) -> None:
        self._last = history
        self._table.move_cursor(row=self.apps.histories.index(history))
        self.push_screen(AppInspector(history, self.apps))

    def _chosen(self) -> RemoteHistory | None:
        histories, row = self.apps.histories, self._table.cursor_row
        return histories[row] if 0 <= row < len(histories) else None

    # --- words -----------------------------------------------------------------------------------

    def _where(self) -> Text:
        words = Text.assemble("Listening for apps at ", (self.url, "bold"))
        if urlsplit(self.url).hostname not in LOCAL:
            words.append(". Whoever reaches this machine may connect.", "bold yellow")
        return words

    def _how(self) -> Text:
        parts = urlsplit(self.url)
        return Text.assemble(
            ("No app is connected yet.\n\n", "bold"),
            ("Python: ", "bold"),
            f'from rxdux.devtools import connect\n  connect(store, "{self.url}")\n\n',
            ("JavaScript: ", "bold"),
            "the enhancer of @redux-devtools/remote,\n",
            f'  devToolsEnhancer({{ realtime: true, hostname: "{parts.hostname}", port: {parts.port} }})',
        )


def _row(history: RemoteHistory) -> tuple[Text, Text, Text, Text]:
    entries = history.entries
    status = Text("connected", "green") if history.is_connected else Text("gone", "dim")
    last: Any = history.news or (entries[-1].action.type if entries else "")
    return Text(history.name, "bold"), status, Text(str(len(entries)), justify="right"), Text(last)
