"""What an app tells of its history, kept as the page of the DevTools keeps it."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rxdux import History
from rxdux.store.tools.monitor import lifted as limits
from rxdux.store.tools.monitor.apps import MOST_APPS, Apps
from rxdux.store.tools.monitor.caller import Caller
from rxdux.store.tools.monitor.remote_history import RemoteHistory


class App:
    """One that is connected: what it says, and what it is asked."""

    def __init__(self, apps: Apps | None = None, instance: str = "one") -> None:
        self.apps = apps or Apps()
        self.instance = instance
        self._sent: list[str] = []
        self.caller = Caller(f"connection of {instance}", self._sent.append, self.apps.hear)
        self.take("#handshake", {"authToken": None}, 1)
        self.take("login", "master", 2)
        self.take("#subscribe", {"channel": "respond"}, 3)

    def take(self, event: str, data: Any, call: int | None = None) -> None:
        self.caller.take(json.dumps({"event": event, "data": data} | ({} if call is None else {"cid": call})))

    def say(self, type: Any, **more: Any) -> None:
        self.take("log", {"type": type, "instanceId": self.instance, **more})

    def tell(self, states: list[Any], **more: Any) -> None:
        """All of a history: an action after each state but the first."""
        actions = {str(id): {"action": {"type": f"a{id}"}, "timestamp": 1000 * id} for id in range(len(states))}
        lifted = {
            "actionsById": actions,
            "stagedActionIds": list(range(len(states))),
            "computedStates": [{"state": state} for state in states],
            "currentStateIndex": len(states) - 1,
            **more,
        }
        self.say("STATE", payload=json.dumps(lifted))

    def act(self, type: str, state: Any, **more: Any) -> None:
        self.say("ACTION", payload=json.dumps(state), action=json.dumps({"action": {"type": type}}), **more)

    @property
    def history(self) -> RemoteHistory:
        return next(each for each in self.apps.histories if each.instance == self.instance)

    @property
    def asked(self) -> list[dict[str, Any]]:
        packets = [json.loads(each) for each in self._sent]
        return [each["data"]["data"] for each in packets if each.get("event") == "#publish"]


def types(history: RemoteHistory) -> list[str]:
    return [entry.action.type for entry in history.entries]


def test_it_has_all_that_a_history_has() -> None:
    """But for the store, which is elsewhere: so the Inspector can look into it."""
    assert {name for name in dir(History) if not name.startswith("_")} - {"store"} <= set(dir(RemoteHistory))


def test_what_did_not_change_is_kept_once() -> None:
    """In what comes whole, and in what is appended; entries that stayed the same are the same."""
    app = App()
    app.tell([{"big": [1, 2], "n": 0}, {"big": [1, 2], "n": 1}])
    app.act("more", {"big": [1, 2], "n": 2})
    base, first, second = app.history.base, *(entry.state for entry in app.history.entries)
    assert base["big"] is first["big"] is second["big"]
    before = app.history.entries
    app.tell([{"big": [1, 2], "n": 0}, {"big": [1, 2], "n": 1}, {"big": [1, 2], "n": 5}])
    assert app.history.entries[0] is before[0]
    assert app.history.entries[1].state == {"big": [1, 2], "n": 5}


def test_what_an_action_answers_and_waited_for_is_known() -> None:
    """By identity, as in a history of one's own; also when an entry is skipped, or comes again."""
    app = App()
    app.tell([0, 1])
    answer = json.dumps({"action": {"type": "answer"}, "cause": 1})
    app.say("ACTION", payload="2", action=answer)
    app.say("ACTION", payload="3", action=json.dumps({"action": {"type": "lost"}, "cause": [77], "awaited": 2}))
    ask, answered, lost = app.history.entries
    assert answered.cause is ask.action
    assert (lost.cause, lost.awaited) == (None, answered.action)
    lifted = json.loads(app.history.export()) | {"skippedActionIds": [1]}
    app.say("STATE", payload=json.dumps(lifted))
    ask, answered, _ = app.history.entries
    assert ask.skipped
    assert answered.cause is ask.action


def test_the_oldest_are_forgotten() -> None:
    """As many as the app forgets: by `maxAge`, or one for one when it says that they are too many."""
    app = App()
    app.tell([0, 1, 2])
    app.act("b", 3, nextActionId=4, maxAge=3)
    assert (types(app.history), app.history.base, app.history.position) == (["a2", "b"], {"state": 1}, 1)
    app.act("c", 4, nextActionId=5, isExcess=True)
    assert (types(app.history), app.history.base) == (["b", "c"], {"state": 2})
    assert [entry.id for entry in app.history.entries] == [3, 4]
    exported = json.loads(app.history.export())
    assert (exported["stagedActionIds"], exported["committedState"]) == ([0, 3, 4], 2)
    assert set(exported["actionsById"]) == {"0", "3", "4"}


def test_what_is_kept_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """By number and by size; the newest stay."""
    monkeypatch.setattr(limits, "MOST_TEXT", 2000)
    monkeypatch.setattr(limits, "MOST_ENTRIES", 50)
    app = App()
    for number in range(500):
        app.act(f"n{number}", "x" * (number % 400))
    assert types(app.history)[-1] == "n499"
    assert len(app.history.entries) < 20
    app.tell(["y" * 100] * 200)
    assert len(app.history.entries) < 50
    assert types(app.history)[-1] == "a199"
    app.tell(["y" * 10_000] * 3)
    assert app.history.base == {"state": "y" * 10_000}


def test_a_state_that_is_too_large_is_told_in_words() -> None:
    """And shown again when it is small."""
    app = App()
    app.tell([0])
    app.act("huge", "x" * 10_000_000)
    assert app.history.news == "It sent what cannot be shown: 10 MB of state, and 8 is the most"
    app.act("small", 1)
    assert (app.history.news, types(app.history)) == ("", ["small"])


