"""The link between a store and the Redux DevTools: a connection that is made again whenever it is lost."""

import logging
import random
import time
from collections import deque
from collections.abc import Callable
from threading import Event, Lock, Thread, current_thread
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar
from uuid import uuid4
from weakref import WeakKeyDictionary

from ....actions.internal import InternalAction
from ...engine.core import Core
from ...store import Store
from ...subscription import Subscription
from ..history import History
from .commands import Commands, words_of_failure
from .extra import importing_websockets
from .news import Message, News
from .socketcluster import PING, PONG, address_of, call, packets_of, published, transmit

if TYPE_CHECKING:
    from websockets.sync.client import ClientConnection

S = TypeVar("S")

FIRST_PAUSE, LAST_PAUSE = 0.5, 15.0  # seconds between two tries to connect, with jitter
OPEN_TIMEOUT = 5.0  # seconds to connect, and to be answered a call
SILENCE = 40.0  # seconds without a word, after which the server is gone; it pings every 8
BATCH = 0.05  # seconds between two messages at least: what happens meanwhile is one
SHARE = 4.0  # so many times as long as a message took to be written, nothing is written after it
CLOSE_TIMEOUT = 3.0  # seconds that `close()` waits
LONGEST = 64 * 2**20  # bytes of a message that is taken, such as a recording to import

log = logging.getLogger("rxdux")

_instances: WeakKeyDictionary[Core[Any], str] = WeakKeyDictionary()


class _NeverDispatched(InternalAction, type="@@rxdux/NEVER"):
    """Whoever observes it hears only the end of the store."""


class LinkLostError(Exception):
    """The DevTools cannot be reached, or not be understood."""


class Link(Generic[S]):
    """A store's link to the Redux DevTools. `connect` makes one; `close()`, a `with` block or the end of the store ends it.

    Attributes:
        history: what the DevTools see and steer.
        instance: the id under which they know the store, the same for each of its links.
    """

    def __init__(self, store: Store[S], url: str, name: str, history: History[S] | None) -> None:
        self._address = address_of(url)
        with importing_websockets("rxdux.devtools.connect"):
            from websockets.sync.client import connect as open_socket  # noqa: PLC0415 -- an extra
        store.core.check_open("devtools")
        self._open = open_socket
        self._name = name
        self.instance = _instances.setdefault(store.core, uuid4().hex)
        self.history = History(store) if history is None else history
        self._owns_history = history is None
        self._news = News[S](lambda: store.core.reducer, self.history.limit)
        self._commands = Commands(store, self.history, self._news)
        self._doing = Lock()  # what the DevTools are told, or ask: one thing at a time
        self._wake, self._closing = Event(), Event()
        self._socket: ClientConnection | None = None
        self._id = ""  # of the connection
        self._monitored = False
        self._said_absent = False
        self._said: str | None = None
        self._following: Subscription | None = None  # only while somebody looks: a dispatch costs no more before
        self._ending = store.actions.of_classes(_NeverDispatched).subscribe(on_completed=self._end)
        self._threads = [
            Thread(target=work, name=f"rxdux devtools, {what}", daemon=True)
            for what, work in (("listening", self._listen), ("telling", self._tell))
        ]
        for thread in self._threads:
            thread.start()

    @property
    def is_connected(self) -> bool:
        """Whether a server of the DevTools is connected."""
        return self._socket is not None

    @property
    def is_watched(self) -> bool:
        """Whether somebody looks at the store there."""
        return self._monitored

    def close(self) -> None:
        """End the connection. A second call does nothing."""
        self._end()
        self._ending.dispose()
        deadline = time.monotonic() + CLOSE_TIMEOUT
        for thread in self._threads:
            if thread is not current_thread():
                thread.join(max(0.0, deadline - time.monotonic()))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __repr__(self) -> str:
        status = "closed" if self._closing.is_set() else "watched" if self._monitored else "waiting"
        if status == "waiting" and self.is_connected:
            status = "connected"
        return f"<Link of {self._name!r}, {status}>"

    def _end(self) -> None:
        """Called by whoever closes the store as well, whom it does not hold up."""
        self._closing.set()
        self._wake.set()
        self._watch(False)
        if self._owns_history:
            self.history.stop()

    def _watch(self, is_watched: bool) -> None:
        self._monitored = is_watched
        following, self._following = self._following, None
        if following is not None:
            following.unsubscribe()
        if is_watched:
            self._following = self.history.subscribe(self._changed)

    def _changed(self) -> None:
        """Called in whichever thread dispatches."""
        if not self._wake.is_set():
            self._wake.set()

    # --- listening -------------------------------------------------------------------------------

    def _listen(self) -> None:
        pauses = Pauses()
        while not self._closing.is_set():
            try:
                self._converse(pauses)
            except Exception as error:  # a mistake here must not end what the next connection may do
                self._say_absent(error)
            finally:
                self._socket = None
                self._watch(False)
            self._closing.wait(pauses.next())

    def _converse(self, pauses: "Pauses") -> None:
        with self._open(
            self._address,
            open_timeout=OPEN_TIMEOUT,
            close_timeout=1,
            max_size=LONGEST,
            ping_interval=None,  # the server pings in a way of its own
            proxy=None,
        ) as socket:
            conversation = Conversation(socket.send, lambda timeout: socket.recv(timeout=timeout))
            self._id = conversation.log_in()
            self._socket = socket
            if self._closing.is_set():
                return
            self._said_absent = False
            pauses.begin_anew()
            self._relay({"type": "START"})
            for message in conversation.messages():
                if self._closing.is_set():
                    return
                self._hear(message)

    def _hear(self, message: Message) -> None:
        match message.get("type"):
            case "START":
                with self._doing:
                    self._news.forget()
                self._watch(True)
                self._wake.set()
            case "STOP" | "DISCONNECTED":
                self._watch(False)
                self._relay({"type": "START"})  # who still looks, answers
            case _ if message.get("instanceId") == self.instance:
                self._do(message)
            case _:
                pass  # for another instance

    def _do(self, message: Message) -> None:
        with self._doing:
            try:
                self._commands.do(message)
            except Exception as error:
                self._news.forget()
                self._relay({"type": "ERROR", "payload": words_of_failure(error)})
        self._wake.set()

    def _say_absent(self, error: Exception) -> None:
        if self._said_absent or self._closing.is_set():
            return
        self._said_absent = True
        reason = str(error) or type(error).__name__
        log.warning(
            "The Redux DevTools are not there (%s). The store goes on, and looks for them again and again.", reason
        )

    # --- telling ---------------------------------------------------------------------------------

    def _tell(self) -> None:
        while True:
            self._wake.wait()
            self._wake.clear()
            if self._closing.is_set():
                break
            if self._monitored:
                began = time.perf_counter()
                self._tell_news()
                self._closing.wait(max(BATCH, SHARE * (time.perf_counter() - began)))
        socket = self._socket
        if socket is not None:
            socket.close()

    def _tell_news(self) -> None:
        with self._doing:
            try:
                message = self._news.of(self.history.snapshot())
            except Exception as error:
                self._news.forget()
                words = words_of_failure(error)
                if words != self._said:
                    self._said = words
                    log.warning("The Redux DevTools cannot be shown the state. %s", words)
                    self._relay({"type": "ERROR", "payload": words})
                return
            self._said = None
            if message is not None:
                self._relay(message)

    def _relay(self, message: Message) -> None:
        socket = self._socket
        if socket is None:
            return
        text = transmit("log", {**message, "id": self._id, "name": self._name, "instanceId": self.instance})
        try:
            socket.send(text)
        except Exception as error:  # whoever listens hears of the end, too
            log.debug("The Redux DevTools could not be told: %r", error)


