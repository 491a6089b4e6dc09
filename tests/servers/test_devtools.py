"""A store at the real server of the Redux DevTools (npm's @redux-devtools/cli), seen and steered from there."""

import json
import logging
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from rxdux import (
    Action,
    ActionStream,
    ApiState,
    History,
    LoginSuccess,
    Slice,
    StateStream,
    Store,
    TokenSet,
    auth_reducer,
    combine_reducers,
    data_reducer,
)
from rxdux.devtools import Link, connect

from .devtools_server import DevToolsServer
from .monitor import PATIENCE, Monitor

count = Slice("live-count", initial=0)


@count.action
def add(state: int, amount: int) -> int:
    return state + amount


@count.action
def divide(state: int, by: int) -> int:
    return state // by


text = Slice("live-text", initial="")


@text.action
def put(state: str, words: str) -> str:
    return words


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@pytest.fixture
def store() -> Iterator[Store[int]]:
    with Store(count) as store:
        yield store


@pytest.fixture
def link(store: Store[int], devtools: DevToolsServer) -> Iterator[Link[int]]:
    with connect(store, devtools.url, name="my app") as link:
        yield link


@pytest.fixture
def monitor(link: Link[int], devtools: DevToolsServer) -> Iterator[Monitor]:
    with Monitor(devtools.url, link.instance) as monitor:
        monitor.until(lambda shown: True)
        yield monitor


def counted(store: Store[int], monitor: Monitor, *amounts: int) -> None:
    for amount in amounts:
        store.dispatch(add(amount))
    monitor.until(lambda shown: shown.states[-1] == store.state)


class TestSeen:
    def test_what_is_dispatched_is_shown(self, store: Store[int], link: Link[int], monitor: Monitor) -> None:
        """Each action with its state, in messages that hold only what is new."""
        counted(store, monitor, 1, 10)
        counted(store, monitor, 100)
        told = monitor.said[-1]
        assert (told["type"], len(json.loads(told["action"])), json.loads(told["payload"])) == (
            "ACTION",
            1,
            [{"state": 111}],
        )
        assert monitor.shown.states == [0, 1, 11, 111]
        assert monitor.shown.types == ["@@INIT", *["live-count/add"] * 3]
        exported = json.loads(link.history.export())
        exported["actionsById"]["0"] = monitor.shown.lifted["actionsById"]["0"]  # its time is that of the export
        assert monitor.shown.lifted == exported
        assert {message["name"] for message in monitor.said if "name" in message} == {"my app"}

    def test_many_dispatches_are_few_messages(self, store: Store[int], monitor: Monitor) -> None:
        """What happens between two messages is sent together."""
        began = time.perf_counter()
        counted(store, monitor, *[1] * 500)
        most = 3 + (time.perf_counter() - began) / 0.05
        assert monitor.shown.ids == list(range(501))
        assert len(monitor.shown.kinds) <= most

    def test_what_went_before_is_shown_to_who_comes_later(
        self, store: Store[int], link: Link[int], devtools: DevToolsServer
    ) -> None:
        """And nothing is sent before somebody looks."""
        until(lambda: link.is_connected)
        store.dispatch(add(5))
        assert not link.is_watched
        for _ in range(2):
            with Monitor(devtools.url, link.instance) as monitor:
                monitor.until(lambda shown: shown.states == [0, 5])
            until(lambda: not link.is_watched)

    def test_one_who_still_looks_is_told_when_another_goes(
        self, store: Store[int], link: Link[int], monitor: Monitor, devtools: DevToolsServer
    ) -> None:
        """Though the server says to all apps that somebody has gone."""
        with Monitor(devtools.url, link.instance) as other:
            other.until(lambda shown: True)
        counted(store, monitor, 7)
        assert monitor.shown.states == [0, 7]

    def test_ids_stay_when_the_oldest_are_forgotten(self, store: Store[int], devtools: DevToolsServer) -> None:
        """The DevTools forget the same ones."""
        with (
            connect(store, devtools.url, history=History(store, limit=3)) as link,
            Monitor(devtools.url, link.instance) as monitor,
        ):
            for amount in range(1, 8):
                counted(store, monitor, amount)
            assert (monitor.shown.ids, monitor.shown.states) == ([0, 5, 6, 7], [10, 15, 21, 28])
            monitor.travel("JUMP_TO_ACTION", actionId=6)
            until(lambda: store.state == 21)
            monitor.travel("JUMP_TO_STATE", index=1)
            until(lambda: store.state == 15)
            monitor.travel("JUMP_TO_ACTION", actionId=2)
            monitor.until_error("no entry with the id 2")

    def test_secrets_are_masked(self, devtools: DevToolsServer) -> None:
        """In what is shown at first and later."""
        api = combine_reducers(ApiState, auth=auth_reducer, data=data_reducer)
        with (
            Store(api) as store,
            connect(store, devtools.url) as link,
            Monitor(devtools.url, link.instance) as monitor,
        ):
            for word in ("s3cret-one", "s3cret-two"):
                store.dispatch(LoginSuccess(tokens=TokenSet(access_token=word, refresh_token=word)))
                monitor.until(lambda shown: shown.states[-1]["auth"]["status"] == "signed_in")
            until(lambda: len(monitor.shown.ids) == 3)
            assert "s3cret" not in json.dumps(monitor.said)

    def test_keys_that_the_devtools_would_take_for_marks(self, devtools: DevToolsServer) -> None:
        """They are shown as other keys."""
        things = Slice[dict[str, Any]]("live-things", initial={"$jsan": "n"})
        with (
            Store(things) as store,
            connect(store, devtools.url) as link,
            Monitor(devtools.url, link.instance) as monitor,
        ):
            monitor.until(lambda shown: shown.states == [{"$jsan ": "n"}])


