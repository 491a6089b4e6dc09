"""The panel to look into a store: its actions, what each changed, the state, and time travel."""

from datetime import datetime
from typing import Any, ClassVar, cast

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import DataTable, Footer, Input, Static, TabbedContent, TabPane, Tree
from textual.widgets.tree import TreeNode

from ..store import Entry, History, Subscription
from .consumer import store_of
from .hub import FRAME
from .parts import differences, parts_of, words_of
from .slider import TimeSlider

MOST_CHILDREN = 200  # of one node of the tree
TONES = {"+": "green", "-": "red", "~": "yellow"}


class StateTree(Tree[Any]):
    """A state, opened part by part; what was open stays open."""

    def __init__(self) -> None:
        super().__init__("state")
        self._opened: set[str] = {""}

    def show(self, state: Any) -> None:
        self.clear()
        self.root.data = ("", state)
        self._fill(self.root)
        self.root.expand()

    def _fill(self, node: TreeNode[Any]) -> None:
        path, value = cast("tuple[str, Any]", node.data)
        node.remove_children()
        parts = parts_of(value) or {}
        for name, part in list(parts.items())[:MOST_CHILDREN]:
            inner = parts_of(part)
            where = f"{path}.{name}"
            if inner:
                child = node.add(Text.assemble((name, "bold"), f" {type(part).__name__} ({len(inner)})"), (where, part))
                if where in self._opened:
                    self._fill(child)
                    child.expand()
            else:
                node.add_leaf(Text.assemble((name, "bold"), f" {words_of(part)}"), (where, part))
        if len(parts) > MOST_CHILDREN:
            node.add_leaf(f"… {len(parts) - MOST_CHILDREN} more")

    @on(Tree.NodeExpanded)
    def _expanded(self, event: Tree.NodeExpanded[Any]) -> None:
        if event.node.data is not None:
            path = event.node.data[0]
            if path not in self._opened:
                self._opened.add(path)
                self._fill(event.node)

    @on(Tree.NodeCollapsed)
    def _collapsed(self, event: Tree.NodeCollapsed[Any]) -> None:
        if event.node.data is not None and event.node is not self.root:
            self._opened.discard(event.node.data[0])


