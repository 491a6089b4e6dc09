"""The log of actions, as it grows."""

from collections.abc import Sequence
from typing import Any

from rich.text import Text
from textual.widgets import RichLog

from rxdux import Entry

from .log_line import Tone, line_of

TONES: dict[Tone, str] = {"plain": "", "wire": "dim", "good": "green", "bad": "bold red", "session": "bold cyan"}


class LogView(RichLog, can_focus=False):
    """Every action, as it happens; in the past those up to then."""

    def __init__(self) -> None:
        super().__init__(max_lines=2_000, wrap=False)
        self._shown: list[Entry[Any]] = []

    def on_mount(self) -> None:
        self.border_title = "Actions"

    def show(self, entries: Sequence[Entry[Any]]) -> None:
        known = len(self._shown)
        if len(entries) < known or any(new is not old for new, old in zip(entries, self._shown, strict=False)):
            self.clear()
            known = 0
        first = entries[0].time if entries else 0.0
        for entry in entries[known:]:
            line = line_of(entry.action)
            self.write(Text(f"{entry.time - first:6.2f} {line}", TONES[line.tone], no_wrap=True))
        self._shown = list(entries)
