"""The people on the screen: a page of them, as the server has it or soon will."""

from typing import Any, ClassVar, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.markup import escape
from textual.message import Message
from textual.reactive import reactive
from textual.widgets import DataTable, Input

from rxdux.query import Query, Result
from rxdux.textual import StoreConsumer, from_query, from_store, on_state

from .people import Column, Order
from .queries import Page, Person, another, people
from .state import Progress, View, select_edits, select_progress

BAR = 20  # cells
COLUMNS: tuple[Column, ...] = ("id", "name", "role", "city")
EDITED = {"loading": "…", "paused": "‖"}
"""Beside a name that the server has not taken yet: it is on its way, or waits for a network."""

NOTHING: Result[Page] = Result()


class SearchBox(Input):
    """What the people are searched for. It is there while it is used. Enter and Escape go back to the rows."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "submit", "Find"), Binding("escape", "leave", "Leave")]

    class Left(Message):
        """Somebody is done with searching."""

    def __init__(self, value: str) -> None:
        super().__init__(value, placeholder="/ search", id="search", compact=True)
        self.display = bool(value)

    def allow_focus(self) -> bool:
        """Not while it is hidden: Textual would let it have the first keys of all."""
        return self.display and super().allow_focus()

    def action_leave(self) -> None:
        self.post_message(self.Left())


class Rows(DataTable[Text]):
    """The rows of a page: the arrows turn it, Enter changes a name."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "app.turn(1)", "Page", key_display="←→"),
        Binding("left", "app.turn(-1)", show=False),
        Binding("enter", "app.rename", "Rename"),
    ]

    def __init__(self) -> None:
        super().__init__(cursor_type="row", zebra_stripes=True)


class PeopleTable(StoreConsumer, Vertical):
    """One page of the people. It watches its query, from the first sign-in on.

    Args:
        asked: what it asks at first.
        title: what it is called.
        may_ask: False for a recording, which has no server behind it.
    """

    ALLOW_MAXIMIZE = True

    asked: reactive[Query[Page]] = reactive(people)
    is_watching: reactive[bool] = reactive(False)

    answer = from_store(lambda state, self: self.asked(state), NOTHING)
    edits = from_store(select_edits, cast("dict[int, str]", {}))
    progress = from_store(select_progress, Progress())
    view = from_store(lambda state: state.view, View())
    watched = from_query(lambda self: self.asked if self.is_watching else None)

    def __init__(self, asked: Query[Page] | None = None, *, title: str = "People", may_ask: bool = True) -> None:
        super().__init__()
        self._title = title
        self._may_ask = may_ask
        self._shown: tuple[Person, ...] = ()
        self._marks: tuple[str, ...] = ()
        if asked is not None:
            self.set_reactive(PeopleTable.asked, asked)

    def compose(self) -> ComposeResult:
        yield SearchBox(self._searched)
        yield Rows()

    def on_mount(self) -> None:
        for column, words in zip(COLUMNS, ("#", "Name", "Role", "City"), strict=True):
            self._rows.add_column(words, key=column)
        self._fill()
        self._rows.focus()

    @property
    def _rows(self) -> Rows:
        return self.query_one(Rows)

    @property
    def _search(self) -> SearchBox:
        return self.query_one(SearchBox)

    @on_state(lambda state: state.auth.tokens is not None)
    def _signed_in(self, is_signed_in: bool) -> None:
        """From now on; the queries themselves see to it that nothing is asked without a session."""
        if is_signed_in and self._may_ask:
            self.is_watching = True

    # --- what is shown ---------------------------------------------------------------------------

    def watch_answer(self) -> None:
        self._fill()
        self._show_words()

    def watch_edits(self) -> None:
        self._fill()

    def watch_progress(self) -> None:
        self._show_words()

    def watch_view(self) -> None:
        self._show_words()

    def _fill(self) -> None:
        if not self._rows.columns or (self.answer.data is None and self.answer.fetching):
            return  # the rows of before stay until there are others
        shown = () if self.answer.data is None else self.answer.data.items
        marks = tuple(EDITED.get(self.edits.get(person.id, ""), "") for person in shown)
        if (shown, marks) != (self._shown, self._marks):
            self._shown, self._marks = shown, marks
            self._draw()

    def _draw(self) -> None:
        rows = [
            (
                Text(f"{person.id}{mark}"),
                Text(person.name, "italic" if mark else ""),
                Text(person.role),
                Text(person.city),
            )
            for person, mark in zip(self._shown, self._marks, strict=True)
        ]
        cursor = self._rows.cursor_row
        self._rows.clear()
        for number, column in enumerate(self._rows.ordered_columns):
            column.auto_width = False  # Textual measures when it is idle, and draws nothing of it then
            column.width = max(column.width, *(row[number].cell_len for row in rows), 0)
        for row in rows:
            self._rows.add_row(*row)
        self._rows.move_cursor(row=cursor)

    def _show_words(self) -> None:
        page, progress = self.answer.data, self.progress
        words = [self._title if page is None else f"{self._title} {page.page}/{page.pages}"]
        if page is not None and self._searched:
            words.append(f"{page.total} match {self._searched}")
        counts = {name: getattr(progress, name) for name in ("fetched", "loading", "failed")}
        words += [f"{count} {name}" for name, count in counts.items() if count]
        self.border_title = escape(", ".join(words))
        requests = f"requests at the server: {self.view.requests}" if self.view.requests else ""
        self.border_subtitle = bar(progress) if progress.loading else requests

    # --- what is asked ---------------------------------------------------------------------------

    @property
    def _searched(self) -> str:
        return self.asked.arguments["search"]

    def _ask(self, **changes: Any) -> None:
        self.asked = another(self.asked, **changes)

    def turn(self, by: int) -> None:
        """Go so many pages on, as far as there are any."""
        page = self.answer.data
        if page is not None and 1 <= page.page + by <= page.pages:
            self._ask(page=page.page + by)

    def sort(self, column: Column) -> None:
        """Order by a column; by the same one again, the other way round."""
        order: Order = self.asked.arguments["order"]
        self._ask(page=1, order=f"-{column}" if order == column else column)

    def search(self) -> None:
        """Go to where the search is typed."""
        self._search.display = True
        self._search.focus()

    def forget_search(self) -> None:
        self._search.value = ""

    @property
    def chosen(self) -> Person | None:
        """Who is under the cursor."""
        row = self._rows.cursor_row
        return self._shown[row] if 0 <= row < len(self._shown) else None

    @on(Input.Changed)
    def _typed(self, event: Input.Changed) -> None:
        text = "".join(letter for letter in event.value if letter.isprintable()).strip()
        if text != self._searched:
            self._ask(page=1, search=text)
        self._search.display = bool(text) or self._search.has_focus

    @on(Input.Submitted)
    @on(SearchBox.Left)
    def _found(self) -> None:
        self._rows.focus()
        self._search.display = bool(self._search.value)

    @on(DataTable.HeaderSelected)
    def _heading_clicked(self, event: DataTable.HeaderSelected) -> None:
        self.sort(COLUMNS[event.column_index])


def bar(progress: Progress) -> str:
    """How far it is.

    Examples:
        >>> bar(Progress(fetched=1, loading=1))
        '██████████░░░░░░░░░░ 1/2'
    """
    done, count = progress.fetched + progress.failed, progress.fetched + progress.failed + progress.loading
    filled = round(BAR * done / count)
    return f"{'█' * filled}{'░' * (BAR - filled)} {done}/{count}"
