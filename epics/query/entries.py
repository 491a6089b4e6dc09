"""What happens to entries: pure transitions of the state."""

from collections.abc import Iterable
from typing import Any

from ...actions import ApiError
from . import actions as its
from .layers import settle, shown_data
from .query import Query
from .result import IDLE, Result
from .state import NO_KEYS, QueryState, Record
from .structural_sharing import share

MOST_NEWS = 10_000  # tags that are remembered one by one while calls are under way


def started(state: QueryState, action: its.Started) -> QueryState:
    key, query = action.key, action.query
    result = state.result(key)
    record = state.records.get(key) or Record(query)
    before = record.before if result.fetching else (result.status, result.error)
    record = record._replace(request=action.request, since=state.invalidations, before=before)
    waiting = {"status": "loading", "error": None} if result.fetched_at is None else {}
    shown = result.replace(fetching=True, **waiting)
    return state.replace(
        entries=state.entries.set(key, shown),
        records=state.records.set(key, record),
        under_way=state.under_way + (not result.fetching),
    )


def succeeded(state: QueryState, action: its.Succeeded) -> QueryState:
    key = action.key
    record = _expected(state, key, action.request)
    if record is None:
        return state
    before = state.result(key)
    base = share(record.base, action.data) if before.fetched_at is not None else action.data
    was_invalidated = is_old(state, record.since, (*record.tags, *action.tags))
    is_unpatched = before.data is record.base and key not in state.layers
    record = record._replace(base=base, failures=0, was_invalidated=was_invalidated)
    if not action.is_partial and not is_unpatched:
        layers = state.layers.get(key, ())
        kept = tuple(layer for layer in layers if layer.until is None or layer.until >= action.request)
        if kept != layers:
            state = state.replace(layers=state.layers.set(key, kept) if kept else state.layers.delete(key))
    data = base if is_unpatched else before.data
    result = IDLE.replace(status="success", data=data, fetched_at=action.at, invalidated=was_invalidated)
    state = _ended(_tagged(state, key, record, action.tags), key, result)
    return state if is_unpatched else settle(state, key)


def failed(state: QueryState, action: its.Failed) -> QueryState:
    key = action.key
    record = _expected(state, key, action.request)
    if record is None:
        return state
    was_invalidated = is_old(state, record.since, record.tags)
    record = record._replace(failures=record.failures + 1, was_invalidated=was_invalidated)
    result = state.result(key).replace(status="failure", error=action.error, fetching=False)
    return settle(_ended(_put(state, key, result, record), key, result), key)


def cancelled(state: QueryState, action: its.Cancelled) -> QueryState:
    key = action.key
    record = _expected(state, key, action.request)
    if record is None:
        return state
    status, error = record.before
    result = state.result(key).replace(status=status, error=error, fetching=False)
    state = _ended(state, key, result)
    return removed(state, key) if status == "idle" else settle(state, key)


def removed(state: QueryState, key: str) -> QueryState:
    record = state.records.get(key)
    if record is None:
        return state
    state = _tagged(state, key, record, ())
    if state.is_fetching(key):
        state = _fewer_under_way(state)
    state = state.replace(entries=state.entries.without((key,)), records=state.records.delete(key))
    return settle(state, key)


def put(state: QueryState, query: Query[Any], data: Any, at: float, tags: tuple[str, ...]) -> QueryState:
    """Data that came otherwise than by a call: by a stream, or from a test."""
    key = query.cache_key
    record = state.records.get(key) or Record(query)
    result = state.result(key)
    base = share(record.base, data) if result.fetched_at is not None else data
    state = _tagged(state, key, record._replace(base=base), tags)
    result = result.replace(status="success", error=None, fetched_at=at)
    return settle(state.replace(entries=state.entries.set(key, result)), key)


def seeded(state: QueryState, action: its.Seeded) -> QueryState:
    state = put(state, action.query, action.data, action.at, action.tags)
    result = state.result(action.key).replace(invalidated=False)
    return state.replace(entries=state.entries.set(action.key, result))


def streamed(state: QueryState, action: its.Streamed) -> QueryState:
    if action.key not in state.records:
        return state
    return put(state, action.query, action.data, action.at, action.tags)


def invalidated(state: QueryState, tags: Iterable[str]) -> QueryState:
    """Mark what is about one of these tags, and remember them for the calls under way: theirs may be older."""
    tags = tuple(tags)
    number = state.invalidations + 1
    entries = state.entries
    old = {key: entries[key].replace(invalidated=True) for key in state.keys_about(tags)}
    state = state.replace(entries=entries.update(old), invalidations=number)
    if not state.under_way:
        return state
    news = state.news.update(dict.fromkeys(tags, number))
    if len(news) > MOST_NEWS:
        return state.replace(news=news.__class__(), all_news=number)
    return state.replace(news=news)


def is_old(state: QueryState, since: int, tags: Iterable[str]) -> bool:
    """Whether one of these tags was invalidated since a call started."""
    return state.all_news > since or any(state.news.get(tag, 0) > since for tag in tags)


def data_of(state: QueryState, key: str) -> Any:
    """The data with the patches on them."""
    return shown_data(state, key)


def with_failure(state: QueryState, key: str, error: ApiError) -> QueryState:
    """An entry that cannot be fetched."""
    return state.replace(entries=state.entries.set(key, state.result(key).replace(status="failure", error=error)))


def _expected(state: QueryState, key: str, request: int) -> Record | None:
    """The record that this call is the latest of."""
    record = state.records.get(key)
    return record if record is not None and record.request == request and state.is_fetching(key) else None


def _put(state: QueryState, key: str, result: Result[Any], record: Record) -> QueryState:
    return state.replace(entries=state.entries.set(key, result), records=state.records.set(key, record))


def _ended(state: QueryState, key: str, result: Result[Any]) -> QueryState:
    return _fewer_under_way(state, entries=state.entries.set(key, result))


def _fewer_under_way(state: QueryState, **changes: Any) -> QueryState:
    under_way = state.under_way - 1
    if not under_way and state.news:
        changes["news"] = state.news.__class__()
    return state.replace(under_way=under_way, **changes)


def _tagged(state: QueryState, key: str, record: Record, tags: tuple[str, ...]) -> QueryState:
    """Put a record in place, with the tags that its answer is about now."""
    if tags == record.tags and state.records.get(key) is not None:
        return state.replace(records=state.records.set(key, record))
    old, new = set(record.tags), set(tags)
    about = state.about
    with about.mutate() as changed:
        for tag in old - new:
            keys = changed.get(tag, NO_KEYS)
            rest = keys.delete(key) if key in keys else keys
            if rest:
                changed[tag] = rest
            elif tag in changed:
                del changed[tag]
        for tag in new - old:
            changed[tag] = changed.get(tag, NO_KEYS).set(key, None)
        about = changed.finish()
    return state.replace(about=about, records=state.records.set(key, record._replace(tags=tags)))
