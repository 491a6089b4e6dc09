"""A store that shares over a real engine, and what it was told."""

import asyncio
import time
from collections.abc import Callable
from typing import Any

from rxdux import Slice, Store, StoreError, combine_reducers
from rxdux.shared import Log, Shared, share

notes = Slice[tuple[str, ...]]("engine-notes", initial=())


@notes.action
def note(state: tuple[str, ...], text: str) -> tuple[str, ...]:
    return (*state, text)


class Process:
    def __init__(self, log: Log, **options: Any) -> None:
        self.errors: list[StoreError] = []
        self.store: Store[Any] = Store(combine_reducers({"notes": notes}), on_error=self.errors.append)
        self.shared: Shared[Any] = share(self.store, log, slices=["notes"], **options)

    @property
    def notes(self) -> tuple[str, ...]:
        return self.store.state["notes"]


Start = Callable[..., Any]


async def until(found: Callable[[], Any], patience: float = 20) -> Any:
    deadline = time.monotonic() + patience
    while not (result := found()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    return result
