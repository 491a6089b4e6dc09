"""persist: the state survives the end of the process, and what cannot be used is neither lost nor fatal."""

import gc
import json
import os
import re
import stat
import subprocess
import sys
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from threading import Event
from typing import Any

import keyring
import keyring.backend
import pytest

from rxdux import (
    ApiState,
    EntityAdapter,
    EntityState,
    FetchData,
    FetchSuccess,
    FileStorage,
    KeyringStorage,
    LoginSuccess,
    MemoryStorage,
    PersistError,
    Reducer,
    Slice,
    State,
    Store,
    StoreError,
    TokenSet,
    auth_reducer,
    combine_reducers,
    data_reducer,
    persist,
)
from rxdux.store.slice_owners import claim

WORKER = Path(__file__).with_name("persist_worker.py")
TOKEN = "a-token-that-nobody-may-see"


class Item(State):
    id: int
    text: str = ""


class Tagged(Item):
    tag: bytes = b""


class Shop(State):
    items: tuple[Item, ...]
    stock: EntityState[int, Item]
    visits: int


items = Slice[tuple[Item, ...]]("persist-items", initial=())
visits = Slice("persist-visits", initial=0)
stock_of = EntityAdapter[int, Item](lambda item: item.id, sort_key=lambda item: item.text)
stock = Slice("persist-stock", initial=stock_of.empty())


@items.action
def put(state: tuple[Item, ...], id: int) -> tuple[Item, ...]:
    return (*state, Item(id=id))


@items.action
def put_tagged(state: tuple[Item, ...], id: int, tag: bytes) -> tuple[Item, ...]:
    return (*state, Tagged(id=id, tag=tag))


@visits.action
def visit(state: int) -> int:
    return state + 1


@stock.action
def add(state: EntityState[int, Item], id: int, text: str) -> EntityState[int, Item]:
    return stock_of.add_one(state, Item(id=id, text=text))


shop = combine_reducers(Shop, items=items, stock=stock, visits=visits)
Opened = tuple[Store[Any], list[StoreError]]
Open = Callable[..., Opened]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "app.json"


@pytest.fixture
def open_shop(path: Path) -> Iterator[Open]:
    """Opens a store on the file; the one before is closed."""
    stores: list[Store[Any]] = []

    def opened(reducer: Any = shop, storage: Any = None, **options: Any) -> Opened:
        errors: list[StoreError] = []
        for store in stores:
            store.close()
        store = Store(reducer, on_error=errors.append)
        stores.append(store)
        persist(store, storage or FileStorage(path), key="shop", **options)
        return store, errors

    yield opened
    for store in stores:
        store.close()


class Watched(MemoryStorage):
    """Tells when it was written."""

    def __init__(self) -> None:
        super().__init__()
        self.written = Event()

    def write(self, key: str, text: str) -> None:
        super().write(key, text)
        self.written.set()


