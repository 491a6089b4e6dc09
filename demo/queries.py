"""The people as a query of the server: pages, a search and an order; and the change of a name, shown before the server has answered."""

from collections.abc import Iterable
from typing import Any, cast

from rxdux import Action, State
from rxdux.query import Api, Call, Mutation, Patch, Query, Tag

from .people import Order

SIZE = 6  # rows of a page
PAGES = 50


class Person(State, defer_build=True):
    """One row."""

    id: int
    name: str
    role: str
    city: str
    email: str


class Page(State, defer_build=True):
    """Some rows of many. `page` counts from 1."""

    items: tuple[Person, ...]
    page: int
    pages: int
    total: int


PERSON = Tag.of(Person, lambda person: person.id)
BY_NAME = Tag[str]("by name")
"""What a new name may put into another order, or out of a search."""

api = Api("api", keep_unused=120.0)


@api.query(provides=[PERSON])
async def people(call: Call, page: int = 1, search: str = "", order: Order = "id") -> Page:
    """One page of those whose name, role or city contains `search`."""
    return await call.get("/people", {"page": page, "size": SIZE, "q": search, "order": order})


@people.provides
def _(data: Page, page: int, search: str, order: Order) -> Iterable[Tag[Any]]:
    return [BY_NAME] if search or order.removeprefix("-") == "name" else []


@api.mutation(updates=[PERSON], invalidates=[BY_NAME], scope="people", offline=True)
async def name_person(
    call: Call, id: int, name: str, *, page: int = 1, search: str = "", order: Order = "id"
) -> Person:
    """Give somebody another name, as seen on this page; offline it waits."""
    return await call.patch(f"/people/{id}", {"name": name})


@name_person.optimistic
def _(patch: Patch, id: int, name: str, *, page: int, search: str, order: Order) -> None:
    def renamed(seen: Page) -> Page:
        rows = (row.replace(name=name) if row.id == id else row for row in seen.items)
        return seen.replace(items=tuple(rows))

    patch(people(page, search, order), renamed)


def another(query: Query[Page], **changes: Any) -> Query[Page]:
    """The question with these arguments changed.

    Examples:
        >>> another(people(2, "turing"), page=3)
        people(page=3, search="turing", order="id")
    """
    return people(**(query.arguments | changes))


def asked_in(action: Action) -> Query[Any] | Mutation[Any] | None:
    """The question or the change that an action is, or tells of; None for any other.

    Examples:
        >>> asked_in(people(2).refetch())
        people(page=2, search="", order="id")
    """
    for found in (action, getattr(action, "query", None), getattr(action, "mutation", None)):
        if isinstance(found, Query | Mutation):
            return cast("Query[Any] | Mutation[Any]", found)
    return None


def short(query: Query[Any] | Mutation[Any]) -> str:
    """A query or a change in as few words as a lane has room for.

    Examples:
        >>> short(people(2)), short(people(1, "turing")), short(name_person(7, "Ada"))
        ('page 2', 'turing 1', 'rename 7')
    """
    asked = query.arguments
    return f"rename {asked['id']}" if isinstance(query, Mutation) else f"{asked['search'] or 'page'} {asked['page']}"
