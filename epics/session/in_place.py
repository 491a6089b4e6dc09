"""How one call of a coroutine gets a new token and is sent again, while what the coroutine did before stays done."""

import asyncio
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Protocol

from reactivex import Observable, abc
from reactivex.disposable import SerialDisposable
from reactivex.scheduler import CurrentThreadScheduler

from ...actions import TokenSet
from .errors import ApiCallError


@dataclass
class Renewal:
    """The way of a running source to a new token.

    Attributes:
        call: makes the way for one call of the source.
        begun: how many calls the source has begun. While it is one, starting the source over sends nothing else
            twice, and is what happens.
        is_over: the source has ended. Nobody waits for a call that it left behind, and nobody asks in its name.
    """

    call: "Callable[[], Call]"
    begun: int = 0
    is_over: bool = False

    @property
    def is_one_call(self) -> bool:
        return self.begun <= 1


class Call(Protocol):
    """One call of a running source, by itself: others may be under way beside it."""

    def carries(self, tokens: TokenSet | None) -> None:
        """Note with which tokens it goes out."""
        ...

    @property
    def is_own(self) -> bool:
        """Whether they are those of the session whose tokens the source renews."""
        ...

    async def renew(self, error: ApiCallError) -> TokenSet:
        """Wait for new tokens after this error, sharing the one refresh; it raises when there are none."""
        ...


def begin_call() -> tuple[Renewal, Call] | None:
    """A call of the source in which this code runs; None outside `refresh_on_unauthorized`."""
    renewal = RENEWAL.get()
    if renewal is None:
        return None
    renewal.begun += 1
    return renewal, renewal.call()


RENEWAL: ContextVar[Renewal | None] = ContextVar("rxdux_renewal", default=None)
"""That of the source in which this code runs; None outside `refresh_on_unauthorized`."""


async def run_in_turn(work: Observable[Any], tell: Callable[[Any], None], scheduler: abc.SchedulerBase | None) -> None:
    """Await a stream of the epic from one of its coroutines: it runs in turn with all else, and what it says is told."""
    loop = asyncio.get_running_loop()
    ended: asyncio.Future[None] = loop.create_future()
    running = SerialDisposable()

    def settle(error: Exception | None) -> None:
        if not ended.done():
            ended.set_result(None) if error is None else ended.set_exception(error)

    def fail(error: Exception) -> None:
        loop.call_soon_threadsafe(settle, error)

    def complete() -> None:
        loop.call_soon_threadsafe(settle, None)

    def begin(_: abc.SchedulerBase, _state: object = None) -> None:
        running.disposable = work.subscribe(tell, fail, complete, scheduler=scheduler)

    (scheduler or CurrentThreadScheduler.singleton()).schedule(begin)
    try:
        await ended
    finally:
        running.dispose()
