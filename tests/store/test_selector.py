"""Selectors that remember."""

import gc
import weakref
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


def bit_by_bit(prices: Any) -> Any:
    yield prices


def test_bad_input_is_told_at_the_door() -> None:
    """No input, no function, no size."""
    with pytest.raises(TypeError, match="one input selector at least"):
        selector()(lambda: 1)  # pyright: ignore
    with pytest.raises(TypeError, match="takes functions"):
        selector("prices")(lambda prices: 1)  # pyright: ignore
    with pytest.raises(TypeError, match="bit_by_bit in selector.. is a generator function, which does not run"):
        selector(prices)(bit_by_bit)
    with pytest.raises(ValueError, match="maxsize"):
        selector(prices, maxsize=0)(lambda prices: 1)


class TestArguments:
    """What comes beside the state."""

    @pytest.mark.parametrize(
        ("one", "other"),
        [((1, "x"), (True, "x")), (((0,),), ((False,),)), (frozenset({1}), frozenset({True})), (1, 1.0)],
    )
    def test_what_is_in_an_argument_has_a_type_too(self, one: Any, other: Any) -> None:
        """(1,) equals (True,), and is another argument."""

        @selector(lambda state, wanted: wanted)
        def told(wanted: Any) -> str:
            return repr(wanted)

        assert (told(0, one), told(0, other)) == (repr(one), repr(other))

    def test_an_argument_too_many_is_told(self) -> None:
        """As one of a name that nobody takes."""

        @selector(lambda state, times, *, more=0: times)
        def told(times: int) -> int:
            return times

        assert told(0, 2) == 2
        with pytest.raises(TypeError, match="No input of selector told takes so many arguments.* 5 is one too many"):
            told(0, 2, 5, 6)

    def test_a_warning_names_the_line_that_asks(self) -> None:
        """Not one of the library."""
        told = selector(lambda state, wanted: wanted)(lambda wanted: len(wanted))
        with pytest.warns(SelectorWarning, match="cannot be hashed") as warned:
            told(0, [1])
        assert [each.filename for each in warned] == [__file__]

    def test_they_can_be_named(self) -> None:
        """Each input gets those that it takes; they are remembered like the others."""
        seen: list[Any] = []

        @selector(prices, lambda state, *, factor=1: factor, lambda state, index, factor=1: (index, factor)[0])
        def priced(prices: tuple[int, ...], factor: int, index: int) -> int:
            seen.append((factor, index))
            return prices[index] * factor

        @selector(priced, rate)
        def rated(price: int, rate: int) -> int:
            return price * rate

        shop = Shop()
        assert [priced(shop, 1, factor=5), priced(shop, 1, factor=5), priced(shop, index=1, factor=6)] == [10, 10, 12]
        assert priced.recomputations == 2
        assert rated(shop, 2, factor=10) == 60
        assert seen == [(5, 1), (6, 1), (10, 2)]

    def test_what_no_input_takes_is_named(self) -> None:
        """It would be lost in silence."""
        with pytest.raises(TypeError, match="No input of selector total takes an argument 'rate'"):
            make_total()(Shop(), rate=3)

    def test_what_cannot_be_hashed_is_remembered_by_identity_and_named(self) -> None:
        """By the name that the input gives it; once."""
        among = selector(prices, lambda state, wanted, more=(): wanted)(lambda prices, wanted: len(wanted))
        wanted = [1, 2]
        with pytest.warns(SelectorWarning, match=r"argument 'wanted' cannot be hashed: \[1, 2\]\. .*Give a tuple"):
            assert among(Shop(), wanted) == 2
        assert (among(Shop(), wanted), among(Shop(), (1, 2)), among.recomputations) == (2, 2, 2)
        assert (among(Shop(), [1, 2]), among.recomputations) == (2, 3)
        with pytest.warns(SelectorWarning, match=r"argument 'more' cannot be hashed: \{\}"):
            among(Shop(), (1, 2), more={})

    def test_equal_arguments_of_other_types_are_others(self) -> None:
        """True is 1 to a dict, and to nobody else."""
        shown = selector(prices, lambda state, value: value)(lambda prices, value: str(value))
        assert [shown(Shop(), value) for value in (1, True, 1.0)] == ["1", "True", "1.0"]

    def test_the_least_recently_used_is_dropped(self) -> None:
        """A hit counts as use, for the same state too."""

        @selector(prices, lambda state, index: index, maxsize=2)
        def price_at(prices: tuple[int, ...], index: int) -> int:
            return prices[index]

        shop = Shop()
        for index in (0, 1, 0, 2, 0):
            price_at(shop, index)
        assert price_at.recomputations == 3
        price_at(shop, 1)
        assert price_at.recomputations == 4
        assert repr(price_at) == "<Selector price_at, inputs: 2, recomputations: 4, remembered: 2 of 2>"


