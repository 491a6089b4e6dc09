"""The endpoints that most tests use."""

from dataclasses import dataclass
from typing import Any

from rxdux import State
from rxdux.query import Api, Call, Patch, Tag

from .conftest import new_api


class User(State):
    id: int
    name: str


class Page(State):
    items: list[int]
    cursor: str | None


USER = Tag.of(User, lambda user: user.id)
NAMES = Tag[str]("names")


@dataclass
class Shop:
    api: Api
    get_user: Any
    get_users: Any
    get_public: Any
    get_feed: Any
    rename: Any
    rename_quietly: Any
    rename_in_line: Any
    rename_offline: Any
    add: Any


def open_shop(**options: Any) -> Shop:
    """An api with its endpoints, made anew for each test."""
    api = new_api(**options)

    @api.query(provides=[USER])
    async def get_user(call: Call, id: int) -> User:
        return await call.get(f"/users/{id}")

    @api.query(provides=[USER])
    async def get_users(call: Call) -> list[User]:
        return await call.get("/users")

    @api.query(provides=[USER], session=False)
    async def get_public(call: Call, id: int) -> User:
        return await call.get(f"/public/{id}")

    @api.infinite()
    async def get_feed(call: Call, page: str | None, channel: str) -> Page:
        return await call.get("/feed", {} if page is None else {"cursor": page})

    @get_feed.next_page
    def _(last: Page, channel: str) -> str | None:
        return last.cursor

    @api.mutation(invalidates=[USER])
    async def rename(call: Call, id: int, name: str) -> User:
        return await call.patch(f"/users/{id}", {"name": name})

    @api.mutation(updates=[USER])
    async def rename_quietly(call: Call, id: int, name: str) -> User:
        return await call.patch(f"/users/{id}", {"name": name})

    @api.mutation(scope="names")
    async def rename_in_line(call: Call, id: int, name: str) -> User:
        return await call.patch(f"/users/{id}", {"name": name})

    @api.mutation(offline=True)
    async def rename_offline(call: Call, id: int, name: str) -> User:
        return await call.patch(f"/users/{id}", {"name": name})

    @api.mutation(invalidates=[USER, NAMES])
    async def add(call: Call, name: str) -> User:
        return await call.post("/users", {"name": name})

    for mutation in (rename, rename_quietly, rename_offline):

        @mutation.optimistic
        def _(patch: Patch, id: int, name: str) -> None:
            patch(get_user(id), lambda user: user.replace(name=name))

    return Shop(
        api, get_user, get_users, get_public, get_feed, rename, rename_quietly, rename_in_line, rename_offline, add
    )
