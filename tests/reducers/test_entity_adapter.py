"""Entities: every operation, and a plain dict that must agree."""

import copy
import pickle
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, invariant, rule

from rxdux import EntityAdapter, EntityState, State


class Book(State):
    id: int
    title: str = ""
    pages: int = 0


plain = EntityAdapter[int, Book](lambda book: book.id)
by_title = EntityAdapter[int, Book](lambda book: book.id, sort_key=lambda book: book.title)
A, B, C = Book(id=1, title="c"), Book(id=2, title="b"), Book(id=3, title="a")


def test_the_order_is_that_of_adding_or_of_the_sort_key() -> None:
    """Also after an update; equal keys keep the order of adding."""
    assert list(plain.add_many(plain.empty(), [B, A, C])) == [B, A, C]
    shelf = by_title.add_many(by_title.empty(), [A, B, C])
    assert shelf.ids == (3, 2, 1)
    assert by_title.update_one(shelf, 3, title="z").ids == (2, 1, 3)
    assert by_title.update_one(shelf, 3, title="b").ids == (2, 3, 1)
    assert by_title.update_one(shelf, 3, pages=7).ids is shelf.ids


def test_entities_are_read_by_id() -> None:
    """As from a mapping, and in order."""
    shelf = plain.add_many(plain.empty(), [A, B])
    assert (shelf[1], shelf.get(2), shelf.get(9), shelf.get(9, "none")) == (A, B, None, "none")
    assert (len(shelf), 1 in shelf, 9 in shelf) == (2, True, False)
    assert (plain.select_all(shelf), plain.select_ids(shelf), plain.select_total(shelf)) == ((A, B), (1, 2), 2)
    assert (plain.select_by_id(shelf, 1), plain.select_by_id(shelf, 9)) == (A, None)
    with pytest.raises(KeyError):
        shelf[9]


SHELF = plain.add_many(plain.empty(), [A, B])


@pytest.mark.parametrize(
    "call",
    [
        lambda state: plain.add_one(state, A),
        lambda state: plain.set_one(state, A),
        lambda state: plain.set_all(state, [A]),
        lambda state: plain.upsert_one(state, A),
        lambda state: plain.update_one(state, 1, title="x"),
        lambda state: plain.update_many(state, {1: {"title": "x"}}),
        lambda state: plain.remove_one(state, 1),
        lambda state: plain.remove_all(state),
        lambda state: plain.map_one(state, 1, lambda book: book),
        lambda state: plain.map_entities(state, lambda book: book),
    ],
)
@pytest.mark.parametrize("state", [A, None, {1: A}, [A]])
def test_what_is_no_state_of_entities_is_told(call: Any, state: Any) -> None:
    """It comes first, where in NgRx it comes last."""
    with pytest.raises(TypeError, match="takes the entities' state first, as in add_one"):
        call(state)


@pytest.mark.parametrize("given", [A, None, 5, "12"])
def test_a_single_one_is_no_list(given: Any) -> None:
    """A model and a text can be iterated, and that is not meant."""
    for method in (plain.add_many, plain.set_many, plain.set_all, plain.upsert_many):
        with pytest.raises(TypeError, match="Entities are wanted here, in a list for example, not .*_one"):
            method(SHELF, given)
    with pytest.raises(TypeError, match="Ids are wanted here, in a list for example, not .*_one"):
        plain.remove_many(SHELF, given)


@pytest.mark.parametrize(
    "operation",
    [
        lambda: plain.add_one(SHELF, Book(id=1, title="other")),
        lambda: plain.add_many(SHELF, []),
        lambda: plain.set_one(SHELF, A),
        lambda: plain.set_all(SHELF, [A, B]),
        lambda: plain.update_one(SHELF, 9, title="x"),
        lambda: plain.update_one(SHELF, 1, title=A.title),
        lambda: plain.upsert_one(SHELF, A),
        lambda: plain.remove_one(SHELF, 9),
        lambda: plain.remove_many(SHELF, []),
        lambda: plain.map_entities(SHELF, lambda book: book),
    ],
)
def test_no_change_gives_the_same_object(operation: Any) -> None:
    """Whatever it was asked to do."""
    assert operation() is SHELF


