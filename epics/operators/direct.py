"""What a request is made of, as operators whose streams need no envelope: see `Direct`. They mean what RxJS's do.

They are not for everybody: what hands them values must do so one at a time, as a store does.
"""

from __future__ import annotations  # those of inner functions would be made anew with each stream

from collections.abc import Callable
from typing import Any, TypeVar

from reactivex import Observable, abc

from ...store.engine.direct import NOTHING, Direct, Relay, attach

A = TypeVar("A")
B = TypeVar("B")

Operator = Callable[[Observable[A]], Observable[B]]
Observer = abc.ObserverBase[Any]
Scheduler = abc.SchedulerBase | None


def defer(factory: Callable[[], Observable[A]]) -> Observable[A]:
    """The stream that `factory()` gives, anew for each subscription."""
    return Direct(lambda observer, scheduler: attach(factory(), observer, scheduler))


def throw(error: Exception) -> Observable[Any]:
    """A stream that fails at once."""

    def subscribe(observer: Observer, _: Scheduler) -> abc.DisposableBase:
        observer.on_error(error)
        return NOTHING

    return Direct(subscribe)


def just(value: A) -> Observable[A]:
    """A stream of one value, which comes at once."""

    def subscribe(observer: Observer, _: Scheduler) -> abc.DisposableBase:
        observer.on_next(value)
        observer.on_completed()
        return NOTHING

    return Direct(subscribe)


def start_with(value: A) -> Operator[B, A | B]:
    """The value first, and then the source is subscribed to."""

    def begin(source: Observable[B]) -> Observable[A | B]:
        def subscribe(observer: Observer, scheduler: Scheduler) -> abc.DisposableBase:
            observer.on_next(value)
            return attach(source, observer, scheduler)

        return Direct(subscribe)

    return begin


def and_say(value: A) -> Operator[B, A | B]:
    """The source is subscribed to first, and then the value comes: who waits for an answer listens before the question."""

    def ask(source: Observable[B]) -> Observable[A | B]:
        def subscribe(observer: Observer, scheduler: Scheduler) -> abc.DisposableBase:
            listening = attach(source, observer, scheduler)
            observer.on_next(value)
            return listening

        return Direct(subscribe)

    return ask


def map(project: Callable[[A], B]) -> Operator[A, B]:
    """What `project` makes of each value."""
    return _operator(lambda observer, scheduler: _Map(observer, scheduler, project))


def filter(predicate: Callable[[A], object]) -> Operator[A, A]:
    """The values for which the predicate is true."""
    return _operator(lambda observer, scheduler: _Filter(observer, scheduler, predicate))


def catch(handler: Callable[[Exception], Observable[B]]) -> Operator[A, A | B]:
    """On an error, go on with the stream that the handler gives. What fails then is not handled."""
    return _operator(lambda observer, scheduler: _Catch(observer, scheduler, handler))


def on_first(predicate: Callable[[A], object], project: Callable[[A], Observable[B]]) -> Operator[A, B]:
    """Wait for the first value for which the predicate is true, and go on with the stream that it is projected to."""
    return _operator(lambda observer, scheduler: _OnFirst(observer, scheduler, predicate, project))


def fail_with(other: Observable[Any]) -> Operator[A, A]:
    """The source, until the other stream fails. The source is subscribed to first."""

    def until(source: Observable[A]) -> Observable[A]:
        def subscribe(observer: Observer, scheduler: Scheduler) -> abc.DisposableBase:
            relay = _FailWith(observer, scheduler)
            relay.follow(source)
            relay.watch(other)
            return relay

        return Direct(subscribe)

    return until


def _operator(make: Callable[[Observer, Scheduler], Relay[Any, Any]]) -> Operator[Any, Any]:
    def apply(source: Observable[Any]) -> Observable[Any]:
        return Direct(lambda observer, scheduler: make(observer, scheduler).follow(source))

    return apply


class _Map(Relay[A, B]):
    __slots__ = ("_project",)

    def __init__(self, observer: Observer, scheduler: Scheduler, project: Callable[[A], B]) -> None:
        super().__init__(observer, scheduler)
        self._project = project

    def on_next(self, value: A) -> None:
        if self.is_over:
            return
        try:
            made = self._project(value)
        except Exception as error:
            self.on_error(error)
        else:
            self.observer.on_next(made)


class _Filter(Relay[A, A]):
    __slots__ = ("_predicate",)

    def __init__(self, observer: Observer, scheduler: Scheduler, predicate: Callable[[A], object]) -> None:
        super().__init__(observer, scheduler)
        self._predicate = predicate

    def on_next(self, value: A) -> None:
        if self.is_over:
            return
        try:
            is_wanted = self._predicate(value)
        except Exception as error:
            self.on_error(error)
        else:
            if is_wanted:
                self.observer.on_next(value)


class _Catch(Relay[Any, Any]):
    __slots__ = ("_handler",)

    def __init__(
        self, observer: Observer, scheduler: Scheduler, handler: Callable[[Exception], Observable[Any]]
    ) -> None:
        super().__init__(observer, scheduler)
        self._handler: Callable[[Exception], Observable[Any]] | None = handler

    def on_error(self, error: Exception) -> None:
        handler = self._handler
        if self.is_over or handler is None:
            super().on_error(error)
            return
        try:
            following = handler(error)
        except Exception as raised:
            super().on_error(raised)
        else:
            self._handler = None  # what fails from now on is not handled
            self.follow(following)


class _OnFirst(Relay[Any, Any]):
    __slots__ = ("_predicate", "_project")

    def __init__(
        self,
        observer: Observer,
        scheduler: Scheduler,
        predicate: Callable[[Any], object],
        project: Callable[[Any], Observable[Any]],
    ) -> None:
        super().__init__(observer, scheduler)
        self._predicate: Callable[[Any], object] | None = predicate  # None: it came
        self._project = project

    def on_next(self, value: Any) -> None:
        if self.is_over:
            return
        if self._predicate is None:
            self.observer.on_next(value)
            return
        try:
            if not self._predicate(value):
                return
            following = self._project(value)
        except Exception as error:
            self.on_error(error)
        else:
            self._predicate = None
            self.follow(following)


class _FailWith(Relay[Any, Any]):
    __slots__ = ("_watch",)

    def __init__(self, observer: Observer, scheduler: Scheduler) -> None:
        super().__init__(observer, scheduler)
        self._watch: _Watch | None = None

    def watch(self, other: Observable[Any]) -> None:
        """Fail when this one does. A source that is over already needs it no more."""
        if not self.is_over:
            self._watch = _Watch(self, self.scheduler)
            self._watch.follow(other)

    def dispose(self) -> None:
        super().dispose()
        if self._watch is not None:
            self._watch.dispose()


class _Watch(Relay[Any, Any]):
    """Of the other stream, only the error counts."""

    __slots__ = ()

    def on_next(self, value: Any) -> None:
        pass

    def on_completed(self) -> None:
        self.dispose()
