"""Threads: what came of what."""

from typing import Any

import httpx
from reactivex import operators as ops

from rxdux import (
    Action,
    ActionStream,
    Entry,
    FetchData,
    History,
    LoginSuccess,
    Reducer,
    RefreshPolicy,
    Store,
    TokenSet,
    create_api_store,
    of_type,
)
from rxdux.store.tools.threads import Threads


class Ask(Action, type="threads/ask"):
    name: str = ""


class Answer(Action, type="threads/answer"):
    pass


def answer_epic(actions: ActionStream) -> Any:
    return actions.pipe(of_type(Ask), ops.map(lambda _: Answer()))


def entry(action: Action, cause: Action | None = None, awaited: Action | None = None) -> Entry[int]:
    return Entry(action, 0, 0.0, cause=cause, awaited=awaited)


def test_an_action_that_was_dispatched_twice_causes_what_follows_its_last_time() -> None:
    """It is one object in two entries."""
    ask = Ask()
    entries = [entry(ask), entry(Answer(), ask), entry(ask), entry(Answer(), ask)]
    threads = Threads(entries)
    assert [threads.cause_of(place) for place in range(4)] == [None, 0, None, 2]
    assert (threads.of(3), threads.of(0), threads.depth_of(3)) == ([2, 3], [0, 1], 1)


def test_a_cause_that_was_forgotten_is_none() -> None:
    """The thread begins with what is left of it."""
    entries = [entry(Answer(), Ask())]
    assert (Threads(entries).cause_of(0), Threads(entries).of(0)) == (None, [0])


def test_threads_outlive_a_recording() -> None:
    """What is exported and loaded knows what it comes of."""
    store = Store(Reducer(0), epics=[answer_epic])
    with History(store) as history:
        store.dispatch(Ask(name="?"))
        store.dispatch(Ask(name="!"))
        text = history.export()
    with History(Store(Reducer(0))) as other:
        other.load(text)
        assert [(each.action.type, each.cause) for each in other.entries] == [
            ("threads/ask", None),
            ("threads/answer", Ask(name="?")),
            ("threads/ask", None),
            ("threads/answer", Ask(name="!")),
        ]
        assert Threads(other.entries).of(3) == [2, 3]


def test_threads_grow_with_their_history() -> None:
    """What is appended is added; what is forgotten is no part of any; a history that is another is read anew."""
    ask, answer = Ask(), Answer()
    first = [entry(ask), entry(answer, ask)]
    threads = Threads(first)
    longer = [*first[1:], entry(Answer(), answer), entry(Answer(), ask)]
    threads.follow(longer)
    assert [threads.cause_of(place) for place in range(3)] == [None, 0, None]
    assert threads.of(1) == [0, 1]
    threads.follow([entry(ask), entry(answer, ask)])
    assert threads.of(1) == [0, 1]


def test_what_was_waited_for_belongs_to_the_thread() -> None:
    """With what it answers; but not who asked for that, nor what came of it for others."""
    one, two, refresh, tokens = Ask(name="1"), Ask(name="2"), Ask(name="refresh"), Answer()
    entries = [
        entry(one),
        entry(two),
        entry(refresh, one),
        entry(tokens, refresh),
        entry(Answer(), one, tokens),
        entry(Answer(), two, tokens),
    ]
    assert Threads(entries).of(0) == [0, 2, 3, 4]
    assert Threads(entries).of(5) == [1, 2, 3, 5]


async def test_a_fetch_its_401_the_refresh_and_the_replay_are_one_thread() -> None:
    """For who asked for the refresh, and for who only waited for it."""

    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path == "/token":
            return httpx.Response(200, json={"access_token": "new", "refresh_token": "r2", "token_type": "Bearer"})
        is_new = request.headers["Authorization"] == "Bearer new"
        return httpx.Response(200, json=[]) if is_new else httpx.Response(401)

    client = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    policy = RefreshPolicy(max_in_flight=1)
    async with client, create_api_store("http://api.test", client=client, policy=policy) as store:
        store.dispatch(LoginSuccess(tokens=TokenSet(access_token="old", refresh_token="r1")))
        with History(store) as history:
            store.dispatch(FetchData(key="a", path="/a"))
            store.dispatch(FetchData(key="b", path="/b"))
            await store.idle(20)
            entries = history.entries

    def thread(key: str) -> list[str]:
        place = next(
            place for place, each in enumerate(entries) if each.action.serialize().get("key") == key and each.source
        )
        return [entries[each].action.type for each in Threads(entries).of(place)]

    asked = ["FETCH_DATA", "REQUEST_REJECTED", "REFRESH_TOKEN", "REFRESH_SUCCESS", "REQUEST_REPLAYED"]
    assert [each for each in thread("a") if each != "TOKEN_ACCEPTED"] == [*asked, "FETCH_SUCCESS"]
    assert [each for each in thread("b") if each != "TOKEN_ACCEPTED"] in (
        [*asked, "FETCH_SUCCESS"],
        ["FETCH_DATA", "REFRESH_TOKEN", "REQUEST_REJECTED", "REFRESH_SUCCESS", "REQUEST_REPLAYED", "FETCH_SUCCESS"],
        ["FETCH_DATA", "REFRESH_TOKEN", "REFRESH_SUCCESS", "REQUEST_REPLAYED", "FETCH_SUCCESS"],
    )
