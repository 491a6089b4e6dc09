"""1 and 1,000 fetches through an expired token, against bare httpx making the same calls.

Both run on one event loop, behind the same bound on requests in flight, against a server in a process
of its own.
"""

import asyncio
import subprocess
import sys
import time
from statistics import median

import httpx

from rxdux import FetchData, Login, RefreshPolicy, create_api_store

ROUNDS = 3
PATIENCE = 120.0  # seconds
POLICY = RefreshPolicy()


def new_client(url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=url, limits=httpx.Limits(max_connections=POLICY.max_in_flight + 4))


async def with_rxdux(url: str, count: int) -> float:
    """Seconds of so many fetches through an expired token."""
    async with new_client(url) as client, create_api_store(url, client=client, policy=POLICY) as store:
        store.dispatch(Login(username="ada", password="lovelace"))
        await store.wait_for(lambda state: state.auth.status == "signed_in", PATIENCE)
        await client.post("/admin/expire")
        started = time.perf_counter()
        for number in range(count):
            store.dispatch(FetchData(key=f"page {number}", path="/people", params={"page": 1, "size": 6}))
        await store.idle(PATIENCE)
        took = time.perf_counter() - started
        assert all(resource.status == "success" for resource in store.state.data.values())
        return took


async def with_bare_httpx(url: str, count: int) -> float:
    """Seconds of the same calls: those with the dead token, the refresh, and those with the new one."""
    slots = asyncio.Semaphore(POLICY.max_in_flight)
    async with new_client(url) as client:
        form = {"grant_type": "password", "username": "ada", "password": "lovelace"}
        tokens = (await client.post("/token", data=form)).json()
        await client.post("/admin/expire")

        async def get(token: str) -> int:
            async with slots:
                headers = {"Authorization": f"Bearer {token}"}
                response = await client.get("/people", params={"page": 1, "size": 6}, headers=headers)
                if response.status_code == 200:
                    response.json()
                return response.status_code

        started = time.perf_counter()
        dead = [get(tokens["access_token"]) for _ in range(min(count, POLICY.max_in_flight))]
        assert set(await asyncio.gather(*dead)) == {401}
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        new = (await client.post("/token", data=form)).json()
        assert set(await asyncio.gather(*(get(new["access_token"]) for _ in range(count)))) == {200}
        return time.perf_counter() - started


def measure() -> dict[str, tuple[float, float]]:
    """Seconds of rxdux and of bare httpx, by case: medians of rounds in turn."""
    server = subprocess.Popen(
        [sys.executable, "-m", "rxdux.demo.server", "--port", "0", "--token-life", "600"],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert server.stdout is not None
        url = server.stdout.readline().split()[2]
        results: dict[str, tuple[float, float]] = {}
        for count in (1, 1000):
            rounds = ROUNDS if count > 1 else 20
            ours: list[float] = []
            bare: list[float] = []
            for _ in range(rounds):
                ours.append(asyncio.run(with_rxdux(url, count)))
                bare.append(asyncio.run(with_bare_httpx(url, count)))
            results[f"fetches through an expired token|{count}"] = median(ours), median(bare)
        return results
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    for case, (ours, bare) in measure().items():
        print(f"{case}: rxdux {ours * 1000:.1f} ms, bare httpx {bare * 1000:.1f} ms: {ours / bare:.2f} times")