def test_remove_all_of_nothing_is_no_change() -> None:
    """The same object."""
    empty = plain.empty()
    assert plain.remove_all(empty) is empty
    assert len(plain.remove_all(SHELF)) == 0


def test_upsert_changes_what_was_given() -> None:
    """A field that was left out keeps its value."""
    shelf = plain.upsert_many(SHELF, [Book(id=1, pages=9), C])
    assert list(shelf) == [Book(id=1, title="c", pages=9), B, C]


def test_an_id_can_change_to_a_free_one() -> None:
    """Not to one that is taken."""
    assert plain.update_one(SHELF, 1, id=7).ids == (2, 7)
    with pytest.raises(ValueError, match="1 cannot become 2"):
        plain.update_one(SHELF, 1, id=2)
    with pytest.raises(ValueError, match="map_entities changed the id"):
        plain.map_entities(SHELF, lambda book: book.replace(id=book.id + 10))


@dataclass(frozen=True)
class Note:
    id: str
    text: str = ""


@pytest.mark.parametrize(("make", "select_id"), [(Note, lambda note: note.id), (dict, lambda note: note["id"])])
def test_entities_may_be_dataclasses_and_mappings(make: Any, select_id: Any) -> None:
    """The same operations."""
    notes = EntityAdapter[str, Any](select_id)
    state = notes.add_one(notes.empty(), make(id="a", text="x"))
    state = notes.upsert_one(notes.update_one(state, "a", text="y"), make(id="b", text="z"))
    assert list(state) == [make(id="a", text="y"), make(id="b", text="z")]


def test_states_are_values() -> None:
    """Equal, copied, pickled."""
    assert plain.add_many(plain.empty(), [A, B]) == SHELF != plain.add_many(plain.empty(), [B, A])
    assert pickle.loads(pickle.dumps(SHELF)) == copy.deepcopy(SHELF) == SHELF
    assert repr(SHELF).startswith("EntityState({1: Book(id=1")


def test_bad_input_is_named() -> None:
    """No id, no such field, no function."""
    with pytest.raises(TypeError, match="This entity has no id: select_id failed"):
        plain.add_one(SHELF, "book")  # pyright: ignore
    with pytest.raises(TypeError, match="select_id gave None"):
        EntityAdapter[Any, Any](lambda book: None).add_one(SHELF, A)
    with pytest.raises(TypeError, match=r"Book has no field 'tilte'. Its fields: id, title, pages"):
        plain.update_one(SHELF, 1, tilte="x")
    with pytest.raises(TypeError, match="takes a function"):
        EntityAdapter("id")  # pyright: ignore


IDS = st.integers(0, 8)
BOOKS = st.builds(Book, id=IDS, title=st.sampled_from("abc"), pages=st.integers(0, 3))


