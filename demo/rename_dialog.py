"""Asks for the new name of somebody."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widgets import Input, Label

from rxdux.textual.modal import Modal

from .queries import Person


class RenameDialog(Modal[str | None]):
    """Gives the new name; None where there is none."""

    BINDINGS: ClassVar = [("escape", "dismiss", "Cancel")]

    def __init__(self, person: Person) -> None:
        super().__init__()
        self._person = person

    def compose(self) -> ComposeResult:
        with Vertical() as dialog:
            dialog.border_title = f"Rename {self._person.id}"
            yield Input(self._person.name, placeholder="name", max_length=60)
            yield Label("Enter saves, Escape goes back.\nIt shows at once; j has the server refuse it.")

    @on(Input.Submitted)
    def submit(self, event: Input.Submitted) -> None:
        name = " ".join(event.value.split())
        self.dismiss(name if name and name.isprintable() and name != self._person.name else None)
