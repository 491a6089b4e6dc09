"""The log of actions, as it grows."""

# Textual's widgets do not say what their app and their screen give:
# pyright: reportUnknownMemberType=false
from collections.abc import Sequence
from typing import Any

from rich.text import Text
from textual.widgets import RichLog

from rxdux import Entry

from .log_line import Tone, line_of

TONES: dict[Tone, str] = {"plain": "", "wire": "dim", "good": "green", "bad": "bold red", "session": "bold cyan"}
COLOURLESS: dict[Tone, str] = {"plain": "", "wire": "", "good": "", "bad": "bold", "session": "bold"}


class LogView(RichLog):
    """Every action, as it happens; in the past those up to then. Who has scrolled up is left there."""

    def __init__(self) -> None:
        super().__init__(max_lines=2_000, wrap=False, auto_scroll=False)
        self._shown: list[Entry[Any]] = []

    def on_mount(self) -> None:
        self.border_title = "Actions"
        self.anchor()  # at its end, until somebody scrolls

    def show(self, entries: Sequence[Entry[Any]]) -> None:
        known = len(self._shown)
        if len(entries) < known or any(new is not old for new, old in zip(entries, self._shown, strict=False)):
            self.clear()
            known = 0
        tones = COLOURLESS if self.app.no_color else TONES  # a dark red is next to black without its colour
        first = entries[0].time if entries else 0.0
        for entry in entries[known:]:
            line = line_of(entry.action)
            self.write(Text(f"{entry.time - first:6.2f} {line}", tones[line.tone], no_wrap=True))
        self._shown = list(entries)