class TestSteered:
    def test_jump_changes_what_the_store_shows(self, store: Store[int], link: Link[int], monitor: Monitor) -> None:
        """It is not answered; the next action returns to the present."""
        counted(store, monitor, 1, 10, 100)
        kinds = len(monitor.shown.kinds)
        monitor.travel("JUMP_TO_ACTION", actionId=1)
        until(lambda: store.state == 1)
        monitor.travel("JUMP_TO_STATE", index=0)
        until(lambda: store.state == 0)
        assert len(monitor.shown.kinds) == kinds
        counted(store, monitor, 1000)
        assert (monitor.shown.states[-1], monitor.shown.lifted["currentStateIndex"]) == (1111, 4)

    def test_skip_reorder_and_sweep_compute_anew(self, store: Store[int], link: Link[int], monitor: Monitor) -> None:
        """The store goes on from what comes of it."""
        counted(store, monitor, 10)
        store.dispatch(divide(2))
        counted(store, monitor, 4)
        monitor.travel("TOGGLE_ACTION", id=1)
        monitor.until(lambda shown: shown.states == [0, 0, 0, 4])
        assert (store.state, monitor.shown.lifted["skippedActionIds"]) == (4, [1])
        monitor.travel("TOGGLE_ACTION", id=1)
        monitor.travel("REORDER_ACTION", actionId=3, beforeActionId=2)
        monitor.until(lambda shown: shown.ids == [0, 1, 3, 2])
        assert (store.state, monitor.shown.states) == (7, [0, 10, 14, 7])
        monitor.travel("SET_ACTIONS_ACTIVE", start=2, end=4, active=False)
        monitor.until(lambda shown: shown.states == [0, 10, 10, 10])
        monitor.travel("SWEEP")
        monitor.until(lambda shown: shown.ids == [0, 1])
        counted(store, monitor, 1)
        assert (store.state, monitor.shown.ids, monitor.shown.states) == (11, [0, 1, 4], [0, 10, 11])

    def test_commit_rollback_and_reset(self, store: Store[int], link: Link[int], monitor: Monitor) -> None:
        """The present becomes the beginning; back to it; back to the very first."""
        counted(store, monitor, 1)
        monitor.travel("COMMIT", timestamp=0)
        monitor.until(lambda shown: shown.states == [1])
        counted(store, monitor, 10)
        assert monitor.shown.states == [1, 11]
        monitor.travel("ROLLBACK", timestamp=0)
        monitor.until(lambda shown: shown.states == [1])
        assert store.state == 1
        monitor.travel("RESET", timestamp=0)
        monitor.until(lambda shown: shown.states == [0])
        assert store.state == 0

    def test_lock_and_pause(self, store: Store[int], link: Link[int], monitor: Monitor) -> None:
        """Locked, nothing changes; paused, nothing is recorded."""
        for kind, flag in (("LOCK_CHANGES", "isLocked"), ("PAUSE_RECORDING", "isPaused")):
            monitor.travel(kind, status=True)
            monitor.until(lambda shown, flag=flag: shown.lifted[flag])
            store.dispatch(add(1))
            monitor.travel(kind, status=False)
            monitor.until(lambda shown, flag=flag: not shown.lifted[flag])
        assert (store.state, len(link.history.entries)) == (1, 0)
        counted(store, monitor, 10)
        assert store.state == 11

    def test_what_was_exported_can_be_imported(self, store: Store[int], link: Link[int], monitor: Monitor) -> None:
        """The lifted state as the DevTools have it, and a list of actions."""
        counted(store, monitor, 1, 10)
        exported = json.dumps(monitor.shown.lifted)
        monitor.travel("RESET")
        monitor.until(lambda shown: shown.states == [0])
        monitor.ask("IMPORT", state=exported)
        monitor.until(lambda shown: shown.states == [0, 1, 11])
        assert store.state == 11
        monitor.ask("IMPORT", state='{"payload": "[{\\"type\\": \\"live-count/add\\", \\"amount\\": 3}]"}')
        monitor.until(lambda shown: shown.states == [0, 3])

    def test_an_action_is_dispatched_from_text(self, store: Store[int], link: Link[int], monitor: Monitor) -> None:
        """It is read, and never run."""
        monitor.ask("ACTION", action="{ type: 'live-count/add', amount: 5 }")
        monitor.until(lambda shown: shown.states == [0, 5])
        for code, words in [
            ("process.exit(1)", "is code, which is never run"),
            ("{ type: 'live-count/add', amount: 's3cret' }", "cannot be dispatched: amount"),
            ("{ type: 'nobody/knows' }", "nobody/knows"),
            ("{ type: 'live-count/divide', by: 0 }", "ZeroDivisionError"),
        ]:
            monitor.ask("ACTION", action=code)
            monitor.until_error(words)
        assert "s3cret" not in str(monitor.errors)
        counted(store, monitor, 1)

    def test_epics_see_none_of_it(self, devtools: DevToolsServer) -> None:
        """Neither travel nor what is computed anew: only what is dispatched."""
        seen: list[Action] = []

        def watching_epic(actions: ActionStream, state: StateStream[int]) -> Any:
            actions.subscribe(seen.append)
            return actions.of_classes()

        with (
            Store(count, epics=[watching_epic]) as store,
            connect(store, devtools.url) as link,
            Monitor(devtools.url, link.instance) as monitor,
        ):
            counted(store, monitor, 1, 10)
            for kind, more in [
                ("JUMP_TO_ACTION", {"actionId": 1}),
                ("TOGGLE_ACTION", {"id": 1}),
                ("REORDER_ACTION", {"actionId": 2, "beforeActionId": 1}),
                ("SWEEP", {}),
                ("ROLLBACK", {}),
                ("COMMIT", {}),
                ("RESET", {}),
            ]:
                monitor.travel(kind, **more)
            monitor.ask("IMPORT", state='[{"type": "live-count/add", "amount": 3}]')
            monitor.until(lambda shown: shown.states == [0, 3])
            assert seen == [add(1), add(10)]


