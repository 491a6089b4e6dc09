"""The demo: a Textual app on a store, against a real server."""

from collections.abc import Iterable
from typing import Any, ClassVar

from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.screen import Screen
from textual.widgets import Footer, Input, Static

from rxdux import Action, CancelFetch, FetchData, History, Login, Logout, Store
from rxdux.textual import StoreApp, TimeSlider, on_state

from .actions import MakeTrouble, TroubleMade, TroubleRefused
from .log_view import LogView
from .state import DemoState, Progress, Switch, select_progress, sort_by, switch
from .timeline import timeline_of
from .timeline_view import TimelineView
from .users import USERS
from .widgets import COLUMNS, LoginDialog, PeopleTable, SessionPanel

PAGES = 50  # of six people each
FRAME = 1 / 20  # seconds between two looks at the history

Command = tuple[str, str, str, str]
COMMANDS: tuple[Command, ...] = (
    ("s", "sign_in", "Sign in", "Ask for a name and a password"),
    ("f", "fetch", "Fetch", "Fetch the next page of people"),
    ("m", "fetch_many", "50x", "Fetch fifty pages at once"),
    ("e", "expire", "Expire", "Let the server expire all access tokens now"),
    ("t", "naive", "Naive", "Switch single flight off or on: every fetch refreshes for itself"),
    ("i", "inspect", "Inspect", "Look into every action, the state, and travel in time"),
    ("h", "help", "Help", "The story in five steps"),
    ("q", "quit", "Quit", "Leave"),
)
MORE: tuple[Command, ...] = (
    ("r", "revoke", "Revoke", "Let the server revoke all refresh tokens"),
    ("x", "server_errors", "Server errors", "Switch the server's errors on or off"),
    ("l", "slow", "Slow network", "Let every answer take a second, or not"),
    ("n", "offline", "Offline", "Switch the network off or on"),
    ("k", "skewed", "Clock skew", "Put the server's clock an hour ahead, or back"),
    ("u", "other_user", "Another user", "Sign in as the other user"),
    ("o", "sign_out", "Sign out", "End the session"),
    ("left_square_bracket", "undo", "Back in time", "Show the state one action before"),
    ("right_square_bracket", "redo", "On in time", "Show the state one action on"),
    ("slash", "search", "Search", "Search the rows"),
    ("c", "cancel", "Cancel", "Cancel the fetches under way"),
)


