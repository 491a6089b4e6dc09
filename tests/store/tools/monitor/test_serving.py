"""Who may connect to the server of the DevTools, and what becomes of those who cannot speak."""

import asyncio
import json

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidStatus

from rxdux.store.tools.monitor import serving as module
from rxdux.store.tools.monitor.apps import Apps
from rxdux.store.tools.monitor.serving import serving

PAGE = "http://localhost:3000"


@pytest.mark.parametrize(
    ("origin", "host", "is_let_in"),
    [
        (None, None, True),
        ("http://{here}", None, True),
        (PAGE, None, True),
        ("http://localhost:3001", None, False),
        ("https://evil.example", None, False),
        ("http://evil.example", "evil.example", False),
        ("null", None, False),
        ("http://[", None, False),
        ("", None, False),
    ],
)
async def test_pages_are_refused(origin: str | None, host: str | None, is_let_in: bool) -> None:
    """But for those of this server's own address, and those that were named. A name that leads here is none of its own."""
    apps = Apps()
    async with serving(apps, port=0, origins=[PAGE]) as url:
        here = url.removeprefix("ws://")
        headers = {} if origin is None else {"Origin": origin.format(here=here)}
        port = int(here.rpartition(":")[2])
        to = connect(
            f"ws://{host or here}/socketcluster/", additional_headers=headers, proxy=None, host="127.0.0.1", port=port
        )
        status = 0
        try:
            async with to as socket:
                await socket.send(json.dumps({"event": "#handshake", "cid": 1}))
                assert "rid" in json.loads(await socket.recv())
        except InvalidStatus as refused:
            status = refused.response.status_code
        assert status == (0 if is_let_in else 403)
        assert apps.news.startswith("Refused") != is_let_in


async def test_who_does_not_come_by_websocket() -> None:
    """A browser that is sent here is told what this is, and no page can read even that."""
    async with serving(Apps(), port=0) as url, httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(url.replace("ws", "http"))
        assert (answer.status_code, answer.text) == (200, "Apps of Redux connect here, by WebSocket.\n")
        assert not any(name.startswith("access-control") for name in answer.headers)
        with pytest.raises(InvalidStatus):
            await connect(f"{url}/elsewhere", proxy=None)


async def test_who_does_not_speak_the_protocol_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """With a word, and so is who says too much at once; others go on."""
    monkeypatch.setattr(module, "LONGEST", 2_000_000)
    apps = Apps()
    async with serving(apps, port=0) as url, connect(f"{url}/socketcluster/", proxy=None) as good:
        for frame, why in [("rubbish", "does not speak as apps do"), ("x" * 3_000_000, "sent more than 1 MB at once")]:
            async with connect(f"{url}/socketcluster/", proxy=None) as bad:
                await bad.send(frame)
                with pytest.raises(ConnectionClosed):
                    await bad.recv()
            async with asyncio.timeout(10):
                while why not in apps.news:
                    await asyncio.sleep(0.01)
        await good.send(json.dumps({"event": "#handshake", "cid": 1}))
        assert json.loads(await good.recv())["rid"] == 1


async def test_there_is_an_end_to_connections(monkeypatch: pytest.MonkeyPatch) -> None:
    """One more is refused; where one ends, another may come."""
    monkeypatch.setattr(module, "MOST_CONNECTIONS", 1)
    apps = Apps()
    async with serving(apps, port=0) as url:
        async with connect(f"{url}/socketcluster/", proxy=None):
            with pytest.raises(InvalidStatus):
                await connect(f"{url}/socketcluster/", proxy=None)
            assert apps.news == "There are 1 connections already: another one was refused."
        async with connect(f"{url}/socketcluster/", proxy=None):
            pass
