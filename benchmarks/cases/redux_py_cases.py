"""The cases of redux-py 0.1.12."""

from measure import run
from redux import create_action, create_feature_module, create_store
from same import counter

increment = create_action("INCREMENT")


def dispatching():
    store = create_store()
    store.add_feature_module(create_feature_module("counter", counter))
    store.as_observable().subscribe(lambda state: None)
    action = increment(None)
    return lambda: store.dispatch(action)


if __name__ == "__main__":
    run(
        {
            "dispatch, 1 reducer": dispatching,
            "creation of an action": lambda: lambda: increment({"id": 1, "text": "milk", "done": False}),
        }
    )
