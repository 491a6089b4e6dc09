"""Bytes of what an app has many of, and what an import costs."""

import asyncio
import tracemalloc
from collections.abc import Callable
from functools import partial
from itertools import chain
from typing import Any

from reactivex import Observable
from reactivex import operators as ops

from rxdux import (
    Action,
    ActionStream,
    ApiClient,
    ApiDependencies,
    ApiState,
    FetchData,
    LoginSuccess,
    Reducer,
    Store,
    TokenSet,
    auth_reducer,
    combine_reducers,
    data_reducer,
    fetch_data_epic,
    of_type,
)

from .installed import environment_of_installed, output_of
from .report import pairs_of
from .turns import Turns, in_turn

COUNT = 1000


class Tick(Action, type="benchmarks/tick"):
    pass


def bytes_each(make: Callable[[], Any]) -> float:
    """Bytes of one of many."""
    make()
    tracemalloc.start()
    kept = [make() for _ in range(COUNT)]
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return size / len(kept)


def of_listener() -> float:
    store = Store(Reducer(0))
    return bytes_each(lambda: store.subscribe(lambda state: None))


def of_selection() -> float:
    store = Store(combine_reducers({"count": Reducer(0)}))
    return bytes_each(lambda: store.select(lambda state: state["count"]).subscribe(lambda value: None))


def of_epic() -> float:
    def epic(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(of_type(Tick), ops.map(lambda tick: Tick()))

    store = Store(Reducer(0))
    return bytes_each(lambda: store.add_epic(epic))


def of_store() -> float:
    return bytes_each(lambda: Store(Reducer(0)))


def of_waiting_fetch() -> float:
    """A fetch that waits for a refresh, in a store of its parts: nothing is sent."""

    async def measure() -> float:
        reducer = combine_reducers(ApiState, auth=auth_reducer, data=data_reducer)
        api = ApiDependencies(ApiClient("http://127.0.0.1:9"))
        async with Store(reducer, epics=[fetch_data_epic], dependencies=api) as store:
            store.dispatch(LoginSuccess(tokens=TokenSet(access_token="a", refresh_token="r")))
            store.core.state = store.state.replace(auth=store.state.auth.replace(status="refreshing"))
            numbers = iter(range(COUNT * 2))
            return bytes_each(lambda: store.dispatch(FetchData(key=f"{next(numbers)}", path="/")))

    return asyncio.run(measure())


CASES: dict[str, Callable[[], float]] = {
    "a listener": of_listener,
    "a selection": of_selection,
    "an epic": of_epic,
    "a store": of_store,
    "a fetch that waits for a refresh": of_waiting_fetch,
}


def import_seconds(statement: str) -> float:
    """Seconds of the processor for an import in a new process, without the start of Python."""
    program = f"import time; t = time.process_time(); {statement}; print(time.process_time() - t)"
    return float(output_of(program, environment_of_installed()))


ONE_MODEL = "from pydantic import BaseModel; type('M', (BaseModel,), {})"
IMPORTS = {
    # case: our statement, and that which loads what it stands on
    "import rxdux": ("import rxdux", "import reactivex, httpx, pydantic, immutables, stamina"),
    "from rxdux import Store, Reducer": (
        "from rxdux import Store, Reducer",
        f"import reactivex, immutables; {ONE_MODEL}",
    ),
    "from rxdux import create_api_store": (
        "from rxdux import create_api_store",
        f"import reactivex, httpx, immutables, stamina; {ONE_MODEL}",
    ),
    "create_api_store, and its import": (
        "from rxdux import create_api_store; create_api_store('http://localhost')",
        f"import reactivex, httpx, immutables, stamina; {ONE_MODEL}; httpx.AsyncClient()",
    ),
}


def measure_imports(turns: int = 9) -> Turns:
    """Ours, and the dependencies with one model, in turn."""
    for statement in chain.from_iterable(IMPORTS.values()):
        import_seconds(statement)  # which leaves the bytecode behind
    return {
        case: in_turn(
            {"rxdux": partial(import_seconds, ours), "its dependencies": partial(import_seconds, bare)}, turns
        )
        for case, (ours, bare) in IMPORTS.items()
    }


if __name__ == "__main__":
    for name, measure in CASES.items():
        print(f"{name:35} {measure():8,.0f} bytes")
    print("\n".join(pairs_of(measure_imports())))
