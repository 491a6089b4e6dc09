"""Apps on a store."""

from typing import Any, Generic, TypeVar

from textual.app import App
from textual.message import Message

from ..store import Store
from .consumer import StoreConsumer
from .hub import Hub

S = TypeVar("S")


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
