"""What a type checker knows: checked by pyright, strictly, and never run."""

import asyncio
from dataclasses import dataclass
from typing import Any, assert_type

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops

from rxdux import (
    Action,
    ActionStream,
    ApiDependencies,
    ApiState,
    Reducer,
    Slice,
    State,
    StateStream,
    Store,
    Subscription,
    catch_error,
    combine_epics,
    combine_reducers,
    create_api_store,
    from_async,
    merge_map,
    of_type,
    refresh_on_unauthorized,
    selector,
    switch_map,
    thunk,
)
from rxdux.reducers import CombinedReducer


class Add(Action):
    amount: int


class Reset(Action):
    pass


class AppState(State):
    count: int
    name: str


@dataclass(frozen=True)
class AppData:
    count: int
    name: str


counter = Reducer(0)
name = Reducer("Ada")


@counter.on(Add, Reset)
def handle(count: int, action: Add | Reset) -> int:
    return count + action.amount if isinstance(action, Add) else 0


def plain(state: int | None, action: Action) -> int:
    return state or 0


assert_type(counter, Reducer[int])
assert_type(counter.initial, int)
assert_type(combine_reducers(AppState, count=counter, name=name), CombinedReducer[AppState])

store = Store(combine_reducers(AppState, count=counter, name=name))
assert_type(store.state.count, int)
assert_type(Store(combine_reducers(AppData, count=counter, name=name)).state.name, str)
assert_type(Store(plain).state, int)
assert_type(Store(counter).state, int)
assert_type(store.select(lambda state: state.name), Observable[str])
assert_type(store.dispatch(Add(amount=1)), Add)
assert_type(store.subscribe(lambda state: print(state.count)), Subscription)
assert_type(store.actions.pipe(of_type(Add)), Observable[Add])
assert_type(store.actions.pipe(of_type(Add, Reset)), Observable[Add | Reset])
assert_type(store.state.replace(count=2), AppState)


async def load(store: Store[AppState]) -> str:
    return store.state.name


threaded = Store(combine_reducers(AppState, count=counter, name=name), middleware=[thunk])
assert_type(threaded.dispatch(load), asyncio.Task[str])
assert_type(threaded.dispatch(lambda store: store.state.count), int)


async def call(action: Add) -> Action:
    return action


async def fetch() -> int:
    return 1


assert_type(from_async(fetch), Observable[int])
assert_type(store.actions.pipe(of_type(Add), merge_map(call)), Observable[Action])
assert_type(store.actions.pipe(of_type(Add), switch_map(lambda add: rx.just(add.amount))), Observable[int])
assert_type(rx.just(1).pipe(catch_error(lambda error, caught: rx.just("x"))), Observable[int | str])


def one(actions: ActionStream) -> Observable[Action]:
    return actions.pipe(of_type(Add), ops.map(lambda add: Add(amount=add.amount + 1)))


def two(actions: ActionStream, state: StateStream[AppState]) -> Observable[Action]:
    assert_type(state.value.count, int)
    return actions.pipe(of_type(Reset), ops.map(lambda _: Add(amount=state.value.count)))


def three(actions: ActionStream, state: StateStream[AppState], deps: dict[str, int]) -> Observable[Action]:
    return actions.pipe(of_type(Reset), ops.map(lambda _: Add(amount=deps["x"])))


Store(combine_reducers(AppState, count=counter, name=name), epics=[one, two, three, combine_epics(one, two)])


todos = Slice[tuple[str, ...]]("todos", initial=())


@todos.action
def add_todo(state: tuple[str, ...], text: str, *, done: bool = False) -> tuple[str, ...]:
    return (*state, text)


assert_type(add_todo("milk", done=True), Action)
todos.on(add_todo, Reset)(lambda state, action: state)
store.actions.pipe(of_type(add_todo))


def name_of(state: AppState) -> str:
    return state.name


def count_above(state: AppState, least: int) -> int:
    return max(state.count, least)


@selector(name_of, count_above)
def label(name: str, count: int) -> str:
    return f"{name} {count}"


@selector(label, name_of)
def longer(label: str, name: str) -> int:
    return len(label) - len(name)


assert_type(label(store.state, 5), str)
assert_type(store.select(label), Observable[str])
assert_type(store.select(longer), Observable[int])


async def session() -> None:
    async with create_api_store("http://x.test", epics=[one]) as api:
        assert_type(api, Store[ApiState])
        state = await api.wait_for(lambda state: state.auth.status == "signed_in")
        assert_type(state.data["x"].data, Any)


def profile_epic(actions: ActionStream, state: StateStream[ApiState], deps: ApiDependencies) -> Observable[Action]:
    def call(_: Add) -> Observable[Action]:
        loading = from_async(lambda: deps.api.get("/me", state.value.auth.tokens))
        return loading.pipe(ops.map(lambda _: Reset()), refresh_on_unauthorized(actions, state))

    return actions.pipe(of_type(Add), switch_map(call))
