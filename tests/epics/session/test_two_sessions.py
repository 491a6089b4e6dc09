"""Two sessions in one store, at two servers: neither notices the other."""

import asyncio
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import reactivex as rx
from reactivex import operators as ops
from starlette.responses import JSONResponse

from rxdux import (
    Action,
    AuthState,
    DataState,
    FetchData,
    Login,
    Logout,
    RefreshPolicy,
    Session,
    State,
    Store,
    auth_reducer,
    combine_epics,
    combine_reducers,
    create_api_store,
    data_reducer,
    from_async,
    merge_map,
    of_type,
    refresh_on_unauthorized,
    valid_token,
)

from ...closing import close_later
from .conftest import Lab, sign_in


class AppState(State):
    auth: AuthState
    data: DataState
    billing: AuthState


@pytest.fixture
def other() -> Iterator[Lab]:
    made = Lab()
    yield made
    close_later(made.close)


def reducer_with(billing: Session) -> Any:
    return combine_reducers(AppState, auth=auth_reducer, data=data_reducer, billing=billing.reducer)


async def sign_in_to_billing(store: Store[Any], username: str = "grace") -> None:
    store.dispatch(Login(username=username, password="x", session="billing"))
    await store.wait_for(lambda state: state.billing.status == "signed_in", 20)
    await store.idle(20)


async def test_each_has_its_own_tokens_refresh_and_data(lab: Lab, other: Lab) -> None:
    """Twenty expired fetches in each: one refresh each, and each answer is its own user's."""
    billing = Session("billing", other.url)
    seen: list[Action] = []
    async with create_api_store(lab.url, reducer=reducer_with(billing), epics=billing.epics) as store:
        store.actions.subscribe(seen.append)
        await sign_in(store)
        assert store.state.billing.status == "signed_out"
        await sign_in_to_billing(store)
        lab.expire()
        other.expire()
        for n in range(20):
            store.dispatch(FetchData(key=f"mine {n}", path="/x"))
            store.dispatch(FetchData(key=f"bill {n}", path="/x", session="billing"))
        await store.idle(20)
        assert {store.state.data[f"mine {n}"].data["user"] for n in range(20)} == {"ada"}
        assert {store.state.data[f"bill {n}"].data["user"] for n in range(20)} == {"grace"}
        assert (lab.count["refresh"], other.count["refresh"]) == (1, 1)
        assert (lab.count["login"], other.count["login"]) == (1, 1)
        told = {(action.type, getattr(action, "session", None)) for action in seen}
        assert {("REFRESH_SUCCESS", "auth"), ("REFRESH_SUCCESS", "billing"), ("FETCH_SUCCESS", "billing")} <= told


async def test_one_ends_and_the_other_goes_on(lab: Lab, other: Lab) -> None:
    """By a logout, and by a refusal for good: only its own data go."""
    billing = Session("billing", other.url, policy=RefreshPolicy(refresh_retries=0))
    async with create_api_store(lab.url, reducer=reducer_with(billing), epics=billing.epics) as store:
        for end in ("logout", "refusal"):
            await sign_in(store)
            await sign_in_to_billing(store)
            store.dispatch(FetchData(key="mine", path="/x"))
            store.dispatch(FetchData(key="bills", path="/x", session="billing"))
            await store.idle(20)
            if end == "logout":
                store.dispatch(Logout(session="billing"))
            else:
                other.expire()
                other.token_instead = lambda: JSONResponse({"error": "invalid_grant"}, 400)
                store.dispatch(FetchData(key="more", path="/x", session="billing"))
            await store.idle(20)
            assert (store.state.auth.status, store.state.billing.status) == ("signed_in", "signed_out")
            assert store.state.data["mine"].data["user"] == "ada"
            assert store.state.data["bills"].data is None
        assert store.state.data["more"].error.kind == "session_expired"
        assert (lab.count["revoke"], other.count["revoke"]) == (1, 1)


class Send(Action):
    pass


