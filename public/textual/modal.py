"""A screen over others that keeps to its time, however quick the keys are."""

# Textual's widgets do not say what their app and their screen give:
# pyright: reportUnknownMemberType=false
from typing import TypeVar

from textual.await_complete import AwaitComplete
from textual.screen import ModalScreen

R = TypeVar("R")


class Modal(ModalScreen[R]):
    """Its own keys do nothing before all of it is there, and it goes once.

    Keys that come faster than a screen does were meant for the one before: they wait for a widget that has been left
    meanwhile. Textual's `dismiss()` takes away whichever screen is on top by then, and fails where that is the last one.
    """

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        return self.is_mounted and super().check_action(action, parameters)

    def on_mount(self) -> None:
        self.call_after_refresh(self.refresh_bindings)  # a footer may have asked before

    def dismiss(self, result: R | None = None) -> AwaitComplete:
        return super().dismiss(result) if self.is_active else AwaitComplete.nothing()
