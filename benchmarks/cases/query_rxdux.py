"""The cases of rxdux.query: python query_rxdux.py CASE SIZE SAMPLES prints seconds of one operation, or bytes, as JSON."""

import asyncio
import functools
import gc
import json
import math
import sys
import time
import tracemalloc

from rxdux import Store
from rxdux.query import Api, Invalidate, Tag
from rxdux.testing import seed

BUDGET = 0.05  # seconds that a sample takes at least
LONG = 2.0  # seconds after which no further sample is taken of what is done once
USER = Tag("user")
calls = 0

api = Api("api", keep_unused=math.inf)


@api.query()
async def get_user(call, id: int) -> dict:
    global calls  # noqa: PLW0603 -- each answer is another one
    calls += 1
    return {"id": id, "name": f"user {id}", "version": calls}


@get_user.provides
def _(data, id):
    return [USER[id]]


@api.query()
async def get_list(call, size: int) -> list:
    return json.loads(body_of(size))


@functools.cache
def body_of(size):
    return json.dumps([{"id": id, "name": f"user {id}", "tags": ["a", "b"]} for id in range(size)])


def opened(entries=0):
    store = Store(api, epics=[api.epic])
    seed(store, {get_user(id): {"id": id, "name": f"user {id}", "version": 0} for id in range(entries)})
    return store


async def hit(size):
    """Ask for what is fresh, among `size` entries."""
    store = opened(size)
    return lambda: get_user(7).fetch(store)


async def change(size, watchers=1):
    """A new answer to one query, told to its watchers."""
    store = opened(size)
    news = asyncio.Event()
    told = 0

    def tell(result):
        nonlocal told, seen
        version = result.data_or({"version": 0})["version"]
        told += version != seen
        if told == watchers:
            seen, told = version, 0
            news.set()

    for _ in range(watchers):
        seen = -1
        get_user(7).observe(store).subscribe(tell)
    seen, told = 0, 0
    await store.idle()

    async def answer():
        news.clear()
        store.dispatch(get_user(7).refetch())
        await news.wait()

    return answer


async def watchers(size):
    return await change(10, size)


async def invalidation(size):
    """One tag of one among `size` entries: it is watched, and fetched anew."""
    store = opened(size)
    watch = get_user(7).watch(store)

    async def invalidate():
        store.dispatch(Invalidate(USER[7]))
        await watch.answer()

    return invalidate


async def equal(size):
    """An answer of `size` items that equals the last: who selects the data is not told."""
    store = opened(10)
    query = get_list(size)
    watch = query.watch(store)
    await watch.answer()
    told = []
    store.select(lambda state: query(state).data).subscribe(told.append)

    async def answer():
        store.dispatch(query.refetch())
        await watch.answer()
        assert len(told) == 1

    return answer


async def at_once(size):
    """Seconds of `size` queries that are asked at once, in a new store."""
    store = opened()
    queries = [get_user(id) for id in range(size)]
    gc.collect()
    started = time.perf_counter()
    await asyncio.gather(*(query.fetch(store) for query in queries))
    return time.perf_counter() - started


async def memory(size):
    """Bytes of an entry."""
    store = opened()
    await get_user(-1).fetch(store)
    gc.collect()
    tracemalloc.start()
    for id in range(size):
        await get_user(id).fetch(store)
    gc.collect()
    used = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    return used / size


async def timed(operation):
    """Seconds of one operation, of as many as take long enough."""
    loops = 1
    while True:
        started = time.perf_counter()
        for _ in range(loops):
            await operation()
        seconds = time.perf_counter() - started
        if seconds > BUDGET:
            return seconds / loops
        loops *= 2


async def sampled(once, size, samples):
    """What it gives, that often or until it takes too long."""
    found, started = [], time.perf_counter()
    while len(found) < samples and time.perf_counter() - started < LONG:
        found.append(await once(size))
    return found


ONCE = {"at once": at_once, "memory": memory}
AGAIN = {"hit": hit, "change": change, "watchers": watchers, "invalidation": invalidation, "equal": equal}


async def main(case, size, samples):
    if case in ONCE:
        return await sampled(ONCE[case], size, samples)
    operation = await AGAIN[case](size)
    await timed(operation)
    return [await timed(operation) for _ in range(samples)]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))))
