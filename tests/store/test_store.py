"""What a store says of itself, and of what it cannot take."""

from typing import Any

import pytest

from rxdux import AuthState, History, Reducer, Slice, State, Store, TokenSet, combine_reducers


class AppState(State):
    auth: AuthState
    count: int


SECRET = AuthState(status="signed_in", tokens=TokenSet(access_token="hunter2", refresh_token="hunter3"))  # pyright: ignore


def make_store() -> Store[AppState]:
    return Store(combine_reducers(AppState, auth=Reducer(SECRET), count=Reducer(5)), epics=[lambda actions: actions])


def test_a_store_says_what_it_holds_and_how_much() -> None:
    """The class of its state, the slices, the epics; never a value."""
    with make_store() as store:
        assert repr(store) == "<Store of AppState (auth, count), epics: 1, open>"
    assert repr(store) == "<Store of AppState (auth, count), epics: 0, closed>"
    with Store(Reducer(5)) as plain, Store(combine_reducers({"a": Reducer(0)})) as mapping:
        assert (repr(plain), repr(mapping)) == (
            "<Store of int, epics: 0, open>",
            "<Store of StateMapping (a), epics: 0, open>",
        )


def test_a_history_says_how_much_it_holds() -> None:
    """And where it is."""
    steps = Slice("steps", initial=0)

    @steps.action
    def walk(state: int) -> int:
        return state + 1

    with Store(steps) as store, History(store, limit=5) as history:
        assert repr(history) == "<History, entries: 0 of 5, position: -1>"
        for _ in range(7):
            store.dispatch(walk())
        history.undo()
        history.pause()
        assert repr(history) == "<History, entries: 5 of 5, position: 3, travelling, paused>"


async def test_waiting_in_vain_says_the_last_state() -> None:
    """Secrets masked, at 500 characters."""
    with make_store() as store:
        with pytest.raises(
            TimeoutError, match=r"No such state came within 0.01 s. The last one: AppState\(auth=AuthState\("
        ) as caught:
            await store.wait_for(lambda state: state.count == 6, 0.01)
        assert "hunter" not in str(caught.value)
    with Store(Reducer("x" * 5_000)) as long, pytest.raises(TimeoutError) as caught:
        await long.wait_for(lambda state: False, 0.01)
    assert len(str(caught.value).partition("one: ")[2]) == 500


async def test_a_state_that_cannot_be_shown_does_not_hide_the_time_out() -> None:
    """It is named by its class."""

    class Odd:
        def __repr__(self) -> str:
            raise KeyError

    with Store(Reducer(Odd())) as store, pytest.raises(TimeoutError, match="a Odd whose repr failed with KeyError"):
        await store.wait_for(lambda state: False, 0.01)


async def coroutine_middleware(store: Any, action: Any, call_next: Any) -> Any:
    return call_next(action)


def watch_bit_by_bit(state: Any) -> Any:
    yield state


async def watch_later(state: Any) -> Any:
    return state


@pytest.mark.parametrize("function", [watch_bit_by_bit, watch_later])
def test_what_does_not_run_when_it_is_called_is_no_listener_and_no_selector(function: Any) -> None:
    """It would never have run."""
    with Store(Reducer(0)) as store:
        for take in (store.subscribe, store.select):
            with pytest.raises(TypeError, match="watch_.*is a (coroutine|generator) function, which does not run when"):
                take(function)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([5], r"A middleware is a function of \(store, action, call_next\), not 5"),
        (5, r"takes a list of functions, as in middleware=\[thunk\], not 5"),
        (coroutine_middleware, "takes a list of functions"),
        ([coroutine_middleware], "coroutine_middleware is a coroutine function"),
        ([lambda store: lambda call_next: lambda action: call_next(action)], "not three in each other as in Redux"),
    ],
)
def test_what_is_no_middleware_is_refused(given: Any, said: str) -> None:
    """When the store is made."""
    with pytest.raises(TypeError, match=said):
        Store(Reducer(0), middleware=given)


def test_what_is_no_list_of_epics_is_refused() -> None:
    """A forgotten bracket."""
    with pytest.raises(TypeError, match=r"takes a list of epics, as in epics=\[ping_epic\]"):
        Store(Reducer(0), epics=lambda actions: actions)  # pyright: ignore


@pytest.mark.parametrize("given", [5, "count", None])
def test_what_is_no_selector_is_refused(given: Any) -> None:
    """At once, not when somebody subscribes."""
    with Store(Reducer(0)) as store, pytest.raises(TypeError, match=r"select takes a function of the state.*, not "):
        store.select(given)
