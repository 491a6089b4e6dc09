"""Selectors that remember."""

from typing import Any

import pytest

from rxdux import Reducer, Selector, SelectorWarning, State, Store, selector


class Shop(State):
    prices: tuple[int, ...] = (1, 2, 3)
    rate: int = 2
    name: str = "shop"


def prices(state: Shop) -> tuple[int, ...]:
    return state.prices


def rate(state: Shop) -> int:
    return state.rate


def make_total() -> Selector[Any, int]:
    @selector(prices, rate)
    def total(prices: tuple[int, ...], rate: int) -> int:
        return sum(prices) * rate

    return total


def test_a_result_is_remembered_while_its_inputs_are_the_same() -> None:
    """By identity; what it does not read does not count."""
    total, shop = make_total(), Shop()
    assert [total(shop), total(shop), total(shop.replace(name="store"))] == [12, 12, 12]
    assert total.recomputations == 1
    assert total(shop.replace(rate=3)) == 18
    assert total.recomputations == 2


def test_selectors_compose() -> None:
    """Each remembers for itself."""
    total = make_total()

    @selector(total, lambda state: state.name)
    def label(total: int, name: str) -> str:
        return f"{name}: {total}"

    shop = Shop()
    assert label(shop) == "shop: 12"
    assert label(shop.replace(name="store")) == "store: 12"
    assert (label.recomputations, total.recomputations) == (2, 1)


def test_further_arguments_are_remembered_too() -> None:
    """As many as `maxsize`, the latest ones."""

    @selector(prices, lambda state, index: index, maxsize=2)
    def price_at(prices: tuple[int, ...], index: int) -> int:
        return prices[index]

    @selector(price_at, rate)
    def rated(price: int, rate: int) -> int:
        return price * rate

    shop = Shop()
    for index in (0, 1, 0, 1):
        assert price_at(shop, index) == index + 1
    assert price_at.recomputations == 2
    price_at(shop, 2)
    price_at(shop, 1)
    assert price_at.recomputations == 3
    price_at(shop, 0)
    assert price_at.recomputations == 4
    assert rated(shop, 2) == 6


def test_reset_forgets() -> None:
    """And counts from 0."""
    total = make_total()
    total(Shop())
    total.reset()
    assert total.recomputations == 0
    total(Shop())
    assert total.recomputations == 1


def test_an_error_is_not_remembered() -> None:
    """The next call computes again."""
    broken = selector(prices)(lambda prices: 1 / len(prices))
    with pytest.raises(ZeroDivisionError):
        broken(Shop(prices=()))
    assert broken(Shop(prices=(1,))) == 1.0


def test_an_input_that_gives_a_new_object_each_time_is_reported() -> None:
    """Once: nothing could ever be remembered."""
    wasteful = selector(lambda state: list(state.prices))(lambda prices: sum(prices))
    with pytest.warns(SelectorWarning, match="gives a new object for the same state"):
        wasteful(Shop())
    wasteful(Shop(rate=5))


def test_a_result_that_is_its_input_is_reported() -> None:
    """It derives nothing."""
    idle = selector(prices)(lambda prices: prices)
    with pytest.warns(SelectorWarning, match="gives back its input"):
        idle(Shop())


def test_a_selector_serves_store_select() -> None:
    """It is a function of the state."""
    store = Store(Reducer(Shop()))
    seen: list[int] = []
    store.select(make_total()).subscribe(seen.append)
    assert seen == [12]


def test_bad_input_is_told_at_the_door() -> None:
    """No input, no function, no size."""
    with pytest.raises(TypeError, match="one input selector at least"):
        selector()(lambda: 1)  # pyright: ignore
    with pytest.raises(TypeError, match="takes functions"):
        selector("prices")(lambda prices: 1)  # pyright: ignore
    with pytest.raises(ValueError, match="maxsize"):
        selector(prices, maxsize=0)(lambda prices: 1)
