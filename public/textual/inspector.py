"""The panel to look into a store: its actions, what each changed, what came of what, the state, and time travel."""

# Textual's widgets do not say what their app and their screen give:
# pyright: reportUnknownMemberType=false
from collections.abc import Callable
from typing import Any, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Container, Vertical
from textual.widgets import Input, Static

from ..store import Entry, History, Subscription
from ..store.tools.describe import Describe, describe, one_line
from ..store.tools.threads import Threads
from .action_list import ActionList
from .consumer import store_of
from .details import Details
from .entry_filter import EntryFilter, Filter
from .hub import FRAME
from .key_line import KeyLine, WithKeyLine
from .modal import Modal
from .slider import TimeSlider
from .trees import StateTree

__all__ = ["Inspector", "StateTree"]


class FilterBox(Input):
    """What the actions are filtered by. Enter and Escape go back to them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", "Find"),
        Binding("escape", "screen.leave", "Leave"),
    ]


class Inspector(Modal[None], WithKeyLine):
    """Looks into the store of the app that pushes it; any Textual app with a store may.

    Keys: up and down choose an action, Enter shows the state after it, `[` and `]` travel one step, `g` returns to
    the present, `t` takes the chosen action out or in, `p` pauses, `c` commits, `b` rolls back, `/` filters:
    by words anywhere, and by `type:fetch` and `by:refresh_token` (the epic; `by:app` for the app).
    `w` goes to what the chosen action answers (why it is there), `f` shows its thread alone, or all again, `x` writes its
    thread as a test, `v` goes on to the next part: where there is little room it is shown alone.

    Args:
        history: what to show; by default a new one of the app's store, from now on.
        describe: says in a few words which of its kind an action is; by default its fields, shortened, secrets as stars.

    Examples:
        ```python
        class MyApp(StoreApp):
            BINDINGS = [("f12", "inspect", "Inspect")]

            def on_mount(self):
                self.history = History(self.store)

            def action_inspect(self):
                self.push_screen(Inspector(self.history))
        ```
    """

    HORIZONTAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = [(0, "-narrow"), (100, "-wide")]  # pyright: ignore[reportIncompatibleVariableOverride]
    VERTICAL_BREAKPOINTS: ClassVar[list[tuple[int, str]]] = [(0, "-low"), (16, "-high")]  # pyright: ignore[reportIncompatibleVariableOverride]

    DEFAULT_CSS = """
    Inspector { background: $background; }
    Inspector #panes { layout: horizontal; height: 1fr; }
    Inspector #log { width: 6fr; height: 1fr; }
    Inspector #log Input { border: none; height: 1; }
    Inspector #log Input > .input--placeholder { color: $foreground 75%; }
    Inspector #details { width: 5fr; height: 1fr; }
    Inspector.-narrow #panes { layout: vertical; }
    Inspector.-narrow #log { width: 100%; height: 6fr; }
    Inspector.-narrow #details { width: 100%; height: 5fr; }
    Inspector #said { height: auto; padding: 0 1; display: none; }
    Inspector.-said #said { display: block; }
    Inspector.-low ActionList { border: none; }
    Inspector.-low #details { display: none; }
    Inspector.-low.-details #details { display: block; }
    Inspector.-low.-details #log { display: none; }
    """

    AUTO_FOCUS = "#actions"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "undo", "Back"),
        Binding("right_square_bracket", "redo", "On"),
        Binding("g", "present", "Present"),
        Binding("w", "cause", "Why"),
        Binding("f", "thread", "Thread"),
        Binding("slash", "filter", "Filter"),
        Binding("v", "view", "View"),
        Binding("x", "test", "Test"),
        Binding("t", "skip", "Toggle"),
        Binding("p", "pause", "Pause"),
        Binding("c", "commit", "Commit"),
        Binding("b", "rollback", "Rollback"),
        Binding("escape", "leave", "Close"),
    ]

    def __init__(self, history: History[Any] | None = None, describe: Describe = describe) -> None:
        super().__init__()
        self._given = history
        self._describe = describe
        self._filter = EntryFilter(describe)
        self._typed = ""
        self._alone: set[int] | None = None  # the ids of the thread that is shown alone
        self._threads = Threads()
        self._entries: list[Entry[Any]] = []  # as they are shown: the history may be on already
        self._base: Any = None
        self._position = -1
        self._subscription: Subscription | None = None
        self._changed = False

    def compose(self) -> ComposeResult:
        with Container(id="panes"):
            with Vertical(id="log"):
                yield FilterBox(placeholder="/ filter: words, type:fetch, by:epic")
                yield ActionList(self._describe, id="actions")
            yield Details(self._describe, id="details")
        yield Static(id="said", markup=False)
        yield TimeSlider()
        yield KeyLine()

    def on_mount(self) -> None:
        if not self.children:
            return  # the app ends before any of it is there
        self.history: History[Any] = self._given or History(store_of(self))
        self._actions = self.query_one("#actions", ActionList)
        self._details = self.query_one(Details)
        self._subscription = self.history.subscribe(self._mark)
        self.set_interval(FRAME, self._follow)
        self._show()

    def on_unmount(self) -> None:
        if self._subscription is not None:
            self._subscription.unsubscribe()
            if self._given is None:
                self.history.stop()

    # --- following the history -------------------------------------------------------------------

    def _mark(self) -> None:
        """Called in whichever thread dispatches."""
        self._changed = True

    def _follow(self) -> None:
        if self._changed:
            self._changed = False
            self._show()

    def _show(self) -> None:
        seen = self.history.snapshot()
        self._entries, self._base, self._position = seen.entries, seen.base, seen.position
        self._threads.follow(seen.entries)
        self._follow_thread()
        self._actions.show(seen.entries, seen.position)
        self.query_one(TimeSlider).show(len(seen.entries), seen.position)
        self._show_title()
        self._show_chosen()

    def _follow_thread(self) -> None:
        """Take in what has come of the thread that is shown alone. Where nothing of it is left, all are shown again."""
        if self._alone is None:
            return
        left = [number for number, entry in enumerate(self._entries) if entry.id in self._alone]
        if left:
            self._alone |= self._ids_of_thread(left[-1])
        else:
            self._alone = None
            self._actions.filter(self._is_wanted())

    def _ids_of_thread(self, number: int) -> set[int]:
        return {self._entries[each].id for each in self._threads.of(number)}

    def _show_title(self) -> None:
        paused = ", paused" if self.history.is_paused else ""
        of_thread = " of one thread" if self._alone is not None else ""
        self._actions.border_title = f"{self._actions.row_count} of {len(self._entries)} actions{of_thread}{paused}"

    def _choose(self, number: int) -> None:
        """Put the cursor on an entry, or on the last one before it that the filter leaves."""
        self._actions.choose(number)

    def _chosen(self) -> int | None:
        """The number of the entry under the cursor."""
        number = self._actions.chosen
        return number if number is not None and number < len(self._entries) else None

    def _show_chosen(self) -> None:
        number = self._chosen()
        thread = [] if number is None else self._threads.of(number)
        self._actions.mark(thread if len(thread) > 1 else ())
        self._details.show(self._entries, self._base, self._position, number, thread)

    def _say(self, words: str) -> None:
        """Words of its own line, until the cursor moves; nothing takes the line away."""
        if words or self.has_class("-said"):
            self.set_class(bool(words), "-said")
            self.query_one("#said", Static).update(one_line(words))

    @on(ActionList.Highlighted, "#actions")
    def _highlighted(self) -> None:
        self._say("")
        self._show_chosen()

    @on(ActionList.Selected, "#actions")
    def _selected(self, event: ActionList.Selected) -> None:
        self._do(self.history.jump, event.entry)

    @on(ActionList.Selected, "#parts")
    def _selected_part(self, event: ActionList.Selected) -> None:
        self._do(self._choose, event.entry)
        self._actions.focus()

    @on(TimeSlider.Moved)
    def _moved(self, event: TimeSlider.Moved) -> None:
        position = min(event.position, len(self._entries) - 1)
        self._do(self.history.jump, self._entries[position] if position >= 0 else None)

    @on(Input.Changed)
    def _type(self, event: Input.Changed) -> None:
        self._typed = event.value
        self._apply_filter()

    @on(Input.Submitted)
    def _filtered(self) -> None:
        self._actions.focus()

    def _apply_filter(self) -> None:
        self._actions.filter(self._is_wanted())
        self._show_title()
        self._show_chosen()

    def _do(self, what: Callable[[int], object], entry: Entry[Any] | None) -> None:
        """Do something with an entry as it was shown, or None for the beginning; the history may have others by now."""
        try:
            what(self.history.index_of(0 if entry is None else entry.id))
        except IndexError:
            self._say("That action is forgotten.")

    def _is_wanted(self) -> Filter:
        is_typed = self._filter.of(self._typed)
        return lambda entry: (self._alone is None or entry.id in self._alone) and is_typed(entry)

    # --- keys ------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        is_typing = action == "filter" and isinstance(self.focused, FilterBox)
        return not is_typing and super().check_action(action, parameters)

    def action_undo(self) -> None:
        self.history.undo()
        self._choose(self.history.position)

    def action_redo(self) -> None:
        self.history.redo()
        self._choose(self.history.position)

    def action_present(self) -> None:
        self.history.jump(len(self.history.entries) - 1)
        self._choose(self.history.position)

    def action_cause(self) -> None:
        """Go to what the chosen action answers."""
        number = self._chosen()
        cause = None if number is None else self._threads.cause_of(number)
        if cause is None:
            self._say("Nothing that is recorded caused it: the app dispatched it.")
            return
        if cause not in self._actions.numbers:
            self.query_one(Input).value = self._typed = ""
            self._apply_filter()
        self._choose(cause)

    def action_thread(self) -> None:
        """Show the thread of the chosen action alone, or all again."""
        number = self._chosen()
        self._alone = None if self._alone is not None or number is None else self._ids_of_thread(number)
        self._apply_filter()

    def action_test(self) -> None:
        """Write the thread of the chosen action as a test."""
        from ..store.tools.thread_as_test import thread_as_test, word_of  # noqa: PLC0415 -- few need it
        from .thread_test_screen import ThreadTestScreen  # noqa: PLC0415

        number = self._chosen()
        if number is None:
            return
        if not isinstance(self.history, History):  # pyright: ignore[reportUnnecessaryIsInstance]
            self._say("Only the app itself can write its tests: its epics are not here.")
            return
        try:
            text = thread_as_test(self.history, self.history.index_of(self._entries[number].id))
        except (ValueError, IndexError) as error:
            self._say(str(error))
            return
        first = self._entries[self._threads.of(number)[0]].action.type
        self.app.push_screen(ThreadTestScreen(text, f"test_{word_of(first.lower())}.py"))

    def action_view(self) -> None:
        """Go on to the next part."""
        is_shown = self._details.turn()
        self.set_class(is_shown, "-details")
        if not is_shown:
            self._actions.focus()

    def action_skip(self) -> None:
        number = self._chosen()
        if number is not None:
            self._do(self.history.toggle, self._entries[number])

    def action_pause(self) -> None:
        if self.history.is_paused:
            self.history.resume()
        else:
            self.history.pause()

    def action_commit(self) -> None:
        self.history.commit()

    def action_rollback(self) -> None:
        self.history.rollback()

    def action_filter(self) -> None:
        self.remove_class("-details")
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        if self._actions.has_focus:
            self.dismiss()
        else:
            self.remove_class("-details")
            self._actions.focus()
