"""A log in Redis or Valkey: a stream, its snapshot beside it, and who is there. The default."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from ..engines.redis_wire import Line, beside, check_client, connect, failure_of, without_password
from .errors import LogRefused, SharedError, not_begun, raised
from .log import StoredSnapshot

if TYPE_CHECKING:
    from redis.asyncio import Redis

Use: TypeAlias = Literal["asking", "reading", "bulk"]
"""What a connection is for: so a snapshot holds up no entry, nor who waits for one."""

TIMEOUT = 3.0  # seconds for a command
TIMEOUTS: dict[Use, float] = {"asking": TIMEOUT, "reading": TIMEOUT, "bulk": 60.0}  # a snapshot may be large
BLOCK = 1.0  # seconds that one command waits for entries, so that its connection is known to live
ENTRY = b"e"  # the one field of a stream's entry

_APPEND = """
if redis.call('EXISTS', KEYS[2]) == 0 then return 0 end
for place = 1, #ARGV do redis.call('XADD', KEYS[1], '0-*', 'e', ARGV[place]) end
return 1
"""
_BEGIN = """
if redis.call('EXISTS', KEYS[1], KEYS[2]) > 0 then return 0 end
redis.call('HSET', KEYS[2], 'number', 0, 'content', ARGV[1])
return 1
"""
_SAVE = """
local held = redis.call('HGET', KEYS[2], 'number')
if held and tonumber(held) > tonumber(ARGV[1]) then return 0 end
local id = '0-' .. ARGV[1]
local found = redis.call('XRANGE', KEYS[1], id, id)
if #found == 0 or found[1][2][2] ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[2], 'number', ARGV[1], 'content', ARGV[3])
if tonumber(ARGV[1]) > tonumber(ARGV[4]) then
  redis.call('XTRIM', KEYS[1], 'MINID', '0-' .. (ARGV[1] - ARGV[4]))