class TestBadInput:
    def test_what_is_for_another_instance_is_left_to_it(
        self, store: Store[int], link: Link[int], monitor: Monitor
    ) -> None:
        """Though it comes to all."""
        counted(store, monitor, 1)
        monitor.ask("DISPATCH", action={"type": "RESET"}, instance="another")
        monitor.transmit("respond", {"type": "DISPATCH", "action": {"type": "RESET"}, "instanceId": "another"})
        monitor.transmit("respond", {"type": "DISPATCH", "action": {"type": "RESET"}})
        counted(store, monitor, 1)
        assert (store.state, monitor.errors) == (2, [])

    def test_rubbish_is_answered_in_words(self, store: Store[int], link: Link[int], monitor: Monitor) -> None:
        """And breaks nothing."""
        for message, words in [
            ({"kind": "DISPATCH", "action": 5}, "does not understand: 'DISPATCH'"),
            ({"kind": "DISPATCH", "action": {"type": "DANCE"}}, "does not understand: 'DANCE'"),
            ({"kind": "DISPATCH", "action": {"type": "JUMP_TO_ACTION", "actionId": [1]}}, "no entry with the id [1]"),
            ({"kind": "DISPATCH", "action": {"type": "JUMP_TO_STATE", "index": 77}}, "no entry at place 77"),
            ({"kind": "DISPATCH", "action": {"type": "LOCK_CHANGES", "status": "yes"}}, "'LOCK_CHANGES'"),
            ({"kind": "ACTION", "action": {"name": "grow"}}, "The action creator 'grow' was not offered"),
            ({"kind": "IMPORT", "state": "{"}, "The recording is no JSON"),
            ({"kind": "IMPORT", "state": None}, "does not understand: 'IMPORT'"),
        ]:
            monitor.ask(**message)
            monitor.until_error(words)
        for odd in (None, 5, "word", [], {}, {"type": ["START"]}):
            monitor.transmit("respond", odd)
        counted(store, monitor, 1)
        assert store.state == 1

    def test_a_state_that_is_too_large_is_not_sent(
        self, devtools: DevToolsServer, caplog: pytest.LogCaptureFixture
    ) -> None:
        """It is said once; when it is small again, it is shown again."""
        with (
            Store(text) as store,
            connect(store, devtools.url) as link,
            Monitor(devtools.url, link.instance) as monitor,
        ):
            monitor.until(lambda shown: shown.states == [""])
            store.dispatch(put("x" * 9_000_000))
            monitor.until_error("The state is too large to be shown: 9 MB")
            store.dispatch(put("y" * 9_000_000))
            store.dispatch(put("small"))
            monitor.until(lambda shown: shown.states[-1] == "small")
            assert len(monitor.errors) == len(caplog.records) == 1

    def test_of_a_long_history_the_newest_are_shown(self, devtools: DevToolsServer) -> None:
        """So many as the DevTools bear."""
        with Store(text) as store, connect(store, devtools.url) as link:
            for number in range(30):
                store.dispatch(put(f"{number}" + "x" * 500_000))
            with Monitor(devtools.url, link.instance) as monitor:
                monitor.until(lambda shown: shown.states[-1].startswith("29x"))
                assert 4 <= len(monitor.shown.ids) < 20
                assert monitor.shown.ids[0] == 0
                assert monitor.shown.ids[-1] == 30
                store.dispatch(put("small"))
                monitor.until(lambda shown: shown.states[-1] == "small")
                monitor.travel("JUMP_TO_ACTION", actionId=30)
                until(lambda: store.state.startswith("29x"))


