"""Streams that an operator of ours may subscribe to without reactivex's envelope.

`Observable.subscribe` puts an observer, two disposables with a lock each, the trampoline of the thread and three functions
around each subscription. Between two of our own operators, which run in the role of a store, it is most of what a request
costs in time and in memory. Whoever else subscribes gets an envelope that does the same, and is one small object.
"""

from collections.abc import Callable
from functools import cached_property
from threading import RLock
from typing import Any, Generic, NoReturn, TypeVar

from reactivex import Observable, abc
from reactivex.disposable import Disposable
from reactivex.scheduler import CurrentThreadScheduler

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
A = TypeVar("A")
B = TypeVar("B")

Subscribe = Callable[[abc.ObserverBase[Any], abc.SchedulerBase | None], abc.DisposableBase]

NOTHING = Disposable()  # of what is over already
CURRENT_THREAD = CurrentThreadScheduler.singleton()


class Direct(Observable[T_co]):
    """An Observable whose observers end by themselves: it says nothing more after an error, an end or a disposal."""

    def __init__(self, subscribe: Subscribe) -> None:  # not reactivex's: that makes the lock
        self._subscribe = subscribe

    @cached_property
    def lock(self) -> Any:  # made where an operator of reactivex's wants it
        return RLock()

    def subscribe(
        self,
        on_next: abc.ObserverBase[T_co] | abc.OnNext[T_co] | None = None,
        on_error: abc.OnError | None = None,
        on_completed: abc.OnCompleted | None = None,
        *,
        scheduler: abc.SchedulerBase | None = None,
    ) -> abc.DisposableBase:
        given: Any = on_next
        if callable(getattr(given, "on_next", None)):
            given, on_error, on_completed = given.on_next, given.on_error, given.on_completed
        return Envelope(given, on_error, on_completed).around(self, scheduler)


class Receiver(abc.ObserverBase[A], abc.DisposableBase):
    """The observer of a stream, and the subscription to it, in one."""

    __slots__ = ("_subscription", "is_over")

    def __init__(self) -> None:
        self.is_over = False
        self._subscription: abc.DisposableBase | None = None

    def listen(self, stream: Observable[Any], scheduler: abc.SchedulerBase | None) -> None:
        """Subscribe to a stream of any kind, without an envelope."""
        given: Any = stream._subscribe_core(self, scheduler)  # pyright: ignore[reportPrivateUsage] -- what reactivex's envelope calls
        if given is NOTHING:
            return
        self._subscription = given if hasattr(given, "dispose") else Disposable(given)  # or a function that cleans up
        if self.is_over:  # before this came back
            self.dispose()

    def dispose(self) -> None:
        self.is_over = True
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.dispose()


class Envelope(Receiver[A]):
    """What `Observable.subscribe` puts around a subscription."""

    __slots__ = ("_on_completed", "_on_error", "_on_next")

    def __init__(
        self, on_next: abc.OnNext[A] | None, on_error: abc.OnError | None, on_completed: abc.OnCompleted | None
    ) -> None:
        super().__init__()
        self._on_next = on_next or _ignore
        self._on_error = on_error or _raise
        self._on_completed = on_completed or _ignore

    def around(self, stream: Observable[A], scheduler: abc.SchedulerBase | None) -> abc.DisposableBase:
        """Subscribe. What is scheduled meanwhile is done when all that subscribe now have what they can dispose of."""

        def subscribe(_: object = None, __: object = None) -> None:
            try:
                self.listen(stream, scheduler)
            except Exception as error:
                if self.is_over:
                    raise
                self.on_error(error)

        if CURRENT_THREAD.schedule_required():
            CURRENT_THREAD.schedule(subscribe)
        else:
            subscribe()
        return self

    def on_next(self, value: A) -> None:
        if not self.is_over:
            self._on_next(value)

    def on_error(self, error: Exception) -> None:
        if not self.is_over:
            self.is_over = True
            try:
                self._on_error(error)
            finally:
                self.dispose()

    def on_completed(self) -> None:
        if not self.is_over:
            self.is_over = True
            try:
                self._on_completed()
            finally:
                self.dispose()


def _ignore(*_: object) -> None:
    pass


def _raise(error: Exception) -> NoReturn:
    raise error


def attach(
    stream: Observable[T], observer: abc.ObserverBase[T], scheduler: abc.SchedulerBase | None
) -> abc.DisposableBase:
    """Subscribe to a stream: directly, where it is made for that. What that raises is the stream's error."""
    if not isinstance(stream, Direct):
        return stream.subscribe(observer, scheduler=scheduler)
    try:
        return stream._subscribe_core(observer, scheduler)  # pyright: ignore[reportPrivateUsage] -- what reactivex's envelope calls
    except Exception as error:
        observer.on_error(error)
        return NOTHING


class Relay(Receiver[A], Generic[A, B]):
    """What an operator has for one subscription: the observer of its source, and the subscription of who listens to it.

    It passes everything on; an operator changes what it is there for.
    """

    __slots__ = ("_followed", "observer", "scheduler")

    def __init__(self, observer: abc.ObserverBase[B], scheduler: abc.SchedulerBase | None) -> None:
        super().__init__()
        self.observer = observer
        self.scheduler = scheduler
        self._followed = 0

    def follow(self, stream: Observable[Any]) -> "Relay[A, B]":
        """Listen to this stream; in place of another, which is left."""
        self._followed = turn = self._followed + 1
        before, self._subscription = self._subscription, None
        if before is not None:
            before.dispose()
        subscription = attach(stream, self, self.scheduler)
        if self.is_over or turn != self._followed:
            subscription.dispose()  # it was over, or another was followed, before this came back
        else:
            self._subscription = subscription
        return self

    def on_next(self, value: A) -> None:
        if not self.is_over:
            self.observer.on_next(value)  # pyright: ignore[reportArgumentType] -- where A is not B, the operator changes it

    def on_error(self, error: Exception) -> None:
        if not self.is_over:
            self.observer.on_error(error)
            self.dispose()  # at the end: after an interrupt it is said again

    def on_completed(self) -> None:
        if not self.is_over:
            self.observer.on_completed()
            self.dispose()
