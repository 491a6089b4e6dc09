"""The cases of python-redux 0.25.4."""

import os

from immutable import Immutable
from measure import run
from redux import BaseAction, InitAction, Store, StoreOptions


class Increment(BaseAction):
    pass


class Note(BaseAction):
    id: int
    text: str
    done: bool


class Count(Immutable):
    count: int = 0


def counter(state, action):
    if state is None:
        if isinstance(action, InitAction):
            return Count()
        raise ValueError
    if isinstance(action, Increment):
        return Count(count=state.count + 1)
    return state


def new_store():
    return Store(counter, options=StoreOptions(auto_init=True))


def dispatching(store):
    action = Increment()
    return lambda: store.dispatch(action)


if __name__ == "__main__":
    run(
        {
            "dispatch, 1 reducer": lambda: dispatching(new_store()),
            "creation of an action": lambda: lambda: Note(id=1, text="milk", done=False),
        }
    )
    os._exit(0)  # its threads would keep the process alive