class Library(RuleBasedStateMachine):
    """Does the same to an unsorted and a sorted state as to a plain dict."""

    def __init__(self) -> None:
        super().__init__()
        self.shelf: EntityState[int, Book] = plain.empty()
        self.sorted: EntityState[int, Book] = by_title.empty()
        self.model: dict[int, Book] = {}

    kept = Bundle("kept")

    def do(self, name: str, *arguments: Any, **changes: Any) -> None:
        self.shelf = getattr(plain, name)(self.shelf, *arguments, **changes)
        self.sorted = getattr(by_title, name)(self.sorted, *arguments, **changes)

    @rule(books=st.lists(BOOKS))
    def add(self, books: list[Book]) -> None:
        self.do("add_many", books)
        for book in books:
            self.model.setdefault(book.id, book)

    @rule(books=st.lists(BOOKS))
    def set(self, books: list[Book]) -> None:
        self.do("set_many", books)
        self.model |= {book.id: book for book in books}

    @rule(books=st.lists(BOOKS, unique_by=lambda book: book.id))
    def set_all(self, books: list[Book]) -> None:
        self.do("set_all", books)
        self.model = {book.id: book for book in books}

    @rule(id=IDS, pages=st.integers(0, 3), title=st.sampled_from("abc"))
    def update(self, id: int, pages: int, title: str) -> None:
        self.do("update_one", id, pages=pages, title=title)
        if id in self.model:
            self.model[id] = self.model[id].replace(pages=pages, title=title)

    @rule(ids=st.lists(IDS))
    def remove(self, ids: list[int]) -> None:
        self.do("remove_many", ids)
        for id in ids:
            self.model.pop(id, None)

    @rule(books=st.lists(BOOKS, unique_by=lambda book: book.id))
    def upsert_a_mapping(self, books: list[Book]) -> None:
        self.do("upsert_many", {book.id: book for book in books})
        self.model |= {book.id: book for book in books}

    @rule(pages=st.integers(0, 3))
    def remove_by_predicate(self, pages: int) -> None:
        self.do("remove_many", lambda book: book.pages == pages)
        self.model = {id: book for id, book in self.model.items() if book.pages != pages}

    @rule(id=IDS, title=st.sampled_from("abc"))
    def map_one(self, id: int, title: str) -> None:
        self.do("map_one", id, lambda book: book.replace(title=title))
        if id in self.model:
            self.model[id] = self.model[id].replace(title=title)

    @rule()
    def double(self) -> None:
        self.do("map_entities", lambda book: book.replace(pages=book.pages * 2))
        self.model = {id: book.replace(pages=book.pages * 2) for id, book in self.model.items()}

    @rule(target=kept)
    def keep(self) -> Any:
        return self.shelf, tuple(self.shelf)

    @rule(old=kept)
    def an_old_state_is_as_it_was(self, old: Any) -> None:
        state, books = old
        assert tuple(state) == books

    @rule()
    def read(self) -> None:
        """The order is worked out from the one that was read last."""
        by_number = sorted(self.model, key=self.shelf.order.numbers.__getitem__)
        assert list(self.sorted.ids) == sorted(by_number, key=lambda each: self.model[each].title)
        assert list(self.shelf.ids) == list(self.model)
        assert plain.select_all(self.shelf) is plain.select_all(self.shelf)

    def teardown(self) -> None:
        self.read()

    @invariant()
    def they_agree(self) -> None:
        assert dict(self.shelf.entities) == self.model == dict(self.sorted.entities)


TestLibrary = Library.TestCase
TestLibrary.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)


class TestMore:
    """What comes on top of the plain operations."""

    def test_an_id_is_that_of_the_entity(self) -> None:
        """Where nothing else is said; of a mapping the key `id`."""
        books = EntityAdapter[int, Any]()
        assert books.add_many(books.empty(), [A, {"id": 7}]).ids == (1, 7)
        with pytest.raises(TypeError, match="This entity has no id"):
            books.add_one(books.empty(), "book")

    @pytest.mark.parametrize("name", ["add_many", "set_many", "upsert_many", "set_all"])
    def test_a_mapping_stands_for_its_values(self, name: str) -> None:
        """As from a server's answer, by id."""
        assert getattr(plain, name)(plain.empty(), {1: A, "b": B}).ids == (1, 2)

    def test_entities_are_removed_by_what_they_are(self) -> None:
        """No such entity: the same object."""
        assert plain.remove_many(SHELF, lambda book: book.title == "b").ids == (1,)
        assert plain.remove_many(SHELF, lambda book: False) is SHELF

    def test_one_entity_is_mapped(self) -> None:
        """An unknown id and the same entity change nothing; an id may change to a free one, and goes to the end."""
        assert plain.map_one(SHELF, 1, lambda book: book.replace(pages=5))[1].pages == 5
        assert plain.map_one(SHELF, 9, lambda book: book.replace(pages=5)) is SHELF
        assert plain.map_one(SHELF, 1, lambda book: book) is SHELF
        assert plain.map_one(SHELF, 1, lambda book: book.replace(id=8)).ids == (2, 8)
        with pytest.raises(ValueError, match="1 cannot become 2"):
            plain.map_one(SHELF, 1, lambda book: book.replace(id=2))

    def test_selectors_take_the_state_around_the_entities(self) -> None:
        """All of them."""
        of = plain.selectors(lambda state: state["books"])
        state = {"books": SHELF}
        assert (of.select_all(state), of.select_ids(state), of.select_total(state)) == ((A, B), (1, 2), 2)
        assert (of.select_by_id(state, 1), of.select_by_id(state, 9), of.select_entities(state)[2]) == (A, None, B)
        with pytest.raises(TypeError, match="takes a function of the state"):
            plain.selectors("books")  # pyright: ignore

    def test_all_entities_are_the_same_tuple_while_nothing_changed(self) -> None:
        """So that what is derived from it is remembered."""
        shelf = plain.add_many(plain.empty(), [A, B])
        assert plain.select_all(shelf) is plain.select_all(plain.set_one(shelf, A)) is shelf.all
        changed = plain.update_one(shelf, 1, pages=7)
        assert plain.select_all(changed) is plain.select_all(changed) != plain.select_all(shelf)


