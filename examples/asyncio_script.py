"""A script without a screen: it signs in, fetches through an expired token, and shows what the log says.

The server is the demo's, over real HTTP.
"""

import asyncio

from rxdux import FetchData, Login, create_api_store
from rxdux.demo.server import DemoServer


async def main() -> None:
    with DemoServer() as server:
        async with create_api_store(server.url) as store:
            store.dispatch(Login(username="ada", password="lovelace"))
            await store.wait_for(lambda state: state.auth.status == "signed_in", timeout=5)
            store.actions.subscribe(lambda action: print(action.type))

            server.issuer.expire_access_tokens()
            store.dispatch(FetchData(key="me", path="/me"))
            await store.idle(timeout=10)

            print("hello,", store.state.data["me"].data["name"])


if __name__ == "__main__":
    asyncio.run(main())
