"""A log in NATS: a JetStream stream, its snapshots in an object store, and who is there by plain messages."""

# nats-py leaves some of its parameters without a type.
# pyright: reportUnknownMemberType=false

import asyncio
import json
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from ..engines.ending import ended
from ..engines.nats_wire import check_name, connected, end, failure_of, without_password
from .errors import LogRefused, LogUnavailable, SharedError, not_begun, raised
from .log import StoredSnapshot

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.aio.subscription import Subscription
    from nats.js import JetStreamContext
    from nats.js.kv import KeyValue
    from nats.js.object_store import ObjectStore

T = TypeVar("T")

TIMEOUT = 3.0  # seconds for a request, for a connection, and for its end
BULK_TIMEOUT = 60.0  # seconds for a snapshot, which may be large
POINTER = "snapshot"  # the key that says which object is the latest snapshot
CHUNK = 512 * 1024  # bytes of a snapshot in one message: NATS takes a megabyte by default


class _Session(NamedTuple):
    """One connection, and what hangs on it."""

    client: "Client"
    jetstream: "JetStreamContext"
    created: str  # when the stream was made: tells it from one that took its place
    pointers: "KeyValue"
    objects: "ObjectStore"
    closed: asyncio.Event  # set when the connection is cut


class NatsLog:
    """Keeps the log in a JetStream stream of NATS. Needs the extra `nats`, and a server with JetStream.

    Args:
        url: of the server, or of several of a cluster; user and password, or a token, in it.
        name: of the shared state: letters, digits, `-` and `_`. The stream is `RXDUX_<name>`.
        replicas: on how many servers of a cluster each entry is kept, when the stream is made.

    Raises:
        SharedError: without the extra `nats`.
        ValueError: for a name that cannot be one.
    """

    def __init__(self, url: str | Sequence[str], name: str, *, replicas: int = 1) -> None:
        try:
            import_module("nats")  # an extra
        except ImportError as error:
            msg = "NatsLog needs the package nats-py. Install it: pip install 'rxdux[nats]'."
            raise SharedError(msg) from error
        check_name("NatsLog", name)
        self._urls = [url] if isinstance(url, str) else list(url)
        self.name = name
        self._replicas = replicas
        self._stream, self._bucket = f"RXDUX_{name}", f"rxdux_{name}"
        self._subject, self._nodes_subject = f"rxdux.{name}.log", f"rxdux.{name}.nodes"
        self._session: _Session | None = None
        self._begun: _Session | None = None
        self._failed: LogUnavailable | LogRefused | None = None  # what ended the last connection
        self._opening = asyncio.Lock()
        self._reading: tuple[Subscription, int] | None = None  # and the number that it gives next
        self._heard: dict[str, tuple[float, bytes]] = {}

    # --- the log ---------------------------------------------------------------------------------

    async def append(self, entries: Sequence[bytes]) -> None:
        async def publish(session: _Session) -> None:
            if session is not self._begun:  # once for each connection: a server that lost everything ends them
                if (await self._pointer(session))[0] is None:
                    raise not_begun(repr(self))
                self._begun = session
            *before, last = entries
            acknowledged = [await session.jetstream.publish_async(self._subject, entry) for entry in before]
            try:
                await session.jetstream.publish(self._subject, last)  # where it is refused, only this one says so
                await asyncio.gather(*acknowledged)
            finally:
                for each in acknowledged:
                    each.cancel()

        await self._do(publish)

    async def read(self, after: int, limit: int, wait: float) -> Sequence[tuple[int, bytes]]:
        async def take(session: _Session) -> Sequence[tuple[int, bytes]]:
            subscription, expected = self._reading or (None, 0)
            if subscription is None or expected != after + 1:
                await self._end_reading()
                subscription = await self._subscribe(session, after + 1)
            found: list[tuple[int, bytes]] = []
            async for number, entry in _messages(subscription, max(wait, 0.05), limit):
                if found and number != found[-1][0] + 1:
                    break  # what lay between was dropped on the way: asked for again
                found.append((number, entry))
            self._reading = (subscription, found[-1][0] + 1 if found else after + 1)
            return found

        found = await self._do(take, TIMEOUT + max(wait, 0))
        if found and found[0][0] != after + 1 and await self.at(after + 1) is not None:
            await self._end_reading()  # no cut, but lost on the way
            return await self.read(after, limit, wait)
        return found

    async def _subscribe(self, session: _Session, first: int) -> "Subscription":
        from nats.js import api  # noqa: PLC0415 -- an extra

        config = api.ConsumerConfig(
            deliver_policy=api.DeliverPolicy.BY_START_SEQUENCE, opt_start_seq=first, ack_policy=api.AckPolicy.NONE
        )
        return await session.jetstream.subscribe(self._subject, stream=self._stream, config=config)

    async def _end_reading(self) -> None:
        reading, self._reading = self._reading, None
        if reading is not None:
            await reading[0].unsubscribe()

    async def last(self) -> int:
        async def ask(session: _Session) -> int:
            return (await session.jetstream.stream_info(self._stream)).state.last_seq

        return await self._do(ask)

    async def at(self, number: int) -> bytes | None:
        from nats.js.errors import NotFoundError  # noqa: PLC0415 -- an extra

        async def ask(session: _Session) -> bytes | None:
            if number < 1:
                return None
            try:
                return (await session.jetstream.get_msg(self._stream, number)).data or b""
            except NotFoundError:
                await session.jetstream.stream_info(self._stream)  # the entry is not there, or is it the stream?
                return None

        return await self._do(ask)

    # --- the snapshot ----------------------------------------------------------------------------

    async def begin(self, content: bytes) -> bool:
        async def put(session: _Session) -> bool:
            pointer, revision = await self._pointer(session)
            if pointer is not None or (await session.jetstream.stream_info(self._stream)).state.last_seq:
                return False
            return await self._point(session, 0, content, revision)

        return await self._do(put, BULK_TIMEOUT)

    async def snapshot(self) -> StoredSnapshot | None:
        from nats.js.errors import NotFoundError  # noqa: PLC0415 -- an extra

        async def get(session: _Session) -> StoredSnapshot | None:
            gone = None
            while True:
                pointer, revision = await self._pointer(session)
                if pointer is None:
                    return None
                try:
                    return StoredSnapshot(int(pointer["number"]), await self._content(session, pointer["object"]))
                except NotFoundError:
                    if revision == gone:
                        raise
                    gone = revision  # deleted meanwhile, for a later one is there: once more

        return await self._do(get, BULK_TIMEOUT)

    async def _content(self, session: _Session, name: str) -> bytes:
        """The bytes of an object, message by message.

        nats-py's own `get` leaves tasks behind when it is cancelled, waits for ever where the object is deleted
        meanwhile, and gives a part of it where the connection ends.
        """
        info = await session.objects.get_info(name)
        subject, number, content = f"$O.{self._bucket}.C.{info.nuid}", 0, bytearray()
        while len(content) < (info.size or 0):
            found = await session.jetstream.get_msg(f"OBJ_{self._bucket}", number + 1, subject, next=True)
            content += found.data or b""
            number = found.seq or 0
        return bytes(content)

    async def save_snapshot(self, number: int, entry: bytes, content: bytes, keep: int) -> bool:
        async def put(session: _Session) -> bool:
            pointer, revision = await self._pointer(session)
            if pointer is not None and pointer["number"] > number:
                return False
            if await self.at(number) != entry or not await self._point(session, number, content, revision):
                return False
            if pointer is not None:
                await session.objects.delete(pointer["object"])
            if number > keep:
                await session.jetstream.purge_stream(self._stream, seq=number - keep)
            return True

        return await self._do(put, BULK_TIMEOUT)

    async def _pointer(self, session: _Session) -> tuple[dict[str, Any] | None, int]:
        """Where the latest snapshot of this very stream is, and the revision of that word."""
        from nats.js.errors import KeyNotFoundError  # noqa: PLC0415 -- an extra

        try:
            found = await session.pointers.get(POINTER)
        except KeyNotFoundError:
            return None, 0
        pointer = cast("dict[str, Any]", json.loads(found.value or b"{}"))
        is_of_this = pointer.get("stream") == session.created
        return pointer if is_of_this else None, found.revision or 0

    async def _point(self, session: _Session, number: int, content: bytes, revision: int) -> bool:
        """Put the snapshot there, then point to it, unless somebody else did meanwhile."""
        from nats.js import api  # noqa: PLC0415 -- an extra
        from nats.js.errors import KeyWrongLastSequenceError  # noqa: PLC0415

        name = f"{number}-{secrets.token_hex(8)}"
        options = api.ObjectMetaOptions(max_chunk_size=CHUNK)
        await session.objects.put(name, content, api.ObjectMeta(name=name, options=options))
        pointer = {"number": number, "object": name, "stream": session.created}
        try:
            await session.pointers.update(POINTER, json.dumps(pointer).encode(), revision)
        except KeyWrongLastSequenceError:
            await session.objects.delete(name)
            return False
        return True

    # --- who is there ----------------------------------------------------------------------------

    async def beat(self, node: str, words: bytes | None, life: float) -> dict[str, bytes]:
        async def say(session: _Session) -> None:
            await session.client.publish(self._nodes_subject, node.encode() + (b"" if words is None else b"|" + words))
            await session.client.flush(round(TIMEOUT))

        await self._do(say)
        now = time.monotonic()
        if words is None:
            self._heard.pop(node, None)
        else:
            self._heard[node] = (now, words)
        self._heard = {name: heard for name, heard in self._heard.items() if now - heard[0] <= life}
        return {name: said for name, (_, said) in self._heard.items()}

    async def _hear(self, message: Any) -> None:
        node, leaves, words = message.data.partition(b"|")
        if leaves:
            self._heard[node.decode()] = (time.monotonic(), words)
        else:
            self._heard.pop(node.decode(), None)

    async def close(self) -> None:
        session, self._session, self._reading = self._session, None, None
        if session is not None:
            await end(session.client, TIMEOUT)

    def __repr__(self) -> str:
        return f"NatsLog({', '.join(map(without_password, self._urls))!r}, {self.name!r})"

    # --- the wire, which nats-py does ------------------------------------------------------------

    async def _do(self, work: Callable[[_Session], Awaitable[T]], timeout: float = TIMEOUT) -> T:
        try:
            async with asyncio.timeout(timeout):
                session = await self._connected()
                return await _while_open(work(session), session.closed)
        except (LogUnavailable, LogRefused) as error:
            refusal = error
        except Exception as error:
            failure = failure_of(error, repr(self))
            if failure is None:
                raise
            refusal = raised(failure)
        self._failed = cause = self._failed or refusal  # what closes the connection here is why others find it closed
        await self.close()
        raise type(cause)(str(cause))

    async def _connected(self) -> _Session:
        async with self._opening:
            if self._session is None or self._session.client.is_closed:
                self._reading = self._failed = None
                async with asyncio.timeout(2 * TIMEOUT):
                    self._session = await self._connect_or_give_up()
            return self._session

    async def _connect_or_give_up(self) -> _Session:
        """In a task of its own: nats-py swallows a cancellation that comes just then."""
        connecting = asyncio.ensure_future(self._connect())
        try:
            await asyncio.wait({connecting})
        except BaseException:
            try:
                await ended(connecting)
            finally:
                if not connecting.cancelled() and connecting.exception() is None:
                    await end(connecting.result().client, TIMEOUT)
            raise
        return connecting.result()

    async def _connect(self) -> _Session:
        closed = asyncio.Event()

        async def cut() -> None:
            closed.set()

        client = await connected(self._urls, TIMEOUT, cut)
        try:
            jetstream = client.jetstream(timeout=TIMEOUT)
            created = await self._find_stream(jetstream)
            pointers = await jetstream.create_key_value(bucket=self._bucket, replicas=self._replicas, history=1)
            objects = await self._find_objects(jetstream)
            await client.subscribe(self._nodes_subject, cb=self._hear)
        except BaseException:
            await end(client, TIMEOUT)
            raise
        return _Session(client, jetstream, created, pointers, objects, closed)

    async def _find_stream(self, jetstream: "JetStreamContext") -> str:
        from nats.js.errors import NotFoundError  # noqa: PLC0415 -- an extra

        try:
            info = await jetstream.stream_info(self._stream)
        except NotFoundError:
            info = await jetstream.add_stream(
                name=self._stream, subjects=[self._subject], num_replicas=self._replicas, allow_direct=True
            )
        if info.config.subjects != [self._subject]:
            msg = f"The stream {self._stream} of {self!r} is another application's: it has {info.config.subjects}. Give another name."
            raise LogRefused(msg)
        return str(info.created)

    async def _find_objects(self, jetstream: "JetStreamContext") -> "ObjectStore":
        from nats.js.errors import NotFoundError  # noqa: PLC0415 -- an extra

        try:
            return await jetstream.object_store(self._bucket)
        except NotFoundError:
            return await jetstream.create_object_store(self._bucket, replicas=self._replicas)


async def _while_open(work: Awaitable[T], closed: asyncio.Event) -> T:
    """Wait for work, as long as its connection is there: nats-py leaves some of it waiting for what will never come."""
    working, closing = asyncio.ensure_future(work), asyncio.ensure_future(closed.wait())
    try:
        await asyncio.wait({working, closing}, return_when=asyncio.FIRST_COMPLETED)
        if working.done():
            return working.result()
        msg = "the connection was cut"
        raise ConnectionResetError(msg)
    finally:
        await ended(working, closing)


async def _messages(subscription: "Subscription", wait: float, limit: int) -> AsyncIterator[tuple[int, bytes]]:
    """The messages that are there; the first is waited for."""
    from nats.errors import TimeoutError as NatsTimeout  # noqa: PLC0415 -- an extra

    try:
        message = await subscription.next_msg(wait)
    except NatsTimeout:
        return
    yield message.metadata.sequence.stream, message.data
    for _ in range(min(limit - 1, subscription.pending_msgs)):
        message = await subscription.next_msg(wait)
        yield message.metadata.sequence.stream, message.data