class DemoApp(StoreApp[DemoState]):
    """Sign in, fetch, and make trouble; the token refresh goes unnoticed.

    Args:
        store: with a session and its epics.
        history: of the store.
        is_recording: whether it shows a recording, with no server behind it.
    """

    TITLE = "rxdux"

    CSS_PATH = "demo.tcss"

    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (70, "-wide")]  # noqa: RUF012 -- as in App
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-low"), (18, "-normal"), (32, "-tall")]  # noqa: RUF012

    BINDINGS: ClassVar[list[BindingType]] = [
        *(Binding(key, name, words) for key, name, words, _ in COMMANDS),
        *(Binding(key, name, words, show=False) for key, name, words, _ in MORE),
        *(Binding(str(number), f"sort({number})", show=False) for number in range(1, len(COLUMNS) + 1)),
        Binding("question_mark,f1", "help", show=False),
        Binding("ctrl+c", "quit", show=False, priority=True),
    ]

    def __init__(self, store: Store[DemoState], history: History[DemoState], *, is_recording: bool = False) -> None:
        super().__init__(store)
        self.history = history
        self.is_recording = is_recording
        self._page = 0
        self._changed = True

    def compose(self) -> ComposeResult:
        yield SessionPanel()
        yield Static("80x24 shows more than this.", id="small")
        with Horizontal():
            yield PeopleTable()
            with Vertical(id="side"):
                yield TimelineView()
                yield LogView()
        yield TimeSlider()
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self._timeline = self.query_one(TimelineView)
        self._log_view = self.query_one(LogView)
        self._slider = self.query_one(TimeSlider)
        self.history.subscribe(self._mark)
        self.set_interval(FRAME, self._follow)
        self._follow()
        following = self.store.actions.subscribe(self._tell)
        self._ending = following.dispose

    def on_unmount(self) -> None:
        self._ending()

    # --- what the history tells ------------------------------------------------------------------

    def _mark(self) -> None:
        """Called in whichever thread dispatches."""
        self._changed = True

    def _follow(self) -> None:
        if not self._changed:
            return
        self._changed = False
        entries, position = self.history.entries, self.history.position
        shown = entries[: position + 1]
        self._timeline.timeline = timeline_of((entry.action, entry.time) for entry in shown if not entry.skipped)
        self._log_view.show(shown)
        self._slider.show(len(entries), position)

    def on_time_slider_moved(self, event: TimeSlider.Moved) -> None:
        self.history.jump(min(event.position, len(self.history.entries) - 1))

    # --- words -----------------------------------------------------------------------------------

    def _tell(self, action: Action) -> None:
        match action:
            case TroubleMade(words=words):
                self.notify(words)
            case TroubleRefused(words=words):
                self.notify(words, severity="warning")
            case _:
                pass

    @on_state(lambda state: state.auth.error)
    def session_failed(self, error: str | None) -> None:
        if error and not self.history.is_travelling:
            self.notify(error, severity="error")

    @on_state(select_progress)
    def fetches_ended(self, progress: Progress) -> None:
        if progress.failed and not progress.loading and not self.history.is_travelling:
            self.notify(f"{progress.failed} failed: {progress.reason}", severity="error")

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)  # pyright: ignore[reportUnknownMemberType] -- of any screen
        for _, name, words, explained in (*COMMANDS, *MORE):
            if name != "quit":
                yield SystemCommand(words, explained, getattr(self, f"action_{name}"))

    # --- keys ------------------------------------------------------------------------------------

    def _act(self, action: Action) -> None:
        """Dispatch what would have effects."""
        if self.is_recording:
            self.notify("This is a recording: travel with [ and ], look closer with i.", severity="warning")
        else:
            self.dispatch(action)

    def action_sign_in(self) -> None:
        self.push_screen(LoginDialog(), self._sign_in)

    def _sign_in(self, login: Login | None) -> None:
        if login is not None:
            self._act(login)

    def action_other_user(self) -> None:
        other = next(name for name in USERS if name != self.store.state.view.user)
        self._act(Login(username=other, password=USERS[other]))

    def action_fetch(self) -> None:
        self._page = self._page % PAGES + 1
        self._fetch(self._page)

    def action_fetch_many(self) -> None:
        for page in range(1, PAGES + 1):
            self._fetch(page)

    def _fetch(self, page: int) -> None:
        self._act(FetchData(key=f"page {page}", path="/people", params={"page": page, "size": 6}))

    def action_cancel(self) -> None:
        for key, resource in self.store.state.data.items():
            if resource.status == "loading":
                self._act(CancelFetch(key=key))

    def action_expire(self) -> None:
        self._act(MakeTrouble(path="/admin/expire", words="The access token is expired now."))

    def action_revoke(self) -> None:
        self._act(MakeTrouble(path="/admin/revoke", words="The refresh token is revoked."))

    def _trouble(self, name: Switch, path: str, words: str) -> None:
        on = not getattr(self.store.state.view, name)
        self._act(MakeTrouble(path=path.format(int(on)), words=f"{words} {'on' if on else 'off'}.", switch=name, on=on))

    def action_server_errors(self) -> None:
        self._trouble("server_errors", "/admin/fail?seconds={}e6", "Server errors are")

    def action_slow(self) -> None:
        self._trouble("slow", "/admin/slow?seconds={}", "The slow network is")

    def action_skewed(self) -> None:
        self._trouble("skewed", "/admin/skew?seconds={}e3", "The clock skew is")

    def action_offline(self) -> None:
        self._act(switch("offline", not self.store.state.view.offline))

    def action_naive(self) -> None:
        self._act(switch("naive", not self.store.state.view.naive))

    def action_sign_out(self) -> None:
        self._act(Logout())

    def action_inspect(self) -> None:
        from rxdux.textual import Inspector  # noqa: PLC0415 -- trees and tabs take their time to load

        self.push_screen(Inspector(self.history))

    def action_help(self) -> None:
        from .help import HelpScreen  # noqa: PLC0415 -- Markdown takes its time to load

        self.push_screen(HelpScreen())

    def action_undo(self) -> None:
        self.history.undo()

    def action_redo(self) -> None:
        self.history.redo()

    def action_search(self) -> None:
        self.query_one(PeopleTable).query_one(Input).focus()

    def action_sort(self, number: int) -> None:
        self.dispatch(sort_by(COLUMNS[number - 1]))
