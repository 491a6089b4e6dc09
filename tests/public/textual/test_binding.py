"""rxdux.textual: widgets follow the store, once a frame, from any thread."""

import asyncio
from collections.abc import Callable
from threading import Thread
from typing import Any, ClassVar

import pytest
from textual.app import App, ComposeResult
from textual.containers import Vertical
from textual.reactive import reactive
from textual.screen import Screen
from textual.widgets import Digits, Label, ProgressBar, Static

from rxdux import Action, Slice, State, Store, combine_reducers
from rxdux.textual import (
    Dispatch,
    StoreApp,
    StoreConsumer,
    StoreMixin,
    bind,
    connect,
    from_store,
    on_state,
    wait_for_state,
)


class AppState(State):
    count: int
    name: str


count = Slice("textual-count", initial=0)
name = Slice("textual-name", initial="Ada")


@count.action
def add(state: int, amount: int = 1) -> int:
    return state + amount


@name.action
def rename(state: str, to: str) -> str:
    return to


class Counter(StoreConsumer, Static):
    count = from_store(lambda state: state.count, -1)

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[Any] = []
        self.at_mount: int | None = None

    def on_mount(self) -> None:
        self.at_mount = self.count

    def watch_count(self, count: int) -> None:
        self.seen.append(count)

    def render(self) -> str:
        return f"count {self.count}"


class Name(StoreConsumer, Static):
    def __init__(self) -> None:
        super().__init__()
        self.seen: list[str] = []

    @on_state(lambda state: state.name)
    def name_changed(self, name: str) -> None:
        self.seen.append(name)
        self.update(name)


@pytest.fixture
def store() -> Any:
    with Store(combine_reducers(AppState, count=count, name=name)) as store:
        yield store


def app_of(*widgets: Callable[[], Any], **members: Any) -> type[StoreApp[Any]]:
    def compose(self: StoreApp[Any]) -> ComposeResult:
        for widget in widgets:
            yield widget()

    return type("TestApp", (StoreApp,), {"compose": compose, **members})


class TestReactives:
    async def test_an_attribute_follows_the_store(self, store: Store[AppState]) -> None:
        """It has the selected value in `on_mount` already, and watchers are told of each other one."""
        store.dispatch(add(5))
        async with app_of(Counter)(store).run_test() as pilot:
            counter = pilot.app.query_one(Counter)
            assert (counter.at_mount, counter.seen) == (5, [5])
            store.dispatch(add(1))
            await pilot.pause()
            assert counter.seen == [5, 6]
            assert str(counter.render()) == "count 6"

    async def test_validate_and_data_bind_work(self, store: Store[AppState]) -> None:
        """It is an ordinary reactive of Textual."""

        class Inner(Static):
            value = reactive(0)

        class Outer(StoreConsumer, Vertical):
            value = from_store(lambda state: state.count, 0)

            def validate_value(self, value: int) -> int:
                return min(value, 10)

            def compose(self) -> ComposeResult:
                yield Inner().data_bind(Outer.value)

        async with app_of(Outer)(store).run_test() as pilot:
            store.dispatch(add(50))
            await pilot.pause()
            assert (pilot.app.query_one(Outer).value, pilot.app.query_one(Inner).value) == (10, 10)

    async def test_outside_of_an_app_it_has_its_default(self) -> None:
        """There is no store yet."""
        assert Counter().count == -1

    async def test_a_change_elsewhere_costs_no_update(self, store: Store[AppState]) -> None:
        """Watchers are called for values that differ."""
        async with app_of(Counter)(store).run_test() as pilot:
            store.dispatch(rename("Grace"))
            await pilot.pause()
            assert pilot.app.query_one(Counter).seen == [0]


class Row(StoreConsumer, Static):
    """Follows the slice that it is told to."""

    which = reactive("count")
    shout = reactive(False)
    shown = from_store(lambda state, self: f"{getattr(state, self.which)}{'!' * self.shout}", "")
    length = from_store(lambda state, self: len(self.shown), -1)

    def __init__(self, which: str = "count") -> None:
        super().__init__()
        self.set_reactive(Row.which, which)
        self.seen: list[Any] = []

    def watch_shown(self, shown: str) -> None:
        self.seen.append(shown)

    @on_state(lambda state, self: (self.which, state.count))
    def told(self, told: tuple[str, int]) -> None:
        self.seen.append(told)


