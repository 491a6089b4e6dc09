"""from_query: a widget shows what a query gives, and watches it while it is mounted."""

import asyncio
from typing import Any

import pytest
from textual import events
from textual.app import ComposeResult
from textual.reactive import reactive
from textual.widgets import Static

from rxdux import Store, combine_reducers
from rxdux.query import Api, Call, Query, Result
from rxdux.testing import seed
from rxdux.textual import StoreApp, StoreConsumer, from_query, from_store


class Cards:
    """An api of names, and an app with a card that shows one."""

    def __init__(self, keep_unused: float = 0) -> None:
        self.asked: list[int] = []
        api = Api("cards", keep_unused=keep_unused)

        @api.query()
        async def get_name(call: Call, id: int) -> str:
            self.asked.append(id)
            return f"name {id}"

        class Card(StoreConsumer, Static):
            id_shown: reactive[int | None] = reactive[int | None](1)
            name_shown = from_query(lambda self: None if self.id_shown is None else get_name(self.id_shown))

            def watch_name_shown(self, result: Result[str]) -> None:
                self.update(result.data_or("..."))

        class Follower(StoreConsumer, Static):
            status = from_store(lambda state: get_name(1)(state).status, "idle")

        class CardApp(StoreApp[Any]):
            def compose(self) -> ComposeResult:
                yield Card()
                yield Follower()

        self.get_name: Any = get_name
        self.card = Card
        self.store: Store[Any] = Store(combine_reducers({"cards": api}), epics=[api.epic])
        self.app = CardApp(self.store)


def shown(app: Any, card: Any) -> str:
    return str(app.query_one(card).content)


async def test_a_widget_shows_what_its_query_gives() -> None:
    """It watches while mounted, and asks again when a reactive of it changes; None: nothing to watch."""
    cards = Cards()
    watching: list[str] = []
    cards.store.actions.subscribe(
        lambda action: (
            watching.append(f"{action.type} {action.key}")
            if "watched" in action.type or "released" in action.type
            else None
        )
    )
    async with cards.app.run_test() as pilot:
        await cards.store.idle(20)
        await pilot.pause(0.05)
        assert shown(cards.app, cards.card) == "name 1"
        card = cards.app.query_one(cards.card)
        card.id_shown = 2
        await cards.store.idle(20)
        await pilot.pause(0.05)
        assert shown(cards.app, cards.card) == "name 2"
        card.id_shown = None
        await pilot.pause(0.05)
        assert card.name_shown == Result()
        card.id_shown = 1
        await pilot.pause(0.05)
        await card.remove()
        assert cards.asked == [1, 2, 1]
        assert watching == [
            "query/watched get_name(id=1)",
            "query/watched get_name(id=2)",
            "query/released get_name(id=1)",
            "query/released get_name(id=2)",
            "query/watched get_name(id=1)",
            "query/released get_name(id=1)",
        ]
    cards.store.close()


async def test_what_is_there_shows_in_the_first_frame() -> None:
    """Without a request."""
    cards = Cards(keep_unused=60)
    seed(cards.store, {cards.get_name(1): "seeded"})
    async with cards.app.run_test():
        assert shown(cards.app, cards.card) == "seeded"
    assert cards.asked == []
    cards.store.close()


async def test_the_app_tells_whether_the_user_looks() -> None:
    """Focused and Blurred, as the terminal says."""
    cards = Cards()
    async with cards.app.run_test() as pilot:
        await cards.store.idle(20)
        cards.app.post_message(events.AppBlur())
        await pilot.pause(0.05)
        assert not cards.store.state["cards"].focused
        cards.app.post_message(events.AppFocus())
        await pilot.pause(0.05)
        assert cards.store.state["cards"].focused
    cards.store.close()


async def test_it_takes_a_function_of_the_widget() -> None:
    cards = Cards()
    query: Query[str] = cards.get_name(1)
    with pytest.raises(TypeError, match="from_query takes a function of the widget"):
        from_query(query)  # pyright: ignore
    cards.store.close()
    await asyncio.sleep(0)
