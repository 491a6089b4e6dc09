"""Apps on a store."""

import sys
from importlib import import_module
from typing import Any, Generic, TypeVar

from textual.app import App
from textual.message import Message

from ..store import Store
from .consumer import StoreConsumer
from .hub import Hub

S = TypeVar("S")

QUERIES = "rxdux.epics.query"


class Dispatch(Message):
    """Posted by any widget, from any thread, it has the app dispatch an action: `post_message(Dispatch(add("milk")))`."""

    def __init__(self, action: Any) -> None:
        super().__init__()
        self.action = action


class StoreMixin(StoreConsumer, Generic[S]):
    """Puts a store into an app: `class MyApp(StoreMixin, ExistingApp)`, then `MyApp(store, ...)`.

    The app uses the store and leaves it open: who has made it closes it.

    Args:
        store: the store of the app.

    Raises:
        TypeError: for what is no store.
    """

    def __init__(self, store: Store[S], *args: Any, **kwargs: Any) -> None:
        if not isinstance(store, Store):  # pyright: ignore[reportUnnecessaryIsInstance]
            msg = f"{type(self).__name__} takes a store as its first argument, not {store!r:.100}: {type(self).__name__}(Store(reducer))."
            raise TypeError(msg)
        self._store = store
        super().__init__(*args, **kwargs)
        self.hub = Hub(self, store)  # pyright: ignore[reportArgumentType] -- mixed into an app

    @property
    def store(self) -> Store[S]:
        """The store of the app."""
        return self._store

    def _on_dispatch(self, message: Dispatch) -> None:
        message.stop()
        self.dispatch(message.action)

    def _on_unmount(self) -> None:
        self.hub.close()


def _tell_focus(app: StoreMixin[Any], *, focused: bool) -> None:
    if QUERIES in sys.modules:  # else no state has any
        import_module(".queries", __package__).tell_focus(app.store, focused=focused)


def _focused(self: StoreMixin[Any]) -> None:
    _tell_focus(self, focused=True)


def _blurred(self: StoreMixin[Any]) -> None:
    _tell_focus(self, focused=False)


# Textual calls these methods of each base, whatever the others have of that name; to a type checker they would override its own.
setattr(StoreMixin, "_on_app_focus", _focused)  # noqa: B010
setattr(StoreMixin, "_on_app_blur", _blurred)  # noqa: B010


class StoreApp(StoreMixin[S], App[Any]):
    """A Textual app on a store: `StoreApp(store)`.

    Examples:
        ```python
        class MyApp(StoreApp):
            BINDINGS = [("a", "add", "Add"), ("r", "dispatch('counter/reset')", "Reset")]

            def compose(self):
                yield Counter()
                yield bind(Digits(), update=select_total)

            def action_add(self):
                self.dispatch(add())


        MyApp(store).run()
        ```
    """
