"""Infinite queries: one page after the other; counted at a real server."""

import asyncio
from typing import Any

import pytest

from rxdux import ApiCallError
from rxdux.query import Call, Pages

from .conftest import until
from .shop import Page, open_shop


def asked(backend: Any) -> list[str]:
    return [path for _, path, _, _ in backend.requests]


def shown(data: Pages[Page]) -> list[int]:
    return [page.items[0] for page in data.pages]


async def test_promise_17_more(backend: Any, open_store: Any) -> None:
    """Each `more()` is one page more; twice at once is one request; without next page it is nothing."""
    shop = open_shop()
    backend.feed = list(range(25))
    async with open_store(backend, shop.api) as session:
        with shop.get_feed("news").watch(session.store) as watch:
            first = await watch.answer()
            assert (shown(first), first.has_next, first.has_previous) == ([0], True, False)
            for _ in range(2):
                session.store.dispatch(shop.get_feed("news").more())
            await session.settle()
            assert shown(watch.result.data) == [0, 10]
            session.store.dispatch(shop.get_feed("news").more())
            await session.settle()
            assert not watch.result.data.has_next
            assert watch.result.data.pages[0] is first.pages[0]
            session.store.dispatch(shop.get_feed("news").more())
            await session.settle()
            assert asked(backend) == ["/feed", "/feed?cursor=10", "/feed?cursor=20"]


async def test_promise_17_a_refetch_asks_the_pages_in_order(backend: Any, open_store: Any) -> None:
    """With the cursors of the new answers, and shows them together."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_feed("news").watch(session.store) as watch:
            await watch.answer()
            session.store.dispatch(shop.get_feed("news").more())
            await session.settle()
            told: list[Any] = []
            session.store.select(lambda state: shop.get_feed("news")(state).data).subscribe(told.append)
            backend.requests.clear()
            backend.once["/feed"] = [b'{"items": [-1], "cursor": "9"}']
            session.store.dispatch(shop.get_feed("news").refetch())
            await session.settle()
            assert asked(backend) == ["/feed", "/feed?cursor=9"]
            assert [shown(data) for data in told] == [[0, 10], [-1, 9]]


async def test_promise_17_more_during_a_refetch_follows_it(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_feed("news").watch(session.store) as watch:
            await watch.answer()
            backend.held.add("/feed")
            session.store.dispatch(shop.get_feed("news").refetch())
            await until(lambda: backend.waiting["/feed"])
            session.store.dispatch(shop.get_feed("news").more())
            backend.held.clear()
            await session.settle()
            assert asked(backend) == ["/feed", "/feed", "/feed?cursor=10"]
            assert shown(watch.result.data) == [0, 10]


async def test_promise_17_a_retry_repeats_the_page(backend: Any, open_store: Any) -> None:
    """Not the chain."""
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        with shop.get_feed("news").watch(session.store) as watch:
            await watch.answer()
            session.store.dispatch(shop.get_feed("news").more())
            await session.settle()
            backend.requests.clear()
            backend.failing["/feed?cursor=10"] = 503
            session.store.dispatch(shop.get_feed("news").refetch())
            await until(lambda: asked(backend).count("/feed?cursor=10") == 1)
            backend.failing.clear()
            await session.settle()
            assert asked(backend) == ["/feed", "/feed?cursor=10", "/feed?cursor=10"]
            assert watch.result.status == "success"


async def test_max_pages_and_previous(backend: Any, open_store: Any) -> None:
    """Only so many are kept, and those that were dropped can be asked for again."""
    shop = open_shop()

    @shop.api.infinite(max_pages=2)
    async def get_window(call: Call, page: int | None) -> Page:
        return await call.get("/feed", {"cursor": page or 0})

    @get_window.next_page
    def _(last: Page) -> int | None:
        return None if last.cursor is None else int(last.cursor)

    @get_window.previous_page
    def _(first: Page) -> int | None:
        return first.items[0] - 10 if first.items[0] else None

    async with open_store(backend, shop.api) as session:
        await get_window().fetch(session.store)
        for _ in range(2):
            session.store.dispatch(get_window().more())
            await session.settle()
        data = session.result(get_window()).data
        assert (shown(data), data.has_previous) == ([10, 20], True)
        session.store.dispatch(get_window().refetch())
        await session.settle()
        assert shown(session.result(get_window()).data) == [10, 20]
        session.store.dispatch(get_window().more(previous=True))
        await session.settle()
        data = session.result(get_window()).data
        assert (shown(data), data.has_previous, data.has_next) == ([0, 10], False, True)


async def test_a_page_that_fails_leaves_the_others(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    async with open_store(backend, shop.api) as session:
        await shop.get_feed("news").fetch(session.store)
        backend.failing["/feed?cursor=10"] = 403
        session.store.dispatch(shop.get_feed("news").more())
        await session.settle()
        result = session.result(shop.get_feed("news"))
        assert (result.status, shown(result.data)) == ("failure", [0])
        backend.failing.clear()
        session.store.dispatch(shop.get_feed("news").more())
        await session.settle()
        assert shown(session.result(shop.get_feed("news")).data) == [0, 10]


async def test_a_first_page_that_fails(backend: Any, open_store: Any) -> None:
    shop = open_shop()
    backend.failing["/feed"] = 403
    async with open_store(backend, shop.api) as session:
        with pytest.raises(ApiCallError):
            await asyncio.wait_for(shop.get_feed("news").fetch(session.store), 20)
