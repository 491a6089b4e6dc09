"""Screens over others keep to their time, however quick the keys are."""

from typing import Any

from textual.app import App, ComposeResult
from textual.widgets import Input, Label

from rxdux.textual.modal import Modal

from ...quick_keys import press_at_once


class Asking(Modal[str]):
    BINDINGS = [("escape", "dismiss", "Leave"), ("x", "say", "Say")]  # noqa: RUF012 -- as Textual has it

    def compose(self) -> ComposeResult:
        yield Label("There is nothing to say.")
        yield Input("yes")

    def on_input_submitted(self, event: Input.Submitted) -> None:
        self.dismiss(event.value)

    def action_say(self) -> None:
        self.query_one(Label).update("Said.")


class Shop(App[None]):
    BINDINGS = [("a", "ask", "Ask")]  # noqa: RUF012 -- as above

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[str | None] = []

    def compose(self) -> ComposeResult:
        yield Label("open")

    def action_ask(self) -> None:
        self.push_screen(Asking(), self.answers.append)


async def test_who_leaves_twice_has_left_once() -> None:
    """An Enter that is held down answers once, and takes no other screen away."""
    async with Shop().run_test() as pilot:
        app: Any = pilot.app
        await pilot.press("a", "a")
        app.push_screen(Asking(), app.answers.append)
        await pilot.pause()
        await press_at_once(pilot, "enter", "enter", "enter")
        assert app.answers == ["yes"]
        assert len(app.screen_stack) == 2
        await press_at_once(pilot, "escape", "escape")
        assert app.answers == ["yes", None]
        assert len(app.screen_stack) == 1


async def test_a_key_before_it_is_there_does_nothing() -> None:
    """Its keys work as soon as there is something for them, and not before."""
    async with Shop().run_test() as pilot:
        await press_at_once(pilot, "a", "x")
        assert isinstance(pilot.app.screen, Asking)
        pilot.app.screen.set_focus(None)
        await pilot.press("x")
        assert str(pilot.app.screen.query_one(Label).content) == "Said."
