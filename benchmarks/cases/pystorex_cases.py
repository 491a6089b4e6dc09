"""The cases of pystorex 0.2.1."""

from itertools import cycle

from immutables import Map
from measure import run
from pystorex import create_effect, create_reducer, create_store, on
from pystorex.actions import create_action
from reactivex import operators as ops

increment = create_action("increment")
other = create_action("other")
ping = create_action("ping")
pong = create_action("pong")
price = create_action("price", lambda price: price)
note = create_action("note", lambda number, text, done: {"id": number, "text": text, "done": done})


def new_counter():
    return create_reducer(Map(count=0), on(increment, lambda state, action: state.set("count", state["count"] + 1)))


def idle():
    return create_reducer(Map(count=0))


def new_store(size):
    store = create_store()
    store.register_root({"counter": new_counter(), **{f"slice {n}": idle() for n in range(size - 1)}})
    return store


def dispatching(store, action):
    return lambda: store.dispatch(action)


def epics(size):
    def answering(kind):
        class Effects:
            @create_effect
            def answer(self, actions):
                return actions.pipe(ops.filter(lambda action: action.type == kind), ops.map(lambda _: pong()))

        return Effects

    store = new_store(1)
    store.register_effects(*(answering(f"question {n}") for n in range(size - 1)), answering("ping"))
    return dispatching(store, ping())


def selections():
    store = new_store(100)
    names = list(store.state)
    for number in range(10_000):
        store.select(lambda state, name=names[number % 100]: state[name]).subscribe(lambda pair: None)
    return dispatching(store, increment())


def entities(size):
    at = size // 2
    books = Map({n: Map(id=n, title="t", price=1) for n in range(size)})
    shelf = create_reducer(
        books, on(price, lambda state, action: state.set(at, state[at].set("price", action.payload)))
    )
    store = create_store()
    store.register_root({"shelf": shelf})
    changes = cycle([price(2), price(3)])
    return lambda: store.dispatch(next(changes))


if __name__ == "__main__":
    run(
        {
            "dispatch, 1 reducer": lambda: dispatching(new_store(1), increment()),
            **{f"slices, one hit|{n}": lambda n=n: dispatching(new_store(n), increment()) for n in (10, 100, 1000)},
            **{f"slices, no hit|{n}": lambda n=n: dispatching(new_store(n), other()) for n in (10, 100, 1000)},
            **{f"epics, ping to pong|{n}": lambda n=n: epics(n) for n in (1, 10, 100, 1000)},
            "10,000 selections over 100 slices, one changed": selections,
            **{f"update one of many entities|{n}": lambda n=n: entities(n) for n in (10_000, 100_000)},
            "creation of an action": lambda: lambda: note(1, "milk", False),
        }
    )
