"""A session in Redis or Valkey, for processes of any machines."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, suppress
from typing import TYPE_CHECKING, Any, TypeVar

from ...engines.failure import EngineFailedError
from ...engines.redis_wire import answered, beside, connect, without_password
from .lease import Lease
from .sealed import Seal, Secret, check_lease
from .stored_session import SharedSessionError, StoredSession, each_change, of_failure

if TYPE_CHECKING:
    from redis.asyncio import Redis
    from redis.asyncio.client import PubSub

T = TypeVar("T")

TIMEOUT = 1.0  # seconds for a command: who waits for a request waits for this as well
LOOK = 0.4  # seconds between two looks, in case a push was lost

_WRITE = """
local serial = redis.call('HGET', KEYS[1], 'serial') or '0'
if serial ~= ARGV[1] then return 0 end
redis.call('HSET', KEYS[1], 'serial', ARGV[2], 'session', ARGV[3])
redis.call('PUBLISH', ARGV[4], ARGV[2])
return 1
"""
_TAKE = """
if redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2]) then return 1 end
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
return redis.call('PEXPIRE', KEYS[1], ARGV[2])
"""
_RENEW = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('PEXPIRE', KEYS[1], ARGV[2]) end return 0"
_GIVE_BACK = "if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end return 0"


class RedisSessions:
    """Keeps a session in Redis 7 or Valkey; give it to `SharedSession(storage=...)`. Needs the extras `shared` and `redis`.

    Args:
        url: `redis://`, `rediss://`, `unix://`, with user and password. With a failover: that of the primary.
        name: of the session, and of the key; all processes give the same. It must not be a secret itself.
        secret: a Fernet key, or a list of them, the newest first, that the tokens are encrypted with; None says: in clear.
        lease: seconds after which another process may refresh when the one that was at it has died.

    Raises:
        SharedSessionError: without the extras.
        ValueError: for what is no URL of a Redis, no name, no key.
    """

    def __init__(self, url: str, name: str, *, secret: Secret, lease: float = 10.0) -> None:
        try:
            from redis.asyncio import Redis  # noqa: PLC0415 -- an extra
        except ImportError as error:
            msg = "RedisSessions needs the package redis. Install it: pip install 'rxdux[shared,redis]'."
            raise SharedSessionError(msg) from error
        if not name or name.count("{") != name.count("}"):
            msg = (
                f"RedisSessions(name=...) must be the name of a Redis key, with braces in pairs or none, not {name!r}."
            )
            raise ValueError(msg)
        check_lease("RedisSessions", lease)
        self.name = name
        self._url = url
        self._redis = Redis
        self._seal = Seal(secret, repr(self))
        self._lease = lease
        self._leasing = Lease(self, lease, repr(self))
        self._lease_key, self._channel = beside(name, "lease"), beside(name, "changes")
        connect(Redis, url, TIMEOUT)  # refuses what is no URL, and does not connect yet
        self._connected: Redis | None = None

    async def read(self) -> StoredSession | None:
        content: Any = await self._do(lambda: self._client.hget(self.name, "session"))
        return None if content is None else self._seal.open(content)

    async def write(self, new: StoredSession, *, after: int | None) -> bool:
        sealed = self._seal.close(new)
        return bool(await self._run(_WRITE, self.name, after or 0, new.serial, sealed, self._channel))

    def leased(self) -> AbstractAsyncContextManager[None]:
        return self._leasing.held()

    async def take(self, holder: str) -> bool:
        """Take the lease, if nobody holds it, or this holder does."""
        return bool(await self._run(_TAKE, self._lease_key, holder, self._milliseconds))

    async def renew(self, holder: str) -> bool:
        """Hold it for longer, if it is still this holder's."""
        return bool(await self._run(_RENEW, self._lease_key, holder, self._milliseconds))

    async def give_back(self, holder: str) -> None:
        """End it, if it is still this holder's."""
        await self._run(_GIVE_BACK, self._lease_key, holder)

    def changes(self) -> AsyncIterator[StoredSession | None]:
        return self._changes()

    async def _changes(self) -> AsyncGenerator[StoredSession | None]:
        client: Any = self._client  # redis-py leaves the parameters of `pubsub` without a type
        pushes: PubSub = client.pubsub()
        try:
            await self._do(lambda: pushes.subscribe(self._channel))
            await self._leasing.settle()
            async for stored in each_change(self.read, lambda: self._do(lambda: _next(pushes))):
                yield stored
        finally:
            with suppress(Exception):
                await pushes.aclose()

    async def close(self) -> None:
        client, self._connected = self._connected, None
        if client is not None:
            with suppress(Exception):
                await client.aclose()

    def __repr__(self) -> str:
        return f"RedisSessions({without_password(self._url)!r}, {self.name!r})"

    # --- the wire, which redis-py does -----------------------------------------------------------

    @property
    def _milliseconds(self) -> int:
        return round(self._lease * 1000)

    @property
    def _client(self) -> "Redis":
        if self._connected is None:
            self._connected = connect(self._redis, self._url, TIMEOUT)
        return self._connected

    async def _run(self, script: str, key: str, *arguments: Any) -> Any:
        return await self._do(lambda: self._client.eval(script, 1, key, *arguments))

    async def _do(self, command: Callable[[], Awaitable[T]]) -> T:
        try:
            return await answered(command, repr(self))
        except EngineFailedError as error:
            failed = of_failure(error.failure)
        raise failed


async def _next(pushes: "PubSub") -> None:
    """The next push, or nothing for a while."""
    await pushes.get_message(ignore_subscribe_messages=True, timeout=LOOK)
    await asyncio.sleep(0)
