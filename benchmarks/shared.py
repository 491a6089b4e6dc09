"""What a shared state costs: against raw XADD and XREAD of the same client in the same run, by nodes; rebases; joining.

python -m benchmarks.shared        needs redis-server, which it starts for itself on loopback

All processes share one machine, and its cores: a node that reduces everything takes from what the others have.
"""

import asyncio
import contextlib
import json
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator
from statistics import median
from typing import Any

from redis.asyncio import Redis

from rxdux import Slice, Store, combine_reducers
from rxdux.epics.shared.node import Node
from rxdux.shared import MemoryLog, RedisLog, share

ENTRIES = 8_000  # in all, over the nodes
DELAYS = 500
TURN = 25  # of them, raw or ours
PAUSE = 0.002  # seconds between two of them
PAIRS = 5  # runs of the raw engine and of ours in turn, so that what else the machine does meets both
BATCH = 200  # entries in one pipeline, as a node sends them
MEGABYTES = (1, 10, 100)
ENTRY = '{"by":"0123456789ab","n":1,"t":1,"v":1,"do":{"type":"benchmark/total/add","amount":1}}'  # as a node writes it

total = Slice[int]("benchmark/total", initial=0)
texts = Slice[tuple[str, ...]]("benchmark/texts", initial=())


@total.action
def add(state: int, amount: int) -> int:
    return state + amount


@texts.action
def write(state: tuple[str, ...], text: str) -> tuple[str, ...]:
    return (*state, text)


def new_store() -> Store[Any]:
    return Store(combine_reducers({"total": total, "texts": texts}))


