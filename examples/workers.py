"""Sixteen worker processes of a service with one session: its refresh token rotates, and one of them refreshes for all.

Without arguments the session is in a file, for the workers of one machine. Over Redis, for workers anywhere:

    python examples/workers.py redis://192.168.0.7/0
"""

import asyncio
import sys
import tempfile
from pathlib import Path

from cryptography.fernet import Fernet

from rxdux import FetchData, Login, RedisSessions, SharedSession, create_api_store
from rxdux.demo.server import DemoServer

WORKERS, REQUESTS = 16, 4


def session_at(place: str, key: str) -> SharedSession:
    """Each process opens its own; the key comes to it as secrets do, here through a pipe."""
    if "://" in place:
        return SharedSession(storage=RedisSessions(place, "example-workers", secret=key))
    return SharedSession(place, keyring=None)


async def work(url: str, place: str, key: str) -> int:
    """A worker: it is signed in at once, and knows nothing of the others."""
    async with create_api_store(url, session=session_at(place, key)) as store:
        await store.wait_for(lambda state: state.auth.status == "signed_in", 30)
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        await asyncio.to_thread(sys.stdin.readline)
        for number in range(REQUESTS):
            store.dispatch(FetchData(key=str(number), path="/people", params={"size": 1}))
        await store.idle(30)
        return sum(each.status == "success" for each in store.state.data.values())


async def start(url: str, place: str, key: str) -> asyncio.subprocess.Process:
    pipe = asyncio.subprocess.PIPE
    worker = await asyncio.create_subprocess_exec(sys.executable, __file__, url, place, stdin=pipe, stdout=pipe)
    await tell(worker, key)
    return worker


async def tell(worker: asyncio.subprocess.Process, line: str) -> None:
    if worker.stdin is not None:
        worker.stdin.write(f"{line}\n".encode())
        await worker.stdin.drain()


async def hear(worker: asyncio.subprocess.Process) -> str:
    return "" if worker.stdout is None else (await worker.stdout.readline()).decode().strip()


async def main(place: str) -> None:
    key = Fernet.generate_key().decode()
    with DemoServer(token_life=600.0) as server:
        async with create_api_store(server.url, session=session_at(place, key)) as store:
            store.dispatch(Login(username="ada", password="lovelace"))
            await store.wait_for(lambda state: state.auth.status == "signed_in", 30)
            await store.idle(30)
        workers = await asyncio.gather(*(start(server.url, place, key) for _ in range(WORKERS)))
        await asyncio.gather(*(hear(worker) for worker in workers))
        server.issuer.expire_access_tokens()  # each worker meets a 401 now
        await asyncio.gather(*(tell(worker, "go") for worker in workers))
        answered = sum(int(line) for line in await asyncio.gather(*(hear(worker) for worker in workers)))
        await asyncio.gather(*(worker.wait() for worker in workers))
        print(f"{WORKERS} workers, {answered} of {WORKERS * REQUESTS} requests answered")
        print(f"refresh calls: {server.api.count['refresh']}, tokens sent twice: {server.issuer.reuse_detected}")


if __name__ == "__main__":
    match sys.argv[1:]:
        case [url, place]:
            print(asyncio.run(work(url, place, sys.stdin.readline().strip())))
        case [place]:
            asyncio.run(main(place))
        case _:
            with tempfile.TemporaryDirectory() as folder:
                asyncio.run(main(str(Path(folder) / "session.json")))
