"""Map each value to a stream of its own, and flatten: RxJS's mergeMap, switchMap, concatMap, exhaustMap.

They are made for epics, where a store hands on one value at a time.
"""

import inspect
from collections import deque
from collections.abc import Awaitable, Callable, Hashable
from contextvars import Context, copy_context
from dataclasses import dataclass
from enum import Enum, auto
from functools import partial
from math import inf
from typing import Any, Generic, TypeVar, cast, overload

import reactivex as rx
from reactivex import Observable, abc

from ...actions import Action
from ...store.engine.direct import Direct, Receiver, Relay
from ...store.engine.names import name_of
from ...store.engine.scheduler import EpicScheduler, TurnScheduler
from .from_async import from_async

A = TypeVar("A")
B = TypeVar("B")
C = TypeVar("C", bound=Action)

Operator = Callable[[Observable[A]], Observable[B]]


class Inner(Receiver[B]):
    """One inner stream under way. It is subscribed to without an envelope: a store has all of that already."""

    __slots__ = ("_emit", "_flattening", "_is_completing", "_lane")

    def __init__(self, flattening: "Flattening[Any, B]", lane: "Lane[Any, B]", emit: Callable[[B], None]) -> None:
        super().__init__()
        self._flattening = flattening
        self._lane = lane
        self._emit = emit
        self._is_completing = False

    def on_next(self, value: B) -> None:
        if not self.is_over:
            self._emit(value)

    def on_error(self, error: Exception) -> None:
        if not self.is_over:
            self.dispose()
            self._flattening.on_error(error)

    def on_completed(self) -> None:
        """The room is free. After an interrupt in here it may be called again."""
        if self.is_over and not self._is_completing:
            return
        self._is_completing = True
        self.is_over = True
        self._flattening.inner_done(self, self._lane)
        self._is_completing = False
        if self._subscription is not None:
            self.dispose()


class WhenFull(Enum):
    """What becomes of a value for which there is no room."""

    WAIT = auto()
    DROP = auto()
    REPLACE = auto()  # it takes the place of what is under way


class Lane(Generic[A, B]):
    """The values of one key: the inner streams under way, and what waits for its turn, in its own context."""

    __slots__ = ("inner", "is_starting", "key", "waiting")

    def __init__(self, key: Hashable) -> None:
        self.key = key
        self.inner: dict[Inner[B], None] = {}
        self.waiting: deque[tuple[A, Context]] | tuple[()] = ()  # made where one has to wait
        self.is_starting = False


@dataclass(frozen=True)
class Rule(Generic[A]):
    """How many inner streams may run at once, and what becomes of values beyond that; for each key by itself."""

    limit: float
    when_full: WhenFull
    by: Callable[[A], Hashable] | None


