"""One connection to Redis, and what becomes of a command that is not answered."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from redis.asyncio import Redis

from rxdux.epics.engines.redis_wire import Line, connect

from .engines import Proxy, RedisServer

LATE = 0.3  # seconds


@pytest.fixture
async def silent() -> AsyncIterator[Line]:
    """A line to a server that takes all and answers nothing."""

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while await reader.read(4096):
            pass
        writer.close()

    server = await asyncio.start_server(listen, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    line = Line(connect(Redis, f"redis://{host}:{port}", LATE), LATE)
    yield line
    await line.close()
    server.close()
    await server.wait_closed()


async def test_no_answer_is_a_timeout(silent: Line) -> None:
    """A late command is a TimeoutError, each time anew, and the task that asked is cancelled by nobody."""
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await silent.ask("PING")
    task = asyncio.current_task()
    assert task is not None
    assert not task.cancelling()


async def test_a_cancelled_command_is_cancelled(silent: Line) -> None:
    """Who cancels the task sees it cancelled; the next command is not."""
    asking = asyncio.create_task(silent.ask("PING"))
    await asyncio.sleep(0)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    with pytest.raises(TimeoutError):
        await silent.ask("PING")


async def test_a_shorter_timeout_around_it_counts(silent: Line) -> None:
    """It ends the command, and nothing else."""
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(LATE / 10):
            await silent.ask("PING")
    with pytest.raises(TimeoutError):
        await silent.ask("PING")


async def test_it_connects_anew(redis_server: RedisServer) -> None:
    """What fails ends the connection; the next command has another, and no answer of one before it."""
    proxy = Proxy(redis_server.port)
    line = Line(connect(Redis, f"redis://127.0.0.1:{proxy.port}", 5.0), 5.0)
    try:
        assert await line.ask("ECHO", "one") == b"one"
        proxy.cut()
        with pytest.raises(Exception, match=r"closed|reset|pipe"):
            await line.ask("ECHO", "two")
        given_up = asyncio.create_task(line.ask("BLPOP", "nothing", 0))
        while not (await line_count(redis_server)):
            await asyncio.sleep(0.01)
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        assert await asyncio.gather(*(line.ask("ECHO", str(each)) for each in range(5))) == [
            b"0",
            b"1",
            b"2",
            b"3",
            b"4",
        ]
        assert await line.run("return ARGV[1]", [], ["ran"]) == await line.run("return ARGV[1]", [], ["ran"]) == b"ran"
    finally:
        await line.close()
        proxy.close()


async def line_count(server: RedisServer) -> int:
    """How many clients wait for a list."""
    async with Redis.from_url(server.url) as client:
        return (await client.info("clients"))["blocked_clients"]
