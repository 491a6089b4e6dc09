"""What is known of one action in a history: what it changed, itself, its thread, and the state after it."""

# Textual's widgets do not say what their app and their screen give:
# pyright: reportUnknownMemberType=false
from collections.abc import Collection, Sequence
from typing import Any

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import TabbedContent, TabPane

from ..store import Entry
from ..store.tools.describe import Describe
from .action_list import ActionList
from .trees import ActionTree, DifferenceTree, StateTree

TABS = ("difference", "action", "thread", "state")


class Details(Vertical):
    """Shows the chosen action. Only the part that is looked at is filled; the others wait until they are.

    A row of the thread that is selected is told by its list, `#parts`.
    """

    DEFAULT_CSS = """
    Details TabbedContent { height: 1fr; }
    Details TabPane { padding: 0 1; }
    Details #thread ActionList { border: none; }
    """

    def __init__(self, describe: Describe, id: str) -> None:
        super().__init__(id=id)
        self._describe = describe
        self._entries: Sequence[Entry[Any]] = ()
        self._base: Any = None
        self._position = -1
        self._number: int | None = None
        self._thread: Collection[int] = ()

    def compose(self) -> ComposeResult:
        with TabbedContent():
            with TabPane("Difference", id="difference"):
                yield DifferenceTree(id="changes")
            with TabPane("Action", id="action"):
                yield ActionTree(id="payload")
            with TabPane("Thread", id="thread"):
                yield ActionList(self._describe, self._since, id="parts")
            with TabPane("State", id="state"):
                yield StateTree()

    def show(
        self, entries: Sequence[Entry[Any]], base: Any, position: int, number: int | None, thread: Collection[int]
    ) -> None:
        """Show an entry.

        Args:
            entries: all there are.
            base: the state before the first of them.
            position: that of the present state.
            number: which is chosen; None shows the present state, and that there is no action.
            thread: the numbers of those that belong to it.
        """
        self._entries, self._base, self._position = entries, base, position
        self._number, self._thread = number, thread
        self._fill()

    def turn(self) -> bool:
        """Look at the first part, or go on to the next one; False where that was the last."""
        at = TABS.index(self._tabs.active) + 1 if self.has_focus_within else 0
        if at == len(TABS):
            return False
        self._tabs.active = TABS[at]
        self.call_after_refresh(self._look_at, TABS[at])
        return True

    def _look_at(self, tab: str) -> None:
        for each in self.query(f"#{tab} Tree, #{tab} ActionList"):
            each.focus()

    @property
    def _tabs(self) -> TabbedContent:
        return self.query_one(TabbedContent)

    @on(TabbedContent.TabActivated)
    def _fill(self) -> None:
        match self._tabs.active:
            case "difference":
                self._show_difference(self.query_one(DifferenceTree))
            case "action":
                self._show_action(self.query_one(ActionTree))
            case "thread":
                self._show_thread(self.query_one("#parts", ActionList))
            case _:
                self.query_one(StateTree).show(self._state_at(self._position if self._number is None else self._number))

    def _state_at(self, number: int) -> Any:
        return self._base if number < 0 else self._entries[number].state

    def _show_difference(self, tree: DifferenceTree) -> None:
        if self._number is None:
            tree.say("No action yet.")
            return
        entry = self._entries[self._number]
        if entry.error is not None:
            tree.say(f"The reducer failed: {entry.error}")
        else:
            tree.show(self._state_at(self._number - 1) if entry.before is None else entry.before, entry.state)

    def _show_action(self, tree: ActionTree) -> None:
        if self._number is None:
            tree.clear_all()
            return
        entry = self._entries[self._number]
        notes = [f"by {entry.source or 'the app'}"]
        notes += [f"answers {entry.cause.type}"] if entry.cause is not None else []
        notes += [f"waited for {entry.awaited.type}"] if entry.awaited is not None else []
        tree.show(entry.action, notes)

    def _show_thread(self, parts: ActionList) -> None:
        parts.filter(lambda _: True, {*self._thread})
        parts.show(self._entries, self._position)
        parts.choose(-1 if self._number is None else self._number)

    def _since(self, entry: Entry[Any], _width: int) -> str:
        """When it was, in seconds since its thread began."""
        numbers = self.query_one("#parts", ActionList).numbers
        first = self._entries[numbers[0]].time if numbers else entry.time
        return f"{entry.time - first:+8.3f}"