class Part(State):
    value: int = 0


class Whole(State):
    part: Part = Part()
    other: int = 0


class Big:
    """Something whose life can be watched."""


@pytest.mark.parametrize(
    ("state_of", "result"),
    [
        (lambda big: {"big": big}, lambda part, index: index),
        (lambda big: {"big": [big]}, lambda part, index: index),
        (lambda big: {"big": [big]}, lambda part, index: [part]),
        (lambda big: {"big": (big,), "more": big}, lambda part, index: part[0]),
    ],
)
def test_dicts_that_are_over_are_let_go(state_of: Any, result: Any) -> None:
    """Whatever the arguments were, and what came of them: but the latest, which nobody can watch."""
    asked = selector(lambda state: state["big"], lambda state, index: index)(result)
    bigs = [Big() for _ in range(100)]
    alive = [weakref.ref(each) for each in bigs]
    for index, big in enumerate(bigs):
        asked(state_of(big), index)
    del bigs, big
    gc.collect()
    assert sum(each() is not None for each in alive) <= 1


def test_other_arguments_are_remembered_while_the_inputs_are_the_same() -> None:
    """In a new state too, whatever the parts are made of."""
    asked = selector(lambda state: state["rows"], lambda state, index: index)(lambda rows, index: rows[index])
    state: dict[str, Any] = {"rows": [[10], [20]], "more": 0}
    for more in range(3):
        state = {**state, "more": more}
        assert [asked(state, index) for index in (0, 1)] == [[10], [20]]
    assert asked.recomputations == 2
    assert asked({**state, "rows": [[30]]}, 0) == [30]
    assert "remembered: 1 of 128" in repr(asked)


@pytest.mark.parametrize(
    "inputs", [[lambda state: state.part], [lambda state: state], [lambda state: state.part.value]]
)
def test_models_that_are_over_are_let_go(inputs: Any) -> None:
    """Whatever the arguments were with which they were asked for."""
    asked = selector(*inputs, lambda state, index: index)(lambda part, index: index)
    states = [Whole(part=Part(value=value)) for value in range(100)]
    alive = [weakref.ref(each) for state in states for each in (state, state.part)]
    for index, state in enumerate(states):
        assert asked(state, index) == index
    del states, state
    gc.collect()
    assert [each for each in alive if each() is not None] == []


def test_a_result_outlives_the_state_that_it_was_computed_for() -> None:
    """As long as the parts that it was computed of are in another."""
    doubled = selector(lambda state: state.part)(lambda part: part.value * 2)
    state = Whole(part=Part(value=4))
    for other in range(3):
        assert doubled(state) == 8
        state = state.replace(other=other)
        gc.collect()
    assert doubled.recomputations == 1


@pytest.mark.parametrize("states", [[None, 0, None, 0], [(1,), (), (1,), ()], [0, None, 1, None]])
def test_states_that_cannot_be_watched_are_told_apart(states: list[Any]) -> None:
    """None, numbers, tuples: none is taken for one that is over."""
    shown = selector(lambda state: state)(lambda state: repr(state))
    assert [shown(state) for state in states] == [repr(state) for state in states]

    part: Any = Part(value=1)
    seen = [shown(part)]
    del part
    gc.collect()
    assert [*seen, shown(None)] == ["Part(value=1)", "None"]


def test_the_function_that_computes_can_be_asked_alone() -> None:
    """For tests of it, with no state."""
    assert make_total().result_func((1, 2), 5) == 15
