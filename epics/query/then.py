"""A query inside an epic: asked, and answered with one action."""

import concurrent.futures
from collections.abc import Callable
from typing import Any

from reactivex import Observable, abc
from reactivex.disposable import Disposable

from ...actions import Action, ApiError
from ...store.engine.scheduler import EpicScheduler
from ..session.errors import api_error_of
from .door import door_in
from .watch import Watchable


def then(
    query: Watchable, project: Callable[[Any], Action], otherwise: Callable[[ApiError], Action] | None
) -> Observable[Action]:
    """Ask, then one action of the data or of the error."""

    def subscribe(observer: abc.ObserverBase[Action], scheduler: abc.SchedulerBase | None = None) -> abc.DisposableBase:
        if not isinstance(scheduler, EpicScheduler):
            msg = "query.then is for epics: outside of one there is no store to ask. Use await query.fetch(store)."
            raise TypeError(msg)
        try:
            door = door_in(scheduler.core, query.api)
        except TypeError as error:
            observer.on_error(error)
            return Disposable()
        future = door.fetch(query)

        def tell(done: "concurrent.futures.Future[Any]") -> None:
            if not ended.is_disposed and not done.cancelled():
                scheduler.post(lambda: _tell(done, ended, observer, project, otherwise))

        def end() -> None:
            if not future.done():
                door.give_up(query, future)

        ended = Disposable(end)
        future.add_done_callback(tell)
        return ended

    return Observable(subscribe)


def _tell(
    done: "concurrent.futures.Future[Any]",
    ended: Disposable,
    observer: abc.ObserverBase[Action],
    project: Callable[[Any], Action],
    otherwise: Callable[[ApiError], Action] | None,
) -> None:
    if ended.is_disposed:
        return
    error = done.exception()
    try:
        action = project(done.result()) if error is None else _otherwise(error, otherwise)
    except Exception as mistake:
        observer.on_error(mistake)
        return
    if action is not None:
        observer.on_next(action)
    observer.on_completed()


def _otherwise(error: BaseException, otherwise: Callable[[ApiError], Action] | None) -> Action | None:
    if otherwise is None:
        return None
    return otherwise(
        api_error_of(error) if isinstance(error, Exception) else ApiError(kind="client", message=str(error))
    )
