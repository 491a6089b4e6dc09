"""What the demo server has to tell: three hundred people who do not exist."""

import random
from typing import Literal, TypedDict, cast

_FIRST = """
    Ada Alan Barbara Evelyn Donald Edith Edsger Frances Grace Hedy Ivan Jean Joan John Katherine Ken
    Leslie Lynn Margaret Niklaus Radia Robin Shafi Sophie Tim Tony
""".split()
_LAST = """
    Allen Bartik Clarke Dijkstra Engelbart Floyd Goldberg Hamilton Hopper Johnson Kay Keller Knuth
    Lamarr Lamport Liskov Lovelace McCarthy Milner Perlman Ritchie Shannon Thompson Turing Wilson
    Wirth
""".split()
_CITIES = """
    Amsterdam Berlin Bruges Cambridge Dublin Geneva Grenoble Helsinki Kyoto Lisbon London Lund
    Madrid Oslo Paris Porto Prague Turin Vienna Zurich
""".split()
_ROLES = """
    analyst architect designer editor engineer gardener historian librarian mathematician nurse
    pilot researcher surgeon teacher translator
""".split()


Column = Literal["id", "name", "role", "city"]
Order = Literal["id", "name", "role", "city", "-id", "-name", "-role", "-city"]
"""What they are ordered by; with a minus from the last to the first."""


class Person(TypedDict):
    """One row."""

    id: int
    name: str
    role: str
    city: str
    email: str


class Page(TypedDict):
    """Some rows of many. `page` counts from 1."""

    items: list[Person]
    page: int
    pages: int
    total: int


def make_people(count: int = 300) -> tuple[Person, ...]:
    """The same people each time, no name twice."""
    dice = random.Random(1843)
    names = dice.sample([f"{first} {last}" for first in _FIRST for last in _LAST], count)
    return tuple(
        Person(
            id=number,
            name=name,
            role=dice.choice(_ROLES),
            city=dice.choice(_CITIES),
            email=f"{name.lower().replace(' ', '.')}@example.org",
        )
        for number, name in enumerate(names, start=1)
    )


PEOPLE = make_people()


class People:
    """The people of one server: they can be looked for, and renamed."""

    def __init__(self) -> None:
        self._people = {person["id"]: person for person in PEOPLE}

    def get(self, number: int) -> Person | None:
        return self._people.get(number)

    def rename(self, number: int, name: str) -> Person:
        """Give somebody another name.

        Raises:
            KeyError: for a number that nobody has.
        """
        renamed = self._people[number].copy()
        renamed["name"] = name
        self._people[number] = renamed
        return renamed

    def find(self, query: str, page: int, size: int, order: Order = "id") -> Page:
        """The page of those whose name, role or city contains `query`.

        Examples:
            >>> People().find("lovelace", 1, 2)["items"][0]["name"].endswith("Lovelace")
            True
        """
        wanted = query.casefold()
        found = [each for each in self._people.values() if wanted in _words(each).casefold()]
        column = cast("Column", order.removeprefix("-"))
        found.sort(key=lambda person: person[column], reverse=order.startswith("-"))
        first, pages = (page - 1) * size, max(1, -(-len(found) // size))
        return Page(items=found[first : first + size], page=page, pages=pages, total=len(found))


def _words(person: Person) -> str:
    return f"{person['name']} {person['role']} {person['city']}"
