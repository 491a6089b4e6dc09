"""The Inspector, before an app that is somewhere else: what the DevTools can ask of it, each with its key."""

# Textual's widgets do not say what their app gives:
# pyright: reportUnknownMemberType=false
import os
import re
from pathlib import Path
from typing import Any, ClassVar, cast

from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.widgets import Static

from ..store import History
from ..store.tools.monitor.apps import Apps
from ..store.tools.monitor.remote_history import RemoteHistory
from ..textual.hub import FRAME
from ..textual.inspector import Inspector
from .ask import Ask

EXAMPLE = "{ type: 'todos/added', text: 'milk' }"


class AppInspector(Inspector):
    """Looks into an app, and steers it.

    Keys, besides those of the Inspector: `d` dispatches what is typed, Shift with up and down (or `K` and `J`) moves the chosen action,
    `s` sweeps, `r` resets, `l` locks, `e` exports to a file, `i` imports one, `n` goes on to the next app.

    Args:
        app_history: of the app.
        apps: all that there are.
    """

    DEFAULT_CSS = """
    AppInspector #app { height: auto; max-height: 3; padding: 0 1; background: $panel; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "dispatch", "Dispatch"),
        Binding("shift+up", "move(-1)", "Up", key_display="⇧↑"),
        Binding("shift+down", "move(1)", "Down", key_display="⇧↓"),
        Binding("s", "sweep", "Sweep"),
        Binding("r", "reset", "Reset"),
        Binding("l", "lock", "Lock"),
        Binding("e", "export", "Export"),
        Binding("i", "import", "Import"),
        Binding("n", "next_app", "Next app"),
        Binding("K", "move(-1)", show=False),  # not every terminal tells of Shift with an arrow
        Binding("J", "move(1)", show=False),
    ]

    def __init__(self, app_history: RemoteHistory, apps: Apps) -> None:
        super().__init__(cast("History[Any]", app_history))  # it has all that a History shows and does
        self.app_history = app_history
        self._apps = apps
        self._app_line: Text | None = None
        self._moved_at_version = -1  # the version of the history that was told to move an action

    def compose(self) -> ComposeResult:
        yield Static(id="app", markup=False)
        yield from super().compose()

    def on_mount(self) -> None:
        self.set_interval(FRAME, self._show_app_line)
        self._show_app_line()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A test can be written of a store alone that is in this process."""
        return action != "test" and super().check_action(action, parameters)

    # --- what the app is up to -------------------------------------------------------------------

    def _show_app_line(self) -> None:
        history, all = self.app_history, self._apps.histories
        said = Text.assemble(
            (history.name, "bold"),
            *([(f" {all.index(history) + 1} of {len(all)}", "dim")] if len(all) > 1 and history in all else []),
            *([] if history.is_connected else [(" gone", "bold red")]),
            *([(" locked", "bold yellow")] if history.is_locked else []),
            *([(" paused", "bold yellow")] if history.is_paused else []),
            *([(f"  {history.news}", "red")] if history.news else []),
        )
        if said != self._app_line:
            self._app_line = said
            self.query_one("#app", Static).update(said)

    # --- keys ------------------------------------------------------------------------------------

    def action_dispatch(self) -> None:
        self.app.push_screen(Ask("An action to dispatch", self.app_history.dispatch, example=EXAMPLE))

    def action_move(self, way: int) -> None:
        """Move the chosen action up or down; the one that was moved stays chosen."""
        history, number = self.app_history, self._chosen()
        version = history.snapshot().version
        if number is None or version == self._moved_at_version or not 0 <= number + way < len(history.entries):
            return
        self._moved_at_version = version  # until it is answered, what stands where is not known
        history.reorder(number, number - 1 if way < 0 else number + 2)
        self._choose(number + way)

    def action_sweep(self) -> None:
        self.app_history.sweep()

    def action_reset(self) -> None:
        self.app_history.reset()

    def action_lock(self) -> None:
        if self.app_history.is_locked:
            self.app_history.unlock()
        else:
            self.app_history.lock()

    def action_export(self) -> None:
        name = re.sub(r"\W+", "-", self.app_history.name).strip("-") or "app"
        self.app.push_screen(Ask("A new file for the history", self._export_to, text=f"{name}.json"))

    def action_import(self) -> None:
        self.app.push_screen(Ask("The file with a history, or with a list of actions", self._import_from))

    def action_next_app(self) -> None:
        self.dismiss()
        self.app.call_later(self.app.run_action, "next_app")

    def _export_to(self, name: str) -> None:
        text = self.app_history.export()
        with open(os.path.expanduser(name), "x", encoding="utf-8", opener=_private) as file:
            file.write(text)

    def _import_from(self, name: str) -> None:
        self.app_history.load(Path(os.path.expanduser(name)).read_text(encoding="utf-8"))


def _private(path: str, flags: int) -> int:
    """A state may hold what is for its user alone."""
    return os.open(path, flags, 0o600)