class TestSelectorsOfTheWidget:
    async def test_what_it_gives_is_read_anew_when_a_reactive_changes(self, store: Store[AppState]) -> None:
        """At once, from the slices that it asks for now; other changes cost nothing."""
        async with app_of(Row)(store).run_test() as pilot:
            row = pilot.app.query_one(Row)
            assert (row.shown, row.length) == ("0", 1)
            row.which = "name"
            assert (row.shown, row.length) == ("Ada", 3)
            row.shout = True
            assert (row.shown, row.length) == ("Ada!", 4)
            store.dispatch(rename("Grace"))
            await pilot.pause()
            assert (row.shown, row.length) == ("Grace!", 6)
            store.dispatch(add(5))
            await pilot.pause()
            row.which = "count"
            assert row.shown == "5!"
        assert row.seen == ["0", ("count", 0), "Ada", ("name", 0), "Ada!", "Grace!", ("name", 5), "5!", ("count", 5)]

    async def test_each_widget_has_its_own(self, store: Store[AppState]) -> None:
        """From the beginning, and `bind` as well."""

        def compose(self: Any) -> ComposeResult:
            yield Row("name")
            yield Row("count")
            yield bind(Label(id="name"), update=lambda state, label: getattr(state, label.id))
            yield bind(
                Digits(id="count"), update=lambda state, digits: f"{getattr(state, digits.id)}{digits.disabled:d}"
            )

        async with type("TwoRows", (StoreApp,), {"compose": compose})(store).run_test() as pilot:
            assert [row.shown for row in pilot.app.query(Row)] == ["Ada", "0"]
            store.dispatch(add(4))
            await pilot.pause()
            assert [row.shown for row in pilot.app.query(Row)] == ["Ada", "4"]
            digits = pilot.app.query_one(Digits)
            assert (str(pilot.app.query_one(Label).content), digits.value) == ("Ada", "40")
            digits.disabled = True
            await pilot.pause()
            assert digits.value == "41"

    async def test_a_connection_that_ended_follows_no_more(self, store: Store[AppState]) -> None:
        """Ended by hand, or with its widget."""
        seen: list[Any] = []
        async with app_of(Row)(store).run_test() as pilot:
            row = pilot.app.query_one(Row)
            connection = row.connect(lambda state, row: (row.which, state.count), seen.append)
            row.which = "name"
            connection.unsubscribe()
            row.which = "count"
            store.dispatch(add(1))
            await pilot.pause()
            assert seen == [("count", 0), ("name", 0)]
            await row.remove()
            row.which = "name"
            store.dispatch(add(1))
            await pilot.pause()
            assert row.seen[-1] == ("count", 1)

    async def test_a_selector_with_a_default_is_one_of_the_state(self, store: Store[AppState]) -> None:
        """As before."""

        class Plain(StoreConsumer, Static):
            more = from_store(lambda state, by=1: state.count + by, 0)

        async with app_of(Plain)(store).run_test() as pilot:
            assert pilot.app.query_one(Plain).more == 1


