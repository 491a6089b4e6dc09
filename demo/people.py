"""What the demo server has to tell: three hundred people who do not exist."""

import random
from typing import TypedDict

_FIRST = """
    Ada Alan Barbara Claude Donald Edith Edsger Frances Grace Hedy Ivan Jean Joan John Katherine Ken
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


def find_people(query: str, page: int, size: int) -> Page:
    """The page of those whose name, role or city contains `query`.

    Examples:
        >>> find_people("lovelace", 1, 2)["items"][0]["name"].endswith("Lovelace")
        True
    """
    wanted = query.casefold()
    found = [person for person in PEOPLE if wanted in f"{person['name']} {person['role']} {person['city']}".casefold()]
    first = (page - 1) * size
    return Page(items=found[first : first + size], page=page, pages=max(1, -(-len(found) // size)), total=len(found))
