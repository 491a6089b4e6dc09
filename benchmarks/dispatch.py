"""What a dispatch costs: against a bare reducer call, and with more and more epics and slices beside it.

python -m benchmarks.dispatch
"""

import subprocess
import sys
import time
import timeit
from collections.abc import Callable
from statistics import median
from typing import Any

from reactivex import Observable
from reactivex import operators as ops

from rxdux import Action, ActionStream, Reducer, Store, combine_reducers, of_type

ROUNDS = 7


class Increment(Action):
    pass


class Ping(Action):
    pass


class Pong(Action):
    pass


def nanoseconds(function: Callable[[], Any], number: int) -> float:
    """One call, in nanoseconds: the median of some rounds, which other load on the machine disturbs least."""
    return median(timeit.repeat(function, number=number, repeat=ROUNDS)) / number * 1e9


def make_counter() -> Reducer[int]:
    counter = Reducer(0)
    counter.on(Increment)(lambda count, action: count + 1)
    return counter


def plain_counter(count: int | None, action: Action) -> int:
    if count is None:
        return 0
    return count + 1 if type(action) is Increment else count


def dispatch_against_bare() -> None:
    action = Increment()
    for name, reducer in (("Reducer", make_counter()), ("plain function", plain_counter)):
        dispatch = Store(reducer).dispatch
        nothing = nanoseconds(lambda: None, 300_000)
        bare = nanoseconds(lambda reducer=reducer: reducer(0, action), 300_000) - nothing
        took = nanoseconds(lambda dispatch=dispatch: dispatch(action), 300_000) - nothing
        allowed = 2 * bare + 200
        print(f"dispatch, {name:15} {took:6.0f} ns   bare {bare:4.0f} ns   at most 2 x bare + 200 = {allowed:4.0f} ns")


def one_of_many_epics() -> None:
    def answering(question: type[Action]) -> Callable[[ActionStream], Observable[Action]]:
        def epic(actions: ActionStream) -> Observable[Action]:
            return actions.pipe(of_type(question), ops.map(lambda _: Pong()))

        return epic

    for count in (1, 10, 100, 1_000):
        others = [type(f"Other{number}", (Action,), {}) for number in range(count - 1)]
        store = Store(make_counter(), epics=[*map(answering, others), answering(Ping)])
        action = Ping()
        took = nanoseconds(lambda store=store, action=action: store.dispatch(action), 10_000)
        print(f"ping to pong, {count:5} epics   {took:6.0f} ns")


def one_of_many_slices() -> None:
    for count in (1, 10, 100, 1_000):
        slices: dict[str, Reducer[int]] = {f"slice {number}": Reducer(0) for number in range(count - 1)}
        store = Store(combine_reducers({**slices, "counter": make_counter()}))
        hit, miss = Increment(), Ping()
        took_hit = nanoseconds(lambda store=store, hit=hit: store.dispatch(hit), 50_000)
        took_miss = nanoseconds(lambda store=store, miss=miss: store.dispatch(miss), 50_000)
        print(f"{count:5} slices   one hit {took_hit:6.0f} ns   no hit {took_miss:6.0f} ns")


def one_of_many_selections() -> None:
    for count in (100, 1_000, 10_000):
        slices: dict[str, Reducer[int]] = {f"slice {number}": Reducer(0) for number in range(99)}
        store = Store(combine_reducers({**slices, "counter": make_counter()}))
        for number in range(count):
            store.select(_reading(f"slice {number % 99}")).subscribe(lambda _: None)
        took = nanoseconds(lambda store=store: store.dispatch(Increment()), 2_000)
        print(f"{count:6} selections of other slices   {took:6.0f} ns")


def _reading(name: str) -> Callable[[Any], Any]:
    return lambda state: state[name]


def import_time() -> None:
    def seconds(statement: str) -> float:
        program = f"import time; t = time.perf_counter(); {statement}; print(time.perf_counter() - t)"
        runs = [subprocess.run([sys.executable, "-c", program], capture_output=True, check=True) for _ in range(ROUNDS)]
        return median(float(run.stdout) for run in runs)

    dependencies = seconds("import httpx, pydantic, reactivex")
    ours = seconds("import rxdux")
    print(
        f"import rxdux {ours * 1000:.0f} ms   httpx, pydantic, reactivex {dependencies * 1000:.0f} ms   {ours / dependencies:.2f} times"
    )


def chain() -> None:
    class Link(Action):
        n: int

    def link_epic(actions: ActionStream) -> Observable[Action]:
        return actions.pipe(
            of_type(Link), ops.filter(lambda link: link.n < 100_000), ops.map(lambda link: Link(n=link.n + 1))
        )

    store = Store(make_counter(), epics=[link_epic])
    started = time.perf_counter()
    store.dispatch(Link(n=0))
    print(f"100,000 links   {(time.perf_counter() - started) * 10_000:6.0f} ns each")


def main() -> None:
    for measure in (
        dispatch_against_bare,
        one_of_many_epics,
        one_of_many_slices,
        one_of_many_selections,
        chain,
        import_time,
    ):
        measure()


if __name__ == "__main__":
    main()
