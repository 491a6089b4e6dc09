"""The promises of the token refresh, counted at servers that others wrote."""

import asyncio
import time
from collections import Counter

import pytest

from rxdux import FetchData, FetchSuccess, LoginSuccess, Logout, RefreshPolicy

from .places import Place


def people(key: str = "people", **params: float) -> FetchData:
    return FetchData(key=key, path="/people", params=params or None)


@pytest.mark.parametrize("fetches", [1, 50, pytest.param(300, marks=pytest.mark.slow)])
async def test_expired_fetches_cause_one_refresh(place: Place, fetches: int) -> None:
    """N fetches that meet an expired token at once cause exactly one refresh call, and all succeed."""
    async with place.session() as session:
        place.server.expire()
        for n in range(fetches):
            session.store.dispatch(people(f"people {n}"))
        await asyncio.wait_for(session.store.idle(), 50)
        assert place.server.counts["refresh"] == 1
        assert session.count(FetchSuccess) == fetches
        assert Counter(each.status for each in session.store.state.data.values()) == {"success": fetches}


async def test_a_late_401_causes_no_refresh(place: Place) -> None:
    """It was sent with an older token, and is started over with the present one."""
    async with place.session() as session:
        place.server.expire()
        session.store.dispatch(people("late", delay=1.0))
        session.store.dispatch(people("early"))
        await session.store.wait_for(lambda state: state.data["early"].status == "success", 20)
        assert session.store.state.data["late"].status == "loading"
        await session.settle()
        assert session.store.state.data["late"].status == "success"
        assert place.server.counts == {"api": 4, "unauthorized": 2, "refresh": 1}


async def test_rotation_goes_on_for_long(place: Place) -> None:
    """Each refresh token is used once; the server, which watches for it, sees no reuse."""
    async with place.session() as session:
        used = [session.store.state.auth.tokens.refresh_token]
        for _ in range(5):
            place.server.expire()
            for n in range(5):
                session.store.dispatch(people(f"people {n}"))
            await session.settle()
            used.append(session.store.state.auth.tokens.refresh_token)
        assert len(set(used)) == 6
        assert place.server.counts == {"api": 50, "unauthorized": 25, "refresh": 5}
        assert session.store.state.data["people 0"].data["for"] == "ada"


async def test_logout_revokes(place: Place) -> None:
    """The server takes the refresh token no more, whoever comes with it."""
    async with place.session() as session:
        kept = session.store.state.auth.tokens
        session.store.dispatch(Logout())
        await session.settle()
        assert place.server.counts == {"revoke": 1}
        place.server.expire()
        session.store.dispatch(LoginSuccess(tokens=kept))
        session.store.dispatch(people())
        await session.settle()
        assert place.server.counts["refresh"] == 1
        assert session.store.state.auth.status == "signed_out"
        assert session.store.state.data["people"].error.kind == "session_expired"


async def test_a_session_that_the_server_ended(place: Place) -> None:
    """One refusal, and the user is told in words."""
    async with place.session() as session:
        place.server.end()
        place.server.expire()
        for n in range(10):
            session.store.dispatch(people(f"people {n}"))
        await session.settle()
        assert place.server.counts["refresh"] == 1
        auth = session.store.state.auth
        assert (auth.status, auth.error) == ("signed_out", "Your session has ended. Please sign in again.")
        assert {each.error.kind for each in session.store.state.data.values()} == {"session_expired"}


@pytest.mark.slow
async def test_tokens_of_three_seconds_with_refresh_ahead(place: Place) -> None:
    """Nobody ever meets a 401: each token is replaced before it expires."""
    place.server.life(3)
    async with place.session(policy=RefreshPolicy(refresh_before_expiry=1.5)) as session:
        end = time.monotonic() + 8
        while time.monotonic() < end:
            session.store.dispatch(people())
            await session.settle()
        counts = place.server.counts
        assert "unauthorized" not in counts
        assert 4 <= counts["refresh"] <= 8  # a JWT expires on a whole second, up to one early
        assert session.store.state.data["people"].status == "success"
