"""Map each value to a stream of its own, and flatten: RxJS's mergeMap, switchMap, concatMap, exhaustMap.

They are made for epics, where a store hands on one value at a time.
"""

import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from typing import Any, Generic, Protocol, TypeVar, overload

from reactivex import Observable, abc
from reactivex.disposable import Disposable, SingleAssignmentDisposable

from ...store.engine.names import name_of
from ...store.engine.scheduler import NOTHING, TurnScheduler
from .from_async import from_async

A = TypeVar("A")
B = TypeVar("B")

Operator = Callable[[Observable[A]], Observable[B]]


class Inner(abc.ObserverBase[B], abc.DisposableBase):
    """One inner stream under way: its observer and its subscription in one.

    It is subscribed to directly. What `Observable.subscribe` puts around it (an observer with locks, the
    trampoline of the thread) costs ten times what a ready value does, and a store has it all already.
    """

    __slots__ = ("_emit", "_flattening", "_is_over", "_subscription")

    def __init__(self, flattening: "Flattening[Any, B]", emit: Callable[[B], None]) -> None:
        self._flattening = flattening
        self._emit = emit
        self._subscription: abc.DisposableBase | None = None
        self._is_over = False

    def subscribe(self, stream: Observable[B], scheduler: abc.SchedulerBase) -> None:
        try:
            subscription = stream._subscribe_core(self, scheduler)  # pyright: ignore[reportPrivateUsage]
        except Exception as error:
            self.on_error(error)
            return
        if not self._is_over:
            self._subscription = subscription
        elif subscription is not NOTHING:
            subscription.dispose()

    def on_next(self, value: B) -> None:
        if not self._is_over:
            self._emit(value)

    def on_error(self, error: Exception) -> None:
        if not self._is_over:
            self.dispose()
            self._flattening.fail(error)

    def on_completed(self) -> None:
        if self._is_over:
            return
        self._is_over = True
        if self._subscription is not None:
            self.dispose()
        self._flattening.inner_done(self)

    def dispose(self) -> None:
        self._is_over = True
        subscription, self._subscription = self._subscription, None
        if subscription is not None:
            subscription.dispose()


class Flattening(Generic[A, B]):
    """One subscription of such an operator: the outer stream, and the inner ones under way."""

    def __init__(
        self,
        project: Callable[[A], Observable[B]],
        observer: abc.ObserverBase[B],
        scheduler: abc.SchedulerBase | None,
    ) -> None:
        self._project = project
        self.observer = observer
        self._emit = observer.on_next
        self._scheduler = scheduler
        self._inner_scheduler = scheduler or TurnScheduler()
        self._outer = SingleAssignmentDisposable()
        self._inner: dict[Inner[B], None] = {}
        self._outer_done = False
        self.waiting: deque[A] = deque()
        self.on_inner_done: Callable[[Inner[B]], None] | None = None

    def __len__(self) -> int:
        """How many inner streams are under way."""
        return len(self._inner)

    def is_running(self, inner: Inner[B]) -> bool:
        return inner in self._inner

    def subscribe(self, source: Observable[A], admit: Callable[[A], None]) -> abc.DisposableBase:
        self._outer.disposable = source.subscribe(admit, self.fail, self._complete, scheduler=self._scheduler)
        return Disposable(self._dispose)

    def start(self, value: A) -> Inner[B]:
        """Subscribe to the inner stream of this value. Disposing of what it returns cancels it."""
        inner = Inner(self, self._emit)
        self._inner[inner] = None
        try:
            stream = self._project(value)
            if not isinstance(stream, Observable):  # pyright: ignore[reportUnnecessaryIsInstance]
                msg = f"{name_of(self._project)} returned {stream!r:.100} instead of an Observable."
                raise TypeError(msg)
        except Exception as error:
            self.fail(error)
            return inner
        inner.subscribe(stream, self._inner_scheduler)
        return inner

    def inner_done(self, inner: Inner[B]) -> None:
        self._inner.pop(inner, None)
        if self.on_inner_done is not None:
            self.on_inner_done(inner)
        if self._outer_done:
            self._complete_if_done()

    def cancel(self, inner: Inner[B]) -> None:
        self._inner.pop(inner, None)
        inner.dispose()

    def cancel_all(self) -> None:
        for inner in list(self._inner):
            self.cancel(inner)

    def _complete(self) -> None:
        self._outer_done = True
        self._complete_if_done()

    def _complete_if_done(self) -> None:
        if self._outer_done and not self._inner and not self.waiting:
            self.observer.on_completed()

    def fail(self, error: Exception) -> None:
        self._dispose()
        self.observer.on_error(error)

    def _dispose(self) -> None:
        self._outer.dispose()
        self.cancel_all()


class Policy(Protocol[A]):
    """Makes the function that decides about a value when it comes: start it, keep it, drop it, cancel others."""

    def __call__(self, flattening: Flattening[A, Any]) -> Callable[[A], None]: ...