class Inspector(ModalScreen[None]):
    """Looks into the store of the app that pushes it; any Textual app with a store may.

    Keys: up and down choose an action, Enter shows the state after it, `[` and `]` travel one step, `g` returns to
    the present, `t` takes the chosen action out or in, `p` pauses, `c` commits, `b` rolls back, `/` filters.

    Args:
        history: what to show; by default a new one of the app's store, from now on.

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

    DEFAULT_CSS = """
    Inspector { background: $background; }
    Inspector #log { width: 1fr; }
    Inspector #log Input { border: none; height: 1; }
    Inspector #log DataTable { height: 1fr; border: round $primary; overflow-x: hidden; }
    Inspector #details { width: 1fr; }
    Inspector TabPane { padding: 0 1; }
    Inspector StateTree { height: 1fr; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left_square_bracket", "undo", "Back", key_display="["),
        Binding("right_square_bracket", "redo", "On", key_display="]"),
        Binding("g", "present", "Present"),
        Binding("t", "skip", "Toggle"),
        Binding("p", "pause", "Pause"),
        Binding("c", "commit", "Commit"),
        Binding("b", "rollback", "Rollback"),
        Binding("slash", "filter", "Filter", key_display="/"),
        Binding("escape", "leave", "Close"),
    ]

    def __init__(self, history: History[Any] | None = None) -> None:
        super().__init__()
        self._given = history
        self._wanted = ""
        self._shown: list[Entry[Any]] = []  # the entries that the table shows, in its order
        self._rows: list[int] = []  # and their numbers in the history
        self._subscription: Subscription | None = None
        self._changed = False

    def compose(self) -> ComposeResult:
        with Horizontal():
            with Vertical(id="log"):
                yield Input(placeholder="/ filter by name or field")
                yield DataTable[Text](cursor_type="row", zebra_stripes=True)
            with TabbedContent(id="details"):
                with TabPane("Difference", id="difference"), VerticalScroll():
                    yield Static(id="changes", markup=False)
                with TabPane("Action", id="action"), VerticalScroll():
                    yield Static(id="payload", markup=False)
                with TabPane("State", id="state"):
                    yield StateTree()
        yield TimeSlider()
        yield Footer(compact=True)

    def on_mount(self) -> None:
        self.history: History[Any] = self._given or History(store_of(self))
        self._table = cast("DataTable[Text]", self.query_one(DataTable))
        self._table.add_columns("time", "action", "by")
        self._subscription = self.history.subscribe(self._mark)
        self.set_interval(FRAME, self._follow)
        self._show()
        self._table.focus()

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
        entries = self.history.entries
        wanted = [(number, entry) for number, entry in enumerate(entries) if self._is_wanted(entry)]
        chosen, at_end = self._chosen(), self._table.cursor_row >= len(self._rows) - 1
        known = len(self._shown)
        if len(wanted) < known or any(new is not old for (_, new), old in zip(wanted, self._shown, strict=False)):
            self._table.clear()
            known = 0
        for _, entry in wanted[known:]:
            self._table.add_row(*_row(entry))
        self._shown = [entry for _, entry in wanted]
        self._rows = [number for number, _ in wanted]
        if self._rows:
            self._choose(len(entries) - 1 if at_end or chosen is None else chosen)
        self.query_one(TimeSlider).show(len(entries), self.history.position)
        paused = ", paused" if self.history.is_paused else ""
        self._table.border_title = f"{len(self._rows)} of {len(entries)} actions{paused}"
        self._show_chosen()

    def _choose(self, number: int) -> None:
        """Put the cursor on an entry, or on the last one before it that the filter leaves."""
        row = max((row for row, each in enumerate(self._rows) if each <= number), default=0)
        self._table.move_cursor(row=row)

    def _is_wanted(self, entry: Entry[Any]) -> bool:
        return not self._wanted or self._wanted in f"{entry.action.type} {entry.action!r} {entry.source or ''}".lower()

    def _chosen(self) -> int | None:
        """The number of the entry under the cursor."""
        row = self._table.cursor_row
        return self._rows[row] if 0 <= row < len(self._rows) else None

    def _show_chosen(self) -> None:
        number = self._chosen()
        changes, payload = self.query_one("#changes", Static), self.query_one("#payload", Static)
        if number is None:
            changes.update("No action yet.")
            payload.update("")
            self.query_one(StateTree).show(self.history.state_at(self.history.position))
            return
        entry = self.history.entries[number]
        changes.update(_difference(self.history.state_at(number - 1), entry))
        payload.update(_payload(entry))
        self.query_one(StateTree).show(entry.state)

    @on(DataTable.RowHighlighted)
    def _highlighted(self) -> None:
        self._show_chosen()

    @on(DataTable.RowSelected)
    def _selected(self) -> None:
        number = self._chosen()
        if number is not None:
            self.history.jump(number)

    @on(TimeSlider.Moved)
    def _moved(self, event: TimeSlider.Moved) -> None:
        self.history.jump(min(event.position, len(self.history.entries) - 1))

    @on(Input.Changed)
    def _filter(self, event: Input.Changed) -> None:
        self._wanted = event.value.lower()
        self._show()

    @on(Input.Submitted)
    def _filtered(self) -> None:
        self._table.focus()

    # --- keys ------------------------------------------------------------------------------------

    def action_undo(self) -> None:
        self.history.undo()
        self._choose(self.history.position)

    def action_redo(self) -> None:
        self.history.redo()
        self._choose(self.history.position)

    def action_present(self) -> None:
        self.history.jump(len(self.history.entries) - 1)
        self._choose(self.history.position)

    def action_skip(self) -> None:
        number = self._chosen()
        if number is not None:
            self.history.toggle(number)

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
        self.query_one(Input).focus()

    def action_leave(self) -> None:
        if self.query_one(Input).has_focus:
            self._table.focus()
        else:
            self.dismiss()


def _row(entry: Entry[Any]) -> tuple[Text, Text, Text]:
    clock = datetime.fromtimestamp(entry.time).strftime("%H:%M:%S.%f")[:-3]
    style = "strike dim" if entry.skipped else "bold red" if entry.error else ""
    return Text(clock, "dim"), Text(entry.action.type, style), Text(entry.source or "", "dim")


def _difference(before: Any, entry: Entry[Any]) -> Text:
    if entry.error is not None:
        return Text(f"The reducer failed: {entry.error}", "bold red")
    lines = [Text(str(each), TONES[str(each)[0]]) for each in differences(before, entry.state)]
    return Text("\n").join(lines) if lines else Text("It changed nothing.", "dim")


def _payload(entry: Entry[Any]) -> Text:
    fields = [
        Text.assemble((name, "bold"), f": {words_of(part)}") for name, part in (parts_of(entry.action) or {}).items()
    ]
    by = Text(f"by {entry.source or 'the app'}", "dim")
    return Text("\n").join([Text(entry.action.type, "bold cyan"), *fields, by])
