"""A drawing editor in Textual with undo and redo: what is typed within a second is one step.

Type to draw, move with the arrow keys; Ctrl+Z, Ctrl+Y and Home go through what was drawn.
"""

import math
import time
from typing import ClassVar

from pydantic import Field
from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Footer, Static

from rxdux import Action, Redo, Slice, State, Store, Undo, Undoable, UndoTo, undoable
from rxdux.textual import StoreApp, StoreConsumer, from_store

WIDTH, HEIGHT = 40, 10
KEYS = {"left": (-1, 0), "right": (1, 0), "up": (0, -1), "down": (0, 1)}


class Drawing(State):
    rows: tuple[str, ...] = (" " * WIDTH,) * HEIGHT
    column: int = 0
    row: int = 0
    typed_at: float = -math.inf  # seconds


drawing = Slice("drawing", initial=Drawing())


@drawing.action
def write(state: Drawing, character: str, *, at: float = Field(default_factory=time.monotonic)) -> Drawing:
    line = state.rows[state.row]
    rows = list(state.rows)
    rows[state.row] = line[: state.column] + character + line[state.column + 1 :]
    return state.replace(rows=tuple(rows), column=min(state.column + 1, WIDTH - 1), typed_at=at)


@drawing.action
def wipe(state: Drawing) -> Drawing:
    return state.replace(rows=Drawing().rows, typed_at=-math.inf)


@drawing.action
def move(state: Drawing, columns: int, rows: int) -> Drawing:
    return state.replace(column=(state.column + columns) % WIDTH, row=(state.row + rows) % HEIGHT)


def typed_together(_: Action, new: Drawing, before: Undoable[Drawing]) -> float | None:
    """The group of a step: that of the step before, if it was typed within a second; None for a step by itself."""
    if math.isinf(new.typed_at):
        return None
    goes_on = before.group is not None and new.typed_at - before.present.typed_at < 1.0
    return before.group if goes_on else new.typed_at


editor = undoable(drawing, only=(write, wipe), group_by=typed_together)


def select_status(state: Undoable[Drawing]) -> str:
    return f"{len(state.past)} steps back, {len(state.future)} forward"


class Canvas(StoreConsumer, Static, can_focus=True):
    drawing = from_store(lambda state: state.present, Drawing())
    status = from_store(select_status, "")

    def render(self) -> str:
        rows = list(self.drawing.rows)
        line, column = rows[self.drawing.row], self.drawing.column
        rows[self.drawing.row] = f"{line[:column]}▏{line[column + 1 :]}" if line[column] == " " else line
        return "\n".join([*rows, "", self.status])

    def on_key(self, event: events.Key) -> None:
        if event.key in KEYS:
            columns, rows = KEYS[event.key]
            self.dispatch(move(columns, rows))
        elif event.character is not None and event.is_printable:
            self.dispatch(write(event.character))
        else:
            return
        event.stop()


class DrawingApp(StoreApp[Undoable[Drawing]]):
    BINDINGS: ClassVar[list[BindingType]] = [
        ("ctrl+z", "undo", "Undo"),
        ("ctrl+y", "redo", "Redo"),
        ("home", "start", "To the start"),
        ("ctrl+l", "wipe", "Wipe"),
    ]

    def compose(self) -> ComposeResult:
        yield Canvas(markup=False)  # a [ that is typed is a [
        yield Footer()

    def action_undo(self) -> None:
        self.dispatch(Undo())

    def action_redo(self) -> None:
        self.dispatch(Redo())

    def action_start(self) -> None:
        self.dispatch(UndoTo(0))

    def action_wipe(self) -> None:
        self.dispatch(wipe())


if __name__ == "__main__":
    with Store(editor) as store:
        DrawingApp(store).run()