class TestWhatIsSaved:
    def test_the_next_store_goes_on_where_the_last_was_closed(self, open_shop: Open) -> None:
        """All slices come back, in their types and in their order."""
        store, _ = open_shop()
        for action in (put(1), visit(), add(2, "pear"), add(1, "quince"), add(3, "apple")):
            store.dispatch(action)
        before = store.state

        again, errors = open_shop()

        assert again.state == before
        assert again.state.stock.ids == (3, 2, 1)
        assert not errors

    def test_a_sorted_slice_stays_sorted_after_a_restart(self, open_shop: Open) -> None:
        """What is added after a restart takes its place by the sort key."""
        store, _ = open_shop()
        store.dispatch(add(1, "pear"))
        again, _ = open_shop()

        again.dispatch(add(2, "apple"))

        assert again.state.stock.ids == (2, 1)

    def test_a_change_is_saved_when_the_throttle_is_over(self, open_shop: Open, patience: float) -> None:
        """There is no need to close the store; the changes of one throttle are saved together."""
        storage = Watched()
        store, _ = open_shop(storage=storage, throttle=0.05)
        store.dispatch(visit())
        store.dispatch(visit())
        assert not storage.texts

        assert storage.written.wait(patience)

        assert json.loads(storage.texts["shop"])["slices"]["visits"] == 2

    def test_flush_saves_at_once(self, path: Path) -> None:
        """The persistor saves when it is told to."""
        with Store(shop) as store:
            persistor = persist(store, FileStorage(path), key="shop")
            store.dispatch(visit())

            persistor.flush()

            assert json.loads(path.read_text())["slices"]["visits"] == 1

    def test_a_state_that_did_not_change_is_not_written_again(self, open_shop: Open, path: Path) -> None:
        """Closing a store that nobody used leaves the file alone."""
        open_shop()
        open_shop()
        written = path.stat().st_ino

        open_shop()[0].close()

        assert path.stat().st_ino == written

    @pytest.mark.parametrize(
        ("options", "saved"),
        [
            ({"include": ["items", "visits"]}, ["items", "visits"]),
            ({"exclude": ["stock"]}, ["items", "visits"]),
            ({"include": ["items", "stock"], "exclude": ["stock"]}, ["items"]),
        ],
    )
    def test_include_and_exclude_choose_slices(
        self, open_shop: Open, path: Path, options: dict[str, Any], saved: list[str]
    ) -> None:
        """Other slices begin with their initial value each time."""
        store, _ = open_shop(**options)
        store.close()
        assert list(json.loads(path.read_text())["slices"]) == saved

    def test_the_file_is_its_owners_alone(self, open_shop: Open, path: Path) -> None:
        """Mode 0600."""
        open_shop()[0].close()
        assert stat.S_IMODE(path.stat().st_mode) == 0o600

    def test_a_mapping_of_slices_is_saved_by_the_types_of_its_reducers(self, open_shop: Open) -> None:
        """`Slice[tuple[Item, ...]]` says what is in the tuple; mappings may be nested."""
        nested = combine_reducers({"shop": combine_reducers({"items": items}), "visits": visits})
        store, _ = open_shop(nested)
        store.dispatch(put(7))

        again, errors = open_shop(nested)

        assert again.state["shop"]["items"] == (Item(id=7),)
        again.dispatch(put(8))
        assert len(again.state["shop"]["items"]) == 2
        assert not errors

    def test_a_state_without_slices_is_saved_whole(self, open_shop: Open) -> None:
        """A store of one number, or of one tuple of models."""
        store, _ = open_shop(items)
        store.dispatch(put(1))
        assert open_shop(items)[0].state == (Item(id=1),)

    def test_a_dataclass_is_saved_by_its_fields(self, open_shop: Open) -> None:
        """A frozen dataclass is a state like any other."""

        @dataclass(frozen=True)
        class Counts:
            visits: int

        store, _ = open_shop(combine_reducers(Counts, visits=visits))
        store.dispatch(visit())
        assert open_shop(combine_reducers(Counts, visits=visits))[0].state == Counts(1)

    def test_work_under_way_is_not_restored(self, open_shop: Open) -> None:
        """After a restart nobody loads any more what was loading."""
        store, _ = open_shop(combine_reducers({"data": data_reducer}))
        store.dispatch(FetchData(key="old", path="/old"))
        store.dispatch(FetchSuccess(key="old", data=[1]))
        store.dispatch(FetchData(key="old", path="/old"))
        store.dispatch(FetchData(key="new", path="/new"))

        again, _ = open_shop(combine_reducers({"data": data_reducer}))

        assert {key: (each.status, each.data) for key, each in again.state["data"].items()} == {"old": ("success", [1])}


