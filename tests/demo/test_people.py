"""The people of the demo are a query: pages, changes of names, two windows; counted by the server."""

from typing import Any

import pytest

from rxdux.demo.people_table import PeopleTable
from rxdux.demo.queries import Person
from rxdux.demo.second_window import SecondWindow
from rxdux.demo.server import DemoServer
from rxdux.textual import wait_for_state

from ..key_pages import pages_shown
from .driver import LARGE, SMALL, Driver


def lane(demo: Driver, name: str) -> str:
    """The signs of the last lane of that name."""
    lanes = [each for each in demo.app._timeline.timeline.lanes if each.name == name]
    return " ".join(mark.kind for mark in lanes[-1].marks)


def names_in(table: PeopleTable) -> list[str]:
    return [] if table.answer.data is None else [row.name for row in table.answer.data.items]


async def rename(demo: Driver, name: str) -> None:
    """Without waiting for the server."""
    await demo.pilot.press("enter")
    await demo.pilot.pause()
    await demo.pilot.press("end", "ctrl+u", *name, "enter")


async def test_the_next_page_is_there_before_it_is_turned_to(server: DemoServer, drive: Any) -> None:
    """Each page is asked for once, one ahead; and there is nothing before the first."""
    async with drive(server.url) as demo:
        await demo.sign_in()
        await demo.press("left")
        first = demo.names()
        server.api.trouble.delay = 5.0  # it cannot come from there
        await demo.pilot.press("right")
        await wait_for_state(demo.pilot, lambda state: state.api.is_fetching('people(page=3, search="", order="id")'))
        await demo.pilot.pause()
        assert "People 2/50" in demo.screen()
        assert len({*first, *demo.names()}) == 12
        assert server.api.count["api"] == 3


async def test_a_name_is_whole_as_soon_as_it_is_drawn(server: DemoServer, drive: Any) -> None:
    """While much else happens, too: the columns wait for no rest."""
    async with drive(server.url) as demo:
        people = demo.app.query_one(PeopleTable)
        people._shown = (Person(id=1, name="Katherine Hamilton", role="mathematician", city="Amsterdam", email=""),)
        people._marks = ("",)
        people._draw()
        assert "Katherine Hamilton  mathematician" in demo.table().render_line(1).text


@pytest.mark.slow
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_a_new_name_shows_before_the_server_has_it(server: DemoServer, drive: Any, size: tuple[int, int]) -> None:
    """Marked, until it is saved."""
    async with drive(server.url, size) as demo:
        await demo.sign_in()
        server.api.trouble.delay = 2.0
        await rename(demo, "Ada")
        await wait_for_state(demo.pilot, lambda state: state.api.mutations)
        await demo.pilot.pause()
        assert "1…  Ada " in demo.screen()
        assert server.api.people_known.find("Ada", 1, 1)["items"][0]["id"] != 1
        await demo.press()
        assert "1   Ada " in demo.screen()
        assert demo.news() == "Ada is saved."
        assert lane(demo, "rename 1") == "request success"


@pytest.mark.slow
async def test_a_name_that_is_refused_is_taken_back(server: DemoServer, drive: Any) -> None:
    """The server was asked to refuse the next change; the one after that is taken."""
    async with drive(server.url) as demo:
        await demo.sign_in()
        before = demo.names()
        await demo.press("j")
        assert "refuses the next change" in demo.screen()
        await rename(demo, "Ada")
        await demo.press()
        assert demo.names() == before
        assert demo.news() == "The old name is back: HTTP 409."
        assert lane(demo, "rename 1") == "request failure"
        assert "refuses" not in demo.screen()
        await rename(demo, "Ada")
        await demo.press()
        assert demo.names() == ["Ada", *before[1:]]


@pytest.mark.slow
async def test_names_given_offline_wait_and_are_sent(server: DemoServer, drive: Any) -> None:
    """They show at once; with the network back the server gets them, in their order."""
    async with drive(server.url) as demo:
        await demo.sign_in()
        asked = server.api.count["api"]
        await demo.press("n")
        await rename(demo, "Ada")
        await demo.press("down")
        await rename(demo, "Alan")
        await demo.press()
        assert demo.news() == "2 changes wait for the network."
        assert all(words in demo.screen() for words in ("1‖  Ada ", "2‖  Alan ", "offline"))
        assert server.api.count["api"] == asked
        await demo.press("n")
        assert demo.names()[:2] == ["Ada", "Alan"]
        assert [server.api.people_known.find("", 1, 2)["items"][at]["name"] for at in (0, 1)] == ["Ada", "Alan"]
        assert lane(demo, "rename 1") == "request paused replay success"
        assert server.api.count["api"] == asked + 2


@pytest.mark.slow
async def test_a_token_that_expires_meanwhile_goes_unnoticed(server: DemoServer, drive: Any) -> None:
    """A change meets the 401, waits for the refresh, and is sent again."""
    async with drive(server.url) as demo:
        await demo.sign_in()
        await demo.press("e")
        await rename(demo, "Ada")
        await demo.press()
        assert demo.names()[0] == "Ada"
        assert server.api.count["refresh"] == 1
        assert lane(demo, "rename 1") == "request rejected replay success"


@pytest.mark.slow
async def test_two_windows_share_a_request(server: DemoServer, drive: Any) -> None:
    """Of the same page there is one; each window turns its own, and a new name shows in both at once."""
    async with drive(server.url) as demo:
        await demo.sign_in()
        first = demo.app.query_one(PeopleTable)
        asked = server.api.count["api"]
        await demo.press("w")
        second = demo.app.screen.query_one(PeopleTable)
        assert isinstance(demo.app.screen, SecondWindow)
        assert names_in(second) == names_in(first)
        assert server.api.count["api"] == asked
        await demo.press("f")
        assert server.api.count["api"] == asked + 1
        assert f"requests at the server: {asked + 1}" in demo.screen()
        await rename(demo, "Ada")
        await demo.press()
        assert names_in(first)[0] == names_in(second)[0] == "Ada"
        await demo.press("right")
        assert (first.answer.data.page, second.answer.data.page) == (1, 2)  # pyright: ignore
        await demo.press("w")
        assert not isinstance(demo.app.screen, SecondWindow)


@pytest.mark.slow
async def test_a_second_window_begins_with_what_the_first_is_searched_for(server: DemoServer, drive: Any) -> None:
    """And each goes on with a search of its own."""
    async with drive(server.url) as demo:
        await demo.sign_in()
        await demo.press("slash", *"turing", "enter", "w")
        first, second = demo.app.query_one(PeopleTable), demo.app.screen.query_one(PeopleTable)
        assert "turing" in str(second.border_title)
        await demo.press("slash", "ctrl+u", "enter")
        assert (first.asked.arguments["search"], second.asked.arguments["search"]) == ("turing", "")


@pytest.mark.slow
@pytest.mark.parametrize("size", [(40, 10), SMALL, LARGE])
async def test_the_keys_of_the_second_window_are_in_its_footer(
    server: DemoServer, drive: Any, size: tuple[int, int]
) -> None:
    """Those that do something there, and no others."""
    async with drive(server.url, size) as demo:
        await demo.sign_in()
        await demo.press("w")
        found = " ".join(await pages_shown(demo.pilot))
        keys = "←→ Page,⏎ Rename,w Close,s Sign in,f Fetch,m 50x,e Expire,/ Search,n Offline,j Reject,1-4 Sort,q Quit"
        assert [words for words in keys.split(",") if words not in found] == []
        assert "Story" not in demo.screen().splitlines()[-1]
        assert names_in(demo.app.screen.query_one(PeopleTable)) != []
