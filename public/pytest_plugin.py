"""The pytest plugin of rxdux. It is found by itself where rxdux is installed."""

from collections.abc import Generator, Iterator
from typing import Any, Protocol, TypeVar

import pytest

from .reducers import ReducerFn
from .store import Store

S = TypeVar("S")


class StoreFactory(Protocol):
    """Makes stores, with the arguments of `Store`."""

    def __call__(self, reducer: ReducerFn[S], state: S | None = None, **options: Any) -> Store[S]: ...


_stores = pytest.StashKey[list[Store[Any]]]()


@pytest.fixture
def store_factory(request: pytest.FixtureRequest) -> Iterator[StoreFactory]:
    """Makes stores, and closes them when the test ends.

    A test that leaves effects running fails: a call that nobody waits for is a fault of the test, or of
    the epic. Await `store.idle()`, or call `store.wait_idle()`, where they are expected. A store that
    the test has closed itself has stopped its effects.

    Examples:
        ```python
        def test_a_search_gives_names(store_factory):
            store = store_factory(results, epics=[search_epic])
            store.dispatch(Search(text="A"))
            store.wait_idle(timeout=5)
            assert store.state == ["Ada", "Alan"]
        ```
    """
    made = request.node.stash[_stores] = list[Store[Any]]()

    def make(reducer: ReducerFn[S], state: S | None = None, **options: Any) -> Store[S]:
        store = Store(reducer, state, **options)
        made.append(store)
        return store

    yield make
    for store in made:
        store.close()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Look right after the test: the end of its event loop would cancel what is to be found."""
    yield
    left = [(number, _in_flight(store)) for number, store in enumerate(item.stash.get(_stores, list[Store[Any]]()), 1)]
    what = ", ".join(f"{count} of store {number}" for number, count in left if count)
    if what:
        pytest.fail(f"The test left effects running: {what}. Await store.idle(), or stop them.", pytrace=False)


def _in_flight(store: Store[Any]) -> int:
    return 0 if store.core.closed else store.core.quiet.in_flight