class Conversation:
    """What is said on one connection, before and after the login.

    Args:
        send: sends a frame.
        receive: waits so many seconds for one.
    """

    def __init__(self, send: Callable[[str], object], receive: Callable[[float], str | bytes]) -> None:
        self._send = send
        self._receive = receive
        self._calls = 0
        self._heard: deque[dict[str, Any]] = deque()

    def log_in(self) -> str:
        """Say who we are, and follow what is said to us. It returns the id of the connection.

        Raises:
            LinkLostError: for an answer that is none.
        """
        match self._call("#handshake", {"authToken": None}):
            case {"id": str(id)}:
                pass
            case _:
                raise LinkLostError(_odd("its handshake"))
        match self._call("login", "master"):
            case str(channel):
                pass
            case _:
                raise LinkLostError(_odd("its answer to the login"))
        for each in (channel, f"sc-{id}"):
            self._call("#subscribe", {"channel": each})
        return id

    def messages(self) -> Any:
        """What is published for us, one after the other."""
        while True:
            while self._heard:
                message = published(self._heard.popleft())
                if message is not None:
                    yield message
            self._heard.extend(self._packets(SILENCE))

    def _call(self, event: str, data: Any) -> Any:
        self._calls += 1
        self._send(call(event, data, self._calls))
        until = time.monotonic() + OPEN_TIMEOUT
        while True:
            for packet in self._packets(max(0.0, until - time.monotonic())):
                if packet.get("rid") != self._calls:
                    self._heard.append(packet)
                elif "error" in packet:
                    raise LinkLostError(_odd(f"an error to {event}"))
                else:
                    return packet.get("data")

    def _packets(self, timeout: float) -> list[dict[str, Any]]:
        frame = self._receive(timeout)
        if frame == PING:
            self._send(PONG)
            return []
        try:
            return packets_of(frame)
        except ValueError as error:
            log.warning("The Redux DevTools were not understood: %s.", error)
            return []


class Pauses:
    """How long to wait before the next try: longer each time, and not the same for all."""

    def __init__(self) -> None:
        self.begin_anew()

    def begin_anew(self) -> None:
        self._longest = FIRST_PAUSE

    def next(self) -> float:
        pause = self._longest * random.uniform(0.5, 1)
        self._longest = min(LAST_PAUSE, self._longest * 2)
        return pause


def _odd(what: str) -> str:
    return f"what listens there is no server of the DevTools: {what} is none that it would give"


def connect(store: Store[S], url: str, name: str = "rxdux", history: History[S] | None = None) -> Link[S]:
    """Link a store to the Redux DevTools, which then show its actions and states, and steer it.

    They see all that History does, secrets masked: who can reach that server reads the state, and may dispatch.
    Epics see nothing of travel. A server that is not there is looked for again, after ever longer pauses
    of up to 15 s; until somebody looks, nothing is sent. Needs the extra `devtools`.

    Args:
        url: of the server, such as that of `npx redux-devtools`, or of `python -m rxdux.devtools`.
        name: under which the DevTools list the store.
        history: what they show; by default a new one, from now on, that ends with the link.

    Raises:
        ValueError: for what is no URL of a WebSocket.
        ImportError: without the extra.
        StoreClosedError: after `store.close()`.

    See https://github.com/reduxjs/redux-devtools/tree/main/packages/redux-devtools-cli

    Examples:
        ```python
        link = connect(store, "ws://127.0.0.1:8000", name="my app")
        ```
    """
    return Link(store, url, name, history)
