"""What a server of the DevTools answers to an app."""

import json
from typing import Any

import pytest

from rxdux.store.tools.monitor.caller import Caller


class Line:
    """A connection: what was sent on it, and what was heard."""

    def __init__(self) -> None:
        self.sent: list[Any] = []
        self.heard: list[dict[str, Any]] = []
        self.caller = Caller(
            "7", lambda text: self.sent.append(json.loads(text)), lambda _, said: self.heard.append(said)
        )

    def take(self, *packets: Any) -> list[Any]:
        self.sent.clear()
        for packet in packets:
            self.caller.take(json.dumps(packet))
        return list(self.sent)


def test_a_login() -> None:
    """As the protocol has it: the id, the channel, and a word for each that is followed."""
    assert Line().take(
        {"event": "#handshake", "data": {"authToken": None}, "cid": 1},
        {"event": "login", "data": "master", "cid": 2},
        {"event": "#subscribe", "data": {"channel": "respond"}, "cid": 3},
        {"event": "#subscribe", "data": {"channel": "sc-7"}, "cid": 4},
        {"event": "#unsubscribe", "data": "respond", "cid": 5},
    ) == [
        {"rid": 1, "data": {"id": "7", "pingTimeout": 30000.0, "isAuthenticated": False}},
        {"rid": 2, "data": "respond"},
        {"rid": 3},
        {"rid": 4},
        {"rid": 5},
    ]


@pytest.mark.parametrize(
    ("order", "channel"),
    [(["START", "respond"], "respond"), (["respond", "sc-7", "START"], "sc-7"), (["sc-7", "START"], "sc-7")],
)
def test_it_is_told_that_somebody_looks(order: list[str], channel: str) -> None:
    """Once it has begun and listens, in whatever order; on its own channel, if it follows that."""
    line = Line()
    said = [
        {"event": "log", "data": {"type": "START"}}
        if each == "START"
        else {"event": "#subscribe", "data": {"channel": each}, "cid": 1}
        for each in order
    ]
    assert line.take(*said)[-1] == {"event": "#publish", "data": {"channel": channel, "data": {"type": "START"}}}


@pytest.mark.parametrize(
    "call",
    [
        {"event": "login", "data": {}},
        {"event": "#subscribe", "data": {"channel": "log"}},
        {"event": "#subscribe", "data": {"channel": "sc-8"}},
        {"event": "#subscribe", "data": 5},
        {"event": "#publish", "data": {"channel": "respond", "data": {}}},
        {"event": "getReport", "data": 1},
    ],
)
def test_no_app_can_read_or_steer_another(call: dict[str, Any]) -> None:
    """Nor look at apps at all: such calls are refused."""
    line = Line()
    reply = line.take({**call, "cid": 9})
    assert [(each["rid"], "error" in each) for each in reply] == [(9, True)]
    assert line.take({"event": "respond", "data": {"type": "START"}}, {"event": "sc-8", "data": {}}) == []
    assert line.heard == []


@pytest.mark.parametrize("frame", ["{", "5", "[5]", '"log"', "null", b"\xff", "[" * 100_000])
def test_a_frame_of_another_protocol(frame: str | bytes) -> None:
    """It is refused, for the server to end the connection."""
    with pytest.raises(ValueError, match="is no packet of SocketCluster"):
        Line().caller.take(frame)


def test_packets_that_mean_nothing_are_left_alone() -> None:
    """And so is the answer to a ping."""
    line = Line()
    line.caller.take("")
    assert line.take({}, [], {"rid": 1}, {"event": 5, "cid": "x"}, {"event": "log", "data": None}) == []
    assert line.heard == []
