"""Trees of states, of actions and of differences: each part can be opened, and nothing is cut."""

# Textual's widgets do not say what their app and their screen give:
# pyright: reportUnknownMemberType=false
from collections.abc import Sequence
from typing import Any, ClassVar, cast

from rich.text import Text
from textual import on
from textual.binding import Binding, BindingType
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from ..store.tools.describe import one_line
from .parts import Branch, Change, Part, line_of, shown

FILLED = 40  # lines that a tree of differences opens by itself

TONES = {"+": "green", "-": "red", "~": "yellow"}

Way = tuple[str, ...]


class BranchTree(Tree[tuple[Way, Branch]]):
    """Branches, filled when they are opened. What was open stays open."""

    DEFAULT_CSS = """
    BranchTree { height: 1fr; background: transparent; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "select_cursor", "Open")]

    def __init__(self, root: str, id: str | None = None) -> None:
        super().__init__(root, id=id)
        self._open_ways: set[Way] = set()
        self._shut_ways: set[Way] = set()

    def fill(self, branches: Sequence[Branch], otherwise: str = "", opened: int = 0) -> None:
        """Show these branches, or words where there are none; so many lines are opened by themselves."""
        self.clear()
        room = [opened]
        self._add(self.root, (), branches, room)
        if not branches and otherwise:
            self.root.add_leaf(Text(otherwise, "" if self.app.no_color else "dim"))
        self.root.expand()

    def _add(self, node: TreeNode[Any], way: Way, branches: Sequence[Branch], room: list[int]) -> None:
        room[0] -= len(branches)
        for branch in branches:
            where = (*way, branch.name)
            if not branch.has_children:
                node.add_leaf(self._label(branch), (where, branch))
                continue
            child = node.add(self._label(branch), (where, branch))
            opens_itself = room[0] > 0 and isinstance(branch, Change) and branch.is_branch
            if where in self._open_ways or (opens_itself and where not in self._shut_ways):
                self._fill(child, room)
                child.expand()

    def _fill(self, node: TreeNode[Any], room: list[int] | None = None) -> None:
        where, branch = cast("tuple[Way, Branch]", node.data)
        if not node.children:
            self._add(node, where, branch.children(), room or [0])

    def _label(self, branch: Branch) -> Text:
        if branch.sign:
            return Text(one_line(line_of(branch)), "" if self.app.no_color else TONES[branch.sign])
        return Text.assemble((one_line(branch.name), "bold"), f" {one_line(branch.words)}" if branch.words else "")

    @on(Tree.NodeExpanded)
    def _expanded(self, event: Tree.NodeExpanded[Any]) -> None:
        if event.node.data is not None:
            self._open_ways.add(event.node.data[0])
            self._shut_ways.discard(event.node.data[0])
            self._fill(event.node)

    @on(Tree.NodeCollapsed)
    def _collapsed(self, event: Tree.NodeCollapsed[Any]) -> None:
        if event.node.data is not None:
            self._open_ways.discard(event.node.data[0])
            self._shut_ways.add(event.node.data[0])


class StateTree(BranchTree):
    """A state, opened part by part."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__("state", id=id)

    def show(self, state: Any) -> None:
        whole = Part("", state)
        self.fill(whole.children() if whole.has_children else [Part("state", state)])


class DifferenceTree(BranchTree):
    """Where two states differ, opened as far as it fits."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__("difference", id=id)
        self.show_root = False

    def show(self, before: Any, after: Any) -> None:
        self.fill(shown(before, after), "It changed nothing.", FILLED)

    def say(self, words: str) -> None:
        self.fill([], words)


class ActionTree(BranchTree):
    """The fields of an action, all of each."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__("action", id=id)

    def show(self, action: Any, notes: Sequence[str] = ()) -> None:
        self.root.set_label(Text(one_line(action.type), "bold" if self.app.no_color else "bold cyan"))
        whole = Part("", action)
        self.fill(whole.children() if whole.has_children else [])
        for note in notes:
            self.root.add_leaf(Text(one_line(note), "" if self.app.no_color else "dim"))

    def clear_all(self) -> None:
        self.root.set_label("action")
        self.fill([])
