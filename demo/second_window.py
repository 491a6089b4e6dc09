"""A second window on the same people: another screen, whose table watches a query of its own, or the same one."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from rxdux.query import Query
from rxdux.textual.key_line import KeyLine, WithKeyLine
from rxdux.textual.modal import Modal

from .keys import COMMANDS
from .people_table import PeopleTable
from .queries import Page

USABLE = ("fetch", "fetch_many", "expire", "refuse", "offline", "search", "sign_in", "inspect", "quit")
"""What can be done from here as well."""


class SecondWindow(Modal[None], WithKeyLine):
    """Lies over the log, from the row `top` on; the first window, the timeline and what is said go on beside it."""

    DEFAULT_CSS = """
    SecondWindow { align: left top; background: transparent; }
    SecondWindow PeopleTable { width: 50%; background: $surface; }
    SecondWindow.-narrow PeopleTable { width: 100%; }
    SecondWindow.-tall KeyLine { min-height: 2; }
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("w", "dismiss", "Close"),
        Binding("escape", "dismiss", show=False),
        *(each.binding for each in COMMANDS if each.action in USABLE),
        *(
            Binding(str(number), f"app.sort({number})", "Sort", key_display="1-4", show=number == 1)
            for number in range(1, 5)
        ),
    ]

    def __init__(self, asked: Query[Page], top: int, *, may_ask: bool) -> None:
        super().__init__()
        self._asked, self._top = asked, top
        self._may_ask = may_ask

    def compose(self) -> ComposeResult:
        table = PeopleTable(self._asked, title="Second window", may_ask=self._may_ask)
        table.styles.offset = (0, self._top)
        yield table
        yield KeyLine()
