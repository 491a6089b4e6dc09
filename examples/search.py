"""A search box: it waits until the typing rests, and a newer search cancels the stale answer.

The server is the demo's, over real HTTP.
"""

import asyncio

import reactivex as rx
from pydantic import BaseModel
from reactivex import Observable
from reactivex import operators as ops

from rxdux import (
    Action,
    ActionStream,
    ApiDependencies,
    ApiState,
    Login,
    Reducer,
    StateStream,
    auth_reducer,
    catch_error,
    combine_reducers,
    create_api_store,
    data_reducer,
    from_async,
    of_type,
    refresh_on_unauthorized,
    switch_map,
)
from rxdux.demo.server import DemoServer


class TextChanged(Action):
    text: str


class Found(Action):
    names: tuple[str, ...]


class SearchFailed(Action):
    why: str


class AppState(ApiState):
    """A session and its data, as in `ApiState`, and what the search found."""

    found: tuple[str, ...]


found = Reducer[tuple[str, ...]](())


@found.on(Found)
def _(names: tuple[str, ...], action: Found) -> tuple[str, ...]:
    return action.names


@found.on(SearchFailed)
def _(names: tuple[str, ...], action: SearchFailed) -> tuple[str, ...]:
    return (f"({action.why})",)


class Person(BaseModel):
    name: str


class Page(BaseModel):
    items: list[Person]


def search_epic(actions: ActionStream, state: StateStream[AppState], deps: ApiDependencies) -> Observable[Action]:
    def search(text: str) -> Observable[Action]:
        async def call() -> Action:
            answer = await deps.api.get("/people", state.value.auth.tokens, params={"q": text, "size": 3})
            return Found(names=tuple(person.name for person in Page.model_validate(answer).items))

        return from_async(call).pipe(
            refresh_on_unauthorized(actions, state),
            catch_error(lambda error, caught: rx.just(SearchFailed(why=str(error)))),
        )

    return actions.pipe(
        of_type(TextChanged),
        ops.map(lambda action: action.text),
        ops.debounce(0.1),
        ops.distinct_until_changed(),
        switch_map(search),
    )


async def main() -> None:
    reducer = combine_reducers(AppState, auth=auth_reducer, data=data_reducer, found=found)
    with DemoServer() as server:
        async with create_api_store(server.url, reducer=reducer, epics=[search_epic]) as store:
            store.select(lambda state: state.found).subscribe(
                lambda names: print("found:", ", ".join(names) or "nothing")
            )
            store.dispatch(Login(username="ada", password="lovelace"))
            await store.wait_for(lambda state: state.auth.status == "signed_in", timeout=5)
            server.api.trouble.delay = 0.5  # seconds before each answer

            for text in ("A", "Ad", "Ada"):  # typed quickly: one call
                store.dispatch(TextChanged(text=text))
                await asyncio.sleep(0.02)
            await asyncio.sleep(0.3)  # that call is under way
            store.dispatch(TextChanged(text="Alan"))  # its answer is stale now, and cancelled

            await store.wait_for(lambda state: state.found, timeout=10)
            print("calls:", server.api.count["api"])


if __name__ == "__main__":
    asyncio.run(main())