end
return 1
"""
_BEAT = """
local time = redis.call('TIME')
local now, life = time[1] + time[2] / 1000000, tonumber(ARGV[2])
if not ARGV[3] then redis.call('HDEL', KEYS[1], ARGV[1])
else redis.call('HSET', KEYS[1], ARGV[1], string.format('%.3f|', now) .. ARGV[3]) end
local said, there = redis.call('HGETALL', KEYS[1]), {}
for place = 1, #said, 2 do
  local at, words = string.match(said[place + 1], '^([%d.]+)|(.*)$')
  if at and math.abs(now - tonumber(at)) <= life then
    there[#there + 1] = said[place]
    there[#there + 1] = words
  else redis.call('HDEL', KEYS[1], said[place]) end
end
redis.call('EXPIRE', KEYS[1], 3600)
return there
"""


class RedisLog:
    """Keeps the log in Redis 7 or Valkey: the stream `key`, and beside it `:snapshot` and `:nodes`, in one hash slot.

    Needs the extra `redis`. How to run the server so that it keeps what it acknowledged is told under
    "More than one machine" in the documentation.

    Args:
        server: the URL (`redis://`, `rediss://`, `unix://`, with user and password); or a `redis.asyncio.Redis`,
            such as Sentinel's `master_for`, made without retries and without `decode_responses`: it is left open.
        key: of the stream. All nodes of one shared state give the same.

    Raises:
        SharedError: without the extra `redis`.
        ValueError: for what is no URL of a Redis, or no key.
    """

    def __init__(self, server: "str | Redis", key: str) -> None:
        try:
            from redis import asyncio as redis_asyncio  # noqa: PLC0415 -- an extra
        except ImportError as error:
            msg = "RedisLog needs the package redis. Install it: pip install 'rxdux[redis]'."
            raise SharedError(msg) from error
        if not key or key.count("{") != key.count("}"):
            msg = f"RedisLog(key=...) must be the name of a Redis key, with braces in pairs or none, not {key!r}."
            raise ValueError(msg)
        self.key = key
        self._snapshot_key, self._nodes_key = (beside(key, what) for what in ("snapshot", "nodes"))
        if isinstance(server, str):
            self._shown = without_password(server)
        else:
            check_client(server)
            self._shown = "a given client"
        self._client: Redis = connect(redis_asyncio.Redis, server, TIMEOUT) if isinstance(server, str) else server
        self._lines: dict[Use, Line] = {}

    # --- the log ---------------------------------------------------------------------------------

    async def append(self, entries: Sequence[bytes]) -> None:
        if len(entries) == 1 and await self._ask("asking", "XADD", self.key, "NOMKSTREAM", "0-*", ENTRY, entries[0]):
            return  # a log with entries has begun, and needs no script to look: an entry alone is under way for half as long
        if not await self._run("asking", _APPEND, [self.key, self._snapshot_key], entries):
            raise not_begun(repr(self))

    async def read(self, after: int, limit: int, wait: float) -> Sequence[tuple[int, bytes]]:
        block = () if wait <= 0 else ("BLOCK", max(1, round(min(wait, BLOCK) * 1000)))
        found = await self._ask("reading", "XREAD", "COUNT", limit, *block, "STREAMS", self.key, f"0-{after}")
        if not found:
            return []
        if isinstance(found, dict):  # as RESP3 has it
            [entries] = cast("dict[bytes, Any]", found).values()
        else:
            [[_, entries]] = found
        return [(self._number(id), _content(fields)) for id, fields in entries]

    async def last(self) -> int:
        found = await self._ask("asking", "XREVRANGE", self.key, "+", "-", "COUNT", 1)
        return self._number(found[0][0]) if found else 0

    async def at(self, number: int) -> bytes | None:
        id = f"0-{number}"
        found = await self._ask("asking", "XRANGE", self.key, id, id)
        return _content(found[0][1]) if found else None

    # --- the snapshot ----------------------------------------------------------------------------

    async def begin(self, content: bytes) -> bool:
        return bool(await self._run("bulk", _BEGIN, [self.key, self._snapshot_key], [content]))

    async def snapshot(self) -> StoredSnapshot | None:
        number, content = await self._ask("bulk", "HMGET", self._snapshot_key, "number", "content")
        return None if number is None or content is None else StoredSnapshot(int(number), content)

    async def save_snapshot(self, number: int, entry: bytes, content: bytes, keep: int) -> bool:
        return bool(await self._run("bulk", _SAVE, [self.key, self._snapshot_key], [number, entry, content, keep]))

    # --- who is there ----------------------------------------------------------------------------

    async def beat(self, node: str, words: bytes | None, life: float) -> dict[str, bytes]:
        said = await self._run("asking", _BEAT, [self._nodes_key], [node, life, *([] if words is None else [words])])
        return {name.decode(): each for name, each in zip(said[::2], said[1::2], strict=True)}

    async def close(self) -> None:
        lines, self._lines = list(self._lines.values()), {}
        for line in lines:
            await line.close()

    def __repr__(self) -> str:
        return f"RedisLog({self._shown!r}, {self.key!r})"

    # --- the wire, which redis-py does -----------------------------------------------------------

    def _line(self, use: Use) -> Line:
        line = self._lines.get(use)
        if line is None:
            line = self._lines[use] = Line(self._client, TIMEOUTS[use])
        return line

    async def _ask(self, use: Use, *command: Any) -> Any:
        try:
            return await self._line(use).ask(*command)
        except Exception as error:
            failed = self._failed(error)
        raise failed

    async def _run(self, use: Use, script: str, keys: Sequence[str], arguments: Sequence[Any]) -> Any:
        try:
            return await self._line(use).run(script, keys, arguments)
        except Exception as error:
            failed = self._failed(error)
        raise failed

    def _failed(self, error: Exception) -> Exception:
        """In words. It has no cause: what redis-py raised may hold the connection, and that the password."""
        failure = failure_of(error, repr(self))
        return error if failure is None else raised(failure)

    def _number(self, id: bytes) -> int:
        time, _, number = id.partition(b"-")
        if time != b"0":
            msg = f"The stream of {self!r} is another application's: it has the entry {id.decode()}. Give another key."
            raise LogRefused(msg)
        return int(number)


def _content(fields: Sequence[bytes]) -> bytes:
    """The one field that an entry of ours has; nothing of one that is none."""
    return fields[1] if fields and fields[0] == ENTRY else b""
