"""The epic that asks for the page behind the one that is looked at: it is there before somebody turns to it."""

from typing import Any

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from rxdux import Action, ActionStream, StateStream, merge_map, of_type
from rxdux.query import Query, Released, Watched

from .queries import Page, another, people


def prefetch_epic(actions: ActionStream, state: StateStream[Any]) -> Observable[Action]:
    """WATCHED -> with each answer, until RELEASED -> the question for the next page, where it is not known yet."""

    def prefetch(watched: Watched) -> Observable[Action]:
        query: Query[Page] = watched.query
        left = actions.pipe(of_type(Released), ops.filter(lambda released: released.query == query))
        return state.pipe(
            ops.map(query),
            ops.distinct_until_changed(lambda result: result.fetched_at),
            merge_map(lambda result: ask_next(query, result.data)),
            ops.take_until(left),
        )

    def ask_next(query: Query[Page], seen: Page | None) -> Observable[Action]:
        if seen is None or seen.page >= seen.pages:
            return rx.empty()
        following = another(query, page=seen.page + 1)
        return rx.of(following) if following(state.value).fetched_at is None else rx.empty()

    return actions.pipe(of_type(Watched), ops.filter(lambda seen: seen.query.endpoint is people), merge_map(prefetch))
