"""History: what was dispatched, any state to look at, and the JSON of the Redux DevTools."""

import json
import math
import time
from datetime import datetime
from typing import Any

import pytest
from reactivex import operators as ops

from rxdux import (
    Action,
    ActionStream,
    ApiState,
    EntityAdapter,
    EntityState,
    History,
    LoginSuccess,
    Reducer,
    Slice,
    State,
    StateStream,
    Store,
    TokenSet,
    auth_reducer,
    combine_reducers,
    data_reducer,
    merge_map,
    of_type,
)


class Part(State):
    id: int


class Bench(State):
    count: int
    parts: EntityState[int, Part]


parts_of = EntityAdapter[int, Part](lambda part: part.id)
count = Slice("history-count", initial=0)
parts = Slice("history-parts", initial=parts_of.empty())


@count.action
def add(state: int, amount: int) -> int:
    return state + amount


@count.action
def divide(state: int, by: int) -> int:
    return state // by


@parts.action
def put(state: EntityState[int, Part], id: int) -> EntityState[int, Part]:
    return parts_of.add_one(state, Part(id=id))


class Small(State):
    pass


class Big(Small):
    size: float


kept = Slice[tuple[Small | bytes | Any, Any]]("history-kept", initial=(None, None))


@kept.action
def keep(state: tuple[Any, Any], value: Small | Any) -> tuple[Any, Any]:
    return state[0], value


class Echo(Action, type="history/echo"):
    pass


class Echoed(Action, type="history/echoed"):
    state: int


bench = combine_reducers(Bench, count=count, parts=parts)


def counted(*amounts: int, **options: Any) -> tuple[Store[int], History[int]]:
    store = Store(count)
    history = History(store, **options)
    for amount in amounts:
        store.dispatch(add(amount))
    return store, history


def states(history: History[Any]) -> list[Any]:
    return [entry.state for entry in history.entries]


class TestRecording:
    def test_each_action_is_kept_with_state_time_and_source(self) -> None:
        """The source is the epic that emitted it, and None for the app, also for a listener's dispatch."""

        def echo_epic(actions: ActionStream, state: StateStream[int]) -> Any:
            return actions.pipe(of_type(Echo), ops.map(lambda _: Echoed(state=state.value)))

        before = time.time()
        store = Store(count, epics=[echo_epic])
        history = History(store)
        answers = [add(100)]

        def answer(_: int) -> None:
            if history.entries and answers:
                store.dispatch(answers.pop())

        store.dispatch(add(1))
        store.subscribe(answer)
        store.dispatch(Echo())

        assert [(entry.action.type, entry.state, entry.source) for entry in history.entries] == [
            ("history-count/add", 1, None),
            ("history/echo", 1, None),
            ("history-count/add", 101, None),
            ("history/echoed", 101, "echo_epic"),
        ]
        assert all(before <= entry.time <= time.time() for entry in history.entries)

    def test_the_cause_is_the_action_that_is_answered(self) -> None:
        """By an epic, or by a listener in its round; what the app dispatches by itself has none."""

        def echo_epic(actions: ActionStream, state: StateStream[int]) -> Any:
            return actions.pipe(of_type(Echo), ops.map(lambda _: Echoed(state=state.value)))

        store = Store(count, epics=[echo_epic])
        with History(store) as history:
            first, second = store.dispatch(add(1)), Echo()
            asked_for = [second]
            store.subscribe(lambda state: store.dispatch(asked_for.pop()) if state == 3 and asked_for else None)
            asked = store.dispatch(add(2))
            answer = Echoed(state=3)
            assert [(entry.action, entry.cause) for entry in history.entries] == [
                (first, None),
                (asked, None),
                (second, asked),
                (answer, second),
            ]
            assert history.entries[3].cause is second
            history.toggle(0)
            assert history.entries[3].cause is second

    async def test_a_task_and_a_timer_carry_the_cause(self) -> None:
        """Whoever dispatches in them: the epic, or what the epic calls."""

        async def work(action: Echo) -> Echoed:
            store.dispatch(add(1))
            return Echoed(state=0)

        def echo_epic(actions: ActionStream) -> Any:
            return actions.pipe(of_type(Echo), ops.delay(0.001), merge_map(work))

        async with Store(count, epics=[echo_epic]) as store:
            with History(store) as history:
                asked = store.dispatch(Echo())
                await store.wait_for(lambda state: state == 1, timeout=20)
                await store.idle(20)
                assert [(entry.action.type, entry.cause) for entry in history.entries] == [
                    ("history/echo", None),
                    ("history-count/add", asked),
                    ("history/echoed", asked),
                ]

    def test_causes_are_noted_only_while_a_history_records(self) -> None:
        """Others pay nothing for it."""
        store = Store(count)
        assert not store.core.tracers
        with History(store), History(store):
            assert len(store.core.tracers) == 2
        assert not store.core.tracers

    def test_no_more_than_the_limit_is_kept(self) -> None:
        """The oldest go, and the history begins with the state after them."""
        _, history = counted(1, 2, 3, 4, limit=2)
        assert (states(history), history.base, history.position) == ([6, 10], 3, 1)

    def test_while_paused_nothing_is_recorded(self) -> None:
        """The actions are applied all the same, and what follows is computed from where it began."""
        store, history = counted(1)
        history.pause()
        store.dispatch(add(10))
        history.resume()
        store.dispatch(add(100))
        assert states(history) == [1, 111]
        history.toggle(0)
        assert states(history) == [0, 111]

    def test_a_stopped_history_records_no_more(self) -> None:
        """What it has stays."""
        store, history = counted(1)
        with history:
            pass
        store.dispatch(add(1))
        assert states(history) == [1]

    def test_who_listens_is_told_of_each_change(self) -> None:
        """Until the subscription ends."""
        store, history = counted()
        told: list[int] = []
        subscription = history.subscribe(lambda: told.append(history.position))
        store.dispatch(add(1))
        history.undo()
        subscription.unsubscribe()
        history.redo()
        assert told == [0, -1]

    def test_a_limit_of_nothing_is_refused(self) -> None:
        """It says what came."""
        with pytest.raises(ValueError, match="must be 1 or more, not 0"):
            History(Store(count), limit=0)


