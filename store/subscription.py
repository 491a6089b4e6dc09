"""The handle on something that was started and can be ended."""

from collections.abc import Callable
from typing import Self


class Subscription:
    """Ends what it stands for, once: by `unsubscribe()`, or at the end of a `with` block."""

    __slots__ = ("_end",)

    def __init__(self, end: Callable[[], None]) -> None:
        self._end: Callable[[], None] | None = end

    def unsubscribe(self) -> None:
        """End it. A second call does nothing."""
        end = self._end
        if end is not None:
            end()
            self._end = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.unsubscribe()
