"""The footer: every key can be found in it, at any size of the screen."""

# Textual's widgets do not say what their app and their screen give:
# pyright: reportUnknownMemberType=false
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.content import Content
from textual.dom import DOMNode
from textual.events import Click
from textual.screen import Screen
from textual.widgets import Static

from .key_pages import GAP, MORE, Key, Rows, pages_of

TALL = 32  # rows of the screen, from which on it has two


class KeyLine(Static):
    """The keys that do something now, in one row, in two on a tall screen; `.` turns the page where that is too little."""

    DEFAULT_CSS = """
    KeyLine {
        dock: bottom; height: auto;
        color: $footer-foreground; background: $footer-background;
        text-wrap: nowrap; text-overflow: clip;
    }
    """

    def __init__(self) -> None:
        super().__init__()
        self._keys: list[Key] = []
        self._page = 0
        self._rows: Rows = []

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._follow)
        self._follow(self.screen)

    def on_resize(self) -> None:
        self._draw()

    def turn(self) -> None:
        """Show the next page."""
        self._page += 1
        self._draw()

    def _follow(self, screen: Screen[Any]) -> None:
        if screen is not self.screen:
            return
        palette = self.app.COMMAND_PALETTE_BINDING
        keys = [
            Key(binding.key, self.app.get_key_display(binding), binding.description)
            for _, binding, enabled, _ in screen.active_bindings.values()
            if enabled and (binding.show or binding.key == palette)
        ]
        if keys != self._keys:
            self._keys, self._page = keys, 0
            self._draw()

    def _draw(self) -> None:
        pages = pages_of(self._keys, self.screen.size.width, 2 if self.screen.size.height >= TALL else 1)
        self._rows = pages[self._page % len(pages)]
        self.update(Content("\n").join(_row(row) for row in self._rows))

    def on_click(self, event: Click) -> None:
        end = 0
        for key in self._rows[event.y] if event.y < len(self._rows) else ():
            end += key.cells + GAP
            if event.x < end:
                self.app.simulate_key(key.key)
                return


class WithKeyLine(object if TYPE_CHECKING else DOMNode):  # Textual takes the bindings of nodes alone
    """A screen or an app with a `KeyLine`, whose pages it turns. Named after the class of Textual, whose styles it would hide."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding(MORE, "turn_page", show=False)]

    def action_turn_page(self) -> None:
        cast("DOMNode", self).query_one(KeyLine).turn()


def _row(keys: list[Key]) -> Content:
    return Content(" " * GAP).join(_shown(each) for each in keys)


def _shown(key: Key) -> Content:
    return Content.assemble((key.display, "bold $footer-key-foreground"), " ", key.words)
