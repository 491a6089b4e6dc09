"""A service that shares its upstream: however many requests want the same rate at once, the upstream is asked once."""

import asyncio
import json
from collections import Counter

from rxdux import ApiClient, ApiDependencies, Store, combine_reducers
from rxdux.query import Api, Call

upstream_calls: Counter[str] = Counter()

rates = Api("rates", stale_after=60.0, keep_unused=300.0)


@rates.query()
async def get_rate(call: Call, currency: str) -> float:
    return (await call.get(f"/rates/{currency}"))["rate"]


async def upstream(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """What stands for somebody else's server: slow, and it counts."""
    request = await reader.readuntil(b"\r\n\r\n")
    currency = request.split()[1].decode().rpartition("/")[2]
    upstream_calls[currency] += 1
    await asyncio.sleep(0.05)
    body = json.dumps({"rate": {"EUR": 1.0, "NOK": 11.7}[currency]}).encode()
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    writer.write(head.encode() + body)
    await writer.drain()
    writer.close()


async def main() -> None:
    server = await asyncio.start_server(upstream, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    client = ApiClient(f"http://127.0.0.1:{port}")
    store = Store(combine_reducers({"rates": rates}), epics=[rates.epic], dependencies=ApiDependencies(client))

    async def handle(amount: float, currency: str) -> float:
        """What a request of the service does."""
        return amount * await get_rate(currency).fetch(store, timeout=5.0)

    async with store:
        prices = await asyncio.gather(*(handle(amount, "NOK") for amount in range(100)), handle(1, "EUR"))
        print(f"{len(prices)} requests, the last but one costs {prices[-2]:.2f} NOK")
        await handle(10, "NOK")
        print(f"upstream: {dict(sorted(upstream_calls.items()))}")
    await client.aclose()
    server.close()


if __name__ == "__main__":
    asyncio.run(main())
