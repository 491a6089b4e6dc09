"""A process that shares a session: fetches when it is told to, and says what came of it."""

import asyncio
import sys

from rxdux import FetchData, RedisSessions, SharedSession, create_api_store
from rxdux.epics.session.sharing.file_session import FileSession


async def main(url: str, path: str, fetches: int) -> None:
    session = SharedSession(path, keyring=None)
    async with create_api_store(url, session=session) as store:
        assert store.state.auth.status == "signed_in"
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for n in range(fetches):
            store.dispatch(FetchData(key=str(n), path="/people", params={"size": 1}))
        await store.idle(30)
        print(sum(each.status == "success" for each in store.state.data.values()), store.state.auth.status, flush=True)
        await asyncio.to_thread(sys.stdin.readline)


async def hold_lock(path: str) -> None:
    async with FileSession(path, keyring=None).locked():
        print("locked", flush=True)
        await asyncio.sleep(60)


async def hold_lease(url: str, key: str) -> None:
    async with RedisSessions(url, "x", secret=key, lease=2.0).leased():
        print("locked", flush=True)
        await asyncio.sleep(60)


if __name__ == "__main__":
    if sys.argv[1] == "hold-redis":
        asyncio.run(hold_lease(sys.argv[2], sys.argv[3]))
    elif sys.argv[1] == "hold":
        asyncio.run(hold_lock(sys.argv[2]))
    else:
        asyncio.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
