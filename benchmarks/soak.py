"""Fetches through expiry after expiry, and reports memory and tasks over time: they must stay flat.

python -m benchmarks.soak --minutes 5
python -m benchmarks.soak --fetches 10000 --expiries 500
"""

import argparse
import asyncio
import gc
import subprocess
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from rxdux import ApiState, FetchData, FetchSuccess, Login, RefreshPolicy, Store, create_api_store, of_type

REPORTS = 10


def memory() -> float:
    """What this process has in memory, in MiB."""
    gc.collect()
    status = Path("/proc/self/status").read_text()
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS")) / 1024


@contextmanager
def server() -> Generator[str]:
    """The demo's server in a process of its own: its memory is not ours."""
    command = [sys.executable, "-m", "rxdux.demo.server", "--port", "0", "--token-life", "3600"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process.stdout.readline().split()[2]
        finally:
            process.terminate()


async def soak(url: str, fetches: int, expiries: int, seconds: float) -> None:
    policy = RefreshPolicy(max_refreshes_per_minute=1_000_000)
    per_expiry = max(1, fetches // expiries)
    done, refreshes, reports = 0, 0, list[float]()
    started = time.monotonic()

    def progress() -> float:
        return (time.monotonic() - started) / seconds if seconds else done / fetches

    async with httpx.AsyncClient() as admin, create_api_store(url, policy=policy) as store:
        successes: list[int] = [0]
        store.actions.pipe(of_type(FetchSuccess)).subscribe(lambda _: successes.__setitem__(0, successes[0] + 1))
        await _sign_in(store)
        while progress() < 1:
            (await admin.post(f"{url}/admin/expire")).raise_for_status()
            for number in range(per_expiry):
                store.dispatch(FetchData(key=str(number), path="/people", params={"page": number % 15 + 1}))
            await store.idle(60)
            done, refreshes = done + per_expiry, refreshes + 1
            if progress() * REPORTS >= len(reports) + 1:
                reports.append(memory())
                print(
                    f"{done:8} fetches  {successes[0]:8} successes  {store.state.auth.refreshes:6} refreshes  "
                    f"{reports[-1]:7.1f} MiB  {len(asyncio.all_tasks()):3} tasks",
                    flush=True,
                )
        server_side = (await admin.get(f"{url}/admin/stats")).json()
        print(f"refresh calls at the server: {server_side['refresh']} for {refreshes} expiries")
    growth = reports[-1] / reports[0] - 1
    print(f"memory at the end against one tenth: {growth:+.1%}")


async def _sign_in(store: Store[ApiState]) -> None:
    store.dispatch(Login(username="ada", password="lovelace"))
    await store.wait_for(lambda state: state.auth.status == "signed_in", 10)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=0.0, help="how long; 0 goes by the number of fetches")
    parser.add_argument("--fetches", type=int, default=10_000)
    parser.add_argument("--expiries", type=int, default=500)
    arguments = parser.parse_args()
    with server() as url:
        asyncio.run(soak(url, arguments.fetches, arguments.expiries, arguments.minutes * 60))


if __name__ == "__main__":
    main()