class TestTravel:
    def test_jump_undo_and_redo_show_other_states(self) -> None:
        """The store, its listeners and its selections show them; at the ends nothing happens."""
        store, history = counted(1, 10, 100)
        heard: list[int] = []
        selected: list[int] = []
        store.subscribe(heard.append)
        store.select(lambda state: state).subscribe(selected.append)

        history.jump(0)
        history.undo()
        history.undo()
        history.redo()
        history.jump(2)
        history.redo()

        assert heard == [1, 0, 1, 111]
        assert selected == [111, 1, 0, 1, 111]
        assert (store.state, history.position, history.is_travelling) == (111, 2, False)

    def test_epics_see_nothing_of_it(self) -> None:
        """Neither an action nor another state: they go on with the present."""
        seen: list[Any] = []

        def watching_epic(actions: ActionStream, state: StateStream[int]) -> Any:
            state.subscribe(seen.append)
            return actions.pipe(of_type(Echo), ops.map(lambda _: Echoed(state=state.value)))

        store = Store(count, epics=[watching_epic])
        history = History(store)
        store.dispatch(add(1))
        store.dispatch(add(10))
        seen.clear()

        history.jump(0)
        assert (store.state, seen) == (1, [])
        store.dispatch(Echo())

        assert history.entries[-1].action == Echoed(state=11)

    def test_a_new_action_returns_to_the_present(self) -> None:
        """It is applied to the present state, and appended."""
        store, history = counted(1, 10)
        history.jump(0)
        store.dispatch(add(100))
        assert (store.state, states(history), history.position) == (111, [1, 11, 111], 2)

    def test_who_waits_for_a_state_waits_for_the_present(self) -> None:
        """Listeners of the next action see the present as `store.state`."""
        store, history = counted(1, 10)
        history.jump(-1)
        seen: list[tuple[int, int]] = []
        store.subscribe(lambda state: seen.append((state, store.state)))
        store.dispatch(add(0))
        assert seen == [(11, 11)]

    def test_toggle_takes_an_action_out_and_in_again(self) -> None:
        """All that follows is computed anew, and the store goes on from there."""
        store, history = counted(1, 10, 100)
        history.toggle(1)
        assert (store.state, states(history), history.entries[1].skipped) == (101, [1, 1, 101], True)
        store.dispatch(add(1000))
        history.toggle(1)
        assert (store.state, states(history)) == (1111, [1, 11, 111, 1111])

    def test_a_reducer_that_fails_on_the_way_leaves_the_state(self) -> None:
        """The entry says why."""
        store = Store(count, 8)
        history = History(store)
        store.dispatch(add(-8))
        store.dispatch(add(2))
        store.dispatch(divide(2))
        broken = Reducer(0)
        broken.on(add)(lambda state, action: 1 // 0)
        store.replace_reducer(broken)
        history.toggle(0)
        assert [entry.error for entry in history.entries][1] == "ZeroDivisionError: integer division or modulo by zero"

    def test_commit_begins_anew_with_the_present(self) -> None:
        """Rollback goes back to it, for good."""
        store, history = counted(1, 10)
        history.commit()
        store.dispatch(add(100))
        assert states(history) == [111]
        history.rollback()
        assert (store.state, states(history), history.position) == (11, [], -1)
        store.dispatch(add(1))
        assert store.state == 12

    @pytest.mark.parametrize(("method", "index"), [("jump", 2), ("jump", -2), ("toggle", -1), ("toggle", 2)])
    def test_an_entry_that_is_not_there(self, method: str, index: int) -> None:
        """It says which there are."""
        _, history = counted(1, 2)
        with pytest.raises(IndexError, match=f"no entry {index} .*goes from (-1|0) to 1"):
            getattr(history, method)(index)


class TestWhatTheDevToolsAsk:
    def test_ids_stay_the_same(self) -> None:
        """Whatever is forgotten, taken out or moved; none is given twice, and the export tells them."""
        store, history = counted(1, 2, 3, 4, limit=3)
        assert [entry.id for entry in history.entries] == [2, 3, 4]
        history.toggle(0)
        history.reorder(2, 0)
        assert [entry.id for entry in history.entries] == [4, 2, 3]
        lifted = json.loads(history.export())
        assert (lifted["stagedActionIds"], lifted["skippedActionIds"], lifted["nextActionId"]) == ([0, 4, 2, 3], [2], 5)
        history.commit()
        store.dispatch(add(5))
        assert [entry.id for entry in history.entries] == [5]
        history.load(lifted_text := history.export())
        assert [entry.id for entry in history.entries] == [6], lifted_text
        assert [history.index_of(0), history.index_of(6)] == [-1, 0]
        with pytest.raises(IndexError, match="no entry with the id 5"):
            history.index_of(5)

    def test_reset_goes_back_to_the_very_first_state(self) -> None:
        """Commits do not move it."""
        store = Store(count, 7)
        history = History(store)
        store.dispatch(add(1))
        history.commit()
        store.dispatch(add(1))
        history.reset()
        assert (store.state, states(history), history.base) == (7, [], 7)

    @pytest.mark.parametrize(
        ("index", "before", "order"),
        [(0, 3, [2, 3, 5]), (2, 0, [3, 5, 2]), (1, 1, [5, 2, 3]), (0, 2, [2, 5, 3]), (1, 2, [5, 2, 3])],
    )
    def test_reorder_puts_an_action_before_another(self, index: int, before: int, order: list[int]) -> None:
        """What follows is computed anew, and the store goes on from there."""
        store = Store(count, 100)
        history = History(store)
        for action in (add(5), divide(2), add(3)):
            store.dispatch(action)
        history.reorder(index, before)
        moved = [next(iter(entry.action.model_dump(exclude={"type"}).values())) for entry in history.entries]
        assert moved == order
        state = 100
        for number in order:
            state = state // 2 if number == 2 else state + number
        assert store.state == states(history)[-1] == state

    def test_sweep_forgets_what_was_taken_out(self) -> None:
        """The state stays, and so does the place in the past."""
        store, history = counted(1, 10, 100)
        history.toggle(0)
        history.jump(1)
        history.sweep()
        assert (states(history), history.position, store.state) == ([10, 110], 0, 10)
        assert store.core.state == 110

    def test_sweep_keeps_what_went_unrecorded(self) -> None:
        """Though the action before which it was is gone."""
        store, history = counted(1)
        history.pause()
        store.dispatch(add(10))
        history.resume()
        store.dispatch(add(100))
        store.dispatch(add(1000))
        history.toggle(1)
        history.sweep()
        assert (states(history), store.state) == ([1, 1011], 1011)

    def test_a_locked_store_stays_as_it_is(self) -> None:
        """Nothing is recorded; it can be travelled, and unlocked, and stopping unlocks it."""
        store, history = counted(1)
        history.lock()
        history.lock()
        store.dispatch(add(10))
        store.dispatch(divide(3))
        assert (store.state, states(history), history.is_locked) == (1, [1], True)
        assert json.loads(history.export())["isLocked"] is True
        history.jump(-1)
        assert store.state == 0
        history.unlock()
        store.dispatch(add(100))
        assert (store.state, states(history)) == (101, [1, 101])
        history.lock()
        history.stop()
        store.dispatch(add(1))
        assert store.state == 102

    def test_a_failure_is_exported(self) -> None:
        """As the DevTools show it."""
        store, history = counted(1)
        broken = Reducer(0)
        broken.on(add)(lambda state, action: 1 // 0)
        store.replace_reducer(broken)
        store.dispatch(Echo())
        history.jump(-1)
        history.reorder(0, 0)
        computed = json.loads(history.export())["computedStates"]
        assert [each.get("error") for each in computed][1] == "ZeroDivisionError: integer division or modulo by zero"

    @pytest.mark.parametrize(("index", "before"), [(2, 0), (-1, 0), (0, 3), (0, -1)])
    def test_no_such_entry_to_move(self, index: int, before: int) -> None:
        """It says which there are."""
        _, history = counted(1, 2)
        with pytest.raises(IndexError, match="goes from 0 to 1"):
            history.reorder(index, before)


class TestDevTools:
    def test_the_export_has_the_shape_of_the_devtools(self) -> None:
        """Field by field: the lifted state of redux-devtools-instrument."""
        store = Store(bench)
        history = History(store)
        store.dispatch(add(5))
        store.dispatch(put(7))
        store.dispatch(add(1))
        history.toggle(0)
        history.jump(1)

        lifted = json.loads(history.export())

        assert set(lifted) == {
            "monitorState",
            "actionsById",
            "nextActionId",
            "stagedActionIds",
            "skippedActionIds",
            "committedState",
            "currentStateIndex",
            "computedStates",
            "isLocked",
            "isPaused",
        }
        assert list(lifted["actionsById"]) == ["0", "1", "2", "3"]
        for lifted_action in lifted["actionsById"].values():
            assert set(lifted_action) == {"type", "action", "timestamp"}
            assert lifted_action["type"] == "PERFORM_ACTION"
            assert abs(lifted_action["timestamp"] / 1000 - time.time()) < 3600
        assert [each["action"] for each in lifted["actionsById"].values()] == [
            {"type": "@@INIT"},
            {"type": "history-count/add", "amount": 5},
            {"type": "history-parts/put", "id": 7},
            {"type": "history-count/add", "amount": 1},
        ]
        assert lifted["nextActionId"] == 4
        assert lifted["stagedActionIds"] == [0, 1, 2, 3]
        assert lifted["skippedActionIds"] == [1]
        assert lifted["committedState"] == {"count": 0, "parts": []}
        assert lifted["currentStateIndex"] == 2
        assert lifted["computedStates"] == [
            {"state": {"count": 0, "parts": []}},
            {"state": {"count": 0, "parts": []}},
            {"state": {"count": 0, "parts": [[7, {"id": 7}]]}},
            {"state": {"count": 1, "parts": [[7, {"id": 7}]]}},
        ]
        assert (lifted["isLocked"], lifted["isPaused"], lifted["monitorState"]) == (False, False, {})

    def test_what_was_exported_loads_back_to_the_same(self) -> None:
        """States in their types, times, sources, what is skipped, and where it stands; without effects."""
        store = Store(bench, Bench(count=3, parts=parts_of.add_one(parts_of.empty(), Part(id=1))))
        history = History(store, limit=3)
        for action in (add(5), put(7), add(1), put(8)):
            store.dispatch(action)
        history.toggle(1)
        history.jump(0)

        acted: list[Action] = []
        other = Store(bench)
        other.actions.subscribe(acted.append)
        loaded = History(other)
        loaded.load(history.export())

        assert states(loaded) == states(history)
        assert loaded.base == history.base
        assert other.state == store.state
        assert [(each.action, each.skipped, each.source) for each in loaded.entries] == [
            (each.action, each.skipped, each.source) for each in history.entries
        ]
        assert [each.time for each in loaded.entries] == pytest.approx(
            [each.time for each in history.entries], abs=0.01
        )
        assert loaded.position == 0
        assert acted == []
        other.dispatch(add(1))
        assert other.state.count == store.core.state.count + 1

    @pytest.mark.parametrize("value", [Big(size=2.0), b"\x89PNG", {(1, 2): math.inf}, datetime(2024, 1, 1), math.nan])
    def test_nothing_is_lost_on_the_way(self, value: Any) -> None:
        """Subclasses, bytes, keys of any type, numbers that JSON lacks: in actions, and in the state it begins with."""
        store = Store(kept, (value, None))
        history = History(store)
        store.dispatch(keep(value))
        text = history.export()
        json.loads(text, parse_constant=lambda word: pytest.fail(word))

        other = Store(kept)
        loaded = History(other)
        loaded.load(text)

        assert repr(other.state) == repr(store.state) == repr((value, value))
        assert repr(loaded.entries[0].action) == repr(keep(value))

    @pytest.mark.parametrize("pauses", [(1, 2), (2, 3)], ids=["between", "at the end"])
    def test_what_went_unrecorded_is_in_the_states(self, pauses: tuple[int, int]) -> None:
        """A history that was paused comes back with the state that the store had."""
        store, history = counted()
        for number in range(3):
            (history.pause if number in pauses[:1] else history.resume)()
            store.dispatch(add(10**number))
        text = history.export()

        other, loaded = counted()
        loaded.load(text)
        assert other.state == store.state == 111
        assert states(loaded) == states(history)
        other.dispatch(add(1000))
        assert (other.state, states(loaded)[-1]) == (1111, 1111)
        again, _ = counted()
        History(again).load(loaded.export())
        assert again.state == 1111

    @pytest.mark.parametrize(
        "text",
        [
            '[{"type": "history-count/add", "amount": 4}]',
            '{"payload": "[{\\"type\\": \\"history-count/add\\", \\"amount\\": 1}]", "preloadedState": "{\\"state\\": 3}"}',
        ],
    )
    def test_a_list_of_actions_will_do(self, text: str) -> None:
        """As the DevTools' extension writes it."""
        store, history = counted(50)
        history.load(text)
        assert (store.state, len(history.entries)) == (4, 1)

    def test_an_exported_session_shows_no_secret(self) -> None:
        """Tokens are masked, in actions and in states."""
        store = Store(combine_reducers(ApiState, auth=auth_reducer, data=data_reducer))
        history = History(store)
        store.dispatch(LoginSuccess(tokens=TokenSet(access_token="s3cret-token", refresh_token="s3cret-too")))
        text = history.export()
        assert "s3cret" not in text
        history.load(text)
        assert store.state.auth.status == "signed_in"

    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("\x00\x01binary", "The recording is no JSON"),
            ('{"name": "package.json"}', "no recording of the Redux DevTools"),
            ('[{"type": "nobody/knows"}]', "Action 0 of the recording cannot be used: .*nobody/knows"),
            ('[{"type": "history-count/add", "amount": "S3CRET"}]', "Action 0 of the recording cannot be used: amount"),
            ("[" * 100_000, "The recording is nested too deep"),
            ('["S3CRET"]', "Action 0 of the recording is a str, and not an action"),
            ("[5]", "Action 0 of the recording is 5, and not an action"),
            ('{"payload": "[", "preloadedState": "{}"}', "Its payload is no JSON"),
            ('{"actionsById": {}, "stagedActionIds": [0, 1], "currentStateIndex": 1}', "stages the action '1'"),
            (
                '{"actionsById": {}, "stagedActionIds": [0], "currentStateIndex": 0, "committedState": {"state": "x"}}',
                "it does not fit at state",
            ),
            (
                '{"actionsById": {}, "stagedActionIds": [0], "currentStateIndex": 0, "committedState": 5}',
                "begins with a state of int",
            ),
            *(
                (
                    '{"actionsById": {}, "stagedActionIds": [0], "currentStateIndex": 0, "committedState": {"state": 1}, '
                    f'"{name}": {value}}}',
                    words,
                )
                for name, value, words in (
                    ("rxduxTypes", 5, "types of its state by a int"),
                    ("rxduxTypes", '{"/state": "os:system"}', "it names a class"),
                    ("rxduxPresent", 5, "a state of int beside its actions"),
                    ("rxduxPresent", '{"data": {"state": "S3CRET"}, "types": {}}', "it does not fit at state"),
                )
            ),
        ],
    )
    def test_a_text_that_is_no_recording_changes_nothing(self, text: str, words: str) -> None:
        """It says what is wrong and where, and never a value."""
        store, history = counted(1)
        with pytest.raises(ValueError, match=words) as refused:
            history.load(text)
        assert (store.state, states(history)) == (1, [1])
        assert "S3CRET" not in str(refused.value)
