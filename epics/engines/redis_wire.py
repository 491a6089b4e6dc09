"""How Redis or Valkey is reached: by redis-py, which does the wire."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from functools import cache
from hashlib import sha1
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeVar, cast

from .failure import EngineFailedError, Failure

if TYPE_CHECKING:
    from redis.asyncio import Redis

try:
    _hiredis: Any = import_module("hiredis")  # what redis-py itself packs with, where it does not wait
except ImportError:
    _hiredis = None

T = TypeVar("T")

CONNECT_TIMEOUT = 3.0  # seconds
PASSING = (
    "OOM",
    "MISCONF",
    "READONLY",
    "LOADING",
    "CLUSTERDOWN",
    "MASTERDOWN",
    "TRYAGAIN",
    "NOREPLICAS",
    "BUSY",
    "UNBLOCKED",
)


def connect(redis: "type[Redis]", url: str, timeout: float, **more: Any) -> "Redis":
    """A client that never sends a command twice by itself.

    Raises:
        ValueError: for what is no URL of a Redis. The password in it is not shown.
    """
    from redis.asyncio.retry import Retry  # noqa: PLC0415 -- an extra
    from redis.backoff import NoBackoff  # noqa: PLC0415

    options: dict[str, Any] = {
        "socket_timeout": timeout,
        "socket_connect_timeout": min(timeout, CONNECT_TIMEOUT),
        "protocol": 2,
        **more,
    }
    try:
        client = cast("Any", redis).from_url(url, retry=Retry(NoBackoff(), 0), **options)
    except ValueError as error:
        problem = str(error).replace(url, "it")
    else:
        check_client(client)
        return client
    msg = f"{without_password(url)!r} is no URL of a Redis, such as redis://host:6379/0: {problem}."
    raise ValueError(msg)


def check_client(client: "Redis") -> None:
    if client.connection_pool.connection_kwargs.get("decode_responses"):
        msg = "The client must be made without decode_responses: what the log keeps are bytes."
        raise ValueError(msg)


class Line:
    """A connection that has one command at a time under way.

    A client of redis-py takes a connection out of its pool for each command, tries and measures it: more than half of
    what a small command costs. Here redis-py does the wire, and no more. What fails ends the connection, and
    the next command makes it anew.

    Args:
        client: of whose pool the connection is made; it is not counted there.
        timeout: in seconds, for an answer; it may be a third more.
    """

    def __init__(self, client: "Redis", timeout: float) -> None:
        made: Any = client.connection_pool.make_connection()
        made.socket_timeout = None  # redis-py's own makes a task of each command
        self._connection = made
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._turn = asyncio.Lock()
        self._task: asyncio.Task[Any] | None = None  # whose command is under way
        self._since = 0.0
        self._cancelled_before = 0
        self._cancelled = 0  # so many times, for its command is late
        self._watch: asyncio.TimerHandle | None = None

    async def ask(self, *command: Any) -> Any:
        """What the server answers to a command, as it is on the wire.

        Raises:
            TimeoutError: when it does not.
            RedisError: what redis-py raises.
        """
        connection, task = self._connection, cast("asyncio.Task[Any]", asyncio.current_task())
        async with self._turn:
            self._task, self._since, self._cancelled_before = task, self._loop.time(), task.cancelling()
            if self._watch is None:
                self._look()
            try:
                if not connection.is_connected:
                    await connection.connect()
                await connection.send_packed_command(_packed(connection, command), check_health=False)
                return await connection.read_response()
            except asyncio.CancelledError:
                if not self._was_late(task):
                    raise
            finally:
                self._task = None
                if self._cancelled:
                    self._was_late(task)
        msg = "no answer in time"
        raise TimeoutError(msg)

    def _look(self) -> None:
        """Look now and then whether a command is late: a timer for each costs as much as to pack and write it."""
        if self._task is None:
            self._watch = None
            return
        if self._loop.time() > self._since + self._timeout:
            self._cancelled += 1
            self._task.cancel()
        self._watch = self._loop.call_later(self._timeout / 3, self._look)

    def _was_late(self, task: "asyncio.Task[Any]") -> bool:
        """Take back that the command was cancelled for being late, if it was; False where somebody else has done so as well."""
        cancelled, self._cancelled = self._cancelled, 0
        for _ in range(cancelled):
            task.uncancel()
        return cancelled > 0 and task.cancelling() <= self._cancelled_before

    async def run(self, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        """What a script gives. It is sent as a whole where the server does not have it, as after a restart."""
        from redis.exceptions import NoScriptError  # noqa: PLC0415 -- an extra

        try:
            return await self.ask("EVALSHA", _digest(script), len(keys), *keys, *arguments)
        except NoScriptError:
            return await self.ask("EVAL", script, len(keys), *keys, *arguments)

    async def close(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        await self._connection.disconnect()


def _packed(connection: Any, command: tuple[Any, ...]) -> Any:
    return connection.pack_command(*command) if _hiredis is None else _hiredis.pack_command(command)


@cache
def _digest(script: str) -> str:
    return sha1(script.encode(), usedforsecurity=False).hexdigest()


async def answered(command: Callable[[], Awaitable[T]], who: str) -> T:
    """What a command gives.

    Raises:
        EngineFailedError: in words. It has no cause: what redis-py raised may hold the connection, and that the password.
    """
    try:
        return await command()
    except Exception as error:
        failure = failure_of(error, who)
        if failure is None:
            raise
    raise EngineFailedError(failure)


def failure_of(error: Exception, who: str) -> Failure | None:
    """What an exception of redis-py says; None for one that is a mistake in the program."""
    from redis import exceptions as redis  # noqa: PLC0415 -- an extra

    words = str(error).rstrip(".") or type(error).__name__
    if isinstance(error, redis.AuthenticationError | redis.AuthorizationError | redis.NoPermissionError):
        return Failure(f"{who} does not let us in: {words}. Look at the user, the password and its ACL.", passes=False)
    if isinstance(error, redis.ConnectionError | redis.TimeoutError | OSError | TimeoutError):
        return Failure(f"{who} does not answer: {words}.", passes=True)
    if not isinstance(error, redis.RedisError):
        return None
    if isinstance(error, redis.OutOfMemoryError | redis.ReadOnlyError) or words.startswith(PASSING):
        return Failure(f"{who} takes nothing just now: {words}.", passes=True)
    if "WRONGTYPE" in words or "wrong kind of value" in words or "equal or smaller" in words:
        return Failure(f"The key of {who} is another application's: {words}. Give another key.", passes=False)
    if "unknown command" in words.lower() or "Invalid stream ID" in words or "syntax error" in words:
        return Failure(
            f"{who} needs streams as Redis 7 or Valkey has them, and the server says: {words}.", passes=False
        )
    return Failure(f"{who} refuses: {words}.", passes=False)


def beside(key: str, what: str) -> str:
    """A key in the same hash slot as another.

    Examples:
        >>> beside("board", "nodes"), beside("rooms:{7}", "nodes")
        ('{board}:nodes', 'rooms:{7}:nodes')
    """
    return f"{key}:{what}" if re.search(r"\{[^}]", key) else f"{{{key}}}:{what}"


def without_password(url: str) -> str:
    """A URL as it may be shown.

    Examples:
        >>> without_password("redis://ada:s3cret@host:6379/0?password=s3cret")
        'redis://ada:***@host:6379/0?password=***'
        >>> without_password("redis://:s3cret@host"), without_password("redis://host")
        ('redis://:***@host', 'redis://host')
    """
    scheme, mark, rest = url.partition("://")
    user, at, place = rest.rpartition("@")  # a password may hold what would have to be escaped in it
    shown = f"{user.partition(':')[0]}:***" if at else user
    return re.sub(r"(password=)[^&#]*", r"\1***", f"{scheme}{mark}{shown}{at}{place}")
