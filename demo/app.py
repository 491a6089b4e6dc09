"""The demo: a Textual app on a store, against a real server."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar

from textual import on
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import AppBlur, AppFocus
from textual.screen import Screen
from textual.widget import Widget

from rxdux import Action, History, Login, Logout, SignIn, Store
from rxdux.query import Invalidate
from rxdux.textual import StoreApp, TimeSlider
from rxdux.textual.key_line import TALL, KeyLine, WithKeyLine

from .actions import MakeTrouble, SignInByBrowser
from .keys import COMMANDS
from .log_view import LogView
from .news import News, news_of
from .news_line import ENOUGH, NewsLine
from .people_table import COLUMNS, PeopleTable, SearchBox
from .queries import PAGES, PERSON, name_person, people
from .rename_dialog import RenameDialog
from .second_window import SecondWindow
from .state import DemoState, Switch, select_progress, switch
from .timeline import timeline_of
from .timeline_view import Lanes, TimelineView
from .users import USERS
from .widgets import LoginDialog, SessionPanel

if TYPE_CHECKING:
    from .story import Step
    from .story_view import StoryView

FRAME = 1 / 20  # seconds between two looks at the history

PATIENCE = 20.0  # seconds that a step of the story may take
RECORDING = News("This is a recording: travel with [ and ], look closer with i.", "warning")


class DemoApp(StoreApp[DemoState], WithKeyLine):
    """Sign in, fetch, and make trouble; the token refresh goes unnoticed.

    Args:
        store: with a session and its epics.
        history: of the store.
        is_recording: whether it shows a recording, with no server behind it.
        connect: gives the store its session; called with the first frame. What is asked before it is done, waits.
    """

    TITLE = "rxdux"

    CSS_PATH = "demo.tcss"

    HORIZONTAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-narrow"), (ENOUGH[0], "-wide")]  # noqa: RUF012 -- as in App
    VERTICAL_BREAKPOINTS: list[tuple[int, str]] | None = [(0, "-low"), (ENOUGH[1], "-normal"), (TALL, "-tall")]  # noqa: RUF012

    ALLOW_IN_MAXIMIZED_VIEW = "NewsLine, KeyLine"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "show_step", "Show it"),
        *(each.binding for each in COMMANDS),
        Binding("1", "sort(1)", "Sort", key_display="1-4"),
        *(Binding(str(number), f"sort({number})", show=False) for number in range(2, len(COLUMNS) + 1)),
        Binding("question_mark,f1", "story", show=False),
        Binding("backspace", "step_back", show=False),
        Binding("escape", "close_story", show=False),
        Binding("ctrl+c", "quit", show=False, priority=True),
    ]

    def __init__(
        self,
        store: Store[DemoState],
        history: History[DemoState],
        *,
        is_recording: bool = False,
        connect: Callable[[], Awaitable[None]] | None = None,
    ) -> None:
        super().__init__(store)
        self.history = history
        self.is_recording = is_recording
        self._connect = connect
        self._asked_before: list[Action] = []
        self.under_way = 0  # requests, at the end
        self._changed = True
        self._story: StoryView | None = None
        self._focused_before: Widget | None = None

    def compose(self) -> ComposeResult:
        yield SessionPanel()
        yield NewsLine()
        with Horizontal(id="body"):
            with Vertical(id="left"):
                yield PeopleTable(may_ask=not self.is_recording)
                yield LogView()
            yield TimelineView()
        yield TimeSlider()
        yield KeyLine()

    def on_mount(self) -> None:
        self._news = self.query_one(NewsLine)
        self._timeline = self.query_one(TimelineView)
        self._log_view = self.query_one(LogView)
        self._slider = self.query_one(TimeSlider)
        self._recorded = self.history.subscribe(self._mark)
        self.set_interval(FRAME, self._follow)
        self._follow()

    def on_ready(self) -> None:
        if self._connect is not None:
            self.run_worker(self._connected(self._connect))  # keys are answered meanwhile

    async def _connected(self, connect: Callable[[], Awaitable[None]]) -> None:
        await connect()
        self._connect = None
        for action in self._asked_before:
            self.dispatch(action)

    def on_unmount(self) -> None:
        self._recorded.unsubscribe()

    # --- what the history tells ------------------------------------------------------------------

    def _mark(self) -> None:
        """Called in whichever thread dispatches."""
        self._changed = True

    def _follow(self) -> None:
        if not self._changed or not self._timeline.query(
            Lanes
        ):  # at the end, parts of the windows are gone before they are
            return
        self._changed = False
        entries, position = self.history.entries, self.history.position
        shown = entries[: position + 1]
        self._timeline.timeline = timeline_of((entry.action, entry.time) for entry in shown if not entry.skipped)
        self._log_view.show(shown)
        self._slider.show(len(entries), position)
        self._news.show(news_of(reversed(shown)))

    @on(AppFocus)
    @on(AppBlur)
    def _looked_away(self, event: AppFocus | AppBlur) -> None:
        """Say nothing of it while the past is shown: any action would return to the present."""
        if self.is_recording or self.history.is_travelling:
            event.prevent_default()
            self.app_focus = isinstance(event, AppFocus)

    def on_time_slider_moved(self, event: TimeSlider.Moved) -> None:
        self.history.jump(min(event.position, len(self.history.entries) - 1))

    # --- keys ------------------------------------------------------------------------------------

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        yield from super().get_system_commands(screen)  # pyright: ignore[reportUnknownMemberType] -- of any screen
        for each in COMMANDS:
            if each.action != "quit":
                yield SystemCommand(each.words, each.explained, getattr(self, f"action_{each.action}"))
        yield SystemCommand("Next page", "Turn to the next page of people", lambda: self.action_turn(1))
        yield SystemCommand("Page before", "Turn to the page before", lambda: self.action_turn(-1))
        yield SystemCommand("Rename", "Give the person under the cursor another name", self.action_rename)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action in ("show_step", "step_back", "close_story"):
            return self._story is not None
        return action != "search" or not isinstance(self.focused, SearchBox)

    async def action_quit(self) -> None:
        self.under_way = select_progress(self.store.state).loading
        await super().action_quit()

    def _act(self, action: Action) -> None:
        """Dispatch what would have effects."""
        if self.is_recording:
            self._news.say(RECORDING)
        elif self._connect is not None:
            self._asked_before.append(action)
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

    def action_device(self) -> None:
        self._sign_in_beside(SignIn())

    def action_browser(self) -> None:
        self._sign_in_beside(SignInByBrowser())

    def _sign_in_beside(self, way: SignIn) -> None:
        from .sign_in_screen import SignInScreen  # noqa: PLC0415 -- QR codes take their time to load

        self._act(way)
        if not self.is_recording:
            self.push_screen(SignInScreen())

    # --- people: in the window that is looked at ---------------------------------------------------

    @property
    def _table(self) -> PeopleTable:
        """That of the window on top, whatever lies over it."""
        return next(table for screen in reversed(self.screen_stack) for table in screen.query(PeopleTable))

    def action_fetch(self) -> None:
        self._act(self._table.asked.refetch())

    def action_fetch_many(self) -> None:
        self._act(Invalidate(PERSON))
        if not self.is_recording:
            self.run_worker(self._fetch_many(), group="fetches")

    async def _fetch_many(self) -> None:
        """Ask for all pages; who watches one of them shares its request. What fails is in the state."""
        asked = (people(page).fetch(self.store) for page in range(1, PAGES + 1))
        await asyncio.gather(*asked, return_exceptions=True)

    def action_cancel(self) -> None:
        self.workers.cancel_group(self, "fetches")  # pyright: ignore[reportUnknownMemberType] -- of any worker

    def action_turn(self, by: int) -> None:
        self._table.turn(by)

    def action_search(self) -> None:
        self._table.search()

    def action_sort(self, number: int) -> None:
        self._table.sort(COLUMNS[number - 1])

    def action_rename(self) -> None:
        table = self._table
        person = table.chosen
        if person is None or isinstance(self.screen, RenameDialog):
            return

        def renamed(name: str | None) -> None:
            if name is not None:
                self._act(name_person(person.id, name, **table.asked.arguments))

        self.push_screen(RenameDialog(person), renamed)

    def action_window(self) -> None:
        body = self.query_one("#body").add_class("-behind")
        room = self._table.region
        top = room.bottom if room.bottom + room.height < self.screen.size.height else 0
        window = SecondWindow(self._table.asked, top, may_ask=not self.is_recording)

        def closed(_: None) -> None:
            body.remove_class("-behind")

        self.push_screen(window, closed)

    # --- trouble ---------------------------------------------------------------------------------

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
        self._act(switch("offline", self.store.state.api.online))

    def action_refuse(self) -> None:
        words = "The server refuses the next change of a name."
        self._act(MakeTrouble(path="/admin/refuse", words=words, switch="refusing", on=True))

    def action_naive(self) -> None:
        self._act(switch("naive", not self.store.state.view.naive))

    def action_sign_out(self) -> None:
        self._act(Logout())
        self._table.forget_search()

    def action_inspect(self) -> None:
        from rxdux.textual import Inspector  # noqa: PLC0415 -- trees and tabs take their time to load

        from .describe import describe  # noqa: PLC0415 -- only for the inspector

        self.push_screen(Inspector(self.history, describe))

    # --- what is looked at -----------------------------------------------------------------------

    def action_view(self) -> None:
        """Go on to the next part. Where there is no room for all, that one is shown in the place of another."""
        parts = {"-people": PeopleTable, "-timeline": TimelineView, "-log": LogView}
        body = self.query_one("#body")
        has_focus = [self.query_one(part).has_focus_within for part in parts.values()]
        at = has_focus.index(True) if True in has_focus else 0
        for number, (name, part) in enumerate(parts.items()):
            chosen = number == (at + 1) % len(parts)
            body.set_class(chosen, name)
            if chosen:
                self.call_after_refresh(self._look_at, self.query_one(part))

    def _look_at(self, part: Widget) -> None:
        inner = part if part.focusable else next(each for each in part.query("DataTable, Lanes") if each.focusable)
        inner.focus()
        if self.screen.maximized is not None:
            self.screen.maximize(inner)

    def action_zoom(self) -> None:
        if self.screen.maximized is not None:
            self.screen.minimize()
            return
        part = self.focused or next(iter(self.screen.query(PeopleTable)), None)  # a key may come before the first focus
        if part is not None:
            self.screen.maximize(part)

    # --- the story -------------------------------------------------------------------------------

    async def action_story(self) -> None:
        """Begin it, or go on to its next step; after the last one it is over."""
        from .story_view import StoryView  # noqa: PLC0415 -- only for who wants it

        if self._story is None:
            self._story, self._focused_before = StoryView(), self.focused
            self.screen.add_class("-story")
            await self.mount(self._story, after=self._news)
            self.refresh_bindings()
        elif not self._story.go(1):
            await self.action_close_story()

    def action_step_back(self) -> None:
        if self._story is not None:
            self._story.go(-1)

    async def action_close_story(self) -> None:
        if self._story is not None:
            await self._story.remove()
            self._story = None
            self.screen.remove_class("-story")
            if self._focused_before is not None:  # on a low screen the story has taken its place
                self.call_after_refresh(self._focused_before.focus)
            self.refresh_bindings()

    def action_show_step(self) -> None:
        if self._story is not None:
            self.run_worker(self._show(self._story.step), exclusive=True)

    async def _show(self, step: "Step") -> None:
        """Do what the keys of the step do, and travel to the moment that it is about."""
        if not self.is_recording:
            with contextlib.suppress(TimeoutError):  # of a server that does not answer: that is told as ever
                await self._do(step)
        from .story import moment_of  # noqa: PLC0415 -- as above

        place = moment_of(self.history.entries, step)
        if place is not None:
            self.history.jump(place)

    def _knows_people(self, state: DemoState) -> bool:
        """Whether there is something to see, or a reason why not."""
        result = self._table.asked(state)
        return result.fetched_at is not None or bool(result.error or state.auth.error)

    async def _do(self, step: "Step") -> None:
        if self.store.state.view.naive != step.is_naive:
            self.action_naive()
        if self.store.state.auth.tokens is None:
            self._act(Login(username="ada", password=USERS["ada"]))
            await self.store.wait_for(self._knows_people, PATIENCE)
            await self.store.idle(PATIENCE)
        for name in step.does:
            getattr(self, f"action_{name}")()
            await self.store.idle(PATIENCE)

    def action_undo(self) -> None:
        self.history.undo()

    def action_redo(self) -> None:
        self.history.redo()
