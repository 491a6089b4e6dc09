"""A list of actions, of which only the lines on the screen are drawn: ten thousand scroll as ten do."""

# Textual's widgets do not say what their app and their screen give:
# pyright: reportUnknownMemberType=false
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Sequence
from datetime import datetime
from typing import Any, ClassVar

from rich.segment import Segment
from rich.style import Style
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from ..store import Entry
from ..store.tools.describe import Describe, describe, one_line
from ..store.tools.threads import forgotten

WIDE = 52  # cells, from which on a line has a column for who dispatched it
WIDER = 72  # and from which on the hours are told
SOURCE = 18  # cells of that column


class ActionList(ScrollView, can_focus=True):
    """The entries of a history, one a line: when, what type, which one, and by whom.

    Entries are known by their number in the history. `▶` is before the one whose state is shown, `│` before those of
    the thread.

    Args:
        describe: says in a few words which of its kind an action is.
        clock: says when an entry was, where a line has so many cells; by default in hours, minutes and seconds.
    """

    DEFAULT_CSS = """
    ActionList { height: 1fr; overflow-x: hidden; overflow-y: auto; border: round $primary; scrollbar-size-vertical: 1; }
    ActionList:focus { border: round $accent; border-title-color: $foreground; }
    ActionList > .action-list--cursor { background: $block-cursor-blurred-background; text-style: $block-cursor-blurred-text-style; }
    ActionList:focus > .action-list--cursor {
        background: $block-cursor-background; color: $block-cursor-foreground; text-style: $block-cursor-text-style;
    }
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"action-list--cursor"}

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "first", show=False),
        Binding("end", "last", show=False),
        Binding("enter", "select", "Show"),
    ]

    row: reactive[int] = reactive(-1)

    class Highlighted(Message):
        """Another entry is under the cursor."""

        def __init__(self, actions: "ActionList") -> None:
            super().__init__()
            self.actions = actions

        @property
        def control(self) -> "ActionList":
            return self.actions

    class Selected(Message):
        """Somebody wants what is under the cursor."""

        def __init__(self, actions: "ActionList", entry: Entry[Any]) -> None:
            super().__init__()
            self.actions = actions
            self.entry = entry

        @property
        def control(self) -> "ActionList":
            return self.actions

    def __init__(
        self,
        describe: Describe = describe,
        clock: Callable[[Entry[Any], int], str] | None = None,
        id: str | None = None,
    ) -> None:
        super().__init__(id=id)
        self._describe = describe
        self._clock = clock or _clock
        self._entries: list[Entry[Any]] = []  # all that there are, as they were seen last
        self._numbers: list[int] = []  # of those that are wanted, counted from the first that there ever was
        self._gone = 0  # so many of these are forgotten
        self._is_wanted: Callable[[Entry[Any]], bool] = _every
        self._only: Collection[int] | None = None
        self._thread: Collection[int] = ()
        self._position = -1

    # --- what is shown ---------------------------------------------------------------------------

    @property
    def numbers(self) -> list[int]:
        """The numbers of the entries that are shown, in the history as it is now."""
        return [number - self._gone for number in self._numbers]

    @property
    def row_count(self) -> int:
        return len(self._numbers)

    @property
    def chosen(self) -> int | None:
        """The number of the entry under the cursor."""
        return self._numbers[self.row] - self._gone if 0 <= self.row < len(self._numbers) else None

    @property
    def is_at_end(self) -> bool:
        return self.row >= len(self._numbers) - 1

    def show(self, entries: Sequence[Entry[Any]], position: int = -1) -> None:
        """Show these entries; those that are known already are not looked at again. The cursor stays on its entry, or at the end."""
        at_end, chosen = self.is_at_end, self.chosen
        moved = position != self._position
        self._position = position
        gone = forgotten(self._entries, entries)
        if gone is None:
            self._entries, self._gone = list(entries), 0
            self._select()
        else:
            known = len(self._entries) - gone
            self._gone += gone
            self._entries = list(entries)
            chosen = None if chosen is None else max(0, chosen - gone)
            del self._numbers[: bisect_left(self._numbers, self._gone)]
            if known == len(entries) and not gone:
                if moved:
                    self.refresh()
                return
            for number in range(known, len(entries)):
                if self._wants(number):
                    self._numbers.append(number + self._gone)
        self._grown()
        if at_end or chosen is None:
            self.choose(len(entries) - 1)
        else:
            self.choose(chosen)

    def filter(self, is_wanted: Callable[[Entry[Any]], bool], only: Collection[int] | None = None) -> None:
        """Show those that are wanted alone, and of these but the given ones."""
        self._is_wanted, self._only = is_wanted, only
        chosen = self.chosen
        self._select()
        self._grown()
        self.choose(len(self._entries) - 1 if chosen is None else chosen)

    def mark(self, thread: Collection[int]) -> None:
        """Mark the entries of a thread."""
        if thread != self._thread:
            self._thread = thread
            self.refresh()

    def _select(self) -> None:
        self._numbers = [number + self._gone for number in range(len(self._entries)) if self._wants(number)]

    def _wants(self, number: int) -> bool:
        return (self._only is None or number in self._only) and self._is_wanted(self._entries[number])

    def _grown(self) -> None:
        self.virtual_size = Size(0, len(self._numbers))
        self.refresh()

    # --- the cursor ------------------------------------------------------------------------------

    def choose(self, number: int) -> None:
        """Put the cursor on an entry, or on the last one before it that is shown."""
        row = max(0, bisect_right(self._numbers, number + self._gone) - 1) if self._numbers else -1
        if row == self.row:
            self._cursor_moved()
        self.row = row

    def validate_row(self, row: int) -> int:
        return min(max(row, 0), len(self._numbers) - 1)

    def watch_row(self, old: int, new: int) -> None:
        self.refresh_line(old)
        self.refresh_line(new)
        self._cursor_moved()

    def _cursor_moved(self) -> None:
        if self.row >= 0:
            self.scroll_to_region(Region(0, self.row, 1, 1), animate=False, force=True, immediate=True)
        self.post_message(self.Highlighted(self))

    def action_move(self, way: int) -> None:
        self.row += way

    def action_page(self, way: int) -> None:
        self.row += way * max(1, self.scrollable_content_region.height - 1)

    def action_first(self) -> None:
        self.row = 0

    def action_last(self) -> None:
        self.row = len(self._numbers) - 1

    def action_select(self) -> None:
        if self.chosen is not None:
            self.post_message(self.Selected(self, self._entries[self.chosen]))

    def on_click(self, event: events.Click) -> None:
        offset = event.get_content_offset(self)
        if offset is None:
            return
        row = offset.y + self.scroll_offset.y
        if row < len(self._numbers):
            if row == self.row:
                self.action_select()
            self.row = row

    # --- drawing ---------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        row = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if row >= len(self._numbers):
            return Strip.blank(width, self.rich_style)
        number = self._numbers[row] - self._gone
        line = self.line(number, width)
        strip = Strip(line.render(self.app.console)).adjust_cell_length(width)
        if row == self.row:
            return _plain(strip).apply_style(self.get_component_rich_style("action-list--cursor"))
        return strip.apply_style(self.rich_style)

    def line(self, number: int, width: int) -> Text:
        """One entry in so many cells."""
        entry = self._entries[number]
        quiet = "" if self.app.no_color else "dim"
        failed = "bold" if self.app.no_color else "bold red"
        tone = "strike" if entry.skipped else failed if entry.error else ""
        mark = "▶" if number == self._position else "│" if number in self._thread else " "
        source = one_line(entry.source or "")
        line = Text(no_wrap=True, overflow="ellipsis", end="")
        line.append(f"{mark}{self._clock(entry, width)} ", quiet)
        line.append(f"{'✗ ' if entry.error else ''}{one_line(entry.action.type)} ", tone)
        line.append(one_line(self._words(entry.action)), quiet)
        if source and width >= WIDE:
            line.truncate(width - SOURCE - 1, overflow="ellipsis", pad=True)
            column = Text(f" {source}", quiet, no_wrap=True)
            column.truncate(SOURCE + 1, overflow="ellipsis")
            line.append_text(column)
        line.truncate(width, overflow="ellipsis")
        return line

    def _words(self, action: Any) -> str:
        """What the hook says; a mistake in it is told in its place."""
        try:
            return str(self._describe(action))
        except Exception as error:
            return f"(describe failed: {type(error).__name__}: {error})"


def _plain(strip: Strip) -> Strip:
    """Without colours of its own: under the cursor they might not be seen."""
    keeps = (Segment(text, Style(strike=style.strike, bold=style.bold) if style else None) for text, style, _ in strip)
    return Strip(keeps, strip.cell_length)


def _clock(entry: Entry[Any], width: int) -> str:
    return datetime.fromtimestamp(entry.time).strftime("%H:%M:%S.%f" if width >= WIDER else "%S.%f")[:-3]


def _every(_entry: Entry[Any]) -> bool:
    return True
