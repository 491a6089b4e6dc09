"""A slider through a history: where the present state, or a past one, is shown."""

from rich.text import Text
from textual import events
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget


class TimeSlider(Widget):
    """A line with a mark where the history stands. A click or a drag travels there."""

    DEFAULT_CSS = """
    TimeSlider { height: 1; padding: 0 1; }
    TimeSlider.past { background: $warning 20%; }
    """

    length: reactive[int] = reactive(0)
    position: reactive[int] = reactive(-1)

    class Moved(Message):
        """Somebody wants to be at another position; -1 is the beginning."""

        def __init__(self, position: int) -> None:
            super().__init__()
            self.position = position

    def show(self, length: int, position: int) -> None:
        self.length, self.position = length, position
        self.set_class(position < length - 1, "past")

    def render(self) -> Text:
        label = f" {self.position + 1}/{self.length} "
        words = "present" if self.position == self.length - 1 else "past   "
        width = max(1, self._width())
        mark = 0 if self.length == 0 else round((width - 1) * (self.position + 1) / self.length)
        line = Text("━" * mark, "green") + Text("●", "bold") + Text("─" * (width - 1 - mark), "dim")
        return Text.assemble(line, label, (words, "bold" if words == "present" else "bold yellow"))

    def _width(self) -> int:
        return self.size.width - len(f" {self.length}/{self.length} ") - len("present")

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self.capture_mouse()
        self._go_to(event.x)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if event.button:
            self._go_to(event.x)

    def on_mouse_up(self) -> None:
        self.release_mouse()

    def _go_to(self, x: int) -> None:
        share = min(1.0, max(0.0, (x - 1) / max(1, self._width() - 1)))
        self.post_message(self.Moved(round(share * self.length) - 1))
