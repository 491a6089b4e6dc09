"""1 and 1,000 fetches through a token that expired in a session at work, against bare httpx making the same calls.

Both run on one event loop, behind the same bound on requests in flight, against a server in a process
of its own.
"""

import asyncio
import contextlib
import gc
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine, Generator
from functools import partial
from typing import Any

import httpx

from rxdux import FetchData, Login, RefreshPolicy, create_api_store

from .report import medians, pairs_of, table_of
from .turns import Turns, in_turn

PATIENCE = 120.0  # seconds
POLICY = RefreshPolicy()


Cost = tuple[float, float]
"""Seconds by the clock, and of the processor in this process."""


def clocks() -> Cost:
    return time.perf_counter(), time.process_time()


def since(started: Cost) -> Cost:
    return time.perf_counter() - started[0], time.process_time() - started[1]


def new_client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, limits=httpx.Limits(max_connections=POLICY.max_in_flight + 4))


async def with_rxdux(url: str, count: int) -> Cost:
    """So many fetches through an expired token."""
    async with new_client(url) as client, create_api_store(url, client=client, policy=POLICY) as store:
        store.dispatch(Login(username="ada", password="lovelace"))
        await store.wait_for(lambda state: state.auth.status == "signed_in", PATIENCE)
        store.dispatch(FetchData(key="before", path="/people", params={"page": 1, "size": 6}))
        await store.idle(PATIENCE)
        await client.post("/admin/expire")
        started = clocks()
        for number in range(count):
            store.dispatch(FetchData(key=f"page {number}", path="/people", params={"page": 1, "size": 6}))
        await store.idle(PATIENCE)
        took = since(started)
        assert all(resource.status == "success" for resource in store.state.data.values())
        return took


async def with_bare_httpx(url: str, count: int) -> Cost:
    """The same calls: those with the dead token, the refresh, and those with the new one."""
    slots = asyncio.Semaphore(POLICY.max_in_flight)
    async with new_client(url) as client:
        form = {"grant_type": "password", "username": "ada", "password": "lovelace"}
        tokens = (await client.post("/token", data=form)).json()

        async def get(token: str) -> int:
            async with slots:
                headers = {"Authorization": f"Bearer {token}"}
                response = await client.get("/people", params={"page": 1, "size": 6}, headers=headers)
                if response.status_code == 200:
                    response.json()
                return response.status_code

        assert await get(tokens["access_token"]) == 200
        await client.post("/admin/expire")
        started = clocks()
        dead = [get(tokens["access_token"]) for _ in range(min(count, POLICY.max_in_flight))]
        assert set(await asyncio.gather(*dead)) == {401}
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        new = (await client.post("/token", data=form)).json()
        assert set(await asyncio.gather(*(get(new["access_token"]) for _ in range(count)))) == {200}
        return since(started)


def timed(work: Callable[[], Coroutine[Any, Any, Cost]], cpu: list[float]) -> Callable[[], float]:
    """What gives the seconds of one turn, and notes the processor's in passing."""

    def measure() -> float:
        gc.collect()
        seconds, processor = asyncio.run(work())
        cpu.append(processor)
        return seconds

    return measure


@contextlib.contextmanager
def server() -> Generator[str]:
    """The demo's server in a process of its own; gives its URL."""
    command = [sys.executable, "-m", "rxdux.demo.server", "--port", "0", "--token-life", "600"]
    running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert running.stdout is not None
        yield running.stdout.readline().split()[2]
    finally:
        running.terminate()
        running.wait()


def measure() -> Turns:
    """Seconds of rxdux and of bare httpx in turn, by the clock and of the processor."""
    table: Turns = {}
    with server() as url:
        for count, turns in ((1, 25), (1000, 5)):
            cpu: dict[str, list[float] | str] = {}
            works: dict[str, Callable[[], float]] = {}
            for name, work in (("rxdux", with_rxdux), ("bare httpx", with_bare_httpx)):
                seconds: list[float] = []
                cpu[name] = seconds
                works[name] = timed(partial(work, url, count), seconds)
            table[f"fetches through an expired token|{count}"] = in_turn(works, turns)
            table[f"fetches through an expired token, processor|{count}"] = cpu
    return table


if __name__ == "__main__":
    found = measure()
    print("\n".join([*table_of(medians(found), ["rxdux", "bare httpx"]), "", *pairs_of(found)]))
