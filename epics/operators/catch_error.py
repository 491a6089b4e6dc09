"""Catch an error, and go on with another stream: RxJS's catchError."""

from collections.abc import Callable
from typing import TypeVar

from reactivex import Observable, abc
from reactivex.disposable import SerialDisposable, SingleAssignmentDisposable

T = TypeVar("T")
U = TypeVar("U")


def catch_error(
    handler: Callable[[Exception, Observable[T | U]], Observable[U]],
) -> Callable[[Observable[T]], Observable[T | U]]:
    """On an error, go on with the stream that `handler(error, caught)` gives.

    `caught` is the stream with its handler: subscribing to it again starts the source over, and
    what fails then is handled as well. (The source that reactivex's own `catch` hands over has no
    handler any more.)

    See https://rxjs.dev/api/operators/catchError

    Examples:
        >>> import reactivex as rx
        >>> from rxdux import catch_error
        >>> _ = rx.throw(ValueError("no")).pipe(catch_error(lambda error, caught: rx.just(str(error)))).subscribe(print)
        no
    """

    def catch(source: Observable[T]) -> Observable[T | U]:
        def subscribe(
            observer: abc.ObserverBase[T | U], scheduler: abc.SchedulerBase | None = None
        ) -> abc.DisposableBase:
            first = SingleAssignmentDisposable()
            current = SerialDisposable()
            current.disposable = first

            def go_on(error: Exception) -> None:
                try:
                    rest = handler(error, caught)
                except Exception as raised:
                    observer.on_error(raised)
                    return
                following = SingleAssignmentDisposable()
                current.disposable = following
                following.disposable = rest.subscribe(observer, scheduler=scheduler)

            first.disposable = source.subscribe(observer.on_next, go_on, observer.on_completed, scheduler=scheduler)
            return current

        caught = Observable(subscribe)
        return caught

    return catch
