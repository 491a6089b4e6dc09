"""Widgets that show what a query gives, and watch it while they are mounted."""

from collections.abc import Callable
from typing import Any

from textual.dom import DOMNode
from textual.reactive import Initialize, reactive

from ..epics.query import Blurred, Focused, Query, QueryState, Result, Watch
from ..reducers.containers import has_slices, read_slices
from ..store import Store, Subscription
from .consumer import hub_of, store_of
from .private import reactives_of

_NOTHING: Result[Any] = Result()

QueryOf = Callable[[Any], Query[Any] | None]


class from_query(reactive[Result[Any]]):  # noqa: N801 -- named as Textual's own `reactive`
    """A reactive attribute that is the `Result` of a query, which is watched while the widget is mounted.

    Args:
        query: gives the query for the widget, and anew when one of its reactives changes; None: there is
            nothing to watch.
        every: seconds from an answer to the next call; None does not poll.
        layout: whether a change needs another layout.
        init: whether watchers are called for the first value.

    Examples:
        ```python
        class UserCard(StoreConsumer, Static):
            user_id = reactive(1)
            user = from_query(lambda self: get_user(self.user_id))

            def watch_user(self, user: Result[User]) -> None:
                self.update(user.data.name if user.data else "...")
        ```
    """

    def __init__(self, query: QueryOf, *, every: float | None = None, layout: bool = False, init: bool = True) -> None:
        if isinstance(query, Query) or not callable(query):  # pyright: ignore[reportUnnecessaryIsInstance] -- a query is a function as well
            msg = f"from_query takes a function of the widget, such as lambda self: get_user(self.user_id), not {query!r:.100}."
            raise TypeError(msg)
        super().__init__(Initialize(lambda node: _first(node, query)), layout=layout, init=init)
        self._query_of = query
        self._every = every

    def follow(self, node: Any, name: str) -> None:
        """Watch for a node that was mounted, until it is unmounted."""
        following = QueryFollowing(node, name, self._query_of, self._every)
        hub_of(node).at_end_of(node, following.end)
        following.look()
        if isinstance(node, DOMNode):
            for each in reactives_of(node):
                if each != name:
                    node.watch(node, each, following.look, init=False)


def _first(node: Any, query_of: QueryOf) -> Result[Any]:
    """The value at first, so that `compose` shows what is there already."""
    try:
        store = store_of(node)
        query = query_of(node)
    except (RuntimeError, AttributeError):  # no app is at work, or a reactive of the node has no value yet
        return _NOTHING
    return _NOTHING if query is None else query(store.state)


class QueryFollowing:
    """A node's watch of the query that it wants just now."""

    def __init__(self, node: Any, name: str, query_of: QueryOf, every: float | None) -> None:
        self._node = node
        self._name = name
        self._query_of = query_of
        self._every = every
        self._query: Query[Any] | None = None
        self._watch: Watch[Any] | None = None
        self._connection: Subscription | None = None
        self._is_over = False

    def look(self) -> None:
        """Watch what the node wants now. The old query is let go after the new one is asked."""
        query = None if self._is_over else self._query_of(self._node)
        if query == self._query:
            return
        watch, connection = self._watch, self._connection
        self._query = query
        if query is None:
            self._watch = self._connection = None
            if not self._is_over:
                self._show(_NOTHING)
        else:
            self._watch = query.watch(store_of(self._node), self._every)
            self._connection = hub_of(self._node).connect(self._node, query, self._show)
        if connection is not None:
            connection.unsubscribe()
        if watch is not None:
            watch.close()

    def _show(self, result: Result[Any]) -> None:
        setattr(self._node, self._name, result)

    def end(self) -> None:
        self._is_over = True
        self.look()


def tell_focus(store: Store[Any], *, focused: bool) -> None:
    """Tell the queries of a store whether the user looks."""
    state = store.core.read_state()
    if has_slices(state) and any(isinstance(each, QueryState) for each in read_slices(state).values()):
        store.dispatch(Focused() if focused else Blurred())