def _operator(project: Callable[[A], Any], policy: Policy[A]) -> Operator[A, Any]:
    if not callable(project):
        msg = f"A projection is a function that gives an Observable, or a coroutine function, not {project!r:.100}."
        raise TypeError(msg)
    to_stream: Callable[[A], Observable[Any]] = (
        _await_each(project) if inspect.iscoroutinefunction(project) else project
    )

    def flatten(source: Observable[A]) -> Observable[Any]:
        def subscribe(
            observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            flattening = Flattening(to_stream, observer, scheduler)
            return flattening.subscribe(source, policy(flattening))

        return Observable(subscribe)

    return flatten


def _await_each(project: Callable[[A], Awaitable[B]]) -> Callable[[A], Observable[B]]:
    def call(value: A) -> Observable[B]:
        return from_async(lambda: project(value))

    return call


@overload
def merge_map(project: Callable[[A], Observable[B]]) -> Operator[A, B]: ...
@overload
def merge_map(project: Callable[[A], Awaitable[B]]) -> Operator[A, B]: ...
def merge_map(project: Any) -> Operator[Any, Any]:
    """Run the streams of all values side by side.

    Args:
        project: gives the stream of a value; or a coroutine function, whose result is the stream's one value.

    See https://rxjs.dev/api/operators/mergeMap

    Examples:
        >>> import reactivex as rx
        >>> from rxdux import merge_map
        >>> _ = rx.of(1, 2).pipe(merge_map(lambda n: rx.of(n, n * 10))).subscribe(print)
        1
        10
        2
        20
    """

    def policy(flattening: Flattening[Any, Any]) -> Callable[[Any], None]:
        def admit(value: Any) -> None:
            flattening.start(value)

        return admit

    return _operator(project, policy)


@overload
def switch_map(project: Callable[[A], Observable[B]]) -> Operator[A, B]: ...
@overload
def switch_map(project: Callable[[A], Awaitable[B]]) -> Operator[A, B]: ...
def switch_map(project: Any) -> Operator[Any, Any]:
    """Run the stream of the latest value; a new value cancels the one before.

    Args:
        project: as in `merge_map`.

    See https://rxjs.dev/api/operators/switchMap
    """

    def policy(flattening: Flattening[Any, Any]) -> Callable[[Any], None]:
        def admit(value: Any) -> None:
            flattening.cancel_all()
            flattening.start(value)

        return admit

    return _operator(project, policy)


@overload
def concat_map(project: Callable[[A], Observable[B]]) -> Operator[A, B]: ...
@overload
def concat_map(project: Callable[[A], Awaitable[B]]) -> Operator[A, B]: ...
def concat_map(project: Any) -> Operator[Any, Any]:
    """Run the streams one after the other, in the order of the values; none is lost.

    Args:
        project: as in `merge_map`.

    See https://rxjs.dev/api/operators/concatMap
    """

    def policy(flattening: Flattening[Any, Any]) -> Callable[[Any], None]:
        starting = False

        def start_next(_: object = None) -> None:
            nonlocal starting
            if starting:
                return  # the loop below goes on: streams that complete at once do not recurse
            starting = True
            try:
                while flattening.waiting and not len(flattening):
                    flattening.start(flattening.waiting.popleft())
            finally:
                starting = False

        def admit(value: Any) -> None:
            flattening.waiting.append(value)
            start_next()

        flattening.on_inner_done = start_next
        return admit

    return _operator(project, policy)


@overload
def exhaust_map(project: Callable[[A], Observable[B]]) -> Operator[A, B]: ...
@overload
def exhaust_map(project: Callable[[A], Awaitable[B]]) -> Operator[A, B]: ...
def exhaust_map(project: Any) -> Operator[Any, Any]:
    """Run the stream of a value to its end; values that come meanwhile are dropped.

    Args:
        project: as in `merge_map`.

    See https://rxjs.dev/api/operators/exhaustMap
    """

    def policy(flattening: Flattening[Any, Any]) -> Callable[[Any], None]:
        def admit(value: Any) -> None:
            if not len(flattening):
                flattening.start(value)

        return admit

    return _operator(project, policy)


def switch_map_by(key: Callable[[A], Hashable], project: Callable[[A], Observable[B]]) -> Operator[A, B]:
    """Run the stream of the latest value of each key; a new value cancels the one before with the same key."""

    def policy(flattening: Flattening[A, Any]) -> Callable[[A], None]:
        latest: dict[Hashable, Inner[Any]] = {}
        keys: dict[Inner[Any], Hashable] = {}

        def forget(inner: Inner[Any]) -> None:
            if inner in keys:
                latest.pop(keys.pop(inner), None)

        def admit(value: A) -> None:
            older = latest.get(key(value))
            if older is not None:
                forget(older)
                flattening.cancel(older)
            inner = flattening.start(value)
            if flattening.is_running(inner):
                latest[key(value)] = inner
                keys[inner] = key(value)

        flattening.on_inner_done = forget
        return admit

    return _operator(project, policy)
