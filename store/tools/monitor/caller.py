"""An app that has called a server of the DevTools: its calls are answered, what it logs is handed on. Without any input or output."""

from collections.abc import Callable
from typing import Any, cast

from ..remote.socketcluster import PING_TIMEOUT, PONG, packets_of, publication, refusal, reply

RESPOND = "respond"  # the channel on which apps are told what is for all of them

Message = dict[str, Any]


class Caller:
    """One connection of an app, as the server sees it.

    What others log is for the server alone: an app can neither read nor steer another one.

    Args:
        id: of the connection.
        send: sends a frame.
        hear: is given each message of the app.
    """

    def __init__(self, id: str, send: Callable[[str], object], hear: Callable[["Caller", Message], object]) -> None:
        self.id = id
        self._send = send
        self._hear = hear
        self._own = f"sc-{id}"
        self._followed: set[str] = set()
        self._has_begun = False

    def take(self, frame: str | bytes) -> None:
        """Do what a frame says.

        Raises:
            ValueError: for a frame that is none of this protocol.
        """
        if frame == PONG:
            return
        for packet in packets_of(frame):
            self._take(packet)

    def ask(self, message: Message) -> bool:
        """Tell the app something; False where it does not listen.

        JavaScript's apps follow the channel for all alone, on which the npm server tells them nothing that is meant for one.
        """
        channel = self._own if self._own in self._followed else RESPOND
        if channel not in self._followed:
            return False
        self._send(publication(channel, message))
        return True

    def _take(self, packet: Message) -> None:
        match packet:
            case {"event": "#handshake", "cid": int(number)}:
                self._send(reply(number, {"id": self.id, "pingTimeout": PING_TIMEOUT * 1000, "isAuthenticated": False}))
            case {"event": "login", "data": "master", "cid": int(number)}:
                self._send(reply(number, RESPOND))
            case {"event": "#subscribe", "data": {"channel": str(channel)}, "cid": int(number)} if channel in (
                RESPOND,
                self._own,
            ):
                self._send(reply(number))
                self._followed.add(channel)
                if len(self._followed) == 1:
                    self._begin()
            case {"event": "#unsubscribe", "data": str(channel)}:
                self._followed.discard(channel)
                if isinstance(packet.get("cid"), int):
                    self._send(reply(packet["cid"]))
            case {"event": str(event), "cid": int(number)}:
                self._send(refusal(number, f"{event[:40]!r} is not to be had here: this server is for apps alone."))
            case {"event": "log" | "log-noid", "data": dict()}:
                self._log(cast("Message", packet["data"]))
            case _:
                pass  # an answer that nobody waits for, or of another protocol

    def _log(self, message: Message) -> None:
        if message.get("type") == "START":
            self._has_begun = True
            self._begin()
        self._hear(self, message)

    def _begin(self) -> None:
        """Say that somebody looks, as soon as the app can hear it: JavaScript's say START before they listen."""
        if self._has_begun:
            self.ask({"type": "START"})
