"""Files to import, looked at before an app is told."""

import json
from typing import Any

import pytest

from rxdux.store.tools.monitor.imported import importable

LIFTED = {
    "actionsById": {"0": {"action": {"type": "@@INIT"}}, "1": {"action": {"type": "a"}}},
    "stagedActionIds": [0, 1],
    "computedStates": [{"state": 1}, {"state": 2}],
    "currentStateIndex": 1,
}
ACTIONS = [{"type": "a"}, {"type": "b"}]


@pytest.mark.parametrize("content", [LIFTED, ACTIONS])
def test_what_an_app_understands_stays_as_it_is(content: Any) -> None:
    """A history, or a list of actions; and what is in the frame that the extension makes."""
    text = json.dumps(content)
    assert importable(text) == importable(json.dumps({"payload": text})) == text


def test_actions_after_a_state() -> None:
    """They become a history: a list has no place for the state."""
    text = importable(json.dumps({"payload": json.dumps(ACTIONS), "preloadedState": '{"n": 5}'}))
    lifted = json.loads(text)
    assert (lifted["committedState"], lifted["stagedActionIds"]) == ({"n": 5}, [0, 1, 2])
    assert [lifted["actionsById"][str(id)]["action"] for id in (1, 2)] == ACTIONS


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{", "is no JSON"),
        ("5", "no history"),
        ('{"payload": "{"}', "Its payload is no JSON"),
        ('{"payload": 5}', "no history"),
        ('[{"type": "a"}, {"kind": "b"}]', "Action 1 of the file has no type"),
        (json.dumps({**LIFTED, "stagedActionIds": [0, 7]}), "stages the action 7"),
        (json.dumps({**LIFTED, "stagedActionIds": ["0"]}), "no list of different whole numbers"),
        ("[" * 100_000, "nested too deep"),
        (f'"{"x" * 20_000_000}"', "The file has 20 MB"),
    ],
)
def test_what_would_end_an_app_is_refused(text: str, why: str) -> None:
    """In words."""
    with pytest.raises(ValueError, match=why):
        importable(text)
