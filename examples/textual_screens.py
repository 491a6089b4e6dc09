"""Two screens that share state: what is chosen on one is shown on the other."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.widgets import Footer, Header, Label, OptionList

from rxdux import Slice, State, Store, combine_reducers
from rxdux.textual import StoreApp, StoreConsumer, from_store, on_state

COLOURS = ("red", "green", "blue")


class AppState(State):
    colour: str
    changes: int


colour = Slice("colour", initial="red")
changes = Slice("changes", initial=0)


@colour.action
def choose(state: str, name: str) -> str:
    return name


@changes.on(choose)
def _(count: int, action: object) -> int:
    return count + 1


class Choice(StoreConsumer, Screen[None]):
    """Where a colour is chosen."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield OptionList(*COLOURS)
        yield Footer()

    @on(OptionList.OptionSelected)
    def chosen(self, event: OptionList.OptionSelected) -> None:
        self.dispatch(choose(COLOURS[event.option_index]))


class Swatch(StoreConsumer, Label):
    """Shows the colour."""

    colour = from_store(lambda state: state.colour, "")

    def watch_colour(self, colour: str) -> None:
        self.update(f"It is {colour}.")
        self.styles.background = colour


class Show(StoreConsumer, Screen[None]):
    """Where it is seen."""

    def compose(self) -> ComposeResult:
        yield Header()
        yield Swatch()
        yield Footer()

    @on_state(lambda state: state.changes)
    def count_changes(self, changes: int) -> None:
        self.sub_title = f"chosen {changes} times"


class ColourApp(StoreApp[AppState]):
    BINDINGS: ClassVar[list[BindingType]] = [("s", "switch", "The other screen"), ("q", "quit", "Quit")]

    def on_mount(self) -> None:
        self.push_screen(Choice())

    def action_switch(self) -> None:
        is_choosing = isinstance(self.screen, Choice)
        self.pop_screen()
        self.push_screen(Show() if is_choosing else Choice())


if __name__ == "__main__":
    with Store(combine_reducers(AppState, colour=colour, changes=changes)) as store:
        ColourApp(store).run()
