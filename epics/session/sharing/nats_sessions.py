"""A session in NATS, in a key-value bucket of JetStream, for processes of any machines."""

# nats-py leaves some of its parameters without a type.
# pyright: reportUnknownMemberType=false

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, suppress
from importlib import import_module
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar, cast

from ...engines.nats_wire import check_name, connected, end, failure_of, without_password
from .lease import Lease
from .sealed import Seal, Secret, check_lease
from .stored_session import SharedSessionError, StoredSession, each_change, of_failure

if TYPE_CHECKING:
    from nats.aio.client import Client
    from nats.js import JetStreamContext
    from nats.js.errors import KeyDeletedError
    from nats.js.kv import KeyValue

T = TypeVar("T")

TIMEOUT = 1.0  # seconds for a request: who waits for a request waits for this as well
LOOK = 0.4  # seconds between two looks, in case a push was lost
BUCKET = "rxdux_sessions"


class _Connection(NamedTuple):
    client: "Client"
    jetstream: "JetStreamContext"
    sessions: "KeyValue"
    leases: "KeyValue"


class NatsSessions:
    """Keeps a session in NATS with JetStream; give it to `SharedSession(storage=...)`. Needs the extras `shared` and `nats`.

    Args:
        url: of the server, or of several of a cluster; user and password, or a token, in it.
        name: of the session: letters, digits, `-` and `_`; all processes give the same. It must not be a secret itself.
        secret: a Fernet key, or a list of them, the newest first, that the tokens are encrypted with; None says: in clear.
        lease: seconds after which another process may refresh when the one that was at it has died.
        replicas: on how many servers of a cluster it is kept, when the bucket is made.

    Raises:
        SharedSessionError: without the extras.
        ValueError: for a name that cannot be one, or what is no key.
    """

    def __init__(
        self, url: str | Sequence[str], name: str, *, secret: Secret, lease: float = 10.0, replicas: int = 1
    ) -> None:
        try:
            import_module("nats")  # an extra
        except ImportError as error:
            msg = "NatsSessions needs the package nats-py. Install it: pip install 'rxdux[shared,nats]'."
            raise SharedSessionError(msg) from error
        check_name("NatsSessions", name)
        check_lease("NatsSessions", lease)
        self._urls = [url] if isinstance(url, str) else list(url)
        self.name = name
        self._seal = Seal(secret, repr(self))
        self._lease = lease
        self._leasing = Lease(self, lease, repr(self))
        self._replicas = replicas
        self._connection: _Connection | None = None
        self._opening = asyncio.Lock()

    async def read(self) -> StoredSession | None:
        return (await self._do(self._found))[0]

    async def write(self, new: StoredSession, *, after: int | None) -> bool:
        from nats.js.errors import KeyWrongLastSequenceError  # noqa: PLC0415 -- an extra

        async def put(connection: _Connection) -> bool:
            stored, revision = await self._found(connection)
            if (0 if stored is None else stored.serial) != (after or 0):
                return False
            try:
                await connection.sessions.update(self.name, self._seal.close(new), revision)
            except KeyWrongLastSequenceError:
                return False
            return True

        return await self._do(put)

    async def _found(self, connection: _Connection) -> tuple[StoredSession | None, int]:
        from nats.js.errors import KeyDeletedError, KeyNotFoundError  # noqa: PLC0415 -- an extra

        try:
            found = await connection.sessions.get(self.name)
        except KeyDeletedError as deleted:
            return None, _revision_of(deleted)
        except KeyNotFoundError:
            return None, 0
        return self._seal.open(found.value or b""), found.revision or 0

    # --- the lease -------------------------------------------------------------------------------

    def leased(self) -> AbstractAsyncContextManager[None]:
        return self._leasing.held()

    async def take(self, holder: str) -> bool:
        """Take the lease, if nobody holds it, or this holder does."""
        from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError  # noqa: PLC0415 -- an extra

        async def create(connection: _Connection) -> bool:
            try:
                await connection.leases.create(self.name, holder.encode())
            except (KeyNotFoundError, KeyWrongLastSequenceError):  # the one just now ended
                return False
            return True

        return await self._do(create) or await self.renew(holder)

    async def renew(self, holder: str) -> bool:
        """Hold it for longer, if it is still this holder's."""
        from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError  # noqa: PLC0415 -- an extra

        async def update(connection: _Connection) -> bool:
            try:
                found = await connection.leases.get(self.name)
                if found.value != holder.encode():
                    return False
                await connection.leases.update(self.name, holder.encode(), found.revision)
            except (KeyNotFoundError, KeyWrongLastSequenceError):
                return False
            return True

        return await self._do(update)

    async def give_back(self, holder: str) -> None:
        """End it, if it is still this holder's."""
        from nats.js.errors import KeyNotFoundError, KeyWrongLastSequenceError  # noqa: PLC0415 -- an extra

        async def delete(connection: _Connection) -> None:
            with suppress(KeyNotFoundError, KeyWrongLastSequenceError):
                found = await connection.leases.get(self.name)
                if found.value == holder.encode():
                    await connection.leases.delete(self.name, last=found.revision)

        await self._do(delete)

    # --- what others store -----------------------------------------------------------------------

    def changes(self) -> AsyncIterator[StoredSession | None]:
        return self._changes()

    async def _changes(self) -> AsyncGenerator[StoredSession | None]:
        watching = await self._do(self._watch)
        try:
            await self._leasing.settle()
            async for stored in each_change(self.read, lambda: _next(watching)):
                yield stored
        finally:
            with suppress(Exception):
                await watching.unsubscribe()

    async def _watch(self, connection: _Connection) -> "JetStreamContext.PushSubscription":
        """What is pushed when it is stored. nats-py's own `watch` leaves tasks behind where the connection ends."""
        from nats.js import api  # noqa: PLC0415 -- an extra

        config = api.ConsumerConfig(deliver_policy=api.DeliverPolicy.NEW, ack_policy=api.AckPolicy.NONE)
        return await connection.jetstream.subscribe(f"$KV.{BUCKET}.{self.name}", stream=f"KV_{BUCKET}", config=config)

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await end(connection.client, TIMEOUT / 4)

    def __repr__(self) -> str:
        return f"NatsSessions({', '.join(map(without_password, self._urls))!r}, {self.name!r})"

    # --- the wire, which nats-py does ------------------------------------------------------------

    async def _do(self, work: Callable[[_Connection], Awaitable[T]]) -> T:
        try:
            async with asyncio.timeout(2 * TIMEOUT):
                return await work(await self._connected())
        except SharedSessionError:
            raise
        except Exception as error:
            failure = failure_of(error, repr(self))
            if failure is None:
                raise
        await self.close()
        raise of_failure(failure)

    async def _connected(self) -> _Connection:
        async with self._opening:
            if self._connection is None or self._connection.client.is_closed:
                self._connection = await self._connect()
            return self._connection

    async def _connect(self) -> _Connection:
        client = await connected(self._urls, TIMEOUT)
        try:
            jetstream = client.jetstream(timeout=TIMEOUT)
            sessions = await jetstream.create_key_value(bucket=BUCKET, history=1, replicas=self._replicas)
            leases = await jetstream.create_key_value(
                bucket=f"rxdux_leases_{round(self._lease * 1000)}", history=1, ttl=self._lease, replicas=self._replicas
            )
        except BaseException:
            await end(client, TIMEOUT / 4)
            raise
        return _Connection(client, jetstream, sessions, leases)


def _revision_of(deleted: "KeyDeletedError") -> int:
    entry = cast("Any", deleted).entry  # nats-py leaves it without a type
    return int(entry.revision or 0) if entry is not None else 0


async def _next(watching: "JetStreamContext.PushSubscription") -> None:
    """The next push, or nothing for a while: only the time of the next look comes of it."""
    from nats.errors import TimeoutError as NatsTimeout  # noqa: PLC0415 -- an extra

    try:
        await watching.next_msg(LOOK)
    except NatsTimeout:
        return
    except Exception:  # it ended with its connection
        await asyncio.sleep(LOOK)
