"""One subscription of an app to its store; what changed between two frames reaches the widgets once."""

import asyncio
import contextvars
import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any, TypeVar

from textual.constants import MAX_FPS
from textual.message_pump import MessagePump

from ..store import Store, Subscription
from ..store.engine.selection import Selection, Selections
from .following import Following, NodeSelector, takes_node
from .private import context_of, fail

FRAME = 1 / MAX_FPS  # seconds

R = TypeVar("R")
Callback = Callable[[R], object]


class Connection:
    """Calls back with each value that a selector gives, in the context of a node, as long as that runs."""

    def __init__(self, node: MessagePump, callback: Callback[Any]) -> None:
        self.node = node
        self._callback = callback

    def on_next(self, value: Any) -> None:
        with context_of(self.node):
            result = self._callback(value)
        if inspect.isawaitable(result):
            self.node.call_later(_wait_for, result)

    def on_error(self, error: Exception) -> None:
        raise error

    def on_completed(self) -> None:
        pass


async def _wait_for(awaitable: Awaitable[object]) -> None:
    await awaitable


class Hub:
    """Connects the nodes of one app to its store.

    The first change after a rest is shown in the next turn of the loop, further ones at the end of the
    frame. Selections are looked at from a callback of the loop: a handler that waits holds up its own
    widget, and no other.
    """

    depth = 0  # selections are looked at one after the other, never inside each other

    def __init__(self, app: MessagePump, store: Store[Any]) -> None:
        self._app = app
        self._store = store
        self._selections: Selections[Any] = Selections(self)
        self._connections: dict[Selection[Any, Any], Connection] = {}
        self._endings: dict[MessagePump, list[Callable[[], None]]] = {}
        self._listen: Callable[[Any], object] | None = None
        self._subscription: Subscription | None = None
        self._scheduled = False
        self._last_frame = 0.0

    # --- connections -----------------------------------------------------------------------------

    def connect(self, node: MessagePump, selector: NodeSelector[R], callback: Callback[R]) -> Subscription:
        """Call back now, and whenever the selected value differs."""
        if not takes_node(selector):
            return self._connect(node, selector, callback)  # pyright: ignore[reportArgumentType] -- as was just asked
        following = Following(partial(self._connect, node), node, selector, callback)  # pyright: ignore[reportArgumentType]
        return Subscription(following.end)

    def _connect(self, node: MessagePump, selector: Callable[[Any], R], callback: Callback[R]) -> Subscription:
        if self._subscription is None:
            self._loop = asyncio.get_running_loop()
            self._context = contextvars.copy_context()
            self._subscription = self._store.subscribe(self._state_changed)
        connection = Connection(node, callback)
        selection = self._selections.add(selector, connection)  # pyright: ignore[reportArgumentType] -- it observes
        self._connections[selection] = connection

        def end() -> None:
            self._connections.pop(selection, None)
            self._selections.end(selection)

        return Subscription(end)

    def at_end_of(self, node: MessagePump, end: Callable[[], None]) -> None:
        """Have something ended with what a node is connected to."""
        self._endings.setdefault(node, []).append(end)

    def end_of(self, node: MessagePump) -> None:
        """End what a node is connected to."""
        for end in self._endings.pop(node, ()):
            end()
        for selection, connection in list(self._connections.items()):
            if connection.node is node:
                del self._connections[selection]
                self._selections.end(selection)

    def close(self) -> None:
        """End all."""
        for node in list(self._endings):
            self.end_of(node)
        self._selections.end_all()
        self._connections.clear()
        if self._subscription is not None:
            self._subscription.unsubscribe()

    # --- frames ----------------------------------------------------------------------------------

    def _state_changed(self, _: object) -> None:
        """A listener of the store, called in whichever thread dispatches."""
        if not self._scheduled:
            self._scheduled = True
            self._loop.call_soon_threadsafe(self._begin_frame, context=self._context)

    def _begin_frame(self) -> None:
        rest = self._last_frame + FRAME - self._loop.time()
        if rest <= 0:
            self.flush()
        else:
            self._loop.call_later(rest, self.flush, context=self._context)

    def flush(self) -> None:
        """Show what has changed since the last frame."""
        self._scheduled = False  # before the state is read: what changes from here on has a frame of its own
        self._last_frame = self._loop.time() if self._subscription is not None else 0.0
        for selection, connection in list(self._connections.items()):
            if not connection.node.is_running:
                del self._connections[selection]
                self._selections.end(selection)
        if self._listen is not None:
            self._listen(self._store.state)

    # --- what selections need of a store ---------------------------------------------------------

    def read_state(self) -> Any:
        return self._store.state

    def add_listener(self, key: object, listener: Callable[[Any], object]) -> None:
        self._listen = listener

    def remove_listener(self, key: object) -> None:
        self._listen = None

    def report(self, error: BaseException, source: str, message: str) -> None:
        """An error in a callback has the fate of an error in a handler: it ends the app, with its traceback."""
        fail(self._app, error)