class Sent(Action):
    user: str


async def test_any_httpx_code_epics_of_ones_own_and_valid_tokens(lab: Lab, other: Lab) -> None:
    """Each says whose token it carries, and shares that session's refresh."""
    billing = Session("billing", other.url)

    def send_epic(actions: Any, state: Any) -> Any:
        def call() -> Any:
            return billing.api.get("/x", state.value.billing.tokens)

        return actions.pipe(
            of_type(Send),
            merge_map(
                lambda _: from_async(call).pipe(
                    ops.map(lambda answer: Sent(user=answer["user"])),
                    refresh_on_unauthorized(actions, state, session="billing"),
                    ops.catch(lambda error, _: rx.empty()),
                )
            ),
        )

    epics = (*billing.epics, send_epic)
    sent: list[Sent] = []
    async with (
        create_api_store(lab.url, reducer=reducer_with(billing), epics=epics) as store,
        httpx.AsyncClient(base_url=other.url, auth=billing.auth(store)) as client,
    ):
        store.actions.pipe(of_type(Sent)).subscribe(sent.append)
        await sign_in(store)
        await sign_in_to_billing(store)
        other.expire()
        store.dispatch(Send())
        answers = await asyncio.gather(*(client.get("/x") for _ in range(10)))
        await store.idle(20)
        assert {answer.json()["user"] for answer in answers} == {"grace"}
        assert sent == [Sent(user="grace")]
        assert (lab.count["refresh"], other.count["refresh"]) == (0, 1)
        assert (await valid_token(store, billing)) == store.state.billing.tokens.access_token


async def test_sessions_alone_in_a_store_of_ones_own(lab: Lab, other: Lab) -> None:
    """Also in a state that is a mapping."""
    work, home = Session("work", lab.url), Session("home", other.url)
    reducer = combine_reducers({"work": work.reducer, "home": home.reducer, "data": data_reducer})
    async with Store(reducer, epics=(*work.epics, *home.epics)) as store:
        for session, user in (("work", "ada"), ("home", "grace")):
            store.dispatch(Login(username=user, password="x", session=session))
        await store.wait_for(lambda state: all(state[each].status == "signed_in" for each in ("work", "home")), 20)
        store.dispatch(FetchData(key="k", path="/x", session="home"))
        await store.idle(20)
        assert store.state["data"]["k"].data["user"] == "grace"
    await work.aclose()
    await home.aclose()


@pytest.mark.parametrize("name", ["", "two words", "3"])
def test_a_name_is_an_identifier(lab: Lab, name: str) -> None:
    """It is that of a slice."""
    with pytest.raises(ValueError, match="identifier"):
        Session(name, lab.url)


@pytest.mark.parametrize("combine", [tuple, lambda epics: (combine_epics(*epics),)], ids=["listed", "combined"])
def test_two_sessions_of_one_name_are_refused(combine: Any) -> None:
    """One called as that of `create_api_store`, and one as another `Session`."""
    main, one, two = (Session(name, "http://other.test") for name in ("auth", "billing", "billing"))
    with pytest.raises(ValueError, match="two sessions called 'auth': that of create_api_store and a Session"):
        create_api_store("http://api.test", epics=combine(main.epics))
    with pytest.raises(ValueError, match="two sessions called 'billing': two Sessions"):
        create_api_store("http://api.test", reducer=reducer_with(one), epics=[*combine(one.epics), *combine(two.epics)])


async def test_a_client_of_a_combined_session_is_closed(lab: Lab, other: Lab) -> None:
    """With the store, as that of a session whose epics are listed one by one."""
    billing = Session("billing", other.url)
    async with create_api_store(lab.url, reducer=reducer_with(billing), epics=[combine_epics(*billing.epics)]) as store:
        await sign_in_to_billing(store)
        store.dispatch(FetchData(key="bills", path="/bills", session="billing"))
        await store.idle(20)
        client = billing.api.client
    assert client.is_closed
