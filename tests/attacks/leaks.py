"""What is begun and ended a hundred thousand times leaves nothing behind."""

import asyncio
import contextlib
import gc
import tracemalloc
from collections.abc import Awaitable, Callable
from typing import Any

import reactivex as rx

from rxdux import Action, ActionStream, Reducer, Store, from_async, merge_map, of_type, selector


class Ping(Action, type="leaks/ping"): ...


def numbers(state: int | None, action: Action) -> int:
    return 0 if state is None else state + 1


def silent_epic(actions: ActionStream) -> rx.Observable[Action]:
    return actions.pipe(of_type(Ping), merge_map(lambda _: rx.empty()))


def endless_epic(actions: ActionStream) -> rx.Observable[Action]:
    async def never() -> Action:
        await asyncio.Event().wait()
        return Ping()

    return actions.pipe(of_type(Ping), merge_map(lambda _: from_async(never)))


Round = Callable[[Store[Any], int], "Awaitable[object] | object"]


def subscribe(store: Store[Any], n: int) -> None:
    store.subscribe(lambda state: None).unsubscribe()


def select(store: Store[Any], n: int) -> None:
    store.select(lambda state: state).subscribe(lambda value: None).dispose()


def add_epic(store: Store[Any], n: int) -> None:
    store.add_epic(silent_epic).unsubscribe()


async def wait_for(store: Store[Any], n: int) -> None:
    await store.wait_for(lambda state: True)


async def wait_for_in_vain(store: Store[Any], n: int) -> None:
    with contextlib.suppress(TimeoutError):
        await store.wait_for(lambda state: False, timeout=0)


async def idle_in_vain(store: Store[Any], n: int) -> None:
    with contextlib.suppress(TimeoutError):
        await store.idle(timeout=0)


def dispatch_a_class_made_now(store: Store[Any], n: int) -> None:
    store.dispatch(type(f"Made{n}", (Action,), {"__module__": __name__})())


def follow_a_class_made_now(store: Store[Any], n: int) -> None:
    made = type(f"Followed{n}", (Action,), {"__module__": __name__})
    store.actions.pipe(of_type(made)).subscribe(lambda action: None).dispose()


def select_from_an_old_state(store: Store[Any], n: int) -> None:
    of_lists(tuple(range(n, n + 100)))


@selector(lambda state: state)
def of_lists(state: tuple[int, ...]) -> int:
    return len(state)


def drop_a_store(store: Store[Any], n: int) -> None:
    dropped = Store(Reducer(0), epics=[silent_epic])
    dropped.subscribe(lambda state: None)
    dropped.dispatch(Ping())


ROUNDS: dict[str, tuple[Round, int, int]] = {
    # what is done, how often at most, and at most how many bytes may be left a round
    "subscribe": (subscribe, 100_000, 1),
    "select": (select, 30_000, 1),
    "add_epic": (add_epic, 8_000, 5),
    "wait_for": (wait_for, 8_000, 5),
    "wait_for in vain": (wait_for_in_vain, 8_000, 5),
    "idle in vain, with work in flight": (idle_in_vain, 8_000, 5),
    "an action of a class made now": (dispatch_a_class_made_now, 5_000, 2_500),  # 1,024 of them are kept
    "of_type of a class made now": (follow_a_class_made_now, 5_000, 300),
    "a selector, and states that are over": (select_from_an_old_state, 20_000, 5),
    "a store that is dropped unclosed": (drop_a_store, 5_000, 20),
}


def bytes_a_round(name: str, rounds: int) -> float:
    """Do it so often, and return what is left of each round."""
    act, _, _ = ROUNDS[name]

    async def main() -> float:
        async with Store(numbers, epics=[endless_epic]) as store:
            store.dispatch(Ping())
            for n in range(200):
                await _do(act, store, -n - 1)
            gc.collect()
            tracemalloc.start()
            try:
                before = tracemalloc.get_traced_memory()[0]
                for n in range(rounds):
                    await _do(act, store, n)
                gc.collect()
                return (tracemalloc.get_traced_memory()[0] - before) / rounds
            finally:
                tracemalloc.stop()

    return asyncio.run(main())


async def _do(act: Round, store: Store[Any], n: int) -> None:
    given = act(store, n)
    if asyncio.iscoroutine(given):
        await given


if __name__ == "__main__":
    for name, (_, most, allowed) in ROUNDS.items():
        print(f"{name:40} {bytes_a_round(name, most):8.1f} bytes a round over {most:,}; at most {allowed}")
