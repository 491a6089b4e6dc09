"""The cases of pydux 0.2.2."""

from itertools import cycle

from measure import run
from pydux import combine_reducers, create_store
from same import counter, idle


def counting(state, action):
    if state is None:
        return 0
    return state + 1 if action["type"] == "INCREMENT" else state


def dispatching(store, kind="INCREMENT"):
    dispatch, action = store["dispatch"], {"type": kind}
    return lambda: dispatch(action)


def slices(size):
    others = {f"slice {number}": idle for number in range(size - 1)}
    return create_store(combine_reducers({**others, "counter": counting}))


def subscribers(size):
    store = create_store(counter)
    for _ in range(size):
        store.subscribe(lambda: None)
    return dispatching(store)


def entities(size):
    at = size // 2

    def shelf(books, action):
        if books is None:
            return {n: {"id": n, "title": "t", "price": 1} for n in range(size)}
        return {**books, at: {**books[at], "price": action["price"]}} if action["type"] == "PRICE" else books

    changes = cycle([{"type": "PRICE", "price": 2}, {"type": "PRICE", "price": 3}])
    store = create_store(shelf)
    return lambda: store.dispatch(next(changes))


if __name__ == "__main__":
    run(
        {
            "dispatch, 1 reducer": lambda: dispatching(create_store(counter)),
            **{f"slices, one hit|{n}": lambda n=n: dispatching(slices(n)) for n in (10, 100, 1000)},
            **{f"slices, no hit|{n}": lambda n=n: dispatching(slices(n), "OTHER") for n in (10, 100, 1000)},
            **{f"subscribers|{n}": lambda n=n: subscribers(n) for n in (1, 1000, 10_000)},
            **{f"update one of many entities|{n}": lambda n=n: entities(n) for n in (10_000, 100_000)},
        }
    )