class TestWhatCannotBeUsed:
    @pytest.mark.parametrize(
        ("spoil", "words"),
        [
            (lambda text: text[: len(text) // 2], "it breaks off, or is damaged, at line 1, column"),
            (lambda text: "", "no whole JSON"),
            (lambda text: '{"name": "package"}', "not a state that rxdux has saved"),
            (lambda text: "[1, 2]", "not a state that rxdux has saved"),
            (lambda text: text.replace('"version": 1', '"version": 2'), "of version 2, newer than version 1"),
            (lambda text: text.replace('"rxdux": 1', '"rxdux": 9'), "the format 9 of a newer rxdux"),
            (lambda text: b"\xff\xfe\x00", "it is no text"),
        ],
    )
    def test_a_file_that_is_of_no_use_is_kept_aside_and_reported(
        self, open_shop: Open, path: Path, spoil: Callable[[str], Any], words: str
    ) -> None:
        """The app starts clean, saves again, and the report names the place, never a value."""
        store, _ = open_shop()
        store.dispatch(visit())
        store.dispatch(put(1))
        store.close()
        spoiled = spoil(path.read_text())
        path.write_bytes(spoiled if isinstance(spoiled, bytes) else spoiled.encode())

        again, [error] = open_shop()

        assert again.state == Shop(items=(), stock=stock_of.empty(), visits=0)
        assert words in str(error)
        assert isinstance(error.__cause__, PersistError)
        assert "S3CRET" not in repr(error)
        aside = path.with_name("app.json.broken")
        assert str(aside) in str(error)
        assert aside.read_bytes() == (spoiled if isinstance(spoiled, bytes) else spoiled.encode())
        again.close()
        assert open_shop()[1] == []

    @pytest.mark.parametrize(
        ("spoil", "words", "left"),
        [
            (('"visits": 1', '"visits": "S3CRET"'), "visits.*does not fit at visits", {"items": (Item(id=1),)}),
            (('"id": 1', '"ID": 1'), "items.*does not fit at items.0.id", {"visits": 1}),
        ],
    )
    def test_a_slice_that_does_not_fit_costs_no_other(
        self, open_shop: Open, path: Path, spoil: tuple[str, str], words: str, left: dict[str, Any]
    ) -> None:
        """It starts anew, and what was saved of it is kept beside the file."""
        store, _ = open_shop()
        store.dispatch(visit())
        store.dispatch(put(1))
        store.close()
        path.write_text(spoiled := path.read_text().replace(*spoil))

        again, [error] = open_shop()

        assert again.state == Shop(items=(), stock=stock_of.empty(), visits=0).replace(**left)
        assert re.search(words, str(error))
        assert isinstance(error.__cause__, PersistError)
        assert "S3CRET" not in repr(error)
        aside = path.with_name("app.json.broken")
        assert str(aside) in str(error)
        assert aside.read_text() == spoiled
        again.close()
        assert open_shop()[1] == []

    def test_a_storage_without_copies_moves_all_aside_and_writes_the_rest_at_once(self, open_shop: Open) -> None:
        """The methods that `Storage` names are enough."""

        class Plain:
            for_secrets = False

            def __init__(self, text: str) -> None:
                self.texts = {"shop": text}

            def read(self, key: str) -> str | None:
                return self.texts.get(key)

            def write(self, key: str, text: str) -> None:
                self.texts[key] = text

            def set_aside(self, key: str) -> str:
                self.texts["aside"] = self.texts.pop(key)
                return "the text 'aside'"

        saved = (
            '{"rxdux": 1, "key": "shop", "version": 1, "slices": {"items": [{"id": 1}], "visits": "x", "more": [5]}}'
        )
        storage = Plain(saved)
        store, [error] = open_shop(storage=storage)
        assert store.state.items == (Item(id=1),)
        assert "'visits' of the saved state" in str(error)
        assert storage.texts["aside"] == saved
        assert json.loads(storage.texts["shop"])["slices"] == {"items": [{"id": 1}], "more": [5]}

    def test_a_second_broken_file_does_not_overwrite_the_first(self, open_shop: Open, path: Path) -> None:
        """Each gets a name of its own."""
        path.parent.mkdir()
        for text in ("one", "two"):
            path.write_text(text)
            open_shop()[0].close()
        assert [path.with_name(f"app.json.{name}").read_text() for name in ("broken", "broken-2")] == ["one", "two"]

    def test_what_can_neither_be_read_nor_moved_is_not_overwritten(self) -> None:
        """A storage that fails is reported, and left alone."""

        class Broken(MemoryStorage):
            def read(self, key: str) -> str | None:
                raise PermissionError(key)

        storage, errors = Broken(), list[StoreError]()
        with Store(visits, on_error=errors.append) as store:
            persist(store, storage, key="shop")
            store.dispatch(visit())
        assert storage.texts == {}
        assert "cannot be read" in str(errors[0])

    def test_another_version_goes_through_the_migrations(self, open_shop: Open) -> None:
        """Each makes the slices of the next version; one that changed nothing needs none."""
        store, _ = open_shop()
        store.dispatch(visit())

        def double(slices: dict[str, Any]) -> dict[str, Any]:
            return {**slices, "visits": slices["visits"] * 2}

        again, errors = open_shop(version=4, migrations={1: double, 2: double})

        assert again.state.visits == 4
        assert not errors

    def test_migrations_may_be_keyed_by_where_they_lead(self, open_shop: Open) -> None:
        """As in redux-persist; it is told by the present version among the keys."""
        store, _ = open_shop()
        store.dispatch(visit())
        again, _ = open_shop(version=3, migrations={2: lambda old: old, 3: lambda old: {**old, "visits": 30}})
        assert again.state.visits == 30

    def test_a_migration_that_fails_keeps_the_file(self, open_shop: Open, path: Path) -> None:
        """It is reported with the versions, and with its own error behind it."""
        open_shop()
        _, [error] = open_shop(version=2, migrations={1: lambda old: old["no such slice"]})
        assert "migration from version 1 to 2 failed with KeyError" in str(error)
        assert path.with_name("app.json.broken").exists()

    @pytest.mark.parametrize(
        ("options", "words"),
        [
            ({"include": ["itmes"]}, "include=.*'itmes'.*items, stock, visits"),
            ({"exclude": ["itmes"]}, "exclude=.*'itmes'"),
            ({"version": 0}, "version=0"),
            ({"version": "2"}, r"version=...\) takes a whole number, not '2'"),
            ({"throttle": "1"}, r"throttle=...\) takes seconds, not '1'"),
            ({"throttle": float("nan")}, "throttle=nan"),
            ({"migrations": {"1": dict}}, "takes versions as whole numbers, not '1'"),
            ({"migrations": [dict]}, "takes a mapping of versions to functions"),
            ({"include": "count"}, r"include=...\) takes a list of slices' names, as in include=\['count'\]"),
            ({"exclude": "count"}, r"exclude=...\) takes a list"),
            ({"transforms": [1]}, r"transforms=...\) takes a mapping"),
            ({"transforms": {"count": len}}, r"takes two functions for 'count', \(dump, load\)"),
            ({"transforms": {"count": (len, 5)}}, r"takes two functions for 'count', \(dump, load\)"),
            ({"key": ""}, r"key=''\) has no name"),
            ({"key": None}, r"key=...\) is the name of this state in the storage, such as 'app', not None"),
            ({"throttle": -1}, "throttle=-1"),
            ({"migrations": {2: lambda old: old}}, "for version 2, and there are only versions 1 to 1"),
        ],
    )
    def test_a_mistake_in_the_call_is_told_at_the_door(self, options: dict[str, Any], words: str) -> None:
        """What was wrong, what came, what there is."""
        with Store(shop) as store, pytest.raises((ValueError, TypeError), match=words):
            persist(store, MemoryStorage(), **{"key": "shop", **options})

    def test_what_is_no_storage_is_refused(self, open_shop: Open) -> None:
        """A path by itself is no storage."""
        with pytest.raises(TypeError, match="FileStorage"):
            open_shop(storage="app.json")

    def test_a_folder_is_no_file(self, tmp_path: Path) -> None:
        """FileStorage takes the path of a file."""
        with pytest.raises(ValueError, match="is a folder"):
            FileStorage(tmp_path)

    def test_another_keys_file_is_a_mistake_not_rubbish(self, open_shop: Open, path: Path) -> None:
        """It stays where it is, and the caller is told."""
        open_shop()[0].close()
        with Store(shop) as store, pytest.raises(ValueError, match="'shop', not of 'other'"):
            persist(store, FileStorage(path), key="other")
        assert path.exists()

    def test_a_type_that_nobody_can_write_is_refused_at_the_door(self, open_shop: Open) -> None:
        """It names the slice."""
        with pytest.raises(TypeError, match="'thing' cannot be written as JSON"):
            open_shop(combine_reducers({"thing": Reducer(object())}))

    def test_models_in_a_container_of_unknown_items_are_not_flattened(self, open_shop: Open, path: Path) -> None:
        """They would come back as dicts; the report says how to tell their type."""
        untyped = Slice("persist-untyped", initial=())
        untyped.action(put_untyped)
        store, errors = open_shop(combine_reducers({"things": untyped}))
        store.dispatch(untyped.actions.put_untyped(1))
        store.close()
        assert "Slice[tuple[Item, ...]]" in str(errors[0])
        assert not path.exists()


anything = Slice("persist-anything", initial=None)


@anything.action
def set_anything(state: Any, value: Any) -> Any:
    return value


class Own:
    """Of which pydantic knows nothing."""

    def __init__(self, value: int) -> None:
        self.value = value


own = Slice("persist-own", initial=Own(3))
words = Slice[tuple[str, ...]]("persist-words", initial=())


@own.action
def set_own(state: Own, value: int) -> Own:
    return Own(value)


@words.action
def put_words(state: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
    return new


both = combine_reducers({"anything": anything, "visits": visits})


class TestEachSliceByItself:
    @pytest.mark.parametrize(
        "value",
        [
            1.5,
            "ada",
            b"\x89PNG",
            {(1, 2): "x"},
            {1: datetime(2024, 1, 1)},
            (Decimal("1.0"),),
            float("inf"),
            {"a"},
            "\ud800",
        ],
    )
    def test_any_value_comes_back_as_it_was(self, open_shop: Open, value: Any) -> None:
        """Whatever the slice began with."""
        store, _ = open_shop(both)
        store.dispatch(set_anything(value))
        again, errors = open_shop(both)
        assert again.state["anything"] == value
        assert type(again.state["anything"]) is type(value)
        assert not errors

    def test_a_subclass_keeps_its_fields(self, open_shop: Open) -> None:
        """In a container of its base."""
        store, _ = open_shop(items)
        store.dispatch(items.actions.put_tagged(5, b"\xff"))
        assert open_shop(items)[0].state == (Tagged(id=5, tag=b"\xff"),)

    def test_what_cannot_be_written_leaves_the_last_good_text(self, open_shop: Open) -> None:
        """It is reported once, by name; the other slices are saved."""
        storage = MemoryStorage()
        store, errors = open_shop(both, storage)
        store.dispatch(set_anything((1,)))
        store.close()
        store, errors = open_shop(both, storage)
        store.dispatch(set_anything(object()))
        store.dispatch(visit())
        store.close()

        assert len(errors) == 1
        assert "The slice 'anything' cannot be written as JSON: anything is a object" in str(errors[0])
        assert "last stays in" in str(errors[0])
        assert dict(open_shop(both, storage)[0].state) == {"anything": (1,), "visits": 1}

    def test_flush_raises_what_cannot_be_written_each_time(self) -> None:
        """After it has saved the rest."""
        storage = MemoryStorage()
        with Store(both, on_error=lambda error: None) as store:
            persistor = persist(store, storage, key="shop")
            store.dispatch(visit())
            store.dispatch(set_anything(object()))
            for _ in range(2):
                with pytest.raises(TypeError, match="'anything' cannot be written"):
                    persistor.flush()
            assert json.loads(storage.texts["shop"])["slices"]["visits"] == 1

    def test_what_cannot_be_written_is_refused_at_the_door(self) -> None:
        """When it is there already."""
        with Store(both, {"anything": object(), "visits": 0}) as store, pytest.raises(TypeError, match="'anything'"):
            persist(store, MemoryStorage(), key="shop")

    def test_slices_that_are_not_there_stay_in_the_file(self, open_shop: Open, path: Path) -> None:
        """Their owner may come back; what JSON does not tell of them stays too."""
        store, _ = open_shop(both)
        store.dispatch(set_anything((1, b"\xff")))
        store, _ = open_shop(combine_reducers({"visits": visits}))
        store.dispatch(visit())
        store.close()
        assert dict(open_shop(both)[0].state) == {"anything": (1, b"\xff"), "visits": 1}

    def test_two_that_save_other_slices_in_one_place_do_not_undo_each_other(self, open_shop: Open) -> None:
        """Each carries along what the other has written last."""
        storage = MemoryStorage()
        with Store(both) as store:
            one = persist(store, storage, key="shop", include=["visits"])
            other = persist(store, storage, key="shop", include=["anything"])
            for number in range(3):
                store.dispatch(visit())
                store.dispatch(set_anything(number))
                other.flush()
                one.flush()
        assert json.loads(storage.texts["shop"])["slices"] == {"visits": 3, "anything": 2}

    def test_a_slice_that_comes_late_is_loaded_and_saved(self, open_shop: Open) -> None:
        """It has what was saved of it when `replace_reducer` returns; one that goes is saved a last time."""
        storage = MemoryStorage()
        for value in (1, 2):
            store, errors = open_shop(combine_reducers({"visits": visits}), storage)
            store.replace_reducer(both)
            assert store.state["anything"] == (None if value == 1 else 1)
            store.dispatch(set_anything(value))
            store.dispatch(visit())
            store.replace_reducer(combine_reducers({"visits": visits}))
            store.close()
            assert json.loads(storage.texts["shop"])["slices"] == {"visits": value, "anything": value}
            assert not errors

    def test_a_late_slice_that_cannot_be_saved_is_reported(self, open_shop: Open) -> None:
        """By name; the others go on."""
        store, errors = open_shop(combine_reducers({"visits": visits}))
        store.replace_reducer(combine_reducers({"visits": visits, "thing": Reducer(object())}))
        store.dispatch(visit())
        store.close()
        assert ["'thing' cannot be written" in str(error) for error in errors] == [True]
        assert open_shop(combine_reducers({"visits": visits}))[0].state["visits"] == 1

    def test_a_slice_that_others_keep_is_refused(self) -> None:
        """One owner for each."""
        with Store(both) as store:
            claim(store.core, ["visits"], "share")
            with pytest.raises(ValueError, match="'visits' has an owner already: share"):
                persist(store, MemoryStorage(), key="shop")
            persist(store, MemoryStorage(), key="shop", exclude=["visits"])

    def test_transforms_write_and_read_a_slice(self, open_shop: Open) -> None:
        """What they leave out is left out; what they give is written as any value."""
        storage = MemoryStorage()
        transforms = {"anything": (lambda value: (value,) * 2, lambda pair: None if pair[0] is None else pair[0] + 1)}
        store, _ = open_shop(both, storage, transforms=transforms)
        store.dispatch(set_anything(5))
        again, errors = open_shop(both, storage, transforms=transforms)
        assert json.loads(storage.texts["shop"])["slices"]["anything"] == [5, 5]
        assert again.state["anything"] == 6
        assert not errors

    def test_transforms_are_for_slices_without_json_too(self, open_shop: Open) -> None:
        """That is what they are for."""
        app = combine_reducers({"own": own, "visits": visits})
        transforms = {"own": (lambda own: own.value, Own)}
        store, _ = open_shop(app, transforms=transforms)
        store.dispatch(set_own(7))
        again, errors = open_shop(app, transforms=transforms)
        assert again.state["own"].value == 7
        assert not errors

    @pytest.mark.parametrize(
        ("load", "said"),
        [
            (
                lambda data: tuple(data) if not data else 1 / 0,
                "failed with ZeroDivisionError in its function of transforms",
            ),
            (lambda data: tuple(data) if not data else len(data), "Input should be a valid tuple"),
        ],
    )
    def test_what_a_transform_makes_has_to_fit(self, open_shop: Open, load: Any, said: str) -> None:
        """Else the slice starts anew alone, and all is kept aside."""
        app = combine_reducers({"words": words, "visits": visits})
        storage = MemoryStorage()
        store, _ = open_shop(app, storage, transforms={"words": (list, tuple)})
        store.dispatch(put_words(("a", "b")))
        store.dispatch(visit())
        again, errors = open_shop(app, storage, transforms={"words": (list, load)})
        assert again.state == {"words": (), "visits": 1}
        assert said in str(errors[0])

    @pytest.mark.parametrize("transform", [(lambda value: 1 / 0, tuple), (lambda value: value, lambda data: 1 / 0)])
    def test_a_transform_that_fails_at_once_is_told_by_its_slice(self, transform: Any) -> None:
        """With the error as its cause."""
        with (
            Store(both) as store,
            pytest.raises(TypeError, match="'anything' cannot be written as JSON: .*ZeroDivisionError") as told,
        ):
            persist(store, MemoryStorage(), key="shop", transforms={"anything": transform})
        assert isinstance(told.value.__cause__, ZeroDivisionError)

    def test_a_transform_that_fails_costs_no_other_slice(self, open_shop: Open) -> None:
        """It is reported by the name of the slice."""
        storage = MemoryStorage()
        transforms = {"anything": (lambda value: 1 / (5 - (value or 0)), lambda data: None)}
        store, errors = open_shop(both, storage, transforms=transforms)
        store.dispatch(set_anything(5))
        store.dispatch(visit())
        store.close()
        assert "'anything' cannot be written as JSON: writing it failed with ZeroDivisionError" in str(errors[0])
        assert open_shop(both, storage)[0].state["visits"] == 1

    def test_a_migration_moves_what_is_told_of_a_value(self, open_shop: Open) -> None:
        """It sees plain JSON, and what it does not touch stays what it was."""
        store, _ = open_shop(both)
        store.dispatch(set_anything({"a": (1, b"\xff"), "b": (2,)}))

        def move(slices: dict[str, Any]) -> dict[str, Any]:
            assert slices == {"anything": {"a": [1, "/w=="], "b": [2]}, "visits": 0}
            return {**slices, "anything": {"c": slices["anything"]["a"], "d": 5}}

        again, _ = open_shop(both, version=2, migrations={1: move})
        assert again.state["anything"] == {"c": (1, b"\xff"), "d": 5}


class TestThePersistor:
    def test_a_purge_leaves_nothing(self, open_shop: Open, path: Path) -> None:
        """The next start is clean; what changes afterwards is saved again."""
        with Store(shop) as store:
            persistor = persist(store, FileStorage(path), key="shop")
            store.dispatch(visit())
            persistor.flush()
            persistor.purge()
            assert not path.exists()
        assert not path.exists()
        store, _ = open_shop()
        assert store.state.visits == 0

    def test_what_changes_after_a_purge_is_saved(self, open_shop: Open) -> None:
        """A purge is no end; slices of others stay."""
        storage = MemoryStorage()
        open_shop(both, storage)[0].close()
        with Store(visits) as store:
            persistor = persist(store, storage, key="shop")
            store.dispatch(visit())
            persistor.purge()
            assert json.loads(storage.texts["shop"])["slices"] == {"anything": None, "visits": 0}
            store.dispatch(visit())
        assert json.loads(storage.texts["shop"])["slices"] == {"anything": None, "visits": 0, "state": 2}

    def test_while_paused_nothing_is_saved(self, open_shop: Open) -> None:
        """Not at close either; `resume` saves what came meanwhile."""
        for resumes in (False, True):
            storage = MemoryStorage()
            with Store(visits) as store:
                persistor = persist(store, storage, key="shop", throttle=0.0)
                persistor.pause()
                store.dispatch(visit())
                store.wait_idle(20)
                assert persistor.is_paused
                assert not storage.texts
                if resumes:
                    persistor.resume()
                    assert json.loads(storage.texts["shop"])["slices"] == {"state": 1}
            assert bool(storage.texts) is resumes

    @pytest.mark.parametrize("knows", [False, True])
    def test_a_store_that_is_dropped_unclosed_is_let_go_and_saved(self, knows: bool) -> None:
        """Neither the end of the process nor `on_error` keeps it."""
        storage, gone = MemoryStorage(), list[weakref.ref[Any]]()

        class App:
            def __init__(self) -> None:
                self.store = Store(visits, on_error=self.told if knows else None)

            def told(self, error: StoreError) -> None: ...

        def use() -> None:
            store = App().store
            persist(store, storage, key="shop")
            store.dispatch(visit())
            gone.append(weakref.ref(store.core))

        use()
        deadline = time.monotonic() + 20
        while gone[0]() is not None and time.monotonic() < deadline:
            gc.collect()
        assert gone[0]() is None
        assert json.loads(storage.texts["shop"])["slices"] == {"state": 1}

    def test_what_is_not_closed_is_saved_at_the_end_of_the_process(self, path: Path) -> None:
        """As far as Python gets to its end."""
        program = (
            "import sys; from rxdux import *\n"
            "count = Slice('count', initial=0)\n"
            "@count.action\ndef add(state: int) -> int: return state + 1\n"
            "store = Store(count); persist(store, FileStorage(sys.argv[1]), key='shop'); store.dispatch(add())"
        )
        subprocess.run([sys.executable, "-c", program, str(path)], check=True, timeout=60)
        assert json.loads(path.read_text())["slices"] == {"state": 1}


class TestFiles:
    def test_a_link_stays_a_link(self, open_shop: Open, path: Path, tmp_path: Path) -> None:
        """What it leads to is replaced, or put aside."""
        real = tmp_path / "dotfiles" / "app.json"
        real.parent.mkdir()
        path.parent.mkdir()
        path.symlink_to(real)
        store, _ = open_shop(visits)
        store.dispatch(visit())
        store.close()
        assert path.is_symlink()
        assert json.loads(real.read_text())["slices"] == {"state": 1}
        real.write_text("broken")
        open_shop(visits)[0].close()
        assert path.is_symlink()
        assert sorted(each.name for each in real.parent.iterdir()) == ["app.json", "app.json.broken"]

    def test_nothing_is_removed_but_what_a_killed_write_left_behind(self, tmp_path: Path) -> None:
        """However old, and however much it looks like it."""
        others = [
            ".env.local",
            ".env.abcdefgh",
            ".env.0123456789abcdef",
            ".env.0123456789abcdef.rxdux-tmp.bak",
            ".env.local.0123456789abcdef.rxdux-tmp",
            "env.0123456789abcdef.rxdux-tmp",
        ]
        left, young = ".env.0123456789abcdef.rxdux-tmp", ".env.0123456789abcdee.rxdux-tmp"
        for name in (*others, left, young):
            (tmp_path / name).write_text("x")
        (tmp_path / ".env.0123456789abcdea.rxdux-tmp").mkdir()
        (tmp_path / ".env.0123456789abcdeb.rxdux-tmp").symlink_to(tmp_path / ".env.local")
        for each in tmp_path.iterdir():
            if each.name != young:
                os.utime(each, (0, 0), follow_symlinks=False)
        before = {each.name for each in tmp_path.iterdir()}

        with Store(visits) as store:
            persist(store, FileStorage(tmp_path / "env"), key="shop")
        with Store(visits) as store:
            persist(store, FileStorage(tmp_path / "env"), key="shop")

        assert {each.name for each in tmp_path.iterdir()} == (before - {left}) | {"env"}


def put_untyped(state: tuple[Any, ...], id: int) -> tuple[Any, ...]:
    return (*state, Item(id=id))


class FakeKeyring(keyring.backend.KeyringBackend):
    """A backend of the real package that keeps passwords in memory."""

    priority = 1  # pyright: ignore[reportAssignmentType]

    def __init__(self) -> None:
        super().__init__()
        self.entries: dict[tuple[str, str], str] = {}

    def get_password(self, service: str, username: str) -> str | None:
        return self.entries.get((service, username))

    def set_password(self, service: str, username: str, password: str) -> None:
        self.entries[service, username] = password

    def delete_password(self, service: str, username: str) -> None:
        del self.entries[service, username]


@pytest.fixture
def system_keyring() -> Iterator[FakeKeyring]:
    before, mine = keyring.get_keyring(), FakeKeyring()
    keyring.set_keyring(mine)
    yield mine
    keyring.set_keyring(before)


class TestSecrets:
    session = combine_reducers(ApiState, auth=auth_reducer, data=data_reducer)
    signed_in = LoginSuccess(tokens=TokenSet(access_token=TOKEN, refresh_token=TOKEN))

    def test_a_file_never_gets_a_secret(self, open_shop: Open, path: Path) -> None:
        """A slice that can hold one is left out."""
        store, _ = open_shop(self.session)
        store.dispatch(self.signed_in)
        store.close()
        assert list(json.loads(path.read_text())["slices"]) == ["data"]
        assert TOKEN not in path.read_text()

    def test_asking_for_a_secret_in_a_file_is_a_mistake(self, open_shop: Open) -> None:
        """It is told at the door, with the way out."""
        with pytest.raises(ValueError, match="'auth' holds secrets.*KeyringStorage"):
            open_shop(self.session, include=["auth"])

    def test_a_keyring_keeps_the_session(self, open_shop: Open, system_keyring: FakeKeyring) -> None:
        """The tokens come back whole, and nothing is under way."""
        store, _ = open_shop(self.session, KeyringStorage("my app"), include=["auth"])
        store.dispatch(self.signed_in)

        again, errors = open_shop(self.session, KeyringStorage("my app"), include=["auth"])

        assert again.state.auth.tokens.refresh_token.get_secret_value() == TOKEN
        assert again.state.auth.status == "signed_in"
        assert not errors

    def test_a_broken_entry_is_kept_aside_in_the_keyring(self, open_shop: Open, system_keyring: FakeKeyring) -> None:
        """Under a name of its own, and the report shows nothing of it."""
        system_keyring.set_password("my app", "shop", f'{{"tokens": "{TOKEN}')
        _, [error] = open_shop(self.session, KeyringStorage("my app"))
        assert "shop.broken" in str(error)
        assert TOKEN not in str(error) + repr(error.__cause__)
        assert system_keyring.get_password("my app", "shop.broken")


class TestCrashes:
    def test_a_full_disk_loses_nothing_of_what_was_saved(self, path: Path) -> None:
        """The write that fails is reported, and leaves the older state and no rubbish."""
        result = subprocess.run(
            [sys.executable, WORKER, path, "full"], capture_output=True, text=True, timeout=60, check=False
        )
        assert "The state was not saved" in result.stdout, result.stderr
        assert json.loads(path.read_text())["slices"] == {"count": 1, "weight": "small"}
        assert [each.name for each in path.parent.iterdir()] == ["app.json"]

    @pytest.mark.slow
    def test_kill_9_at_any_moment_leaves_a_whole_state(self, path: Path) -> None:
        """A hundred lives, each killed while it saves: none starts from less than the one before left."""
        result = subprocess.run(
            [sys.executable, WORKER, path, "kill", "100"], capture_output=True, text=True, timeout=300, check=False
        )
        counts = [int(line.split()[0]) for line in result.stdout.splitlines()]
        assert len(counts) == 100, result.stderr
        assert all(line.endswith("[]") for line in result.stdout.splitlines())
        assert counts == sorted(counts)
        assert counts[-1] > 100

    @pytest.mark.slow
    def test_two_processes_that_write_leave_one_whole_state(self, path: Path) -> None:
        """Whenever it is read, the file is one of theirs, whole."""
        workers = [subprocess.Popen([sys.executable, WORKER, path]) for _ in range(2)]
        try:
            seen = set[int]()
            deadline = time.monotonic() + 60
            while len(seen) < 100:
                assert time.monotonic() < deadline
                if path.exists():
                    seen.add(json.loads(path.read_text())["slices"]["count"])
        finally:
            for worker in workers:
                worker.kill()
                worker.wait()
        with Store(shop) as store:
            assert store.state.visits == 0
