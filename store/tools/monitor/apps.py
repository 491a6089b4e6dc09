"""The apps that a server of the DevTools listens to: those that are there, and the last ones that have gone."""

from ..changes import Changes
from .caller import Caller, Message
from .kept import printable
from .remote_history import RemoteHistory

MOST_APPS = 16


class Apps:
    """Knows each app by the id of its store. One that has gone stays, to look at, until others need its place."""

    def __init__(self) -> None:
        self.news = ""
        self._histories: dict[str, RemoteHistory] = {}
        self.changes = Changes()

    @property
    def histories(self) -> list[RemoteHistory]:
        """Of all apps, in the order in which they came."""
        return list(self._histories.values())

    def hear(self, caller: Caller, message: Message) -> None:
        """Take what an app says on its connection."""
        given = message.get("instanceId")
        instance = str(given) if isinstance(given, str | int) and given != "" else caller.id
        history = self._histories.get(instance)
        if history is None:
            if not self._has_room():
                self.say(f"There are {MOST_APPS} apps already: another one is not listened to.")
                return
            self._histories[instance] = history = RemoteHistory(instance, caller)
        history.hear(caller, message)
        self.changes.tell()

    def leave(self, caller: Caller) -> None:
        """Note that a connection has ended."""
        for history in self._histories.values():
            history.leave(caller)
        self.changes.tell()

    def forget(self, history: RemoteHistory) -> None:
        """Drop what is known of an app; one that still speaks is known again."""
        self._histories.pop(history.instance, None)
        self.changes.tell()

    def say(self, words: str) -> None:
        """Note what went wrong outside of all apps."""
        self.news = printable(words, 300)
        self.changes.tell()

    def _has_room(self) -> bool:
        if len(self._histories) < MOST_APPS:
            return True
        gone = next((each for each in self._histories.values() if not each.is_connected), None)
        if gone is not None:
            del self._histories[gone.instance]
        return gone is not None
