"""An infinite list, page after page; a star shows at once, and goes when the server refuses it.

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
    EntityAdapter,
    EntityState,
    Login,
    Reducer,
    State,
    StateStream,
    auth_reducer,
    catch_error,
    combine_reducers,
    create_api_store,
    data_reducer,
    exhaust_map,
    from_async,
    merge_map,
    of_type,
    refresh_on_unauthorized,
)
from rxdux.demo.server import DemoServer


class Person(State):
    id: int
    name: str
    starred: bool = False


class Page(BaseModel, extra="ignore"):
    items: list[dict[str, int | str]]
    page: int
    pages: int


class EndReached(Action):
    """The user has scrolled to the end of the list."""


class PageLoaded(Action):
    people: tuple[Person, ...]
    page: int
    is_last: bool


class Star(Action):
    id: int


class StarRefused(Action):
    id: int
    why: str


class Feed(State):
    people: EntityState[int, Person]
    page: int = 0
    is_last: bool = False
    message: str = ""


class AppState(ApiState):
    feed: Feed


people = EntityAdapter[int, Person](lambda person: person.id)
feed = Reducer(Feed(people=people.empty()))


@feed.on(PageLoaded)
def _(state: Feed, action: PageLoaded) -> Feed:
    return state.replace(people=people.add_many(state.people, action.people), page=action.page, is_last=action.is_last)


@feed.on(Star)
def _(state: Feed, action: Star) -> Feed:
    """Optimistic: the star is there before the server knows."""
    return state.replace(people=people.update_one(state.people, action.id, starred=True), message="")


@feed.on(StarRefused)
def _(state: Feed, action: StarRefused) -> Feed:
    """Rolled back."""
    return state.replace(people=people.update_one(state.people, action.id, starred=False), message=action.why)


def load_epic(actions: ActionStream, state: StateStream[AppState], deps: ApiDependencies) -> Observable[Action]:
    """`exhaust_map`: who scrolls on while a page is loading does not load it twice."""

    def load(_: EndReached) -> Observable[Action]:
        async def call() -> Action:
            params = {"page": state.value.feed.page + 1, "size": 100}
            page = Page.model_validate(await deps.api.get("/people", state.value.auth.tokens, params=params))
            loaded = tuple(Person.model_validate({"id": each["id"], "name": each["name"]}) for each in page.items)
            return PageLoaded(people=loaded, page=page.page, is_last=page.page == page.pages)

        return from_async(call).pipe(refresh_on_unauthorized(actions, state))

    return actions.pipe(of_type(EndReached), ops.filter(lambda _: not state.value.feed.is_last), exhaust_map(load))


def star_epic(actions: ActionStream, state: StateStream[AppState], deps: ApiDependencies) -> Observable[Action]:
    def star(action: Star) -> Observable[Action]:
        nothing: Observable[Action] = rx.empty()

        def call() -> Observable[Action]:
            sending = from_async(
                lambda: deps.api.request("POST", "/notes", state.value.auth.tokens, body={"star": action.id})
            )
            return sending.pipe(merge_map(lambda _: nothing), refresh_on_unauthorized(actions, state))

        return rx.defer(lambda _: call()).pipe(
            catch_error(lambda error, caught: rx.just(StarRefused(id=action.id, why=str(error))))
        )

    return actions.pipe(of_type(Star), merge_map(star))


def show(state: AppState) -> str:
    stars = [person.name for person in state.feed.people if person.starred]
    return f"{len(state.feed.people)} people, starred: {', '.join(stars) or 'nobody'} {state.feed.message}".rstrip()


async def main() -> None:
    reducer = combine_reducers(AppState, auth=auth_reducer, data=data_reducer, feed=feed)
    with DemoServer() as server:
        async with create_api_store(server.url, reducer=reducer, epics=[load_epic, star_epic]) as store:
            store.dispatch(Login(username="ada", password="lovelace"))
            await store.wait_for(lambda state: state.auth.status == "signed_in", timeout=5)
            for _ in range(5):
                store.dispatch(EndReached())
                store.dispatch(EndReached())  # the page is loading: this one counts for nothing
                await store.idle(timeout=10)
                print(show(store.state))

            store.dispatch(Star(id=1))
            await store.idle(timeout=10)
            server.api.trouble.fail(seconds=60, status=500)
            store.dispatch(Star(id=2))
            print(show(store.state))
            await store.idle(timeout=10)
            print(show(store.state))


if __name__ == "__main__":
    asyncio.run(main())