class TestCallbacks:
    async def test_on_state_is_called_at_first_and_for_each_change(self, store: Store[AppState]) -> None:
        """With the value."""
        async with app_of(Name)(store).run_test() as pilot:
            store.dispatch(rename("Grace"))
            store.dispatch(add(1))
            await pilot.pause()
            assert pilot.app.query_one(Name).seen == ["Ada", "Grace"]

    async def test_a_coroutine_function_is_awaited(self, store: Store[AppState]) -> None:
        """In the widget's own turn."""
        seen: list[str] = []

        class Slow(StoreConsumer, Static):
            @on_state(lambda state: state.name)
            async def name_changed(self, name: str) -> None:
                await asyncio.sleep(0)
                seen.append(name)

        async with app_of(Slow)(store).run_test() as pilot:
            store.dispatch(rename("Grace"))
            await pilot.pause()
            await pilot.pause()
            assert seen == ["Ada", "Grace"]

    async def test_bind_takes_any_widget(self, store: Store[AppState]) -> None:
        """Methods are called, attributes are set."""

        def compose(self: StoreApp[Any]) -> ComposeResult:
            yield bind(Digits(), update=lambda state: str(state.count))
            yield bind(ProgressBar(total=10), progress=lambda state: state.count)

        async with app_of(compose=compose)(store).run_test() as pilot:
            store.dispatch(add(7))
            await pilot.pause()
            assert pilot.app.query_one(Digits).value == "7"
            assert pilot.app.query_one(ProgressBar).progress == 7

    async def test_connect_takes_any_node_and_can_be_ended(self, store: Store[AppState]) -> None:
        """The app, a screen or a widget."""
        seen: list[int] = []
        async with app_of(Label)(store).run_test() as pilot:
            connection = connect(pilot.app.query_one(Label), lambda state: state.count, seen.append)
            store.dispatch(add(1))
            await pilot.pause()
            connection.unsubscribe()
            store.dispatch(add(1))
            await pilot.pause()
        assert seen == [0, 1]

    @pytest.mark.parametrize("kind", ["watcher", "on_state", "coroutine", "selector"])
    async def test_an_error_has_the_fate_of_one_in_a_handler(self, store: Store[AppState], kind: str) -> None:
        """The app ends with it, and `Pilot` raises it."""

        class Broken(StoreConsumer, Static):
            if kind == "watcher":
                count = from_store(lambda state: state.count, 0)

                def watch_count(self, count: int) -> None:
                    if count:
                        raise RuntimeError("broken")
            elif kind == "on_state":

                @on_state(lambda state: state.count)
                def changed(self, count: int) -> None:
                    if count:
                        raise RuntimeError("broken")
            elif kind == "coroutine":

                @on_state(lambda state: state.count)
                async def changed(self, count: int) -> None:
                    if count:
                        raise RuntimeError("broken")
            else:

                @on_state(lambda state: 1 // (1 - state.count))
                def changed(self, count: int) -> None: ...

        with pytest.raises((RuntimeError, ZeroDivisionError), match="broken|division"):  # noqa: PT012
            async with app_of(Broken)(store).run_test() as pilot:
                store.dispatch(add(1))
                await pilot.pause()
                await pilot.pause()
        assert store.state.count == 1


class TestFrames:
    async def test_many_dispatches_cost_one_update(self, store: Store[AppState]) -> None:
        """However many there are between two frames; the last value comes."""
        async with app_of(Counter)(store).run_test() as pilot:
            counter = pilot.app.query_one(Counter)
            counter.seen.clear()
            for _ in range(1000):
                store.dispatch(add(1))
            await pilot.pause()
            assert counter.seen == [1000]

    async def test_the_first_change_after_a_rest_does_not_wait_for_a_frame(
        self, store: Store[AppState], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """It is there in the next turn of the loop; the one after it waits."""
        async with app_of(Counter)(store).run_test() as pilot:
            counter = pilot.app.query_one(Counter)
            await asyncio.sleep(0.05)
            store.dispatch(add(1))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert counter.seen == [0, 1]
            monkeypatch.setattr("rxdux.textual.hub.FRAME", 0.5)  # as long as no machine takes for what follows
            store.dispatch(add(1))
            await asyncio.sleep(0)
            await asyncio.sleep(0)
            assert counter.seen == [0, 1]
            await wait_for_state(pilot)
            assert counter.seen == [0, 1, 2]

    async def test_other_threads_may_dispatch(self, store: Store[AppState]) -> None:
        """Nothing is lost, and callbacks run in the app's thread."""
        async with app_of(Counter, Name)(store).run_test() as pilot:

            def work() -> None:
                for _ in range(500):
                    store.dispatch(add(1))

            threads = [Thread(target=work) for _ in range(4)]
            for thread in threads:
                thread.start()
            while any(thread.is_alive() for thread in threads):
                await asyncio.sleep(0.001)
            await wait_for_state(pilot, lambda state: state.count == 2000)
            assert pilot.app.query_one(Counter).count == 2000

    async def test_a_handler_that_waits_holds_up_no_other_widget(self, store: Store[AppState]) -> None:
        """Not even one of the app."""
        going_on = asyncio.Event()

        class Busy(StoreApp[Any]):
            BINDINGS: ClassVar = [("w", "wait", "Wait")]

            def compose(self) -> ComposeResult:
                yield Counter()

            async def action_wait(self) -> None:
                store.dispatch(add(1))
                await going_on.wait()

        app = Busy(store)
        async with app.run_test() as pilot:
            pressing = asyncio.create_task(pilot.press("w"))
            while app.query_one(Counter).count != 1:
                await asyncio.sleep(0.001)
            going_on.set()
            await pressing


class TestDispatching:
    async def test_a_widget_dispatches_directly_and_by_message(self, store: Store[AppState]) -> None:
        """From anywhere, also from another thread."""
        async with app_of(Counter)(store).run_test() as pilot:
            counter = pilot.app.query_one(Counter)
            assert counter.dispatch(add(1)) == add(1)
            counter.post_message(Dispatch(add(10)))
            await asyncio.to_thread(counter.post_message, Dispatch(add(100)))
            await wait_for_state(pilot, lambda state: state.count == 111)
            assert counter.count == 111

    async def test_bindings_dispatch_by_type(self, store: Store[AppState]) -> None:
        """Of the app and of a widget, with fields and without."""

        class Keys(StoreConsumer, Static, can_focus=True):
            BINDINGS: ClassVar = [("n", "dispatch('textual-name/rename', {'to': 'Grace'})", "Rename")]

        app = app_of(Keys, BINDINGS=[("a", "dispatch('textual-count/add')", "Add")])(store)
        async with app.run_test() as pilot:
            pilot.app.query_one(Keys).focus()
            await pilot.press("a", "a", "n")
            assert store.state == AppState(count=2, name="Grace")

    async def test_a_binding_to_an_unknown_type_says_so(self, store: Store[AppState]) -> None:
        """As an error in a handler."""
        with pytest.raises(ValueError, match="textual-count/ad"):
            async with app_of(BINDINGS=[("a", "dispatch('textual-count/ad')", "Add")])(store).run_test() as pilot:
                await pilot.press("a")


class TestLife:
    async def test_connections_end_on_unmount(self, store: Store[AppState]) -> None:
        """Of consumers and of bound widgets; their selectors are not called any more."""
        calls: list[int] = []

        def selector(state: AppState) -> int:
            calls.append(state.count)
            return state.count

        class Watching(StoreConsumer, Static):
            count = from_store(selector, 0)

        async with app_of(Watching, lambda: bind(Label(), update=lambda state: f"{selector(state)}"))(
            store
        ).run_test() as pilot:
            await pilot.pause()
            await pilot.app.query_one(Watching).remove()
            await pilot.app.query_one(Label).remove()
            calls.clear()
            store.dispatch(add(1))
            await pilot.pause()
            assert calls == []

    async def test_an_app_that_ends_leaves_the_store_as_it_was(self, store: Store[AppState]) -> None:
        """Open, and without a listener; the next app may have it."""
        app_class = app_of(Counter)
        for expected in (0, 1):
            async with app_class(store).run_test() as pilot:
                assert pilot.app.query_one(Counter).count == expected
            assert store.core.listeners.snapshot() == ()
            store.dispatch(add(1))

    async def test_a_screen_may_be_a_consumer(self, store: Store[AppState]) -> None:
        """Pushed and popped, as often as you like."""
        seen: list[int] = []

        class Second(StoreConsumer, Screen[None]):
            @on_state(lambda state: state.count)
            def changed(self, count: int) -> None:
                seen.append(count)

        async with app_of(Counter)(store).run_test() as pilot:
            for _ in range(2):
                await pilot.app.push_screen(Second())
                store.dispatch(add(1))
                await pilot.pause()
                await pilot.app.pop_screen()
                store.dispatch(add(1))
                await pilot.pause()
        assert seen == [0, 1, 2, 3]

    async def test_an_existing_app_gets_a_store_mixed_in(self, store: Store[AppState]) -> None:
        """With its own arguments behind the store; the app itself may follow the store."""

        class Existing(App[None]):
            def __init__(self, greeting: str) -> None:
                super().__init__()
                self.greeting = greeting

            def compose(self) -> ComposeResult:
                yield Counter()

        class Mixed(StoreMixin[AppState], Existing):
            count = from_store(lambda state: state.count, 0)

        app = Mixed(store, "hello")
        async with app.run_test() as pilot:
            store.dispatch(add(3))
            await pilot.pause()
            assert (app.greeting, app.count, app.query_one(Counter).count) == ("hello", 3, 3)

    async def test_a_widget_in_an_app_without_a_store_says_so(self) -> None:
        """With the way out."""

        class Bare(App[None]):
            def compose(self) -> ComposeResult:
                yield Counter()

        with pytest.raises(
            RuntimeError, match="Counter wants a store, and Bare has none. Derive the app from StoreApp"
        ):
            async with Bare().run_test():
                pass

    @pytest.mark.parametrize(
        ("make", "error", "words"),
        [
            (lambda: StoreApp(None), TypeError, "StoreApp takes a store as its first argument, not None"),
            (lambda: bind(Label(), upddate=str), AttributeError, "Label has no method and no attribute 'upddate'"),
            (lambda: bind(Label(), update="count"), TypeError, "takes a function of the state, not 'count'"),
            (lambda: on_state("count"), TypeError, "on_state takes a function of the state, not 'count'"),
        ],
    )
    def test_bad_input_is_told_at_the_door(self, make: Any, error: Any, words: str) -> None:
        """What was wrong, what came, what to do."""
        with pytest.raises(error, match=words):
            make()


def test_it_works_under_an_eager_task_factory(store: Store[AppState]) -> None:
    """Which `app.run()` sets where Python has it; actions of the app and of epics in their order."""
    factory = getattr(asyncio, "eager_task_factory", None)

    async def use() -> None:
        if factory is not None:
            asyncio.get_running_loop().set_task_factory(factory)
        async with app_of(Counter, Name)(store).run_test() as pilot:
            store.dispatch(add(4))
            store.dispatch(rename("Grace"))
            await wait_for_state(pilot)
            assert (pilot.app.query_one(Counter).count, pilot.app.query_one(Name).seen) == (4, ["Ada", "Grace"])

    asyncio.run(use())


def test_unknown_actions_are_not_hidden() -> None:
    """What the app dispatches goes by the rules of the store."""
    with Store(count) as store, pytest.raises(TypeError):
        StoreApp(store).dispatch(Action)
