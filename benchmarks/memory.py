"""Bytes of what an app has many of, and what an import costs."""

import asyncio
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from statistics import median
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


def import_seconds(statement: str, rounds: int = 7) -> float:
    """Seconds of an import in a new process, without the start of Python."""
    program = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
    runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, check=True) for _ in range(rounds)]
    return median(float(run.stdout) for run in runs)


IMPORTS = {
    "import rxdux": "import rxdux",
    "from rxdux import Store, Reducer": "from rxdux import Store, Reducer",
    "from rxdux import create_api_store": "from rxdux import create_api_store",
    "the dependencies": "import reactivex, httpx, pydantic, immutables, stamina",
    "the dependencies, and one model": (
        "import reactivex, httpx, immutables, stamina; from pydantic import BaseModel; type('M', (BaseModel,), {})"
    ),
}

if __name__ == "__main__":
    for name, measure in CASES.items():
        print(f"{name:35} {measure():8,.0f} bytes")
    for name, statement in IMPORTS.items():
        print(f"{name:35} {import_seconds(statement) * 1000:8.0f} ms")