@contextlib.contextmanager
def redis_server() -> Generator[str]:
    """A server of its own, which keeps nothing."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port = listening.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", folder]
        server = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while True:
                with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                    break
                time.sleep(0.02)
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            server.terminate()
            server.wait()


def client_of(url: str) -> Redis:
    made: Any = Redis  # redis-py leaves the parameters of `from_url` without a type
    return made.from_url(url)


# --- what each process does ----------------------------------------------------------------------


async def raw(url: str, key: str, nodes: int) -> dict[str, Any]:
    """Append by pipelines, and read all; nothing is decoded."""
    client = client_of(url)
    mine, seen = ENTRIES // nodes, 0

    async def append() -> None:
        for _ in range(0, mine, BATCH):
            async with client.pipeline(transaction=False) as pipe:
                for _ in range(BATCH):
                    pipe.xadd(key, {"e": ENTRY}, id="0-*")
                await pipe.execute()

    await meet()
    started, cpu = time.perf_counter(), time.process_time()
    appending = asyncio.create_task(append())
    while seen < mine * nodes:
        found: Any = await client.xread({key: f"0-{seen}"}, count=500, block=1000)
        for _, entries in found:
            seen += len(entries)
    await appending
    took, used = time.perf_counter() - started, time.process_time() - cpu
    await client.aclose()
    return {"seconds": took, "cpu": used}


async def shared(url: str, key: str, nodes: int) -> dict[str, Any]:
    """Dispatch, and apply all."""
    mine = ENTRIES // nodes
    async with new_store() as store:
        node = share(store, RedisLog(url, key), slices=["total"], snapshot_every=10 * ENTRIES)
        await node.ready(30)
        await meet()
        started, cpu = time.perf_counter(), time.process_time()
        for number in range(mine):
            store.dispatch(add(1))
            if number % BATCH == BATCH - 1:
                await node.settled(at_most=4 * BATCH)
        await node.settled()
        while node.position < mine * nodes:  # noqa: ASYNC110 -- nothing tells of a position alone
            await asyncio.sleep(0.001)
        return {"seconds": time.perf_counter() - started, "cpu": time.process_time() - cpu}


async def delays(url: str, key: str, _: int) -> dict[str, Any]:
    """From before XADD, or the dispatch, in one process until after XREAD, or applied, in the others.

    Raw and ours take turns in the same processes. The next entry comes when the last one has arrived in the log.
    """
    sent: dict[str, list[float]] = {"raw": [], "ours": []}
    seen: dict[str, list[float]] = {"raw": [], "ours": []}
    client, reading, stream = client_of(url), client_of(url), f"{key}:raw"

    async def read() -> None:
        moments = seen["raw"]
        while len(moments) < DELAYS:
            found: Any = await reading.xread({stream: f"0-{len(moments)}"}, count=500, block=1000)
            moments.extend(time.monotonic() for _, entries in found for _ in entries)

    async with new_store() as store:
        node = share(store, RedisLog(url, key), slices=["total"])
        await node.ready(30)
        node.remote.subscribe(lambda _: seen["ours"].append(time.monotonic()))
        is_first = await client.setnx(f"{key}:first", "")
        await meet()
        task = asyncio.create_task(read())
        for _ in range(DELAYS // TURN if is_first else 0):
            for _ in range(TURN):
                sent["raw"].append(time.monotonic())
                await client.xadd(stream, {"e": ENTRY}, id="0-*")
                await asyncio.sleep(PAUSE)
            for _ in range(TURN):
                action = add(1)
                sent["ours"].append(time.monotonic())
                store.dispatch(action)
                await node.settled()
                await asyncio.sleep(PAUSE)
        await task
        await store.wait_for(lambda state: state["total"] == DELAYS)
        await node.settled()
    await client.aclose()
    await reading.aclose()
    return {"sent": sent} if is_first else {"seen": seen}


async def meet() -> None:
    """Say that one is ready, and wait for the others."""
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    await asyncio.to_thread(sys.stdin.readline)


WORK = {each.__name__: each for each in (raw, shared, delays)}


def together(work: str, url: str, nodes: int) -> list[dict[str, Any]]:
    """Have processes do it, from one moment on."""
    key = f"{work}-{nodes}-{time.perf_counter_ns()}"
    command = [sys.executable, "-m", "benchmarks.shared", work, url, key, str(nodes)]
    running = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(nodes)
    ]
    for each in running:
        assert each.stdout is not None
        each.stdout.readline()
    for each in running:
        assert each.stdin is not None
        each.stdin.write("go\n")
        each.stdin.flush()
    return [json.loads(each.communicate()[0]) for each in running]


# --- in this process -----------------------------------------------------------------------------


async def rebase(pending: int) -> float:
    """One entry of another on top of so many own actions that are not in the log, in milliseconds."""
    log = MemoryLog()
    async with new_store() as store:
        node = share(store, log, slices=["total"], max_pending=pending)
        await node.ready(10)
        inner: Node[Any] = node._node  # pyright: ignore[reportPrivateUsage] -- what is measured has no name outside
        node._life.cancel()  # pyright: ignore[reportPrivateUsage]
        for _ in range(pending):
            store.dispatch(add(1))
        took: list[float] = []
        for count in range(1, 12):
            entry = (
                f'{{"by":"other","n":{count},"t":1,"v":1,"do":{{"type":"benchmark/total/add","amount":1}}}}'.encode()
            )
            entries = [(count, entry)]

            def apply(_: object, entries: list[tuple[int, bytes]] = entries) -> None:
                inner.apply(entries)

            started = time.perf_counter()
            store.core.in_role(apply)
            took.append(time.perf_counter() - started)
        inner.replica.pending.clear()
        inner.count_work()
    return median(took) * 1000


async def join(url: str, megabytes: int) -> float:
    """Seconds until a newcomer has a state of so many megabytes."""
    first = new_store()
    for _ in range(megabytes):
        first.dispatch(write("x" * 1_000_000))
    async with first, new_store() as second:
        key = f"join-{megabytes}"
        await share(first, RedisLog(url, key), slices=["texts"]).ready(120)
        started = time.perf_counter()
        await share(second, RedisLog(url, key), slices=["texts"]).ready(120)
        return time.perf_counter() - started


def slowest(results: list[dict[str, Any]], what: str) -> float:
    return max(each[what] for each in results)


def p50(results: list[dict[str, Any]], which: str) -> float:
    """Milliseconds from where one wrote until another had it."""
    [sent] = (each["sent"][which] for each in results if "sent" in each)
    arrived = (each["seen"][which] for each in results if "seen" in each)
    return median(at - began for each in arrived for at, began in zip(each, sent, strict=True)) * 1000


def main() -> None:
    if shutil.which("redis-server") is None:
        print("redis-server is not installed.")
        return
    with redis_server() as url:
        for nodes in (1, 2, 4, 8):
            runs = [(together("raw", url, nodes), together("shared", url, nodes)) for _ in range(PAIRS)]
            raw_rate, our_rate = (
                median(ENTRIES / slowest(results, "seconds") for results in each) for each in zip(*runs, strict=True)
            )
            ratio = median(slowest(ours, "seconds") / slowest(plain, "seconds") for plain, ours in runs)
            raw_cpu, our_cpu = (
                median(slowest(results, "cpu") / ENTRIES * 1e6 for results in each) for each in zip(*runs, strict=True)
            )
            print(
                f"nodes: {nodes}   raw {raw_rate:7,.0f}/s   shared {our_rate:7,.0f}/s   1 in {ratio:.1f}   "
                f"CPU an entry, own ones included: raw {raw_cpu:.0f} us, shared {our_cpu:.0f} us"
            )
        for nodes in (2, 4):
            runs = [together("delays", url, nodes) for _ in range(PAIRS)]
            pairs = [(p50(each, "raw"), p50(each, "ours")) for each in runs]
            raw_p50, our_p50 = (median(each) for each in zip(*pairs, strict=True))
            ratio = median(ours / plain for plain, ours in pairs)
            print(f"delay among {nodes}, p50   raw {raw_p50:.2f} ms   shared {our_p50:.2f} ms   {ratio:.2f} x")
        for pending in (1, 100, 1000):
            print(f"rebase over {pending:4} pending   {asyncio.run(rebase(pending)):.2f} ms")
        for megabytes in MEGABYTES:
            print(f"join a state of {megabytes:3} MB   {asyncio.run(join(url, megabytes)):.2f} s")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [work, url, key, nodes]:
            print(json.dumps(asyncio.run(WORK[work](url, key, int(nodes)))))
        case _:
            main()
