"""The cases of python-redux 0.25.4."""

from measure import run
from redux import BaseAction, Store, StoreOptions
from same import counter


class Increment(BaseAction):
    pass


class Note(BaseAction):
    id: int
    text: str
    done: bool


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
