"""A process that shares a session: fetches when it is told to, and says what came of it."""

import asyncio
import json
import sys
from typing import Any

from dialects import made_of

from rxdux import FetchData, SharedSession, create_api_store


async def main(
    url: str, path: str, dialect: str | None, options: dict[str, Any], backend: dict[str, Any] | None
) -> None:
    session = SharedSession(path, keyring=None)
    async with create_api_store(url, session=session, **options, **made_of(dialect, backend)) as store:
        assert store.state.auth.status == "signed_in"
        print("ready", flush=True)
        await asyncio.to_thread(sys.stdin.readline)
        for n in range(10):
            store.dispatch(FetchData(key=str(n), path="/people"))
        await store.idle(30)
        print(sum(each.status == "success" for each in store.state.data.values()), store.state.auth.status, flush=True)
        await asyncio.to_thread(sys.stdin.readline)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], sys.argv[2], *json.loads(sys.argv[3])))
