"""Shows a thread that was written as a test, and saves it."""

# Textual's widgets do not say what their app and their screen give:
# pyright: reportUnknownMemberType=false
from pathlib import Path
from typing import ClassVar

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.widgets import Input, Static, TextArea

from .modal import Modal


class ThreadTestScreen(Modal[None]):
    """The text of a test, and the name of a new file for it: Enter saves, Escape goes back.

    Args:
        text: of the test.
        name: of the file that is proposed.
    """

    DEFAULT_CSS = """
    ThreadTestScreen { align: center middle; }
    ThreadTestScreen #box { width: 94%; height: 94%; border: round $accent; background: $background; }
    ThreadTestScreen TextArea { height: 1fr; border: none; }
    ThreadTestScreen #box Input { height: 1; border: none; }
    ThreadTestScreen #said { height: auto; padding: 0 1; }
    """

    AUTO_FOCUS = "Input"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "dismiss", "Back")]

    def __init__(self, text: str, name: str) -> None:
        super().__init__()
        self._text = text
        self._name_of_file = name

    def compose(self) -> ComposeResult:
        with Vertical(id="box"):
            yield TextArea(self._text, read_only=True)
            yield Static("Enter saves it as a new file; Escape goes back. Secrets are stars.", id="said", markup=False)
            yield Input(self._name_of_file)

    @on(Input.Submitted)
    def _save(self, event: Input.Submitted) -> None:
        path = Path(event.value).expanduser()
        try:
            with path.open("x", encoding="utf-8") as file:
                file.write(self._text)
        except (OSError, ValueError) as error:
            reason = "it is there already" if isinstance(error, FileExistsError) else str(error)
            self.query_one("#said", Static).update(Text(f"{path} was not written: {reason}."))
            return
        self.app.notify(f"The test is in {path}.", markup=False)
        self.dismiss()
