"""A server that cannot be trusted: it drops connections, hangs, answers garbage, and loses what it has done."""

import asyncio
import random
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

FAULTS = ("drop", "hang", "garbage", "error", "lose")


class Chaos:
    """An ASGI app around another that, now and then, goes wrong.

    Args:
        app: the app that is to suffer.
        seed: for the same faults each time, given the same requests.
        rate: the share of requests that go wrong, 0 to 1.
        hang: seconds that a hanging request takes.
    """

    def __init__(self, app: ASGIApp, seed: int, rate: float, hang: float) -> None:
        self._app = app
        self._dice = random.Random(seed)
        self.rate = rate
        self._hang = hang

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or self._dice.random() >= self.rate:
            await self._app(scope, receive, send)
            return
        match self._dice.choice(FAULTS):
            case "drop":
                await _cut_off(send)
            case "hang":
                await asyncio.sleep(self._hang)
                await self._app(scope, receive, send)
            case "garbage":
                await _answer(send, 200, b'<html>{"access_token": \xff')
            case "error":
                await _answer(send, self._dice.choice((500, 502, 503, 429)), b"{}")
            case _:  # it does what it was asked to, and the answer is lost
                await self._app(scope, receive, _nowhere)
                await _cut_off(send)


async def _answer(send: Send, status: int, body: bytes) -> None:
    await send({"type": "http.response.start", "status": status, "headers": [(b"content-type", b"text/html")]})
    await send({"type": "http.response.body", "body": body})


async def _cut_off(send: Send) -> None:
    """Promise more than comes: the server closes the connection in the middle of the answer."""
    headers: Any = [(b"content-length", b"100")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": b"{", "more_body": True})


async def _nowhere(message: Message) -> None:
    pass