class Flattening(Relay[A, B]):
    """One subscription of such an operator: the outer stream, and the inner ones under way."""

    __slots__ = (
        "_by",
        "_context_of",
        "_emit",
        "_in_turn",
        "_inner_scheduler",
        "_lanes",
        "_limit",
        "_outer_done",
        "_project",
        "_when_full",
    )

    def __init__(
        self,
        project: Callable[[A], Observable[B]],
        rule: Rule[A],
        observer: abc.ObserverBase[B],
        scheduler: abc.SchedulerBase | None,
    ) -> None:
        super().__init__(observer, scheduler)
        self._project = project
        self._limit = rule.limit
        self._when_full = rule.when_full
        self._by = rule.by
        self._emit = observer.on_next
        self._inner_scheduler = inner = scheduler or TurnScheduler()
        self._in_turn = inner.in_turn if isinstance(inner, TurnScheduler) else _now
        self._context_of = inner.context_of if isinstance(inner, EpicScheduler) else _no_context
        self._outer_done = False
        self._lanes: dict[Hashable, Lane[A, B]] = {}

    def on_next(self, value: A) -> None:
        if self.is_over:
            return
        try:
            key = None if self._by is None else self._by(value)
            lane = self._lanes.get(key)
        except Exception as error:
            self.on_error(error)
            return
        if lane is None:
            lane = self._lanes[key] = Lane(key)
        if len(lane.inner) < self._limit and not lane.waiting:
            pass
        elif self._when_full is WhenFull.WAIT:
            if not isinstance(lane.waiting, deque):
                lane.waiting = deque()
            lane.waiting.append((value, self._context_of(value) or copy_context()))
            self._start_waiting(lane)  # there is room only where an interrupt has ended a start
            return
        elif self._when_full is WhenFull.DROP:
            return
        else:
            _cancel(lane)
        context = self._context_of(value)
        if context is None:
            self._start(lane, value)
        else:
            context.run(self._start, lane, value)

    def _start(self, lane: Lane[A, B], value: A) -> None:
        """Subscribe to the inner stream of this value."""
        inner = Inner(self, lane, self._emit)
        try:
            lane.inner[inner] = None
            self._in_turn(partial(inner.listen, self._project(value), self._inner_scheduler))
        except Exception as error:
            self.on_error(error)
        except BaseException:
            lane.inner.pop(inner, None)  # the room that it took is free again
            raise

    def inner_done(self, inner: "Inner[B]", lane: Lane[A, B]) -> None:
        lane.inner.pop(inner, None)
        if lane.waiting:
            self._start_waiting(lane)
        if not lane.inner and not lane.waiting and not self.is_over:
            self._lanes.pop(lane.key, None)
            self._complete_if_done()

    def _start_waiting(self, lane: Lane[A, B]) -> None:
        if lane.is_starting:
            return  # the loop below goes on: streams that complete at once do not recurse
        try:
            lane.is_starting = True
            while lane.waiting and len(lane.inner) < self._limit and not self.is_over:
                value, context = lane.waiting.popleft()
                context.run(self._start, lane, value)
        finally:
            lane.is_starting = False

    def on_completed(self) -> None:
        self._outer_done = True
        self._complete_if_done()

    def _complete_if_done(self) -> None:
        if self._outer_done and not self._lanes and not self.is_over:
            self.is_over = True
            self.observer.on_completed()

    def on_error(self, error: Exception) -> None:
        if not self.is_over:
            self.dispose()
            self.observer.on_error(error)

    def dispose(self) -> None:
        super().dispose()
        for lane in list(self._lanes.values()):
            lane.waiting = ()
            _cancel(lane)
        self._lanes.clear()


def _cancel(lane: Lane[Any, Any]) -> None:
    for inner in list(lane.inner):
        lane.inner.pop(inner, None)
        inner.dispose()


def _no_context(_value: object) -> None:
    return None


def _now(work: Callable[[], object]) -> None:
    work()


def _stream_of(given: Any, project: Callable[..., Any]) -> Observable[Any]:
    """What a projection gave, as a stream: an action is a stream of one, and what can be awaited is its result."""
    if isinstance(given, Observable):
        return cast("Observable[Any]", given)
    if isinstance(given, Action):
        return rx.just(given)
    if inspect.isawaitable(given):
        return from_async(lambda: given)
    msg = f"{name_of(project)} returned {given!r:.100} instead of an Observable."
    raise TypeError(msg)


def _operator(
    project: Callable[[A], Any], when_full: WhenFull, limit: float, by: Callable[[A], Hashable] | None
) -> Operator[A, Any]:
    if not callable(project):
        msg = f"A projection is a function that gives an Observable, or a coroutine function, not {project!r:.100}."
        raise TypeError(msg)
    if by is not None and not callable(by):
        msg = f"by= is a function that gives the key of a value, not {by!r:.100}."
        raise TypeError(msg)
    rule = Rule(limit, when_full, by)

    def await_it(value: A) -> Observable[Any]:
        return from_async(partial(project, value))

    def make_stream(value: A) -> Observable[Any]:
        return _stream_of(project(value), project)

    to_stream = await_it if inspect.iscoroutinefunction(project) else make_stream

    def flatten(source: Observable[A]) -> Observable[Any]:
        def subscribe(observer: abc.ObserverBase[Any], scheduler: abc.SchedulerBase | None) -> abc.DisposableBase:
            return Flattening(to_stream, rule, observer, scheduler).follow(source)

        return Direct(subscribe)

    return flatten


