"""The cases of rxdux."""

from functools import partial
from itertools import cycle

import reactivex as rx
from measure import loop, run
from reactivex import Subject
from reactivex import operators as ops
from same import counter

from rxdux import (
    Action,
    EntityAdapter,
    Reducer,
    Slice,
    Store,
    combine_reducers,
    from_async,
    merge_map,
    of_type,
    switch_map,
)


class Increment(Action):
    pass


class Other(Action):
    pass


class Ping(Action):
    pass


class Pong(Action):
    pass


class Link(Action):
    n: int


class Note(Action):
    id: int
    text: str
    done: bool


def new_counter():
    counter = Reducer(0)
    counter.on(Increment)(lambda count, action: count + 1)
    return counter


def dispatching(store, action):
    dispatch = store.dispatch
    return lambda: dispatch(action)


def slices(size):
    others = {f"slice {number}": Reducer(0) for number in range(size - 1)}
    return Store(combine_reducers({**others, "counter": new_counter()}))


def epics(size):
    answer = Pong()

    def answering(question):
        return lambda actions: actions.pipe(of_type(question), ops.map(lambda _: answer))

    others = [type(f"Question{number}", (Action,), {}) for number in range(size - 1)]
    store = Store(new_counter(), epics=[*map(answering, others), answering(Ping)])
    return dispatching(store, Ping())


def subscribers(size):
    store = Store(counter)
    for _ in range(size):
        store.subscribe(lambda state: None)
    return dispatching(store, Increment())


def selections():
    others = {f"slice {number}": Reducer(0) for number in range(99)}
    store = Store(combine_reducers({"counter": new_counter(), **others}))
    names = list(store.state)
    for number in range(10_000):
        store.select(lambda state, name=names[number % 100]: state[name]).subscribe(lambda value: None)
    return dispatching(store, Increment())


def entities(size):
    """Through a dispatch; entities are mappings, as at the others'."""
    books = EntityAdapter(lambda book: book["id"])
    shelf = Slice(
        "shelf", initial=books.set_all(books.empty(), [{"id": n, "title": "t", "price": 1} for n in range(size)])
    )

    def price(state, price: int):
        return books.update_one(state, size // 2, price=price)

    changes = cycle([shelf.action(price)(2), shelf.actions.price(3)])
    store = Store(shelf)
    return lambda: store.dispatch(next(changes))


def chain():
    """100,000 links, one operation."""

    def link_epic(actions):
        return actions.pipe(
            of_type(Link), ops.filter(lambda link: link.n < 100_000), ops.map(lambda link: Link(n=link.n + 1))
        )

    return dispatching(Store(new_counter(), epics=[link_epic]), Link(n=0))


def round_trip():
    """An epic that awaits a coroutine, from the dispatch to its answer."""
    pong = Pong()

    async def answer(_):
        return pong

    def epic(actions):
        return actions.pipe(of_type(Ping), switch_map(answer))

    async def new_store():
        return Store(new_counter(), epics=[epic])

    store = loop.run_until_complete(new_store())
    ping = Ping()
    answered = loop.create_future()
    store.actions.pipe(of_type(Pong)).subscribe(lambda _: answered.set_result(None))

    async def there_and_back():
        nonlocal answered
        answered = loop.create_future()
        store.dispatch(ping)
        await answered

    return there_and_back


def awaited_call():
    async def answer():
        return 1

    async def call():
        return await from_async(answer)

    return call


def flattening():
    source = Subject()
    source.pipe(merge_map(rx.just)).subscribe(lambda value: None)
    return lambda: source.on_next(1)


if __name__ == "__main__":
    run(
        {
            "dispatch, 1 reducer": lambda: dispatching(Store(counter), Increment()),
            "dispatch, 1 `Reducer`": lambda: dispatching(Store(new_counter()), Increment()),
            **{f"slices, one hit|{n}": lambda n=n: dispatching(slices(n), Increment()) for n in (10, 100, 1000)},
            **{f"slices, no hit|{n}": lambda n=n: dispatching(slices(n), Other()) for n in (1, 10, 100, 1000)},
            **{f"epics, ping to pong|{n}": lambda n=n: epics(n) for n in (1, 10, 100, 1000)},
            **{f"subscribers|{n}": lambda n=n: subscribers(n) for n in (1, 1000, 10_000)},
            "10,000 selections over 100 slices, one changed": selections,
            **{f"update one of many entities|{n}": lambda n=n: entities(n) for n in (10_000, 100_000)},
            "epic chain of 100,000 links": chain,
            "creation of an action": lambda: partial(Note, id=1, text="milk", done=False),
            "epic of a coroutine, there and back": round_trip,
            "from_async, awaited": awaited_call,
            "flattening of a ready value": flattening,
        }
    )