class TestConnection:
    def test_it_ends_with_the_store(self, devtools: DevToolsServer) -> None:
        """And with `close()`, and then nothing is recorded for it."""
        store = Store(count)
        link = connect(store, devtools.url)
        until(lambda: link.is_connected)
        store.close()
        until(lambda: not link.is_connected)
        assert repr(link) == "<Link of 'rxdux', closed>"
        link.close()
        assert not any(thread.is_alive() for thread in link._threads)

    def test_one_store_is_one_instance(self, store: Store[int], devtools: DevToolsServer) -> None:
        """However often it is linked; another store is another."""
        with connect(store, devtools.url) as link:
            first = link.instance
        with connect(store, devtools.url) as link, Store(count) as other, connect(other, devtools.url) as its:
            assert link.instance == first != its.instance

    def test_it_comes_back_to_a_server_that_was_gone(
        self, store: Store[int], devtools_server: Callable[[], DevToolsServer], caplog: pytest.LogCaptureFixture
    ) -> None:
        """What happened meanwhile is shown then; that it was gone is said once."""
        caplog.set_level(logging.WARNING, "rxdux")
        server = devtools_server()
        with connect(store, server.url) as link:
            until(lambda: link.is_connected)
            store.dispatch(add(1))
            server.stop()
            until(lambda: not link.is_connected)
            store.dispatch(add(10))
            until(lambda: caplog.records)
            server.start()
            with Monitor(server.url, link.instance) as monitor:
                monitor.until(lambda shown: shown.states == [0, 1, 11])
                counted(store, monitor, 100)
        assert [record.message.partition(" (")[0] for record in caplog.records] == ["The Redux DevTools are not there"]