def test_an_app_that_keeps_no_history_is_told_states() -> None:
    """It says INIT at first, and the DevTools keep what it did."""
    app = App()
    app.say("INIT", payload='{"n": 0}')
    app.act("one", {"n": 1})
    app.act("two", {"n": 2})
    app.history.jump(0)
    assert app.asked[-1] == {
        "type": "DISPATCH",
        "action": {"type": "JUMP_TO_ACTION", "actionId": 1},
        "state": '{"n": 1}',
        "instanceId": "one",
    }
    assert (app.history.position, app.history.is_travelling) == (0, True)
    app.history.toggle(1)
    assert json.loads(app.asked[-1]["state"])["stagedActionIds"] == [0, 1, 2]


def test_several_actions_at_once() -> None:
    """With a state for each, or with the last one alone."""
    app = App()
    app.tell([0])
    two = json.dumps([{"action": {"type": "x"}}, {"action": {"type": "y"}}])
    app.say("ACTION", payload="[1, 2]", action=two)
    app.say("ACTION", payload="[7]", action=two, batched=True)
    assert [entry.state for entry in app.history.entries] == [{"state": 1}, {"state": 2}, [7], [7]]
    app.say("ACTION", payload="[1]", action=two)
    assert app.history.news.endswith("2 actions, and not a state for each")


def test_nothing_that_it_sends_reaches_the_screen_as_a_command() -> None:
    """Names, types, keys and errors are shown as text."""
    app = App()
    app.tell([{"\x1b[2J": 1}], nextActionId=1)
    app.say("ERROR", payload="\x1b]0;title\x07\nmore", name="\x1b[31mapp")
    app.act("\x1b[2J\ud800", {"\x1b[2J": 1})
    history = app.history
    shown = [history.name, history.news, *types(history), *history.entries[0].state]
    assert all(each.isprintable() for each in shown), shown


def test_another_app_is_not_listened_to_when_there_are_too_many() -> None:
    """One that has gone makes room."""
    apps = Apps()
    callers = [App(apps, f"app {number}") for number in range(MOST_APPS)]
    for each in callers:
        each.say("START")
    App(apps, "one more").say("START")
    assert len(apps.histories) == MOST_APPS
    assert apps.news == "There are 16 apps already: another one is not listened to."
    apps.leave(callers[3].caller)
    App(apps, "one more").say("START")
    assert [each.instance for each in apps.histories][-1] == "one more"
    assert "app 3" not in [each.instance for each in apps.histories]


def test_what_is_asked_of_an_app_that_has_gone_is_not_sent() -> None:
    """It is said instead; a new connection of the app takes over."""
    app = App()
    app.tell([0, 1])
    app.apps.leave(app.caller)
    app.history.jump(-1)
    assert (app.history.news, app.history.position) == ("It does not listen: nothing was sent.", 0)
    again = App(app.apps)
    again.tell([0, 1])
    app.history.jump(-1)
    assert (again.asked[-1]["action"], app.history.position) == ({"type": "JUMP_TO_ACTION", "actionId": 0}, -1)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
steps = st.one_of(json_values, st.fixed_dictionaries({"action": json_values, "timestamp": json_values}))
lifted_states = st.fixed_dictionaries(
    {
        "actionsById": st.dictionaries(st.sampled_from("0123"), steps, min_size=2),
        "stagedActionIds": st.lists(st.integers(0, 3), unique=True, min_size=1) | json_values,
        "computedStates": st.lists(st.fixed_dictionaries({"state": json_values}) | json_values, min_size=1),
        "currentStateIndex": st.integers(-3, 5),
    },
    optional={
        "skippedActionIds": st.lists(st.integers(0, 3), unique=True) | json_values,
        **dict.fromkeys(["nextActionId", "committedState", "isLocked", "monitorState"], json_values),
    },
)
payloads = st.one_of(json_values, json_values.map(json.dumps), lifted_states.map(json.dumps))
messages = st.fixed_dictionaries(
    {"type": st.sampled_from(["START", "STATE", "INIT", "ACTION", "ERROR", "STOP"]) | json_values},
    optional={
        "payload": payloads,
        "action": st.one_of(json_values, steps.map(json.dumps), st.lists(steps).map(json.dumps)),
        **dict.fromkeys(["instanceId", "name", "nextActionId", "maxAge", "isExcess", "batched"], json_values),
    },
)


@pytest.mark.slow
@settings(deadline=None, max_examples=100)
@given(st.lists(messages, max_size=8))
def test_whatever_comes_it_goes_on(said: list[dict[str, Any]]) -> None:
    """What is understood is kept whole; of the rest it is said what is wrong."""
    app = App()
    for message in said:
        app.take("log", message)
    app.tell([0, 1])
    for history in app.apps.histories:
        assert -1 <= history.position < len(history.entries)
        assert json.loads(history.export())["currentStateIndex"] == history.position + 1
        for entry in history.entries:
            assert repr(entry.action)
    assert types(app.history) == ["a1"]


@pytest.mark.parametrize("depth", [102, 900, 100_000])
def test_what_is_nested_too_deep_is_refused(depth: int) -> None:
    """As a state, an action, and as a frame."""
    app = App()
    app.tell([0])
    deep = "[" * depth + "]" * depth
    app.say("ACTION", payload=deep, action='{"action": {"type": "x"}}')
    assert "nested" in app.history.news
    app.say("ACTION", payload="1", action=f'{{"action": {{"type": "x", "deep": {deep}}}}}')
    assert ("nested" in app.history.news, app.history.entries) == (True, [])