@overload
def merge_map(
    project: Callable[[A], Observable[B]], *, by: Callable[[A], Hashable] | None = None, concurrency: int | None = None
) -> Operator[A, B]: ...
@overload
def merge_map(
    project: Callable[[A], Awaitable[B]], *, by: Callable[[A], Hashable] | None = None, concurrency: int | None = None
) -> Operator[A, B]: ...
@overload
def merge_map(
    project: Callable[[A], C], *, by: Callable[[A], Hashable] | None = None, concurrency: int | None = None
) -> Operator[A, C]: ...
def merge_map(project: Any, *, by: Any = None, concurrency: int | None = None) -> Operator[Any, Any]:
    """Run the streams of all values side by side.

    Args:
        project: gives the stream of a value; or the one value of its stream: an action, or what a
            coroutine function returns.
        by: a function that gives the key of a value; `concurrency` holds for each key by itself.
        concurrency: how many run at once; further values wait. None: all of them.

    Raises:
        TypeError: for a projection or a `by` that cannot be called.
        ValueError: for a concurrency below 1.

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
    if concurrency is not None and concurrency < 1:
        msg = f"merge_map(concurrency=...) must be 1 or more, not {concurrency!r}. None runs all at once."
        raise ValueError(msg)
    return _operator(project, WhenFull.WAIT, inf if concurrency is None else concurrency, by)


@overload
def switch_map(
    project: Callable[[A], Observable[B]], *, by: Callable[[A], Hashable] | None = None
) -> Operator[A, B]: ...
@overload
def switch_map(
    project: Callable[[A], Awaitable[B]], *, by: Callable[[A], Hashable] | None = None
) -> Operator[A, B]: ...
@overload
def switch_map(project: Callable[[A], C], *, by: Callable[[A], Hashable] | None = None) -> Operator[A, C]: ...
def switch_map(project: Any, *, by: Any = None) -> Operator[Any, Any]:
    """Run the stream of the latest value; a new value cancels the one before.

    Args:
        project: as in `merge_map`.
        by: a function that gives the key of a value; one with another key cancels nothing.

    See https://rxjs.dev/api/operators/switchMap
    """
    return _operator(project, WhenFull.REPLACE, 1, by)


@overload
def concat_map(
    project: Callable[[A], Observable[B]], *, by: Callable[[A], Hashable] | None = None
) -> Operator[A, B]: ...
@overload
def concat_map(
    project: Callable[[A], Awaitable[B]], *, by: Callable[[A], Hashable] | None = None
) -> Operator[A, B]: ...
@overload
def concat_map(project: Callable[[A], C], *, by: Callable[[A], Hashable] | None = None) -> Operator[A, C]: ...
def concat_map(project: Any, *, by: Any = None) -> Operator[Any, Any]:
    """Run the streams one after the other, in the order of the values; none is lost.

    Args:
        project: as in `merge_map`.
        by: a function that gives the key of a value; one with another key need not wait.

    See https://rxjs.dev/api/operators/concatMap
    """
    return _operator(project, WhenFull.WAIT, 1, by)


@overload
def exhaust_map(
    project: Callable[[A], Observable[B]], *, by: Callable[[A], Hashable] | None = None
) -> Operator[A, B]: ...
@overload
def exhaust_map(
    project: Callable[[A], Awaitable[B]], *, by: Callable[[A], Hashable] | None = None
) -> Operator[A, B]: ...
@overload
def exhaust_map(project: Callable[[A], C], *, by: Callable[[A], Hashable] | None = None) -> Operator[A, C]: ...
def exhaust_map(project: Any, *, by: Any = None) -> Operator[Any, Any]:
    """Run the stream of a value to its end; values that come meanwhile are dropped.

    Args:
        project: as in `merge_map`.
        by: a function that gives the key of a value; one with another key is not dropped.

    See https://rxjs.dev/api/operators/exhaustMap
    """
    return _operator(project, WhenFull.DROP, 1, by)
