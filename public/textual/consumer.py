"""Widgets and screens that show parts of the store's state."""

from collections.abc import Callable, Mapping
from typing import Any, Generic, TypeVar

from textual.app import App
from textual.message_pump import MessagePump
from textual.reactive import Initialize, reactive

from ..actions import Action
from ..store import Store, Subscription
from .following import NodeSelector, of_state
from .hub import Hub
from .private import reactives_of

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

SELECTORS = "_rxdux_selectors"


class from_store(reactive[T], Generic[T]):  # noqa: N801 -- named as Textual's own `reactive`
    """A reactive attribute that follows the store: `watch_`, `validate_`, `data_bind` work as with any other.

    It has the selected value from the beginning, in `compose` and `on_mount` as well. Changes reach it
    once a frame.

    Args:
        selector: gives the value for a state; or for the state and the widget, and anew when one of the
            widget's reactives changes.
        default: what it is outside of an app with a store.
        layout: whether a change needs another layout.
        init: whether watchers are called for the first value.

    Examples:
        ```python
        class Counter(StoreConsumer, Static):
            count = from_store(lambda state: state.counter.count, 0)

            def render(self) -> str:
                return f"{self.count}"


        class Row(StoreConsumer, Static):
            row_id = reactive("")
            row = from_store(lambda state, self: state.rows.get(self.row_id), None)
        ```
    """

    def __init__(self, selector: NodeSelector[T], default: T, *, layout: bool = False, init: bool = True) -> None:
        super().__init__(Initialize(lambda node: _seed(node, selector, default)), layout=layout, init=init)
        self.selector = selector

    def follow(self, node: Any, name: str) -> None:
        """Connect the attribute of a node that was mounted."""
        connect(node, self.selector, _setter(node, name))


def _seed(node: Any, selector: NodeSelector[T], default: T) -> T:
    """The value at first: Textual runs handlers of a derived class before those of its bases."""
    try:
        store = store_of(node)
    except RuntimeError:  # no app is at work, or one without a store: the connection will say so
        return default
    return of_state(selector, node)(store.state)


def on_state(selector: NodeSelector[Any]) -> Callable[[F], F]:
    """Call the method with the selected value when the widget is mounted, and whenever it differs.

    The selector is a function of the state, or of the state and the widget, as in `from_store`.
    The method may be a coroutine function. What it raises has the fate of an error in a handler.

    Examples:
        ```python
        class Status(StoreConsumer, Static):
            @on_state(lambda state: state.auth.status)
            def status_changed(self, status: str) -> None:
                self.update(status)
        ```
    """
    if not callable(selector):
        msg = f"on_state takes a function of the state, not {selector!r:.100}: @on_state(lambda state: state.count)."
        raise TypeError(msg)

    def mark(method: F) -> F:
        setattr(method, SELECTORS, (*getattr(method, SELECTORS, ()), selector))
        return method

    return mark


class StoreConsumer:
    """Mix it into a widget or a screen, in front: `class Counter(StoreConsumer, Static)`.

    It connects the attributes made with `from_store` and the methods marked with `on_state` when it is
    mounted, and ends all connections when it is unmounted.
    """

    @property
    def store(self) -> Store[Any]:
        """The store of the app."""
        return store_of(self)

    def dispatch(self, action: Any) -> Any:
        """Dispatch to the store of the app; it returns what the store's `dispatch` returns."""
        return store_of(self).dispatch(action)

    def connect(self, selector: NodeSelector[T], callback: Callable[[T], object]) -> Subscription:
        """Call back with the selected value now, and whenever it differs, until unmounted or unsubscribed."""
        return connect(self, selector, callback)  # pyright: ignore[reportArgumentType] -- mixed into a node

    def action_dispatch(self, type: str, fields: Mapping[str, Any] | None = None) -> None:
        """For bindings: `("a", "dispatch('counter/add')", "Add")`, or with fields `dispatch('todos/add', {'text': 'milk'})`.

        Raises:
            ValueError: for a type that nobody has defined.
        """
        self.dispatch(Action.parse({"type": type, **(fields or {})}))

    def _on_unmount(self) -> None:
        hub_of(self).end_of(self)  # pyright: ignore[reportArgumentType] -- mixed into a node


def _connect_all(self: StoreConsumer) -> None:
    for name, attribute in reactives_of(self).items():
        follow: Callable[[Any, str], None] | None = getattr(attribute, "follow", None)
        if follow is not None:
            follow(self, name)
    for name in dir(type(self)):
        for selector in getattr(getattr(type(self), name, None), SELECTORS, ()):
            self.connect(selector, getattr(self, name))


# Textual calls this method of each base, whatever the others have of that name; to a type checker it would override theirs.
setattr(StoreConsumer, "_on_mount", _connect_all)  # noqa: B010


def _setter(node: object, name: str) -> Callable[[Any], None]:
    return lambda value: setattr(node, name, value)


def hub_of(node: Any) -> Hub:
    """The hub of the app that a node is in.

    Raises:
        RuntimeError: in an app without a store.
    """
    app: App[Any] = node.app
    hub = getattr(app, "hub", None)
    if not isinstance(hub, Hub):
        msg = f"{type(node).__name__} wants a store, and {type(app).__name__} has none. Derive the app from StoreApp, or mix in StoreMixin."
        raise RuntimeError(msg)  # noqa: TRY004 -- nothing was passed
    return hub


def connect(node: MessagePump, selector: NodeSelector[T], callback: Callable[[T], object]) -> Subscription:
    """Call back with the selected value now, and whenever it differs: once a frame, as long as the node runs.

    Args:
        node: a widget, a screen or the app. It may be of any class.
        selector: gives the value for a state; or for the state and the node, and anew when one of the
            node's reactives changes.
        callback: a function or a coroutine function. What it raises has the fate of an error in a handler.

    Raises:
        RuntimeError: in an app without a store.
    """
    return hub_of(node).connect(node, selector, callback)


def store_of(node: Any) -> Store[Any]:
    """The store of the app that a node is in.

    Raises:
        RuntimeError: in an app without a store.
    """
    hub_of(node)
    return node.app.store
