"""What a type checker knows of slices and what is made of them: checked by pyright and mypy, strictly, and never run."""

from collections.abc import Callable
from typing import Annotated, assert_type
from uuid import UUID, uuid4

import reactivex as rx
from pydantic import Field
from reactivex import Observable

from rxdux import (
    Action,
    ActionStream,
    EntityAdapter,
    EntityState,
    Logout,
    Reducer,
    Slice,
    State,
    Store,
    Undoable,
    UndoableReducer,
    UndoTo,
    concat_map,
    exhaust_map,
    merge_map,
    of_type,
    switch_map,
    undoable,
)


class Saved(Action):
    text: str


class Journal(State):
    lines: tuple[str, ...] = ()


Todos = tuple[str, ...]
todos = Slice[Todos]("todos", initial=(), reset_on=(Logout,))
journal = Slice("journal", initial=Journal(), reset_on=[Logout])
count = Reducer(0)


@todos.action
def add(state: Todos, text: str, *, done: bool = False) -> Todos:
    return (*state, text)


@todos.action
def clear(state: Todos) -> Todos:
    return ()


@todos.action
def restore(state: Todos) -> Todos:
    return state


@todos.action
def tag(state: Todos, text: Annotated[str, Field(min_length=1)], *, id: UUID = Field(default_factory=uuid4)) -> Todos:
    return state


# --- another slice's action, by its parameters ---------------------------------------------------


@journal.when(add)
def write(state: Journal, text: str, *, done: bool = False) -> Journal:
    return state.replace(lines=(*state.lines, text))


assert_type(write(Journal(), "milk", done=True), Journal)


@journal.when(clear, restore)
def _(state: Journal) -> Journal:
    return Journal()


@journal.when(tag)
def _(state: Journal, text: str, **rest: object) -> Journal:
    return state.replace(lines=(*state.lines, text))


@count.when(add)
def _(state: int, text: str, *, done: bool = False, loud: bool = False) -> int:
    return state + 1


todos2 = Slice("others", initial=0, reset_on=(clear, Logout))
assert_type(todos2, Slice[int])
assert_type(tag("milk"), Action)
assert_type(tag("milk", id=uuid4()), Action)

# --- and in an epic ------------------------------------------------------------------------------


async def save(text: str, *, done: bool = False) -> Saved:
    return Saved(text=text)


def answer(text: str, *, done: bool = False) -> Saved:
    return Saved(text=text)


def stream(text: str, *, done: bool = False) -> Observable[Saved]:
    return rx.just(Saved(text=text))


assert_type(add.unpack(answer), Callable[[Action], Saved])
assert_type(add.unpack(lambda text, *, done=False: len(text)), Callable[[Action], int])


def epics(actions: ActionStream) -> None:
    assert_type(actions.pipe(of_type(add), merge_map(add.unpack(save))), Observable[Saved])
    assert_type(actions.pipe(of_type(add), merge_map(add.unpack(answer))), Observable[Saved])
    assert_type(actions.pipe(of_type(add), merge_map(add.unpack(stream))), Observable[Saved])
    assert_type(actions.pipe(of_type(add), switch_map(add.unpack(save))), Observable[Saved])
    assert_type(actions.pipe(of_type(add), switch_map(add.unpack(stream))), Observable[Saved])
    assert_type(actions.pipe(of_type(add), concat_map(add.unpack(save))), Observable[Saved])
    assert_type(actions.pipe(of_type(add), exhaust_map(add.unpack(answer))), Observable[Saved])


def save_epic(actions: ActionStream) -> Observable[Action]:
    return actions.pipe(of_type(add), merge_map(add.unpack(save)))


# --- undo ----------------------------------------------------------------------------------------


def together(action: Action, new: Journal, before: Undoable[Journal]) -> str | None:
    return before.present.lines[0] if new.lines else None


undoable_journal = undoable(journal, 10, only=(add, Logout), group_by=together)
assert_type(undoable_journal, UndoableReducer[Journal])
assert_type(undoable(todos, group_by=lambda action: 5), UndoableReducer[Todos])
assert_type(Store(undoable_journal).state, Undoable[Journal])
assert_type(Store(undoable_journal).state.past, tuple[Journal, ...])
Store(undoable_journal).dispatch(UndoTo(0, slice="journal"))


# --- entities ------------------------------------------------------------------------------------


class Book(State):
    id: int
    title: str = ""


class Library(State):
    books: EntityState[int, Book]


books = EntityAdapter[int, Book](sort_key=lambda book: book.title)
shelf = books.upsert_many(books.empty(), {1: Book(id=1)})
assert_type(shelf, EntityState[int, Book])
assert_type(books.remove_many(shelf, lambda book: not book.title), EntityState[int, Book])
assert_type(books.map_one(shelf, 1, lambda book: book.replace(title="Emma")), EntityState[int, Book])


def select_books(state: Library) -> EntityState[int, Book]:
    return state.books


of_library = books.selectors(select_books)
assert_type(of_library.select_all(Library(books=shelf)), tuple[Book, ...])
assert_type(of_library.select_by_id(Library(books=shelf), 1), Book | None)
