"""Tells whoever listens that something has changed."""

from collections.abc import Callable

from ..subscription import Subscription


class Changes:
    """Whoever listens to something."""

    def __init__(self) -> None:
        self._listeners: dict[object, Callable[[], object]] = {}

    def subscribe(self, listener: Callable[[], object]) -> Subscription:
        """Call `listener()` at each change."""
        key = object()
        self._listeners[key] = listener

        def stop() -> None:
            self._listeners.pop(key, None)

        return Subscription(stop)

    def tell(self) -> None:
        """Something has changed."""
        for listener in list(self._listeners.values()):
            listener()