class TestSortedAtScale:
    """A sorted collection asks for few sort keys when little has changed."""

    @pytest.mark.parametrize(
        ("change", "at_most"),
        [
            (lambda books, shelf: books.add_one(shelf, Book(id=-1, pages=500)), 20),
            (lambda books, shelf: books.set_one(shelf, Book(id=5, pages=500)), 40),
            (lambda books, shelf: books.update_one(shelf, 5, pages=500), 40),
            (lambda books, shelf: books.upsert_many(shelf, [Book(id=-1, pages=1), Book(id=-2, pages=2)]), 40),
            (lambda books, shelf: books.map_one(shelf, 7, lambda book: book.replace(pages=3)), 40),
            (lambda books, shelf: books.remove_one(shelf, 5), 0),
            (lambda books, shelf: books.remove_many(shelf, range(20)), 0),
            (lambda books, shelf: books.update_one(shelf, 5, id=-1), 20),
        ],
    )
    def test_one_change_among_ten_thousand_costs_the_logarithm(self, change: Any, at_most: int) -> None:
        """And the order is the one that sorting all of them gives; log2 of 10,000 is 14."""
        calls: list[int] = []

        def pages(book: Book) -> int:
            calls.append(book.id)
            return book.pages

        books = EntityAdapter[int, Book](sort_key=pages)
        shelf = books.add_many(books.empty(), (Book(id=id, pages=id * 7_919 % 10_007) for id in range(10_000)))
        assert len(shelf.ids) == 10_000
        calls.clear()
        after = change(books, shelf)
        ids = after.ids
        assert len(calls) <= at_most
        assert list(ids) == sorted(after.entities, key=lambda each: (after[each].pages, after.order.numbers[each]))

    def test_many_changes_in_a_row_before_anybody_looks(self) -> None:
        """Sorted once, when it is looked at; the states before keep their order."""
        books = EntityAdapter[int, Book](sort_key=lambda book: book.title)
        shelf = books.add_many(books.empty(), (Book(id=id, title=f"{id:05}") for id in range(1_000)))
        before = shelf.ids
        states = [shelf]
        for id in range(0, 200, 2):
            states.append(books.update_one(states[-1], id, title=f"x{id:05}"))
        assert states[-1].ids == (*(id for id in before if id >= 200 or id % 2), *range(0, 200, 2))
        assert states[3].ids == (1, 3, *range(5, 1_000), 0, 2, 4)
        assert shelf.ids is before


class TestDataclasses:
    """Entities that are frozen dataclasses."""

    def test_the_authors_code_runs_when_an_entity_is_changed(self) -> None:
        """`__post_init__`, fields with init=False and slots are heeded."""

        @dataclass(frozen=True)
        class Checked:
            id: int
            size: int = 0
            double: int = field(init=False, default=0)

            def __post_init__(self) -> None:
                object.__setattr__(self, "double", self.size * 2)

        @dataclass(frozen=True, slots=True)
        class Slotted:
            id: int
            size: int = 0

        for kind in (Checked, Slotted):
            adapter = EntityAdapter[int, Any](lambda entity: entity.id)
            changed = adapter.update_one(adapter.add_one(adapter.empty(), kind(id=1)), 1, size=4)
            assert changed[1] == kind(id=1, size=4)

    def test_a_plain_one_is_copied_by_its_attributes(self) -> None:
        """The original stays as it is, and an unknown field is refused."""

        @dataclass(frozen=True)
        class Plain:
            id: int
            size: int = 0

        adapter = EntityAdapter[int, Plain](lambda entity: entity.id)
        before = adapter.add_one(adapter.empty(), Plain(id=1))
        after = adapter.update_one(before, 1, size=4)
        assert (before[1], after[1]) == (Plain(id=1), Plain(id=1, size=4))
        with pytest.raises(TypeError, match="Plain has no field 'sise'. Its fields: id, size"):
            adapter.update_one(before, 1, sise=4)
