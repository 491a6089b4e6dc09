"""A question that is answered by one line of text."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Vertical
from textual.widgets import Input, Static

from ..textual.modal import Modal


class Ask(Modal[None]):
    """Asks until what is typed can be done, or Escape.

    Args:
        question: in a line.
        do: does it; its ValueError or OSError says what is wrong with the text.
        text: that is there at first.
        example: of a text.
    """

    DEFAULT_CSS = """
    Ask { align: center bottom; }
    Ask Vertical { height: auto; background: $panel; padding: 0 1; border-top: solid $primary; }
    Ask #wrong { height: auto; max-height: 5; color: $text-error; }
    """

    AUTO_FOCUS = "Input"
    BINDINGS = [Binding("escape", "leave", "Leave")]  # noqa: RUF012 -- as Textual has it

    def __init__(self, question: str, do: Callable[[str], object], *, text: str = "", example: str = "") -> None:
        super().__init__()
        self._question = question
        self._do = do
        self._text = text
        self._example = example

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(f"{self._question}  (Enter; Escape leaves)", markup=False)
            yield Input(self._text, placeholder=self._example, compact=True, select_on_focus=False)
            yield Static(id="wrong", markup=False)

    @on(Input.Submitted)
    def _answered(self, event: Input.Submitted) -> None:
        if not event.value.strip():
            self.dismiss()
            return
        try:
            self._do(event.value.strip())
        except FileExistsError as error:
            self._refuse(f"{error.filename} is there already. Choose another name.")
        except OSError as error:
            self._refuse(f"{error.filename}: {error.strerror}.")
        except ValueError as error:
            self._refuse(str(error))
        else:
            self.dismiss()

    def _refuse(self, words: str) -> None:
        self.query_one("#wrong", Static).update(words)

    def action_leave(self) -> None:
        self.dismiss()
