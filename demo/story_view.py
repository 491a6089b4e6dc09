"""The story beside what happens: it covers nothing, and all keys go on working."""

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.highlight import highlight
from textual.widgets import Static

from .story import STEPS, Step


class StoryView(VerticalScroll, can_focus=False):
    """One step at a time: what happens, the keys that show it, and the code that does it."""

    DEFAULT_CSS = """
    StoryView { height: auto; max-height: 12; border: round $accent; padding: 0 1; scrollbar-size-vertical: 1; }
    """

    def __init__(self) -> None:
        super().__init__()
        self._number = 0

    @property
    def step(self) -> Step:
        return STEPS[self._number]

    def compose(self) -> ComposeResult:
        yield Static(id="step", markup=False)

    def on_mount(self) -> None:
        self._show()

    def go(self, by: int) -> bool:
        """Go on by so many steps; whether there is such a step."""
        if not 0 <= self._number + by < len(STEPS):
            return False
        self._number += by
        self._show()
        return True

    def _show(self) -> None:
        step = self.step
        self.border_title = Content(f"({self._number + 1}/{len(STEPS)}) {step.title}")
        self.border_subtitle = Content("space shows it, h goes on, backspace back, escape closes")
        keys = Content(", ".join(step.keys)).stylize("bold $footer-key-foreground")
        code = highlight(step.code, language="python")
        self.query_one("#step", Static).update(Content.assemble(step.words, " Keys: ", keys, "\n", code))
        self.scroll_home(animate=False)
