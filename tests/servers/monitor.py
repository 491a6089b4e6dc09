"""Somebody who looks at apps through a server of the Redux DevTools, as the page of these does."""

import json
import queue
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from typing import Any

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect

PATIENCE = 20.0


class Shown:
    """What the page shows of one app: the lifted state, kept up to date by the rules of `updateState` in its source."""

    def __init__(self) -> None:
        self.lifted: dict[str, Any] = {}
        self.kinds: list[str] = []

    def hear(self, message: dict[str, Any]) -> None:
        self.kinds.append(message["type"])
        payload = json.loads(message["payload"])
        if message["type"] == "STATE":
            self.lifted = payload
            return
        for action, state in zip(json.loads(message["action"]), payload, strict=True):
            self._append(action, state, message["maxAge"])

    def _append(self, action: dict[str, Any], state: Any, most: int) -> None:
        lifted = self.lifted
        id = lifted["nextActionId"]
        if lifted["currentStateIndex"] == len(lifted["stagedActionIds"]) - 1:
            lifted["currentStateIndex"] += 1
        lifted["stagedActionIds"].append(id)
        lifted["actionsById"][str(id)] = action
        lifted["nextActionId"] = id + 1
        lifted["computedStates"].append({"state": state})
        while len(lifted["stagedActionIds"]) > most:
            del lifted["actionsById"][str(lifted["stagedActionIds"].pop(1))]
            lifted["computedStates"].pop(0)
            lifted["committedState"] = lifted["computedStates"][0]["state"]
            lifted["currentStateIndex"] = max(0, lifted["currentStateIndex"] - 1)

    @property
    def states(self) -> list[Any]:
        """A state that is no slices is shown as one that is called `state`."""
        states = [each["state"] for each in self.lifted.get("computedStates", [])]
        return [each["state"] if set(each) == {"state"} else each for each in states]

    @property
    def ids(self) -> list[int]:
        return self.lifted["stagedActionIds"]

    @property
    def types(self) -> list[str]:
        return [self.lifted["actionsById"][str(id)]["action"]["type"] for id in self.ids]


class Monitor:
    """Looks at the app of one instance id, or at all. Use it as a context."""

    def __init__(self, url: str, instance: str | None = None) -> None:
        self._open = ExitStack()
        self._socket = self._open.enter_context(connect(f"{url}/socketcluster/", max_size=None, proxy=None))
        self._instance = instance
        self._connection = ""
        self.shown = Shown()
        self.errors: list[str] = []
        self.said: list[dict[str, Any]] = []
        self._replies: queue.Queue[Any] = queue.Queue()
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()
        self._call("#handshake", {"authToken": None}, 1)
        channel = self._call("login", {}, 2)["data"]
        self._call("#subscribe", {"channel": channel}, 3)
        self.transmit("respond", {"type": "START"})

    def __enter__(self) -> "Monitor":
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()
        self._thread.join()

    def _call(self, event: str, data: Any, number: int) -> Any:
        self._socket.send(json.dumps({"event": event, "data": data, "cid": number}))
        reply = self._replies.get(timeout=PATIENCE)
        assert reply["rid"] == number
        return reply

    def transmit(self, channel: str, message: Any) -> None:
        self._socket.send(json.dumps({"event": channel, "data": message}))

    def ask(self, kind: str, **more: Any) -> None:
        """Send a message to the app."""
        instance = more.pop("instance", self._instance)
        self.transmit(f"sc-{self._connection}", {"type": kind, "instanceId": instance, **more})

    def travel(self, kind: str, **more: Any) -> None:
        self.ask("DISPATCH", action={"type": kind, **more})

    def until(self, is_so: Callable[[Shown], object]) -> None:
        """Wait until it is shown."""
        deadline = time.monotonic() + PATIENCE
        while not (self.shown.lifted and is_so(self.shown)):
            assert time.monotonic() < deadline, (self.shown.lifted, self.errors)
            time.sleep(0.01)

    def until_error(self, words: str) -> None:
        deadline = time.monotonic() + PATIENCE
        while not any(words in error for error in self.errors):
            assert time.monotonic() < deadline, (words, self.errors)
            time.sleep(0.01)

    def _listen(self) -> None:
        try:
            for frame in self._socket:
                if frame == "":
                    self._socket.send("")
                    continue
                packets = json.loads(frame)
                for packet in packets if isinstance(packets, list) else [packets]:
                    if "rid" in packet:
                        self._replies.put(packet)
                    elif packet.get("event") == "#publish":
                        self._hear(packet["data"]["data"])
        except ConnectionClosed:
            pass

    def _hear(self, message: dict[str, Any]) -> None:
        self.said.append(message)
        if self._instance is None and "instanceId" in message:
            self._instance = message["instanceId"]
        if message.get("instanceId") != self._instance:
            return
        self._connection = message["id"]
        match message["type"]:
            case "START":
                self.transmit(f"sc-{self._connection}", {"type": "START"})
            case "ERROR":
                self.errors.append(message["payload"])
            case "STATE" | "ACTION":
                self.shown.hear(message)
            case _:
                pass
