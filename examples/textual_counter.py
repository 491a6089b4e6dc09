"""A counter in Textual: the widget follows the store, and keys dispatch."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.widgets import Digits, Footer

from rxdux import Slice, Store
from rxdux.textual import StoreApp, bind

counter = Slice("counter", initial=0)


@counter.action
def add(count: int, amount: int = 1) -> int:
    return count + amount


class CounterApp(StoreApp[int]):
    BINDINGS: ClassVar[list[BindingType]] = [
        ("up", "dispatch('counter/add')", "Up"),
        ("down", "dispatch('counter/add', {'amount': -1})", "Down"),
        ("q", "quit", "Quit"),
    ]

    def compose(self) -> ComposeResult:
        yield bind(Digits(), update=str)
        yield Footer()


if __name__ == "__main__":
    with Store(counter) as store:
        CounterApp(store).run()
