"""What the toolkit costs: one update among many entities, one nested field through a draft.

python -m benchmarks.toolkit
"""

import itertools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rxdux import EntityAdapter, EntityState, State, produce

from .dispatch import nanoseconds

ENTITIES = 100_000


class Book(State):
    id: int
    title: str
    price: int = 0


@dataclass(frozen=True)
class Disc:
    id: int
    title: str
    price: int = 0


class Shelf(State):
    books: tuple[Book, ...]
    name: str


class Shop(State):
    shelf: Shelf
    city: str


def one_entity_of_many() -> None:
    books = EntityAdapter[int, Book](lambda book: book.id)
    mappings = EntityAdapter[int, dict[str, Any]](lambda book: book["id"])
    plain = {number: Book(id=number, title=f"book {number}", price=1) for number in range(ENTITIES)}
    state: EntityState[int, Book] = books.add_many(books.empty(), plain.values())
    dicts = mappings.add_many(mappings.empty(), [book.model_dump() for book in plain.values()])
    discs = EntityAdapter[int, Disc](lambda disc: disc.id)
    records = discs.add_many(discs.empty(), [Disc(**book.model_dump()) for book in plain.values()])
    prices, number, book = itertools.count(2), ENTITIES // 2, Book(id=ENTITIES // 2, title="new")

    copy = nanoseconds(lambda: {**plain, number: book}, 30)
    print(f"one update among {ENTITIES:,} entities; copying the dict takes {copy / 1000:.0f} us")
    cases: dict[str, Callable[[], Any]] = {
        "set_one": lambda: books.set_one(state, book),
        "update_one, a mapping": lambda: mappings.update_one(dicts, number, price=next(prices)),
        "update_one, a dataclass": lambda: discs.update_one(records, number, price=next(prices)),
        "update_one, a model": lambda: books.update_one(state, number, price=next(prices)),
    }
    for name, update in cases.items():
        took = nanoseconds(update, 20_000)
        print(f"  {name:23} {took / 1000:5.2f} us: {copy / took:6,.0f} times faster")


def one_nested_field() -> None:
    shop = Shop(city="Paris", shelf=Shelf(name="new", books=tuple(Book(id=n, title=str(n)) for n in range(10))))
    prices = itertools.count(1)

    def by_hand() -> Shop:
        books = shop.shelf.books
        changed = (*books[:5], books[5].replace(price=next(prices)), *books[6:])
        return shop.replace(shelf=shop.shelf.replace(books=changed))

    def by_draft() -> Shop:
        return produce(shop, lambda draft: setattr(draft.shelf.books[5], "price", next(prices)))

    hand, draft = nanoseconds(by_hand, 5_000), nanoseconds(by_draft, 5_000)
    print(f"one nested field: by hand {hand / 1000:.1f} us, produce {draft / 1000:.1f} us: {draft / hand:.1f} times")


if __name__ == "__main__":
    one_entity_of_many()
    one_nested_field()
