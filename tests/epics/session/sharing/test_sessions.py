"""A session in Redis or NATS: what the storage does, and what processes of any machines see of each other."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from redis.asyncio import Redis

from rxdux import (
    ApiCallError,
    FetchData,
    Login,
    Logout,
    NatsSessions,
    RedisSessions,
    RefreshFailure,
    SessionStorage,
    SessionStorageUnavailable,
    SharedSession,
    SharedSessionError,
    StoredSession,
    TokenSet,
    create_api_store,
)
from rxdux.epics.session.answers import Meaning, describe
from rxdux.epics.session.sharing.storage_session import StorageSession

from ...shared.engines import NatsServer, RedisServer
from .test_shared_session import hear, start

KEY = Fernet.generate_key()
TOKENS = TokenSet(access_token="access-s3cret", refresh_token="refresh-s3cret")

Open = Callable[..., Any]


def name_of(tmp_path: Path) -> str:
    return "".join(each if each.isalnum() else "_" for each in str(tmp_path))


@pytest.fixture(params=["redis", "nats"])
def open_sessions(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
    """One more storage object on the same, at first empty, place."""
    name = name_of(tmp_path)
    if request.param == "redis":
        redis: RedisServer = request.getfixturevalue("redis_server")
        return lambda secret=KEY, lease=10.0: RedisSessions(redis.url, name, secret=secret, lease=lease)
    nats: NatsServer = request.getfixturevalue("nats_server")
    return lambda secret=KEY, lease=10.0: NatsSessions(nats.url, name, secret=secret, lease=lease)


@pytest.fixture
async def two(open_sessions: Open) -> AsyncIterator[tuple[SessionStorage, SessionStorage]]:
    pair = open_sessions(lease=2.0), open_sessions(lease=2.0)
    yield pair
    for each in pair:
        await each.close()


class TestStorage:
    async def test_the_serial_is_the_fencing_token(self, two: tuple[SessionStorage, SessionStorage]) -> None:
        """What was not read last is not written over."""
        one, other = two
        assert isinstance(one, SessionStorage)
        assert await one.read() is None
        assert await one.write(StoredSession(1, 1, TOKENS), after=None)
        assert not await other.write(StoredSession(1, 1, None), after=0)
        assert await other.read() == StoredSession(1, 1, TOKENS)
        written = await asyncio.gather(*(each.write(StoredSession(2, 1, None), after=1) for each in two))
        assert sorted(written) == [False, True]
        assert await one.read() == StoredSession(2, 1, None)
        assert not await one.write(StoredSession(9, 1, TOKENS), after=1)

    @pytest.mark.slow
    async def test_the_lease_is_one_processs(self, two: tuple[SessionStorage, SessionStorage]) -> None:
        """It is renewed while its holder lives, and free right after."""
        one, other = two
        order: list[str] = []

        async def wait() -> None:
            async with other.leased():
                order.append("other")

        async with one.leased():
            waiting = asyncio.create_task(wait())
            await asyncio.sleep(4.2)  # more than two leases: only time can show that it holds
            order.append("one")
        await asyncio.wait_for(waiting, 20)
        assert order == ["one", "other"]

    async def test_a_lease_that_nobody_renews_ends(self, two: tuple[Any, Any]) -> None:
        """As when its holder was killed; who is late does not end another's."""
        one, other = two
        assert await one.take("killed")
        assert not await other.take("other")
        deadline = time.monotonic() + 20
        while not await other.take("other"):
            assert time.monotonic() < deadline
            await asyncio.sleep(0.02)
        assert not await one.renew("killed")
        await one.give_back("killed")
        assert await other.renew("other")

    async def test_changes_are_pushed(self, two: tuple[SessionStorage, SessionStorage]) -> None:
        """What is there first, then each change."""
        one, other = two
        changes = aiter(other.changes())
        assert await asyncio.wait_for(anext(changes), 20) is None
        for serial in (1, 2, 3):
            assert await one.write(StoredSession(serial, 1, TOKENS), after=serial - 1)
            assert await asyncio.wait_for(anext(changes), 20) == StoredSession(serial, 1, TOKENS)
        await changes.aclose()  # type: ignore[attr-defined]

    async def test_keys_are_changed_one_after_the_other(self, open_sessions: Open) -> None:
        """The newest seals, all open; another key opens nothing, and shows nothing."""
        new = Fernet.generate_key()
        old, both, alone, clear = (open_sessions(secret) for secret in (KEY, [new, KEY], new, None))
        try:
            await old.write(StoredSession(1, 1, TOKENS), after=None)
            assert await both.read() == StoredSession(1, 1, TOKENS)
            for each in (alone, clear):
                with pytest.raises(SharedSessionError, match="another key|is encrypted") as refused:
                    await each.read()
                assert "s3cret" not in str(refused.value)
            await both.write(StoredSession(2, 1, TOKENS), after=1)
            assert await alone.read() == StoredSession(2, 1, TOKENS)
        finally:
            for each in (old, both, alone, clear):
                await each.close()

    def test_what_is_no_storage_is_refused(self) -> None:
        """No key, no URL, no name, no lease; nothing of a secret is shown."""
        for secret in ("pa55word", ["x", "pa55word"], [], 5):
            with pytest.raises(ValueError, match="generate_key") as refused:
                RedisSessions("redis://:pa55word@host", "x", secret=secret)  # type: ignore[arg-type]
            assert "pa55word" not in str(refused.value)
        with pytest.raises(ValueError, match="no URL of a Redis"):
            RedisSessions("http://host", "x", secret=None)
        with pytest.raises(ValueError, match="letters"):
            NatsSessions("nats://host", "a.b", secret=None)
        with pytest.raises(ValueError, match="lease"):
            NatsSessions("nats://host", "a", secret=None, lease=0)
        for arguments in (
            {},
            {"path": "x", "storage": RedisSessions("redis://host", "x", secret=None)},
            {"storage": "redis://host"},
        ):
            with pytest.raises(TypeError):
                SharedSession(**arguments)
        assert "pa55word" not in repr(SharedSession(storage=RedisSessions("redis://u:pa55word@host", "x", secret=None)))


async def sign_in(store: Any, username: str = "ada", password: str = "lovelace") -> None:
    store.dispatch(Login(username=username, password=password))
    await store.wait_for(lambda state: state.auth.status == "signed_in", 20)
    await store.idle(20)


async def fetch(store: Any, key: str = "me") -> Any:
    store.dispatch(FetchData(key=key, path="/me"))
    await store.idle(20)
    return store.state.data[key]


@pytest.fixture
async def process(server: Any, quick: Any) -> AsyncIterator[Open]:
    """One more store that shares a session by a storage of its own."""
    async with AsyncExitStack() as stack:

        async def make(storage: SessionStorage) -> Any:
            session = SharedSession(storage=storage)
            return await stack.enter_async_context(create_api_store(server.url, policy=quick, session=session))

        yield make


class TestProcesses:
    async def test_one_refreshes_for_all(self, server: Any, process: Open, open_sessions: Open) -> None:
        """Who meets 401 at once: one call, and all have its tokens. A store begins signed in."""
        first = await process(open_sessions())
        await sign_in(first)
        stores = [first, *[await process(open_sessions()) for _ in range(3)]]
        for store in stores:
            assert store.state.auth.status == "signed_in"
        for _ in range(3):
            server.issuer.expire_access_tokens()
            fetched = await asyncio.gather(*(fetch(store) for store in stores))
            assert [each.status for each in fetched] == ["success"] * 4
        assert server.api.count["refresh"] == 3
        assert server.issuer.reuse_detected == 0

    async def test_what_one_does_reaches_the_others(self, process: Open, open_sessions: Open) -> None:
        """Sign-in, another user's, sign-out: pushed, or found at the next look."""
        one, other = await process(open_sessions()), await process(open_sessions())
        await sign_in(one)
        await other.wait_for(lambda state: state.auth.status == "signed_in", 20)
        await sign_in(one, "grace", "hopper")
        await other.wait_for(lambda state: state.auth.epoch == 2, 20)
        assert (await fetch(other)).data == {"name": "grace"}
        one.dispatch(Logout())
        await other.wait_for(lambda state: state.auth.status == "signed_out", 20)
        assert other.state.auth.error == "You signed out elsewhere."
        late = await process(open_sessions())
        assert late.state.auth.status == "signed_out"

    async def test_a_dead_token_is_sent_once(self, server: Any, process: Open, open_sessions: Open) -> None:
        """The refusal is stored: all sign out, and one has asked."""
        stores = [await process(open_sessions()) for _ in range(4)]
        await sign_in(stores[0])
        for store in stores:
            await store.wait_for(lambda state: state.auth.status == "signed_in", 20)
        server.issuer.expire_access_tokens()
        server.issuer.revoke_all()
        server.api.count.clear()
        await asyncio.gather(*(fetch(store) for store in stores))
        for store in stores:
            await store.wait_for(lambda state: state.auth.status == "signed_out", 20)
        assert server.api.count["refresh"] == 1

    async def test_a_dead_token_in_a_file_is_sent_once(self, server: Any, quick: Any, tmp_path: Path) -> None:
        """The file has this promise too."""
        async with AsyncExitStack() as stack:
            sessions = [SharedSession(tmp_path / "session.json", keyring=None) for _ in range(4)]
            stores = [
                await stack.enter_async_context(create_api_store(server.url, policy=quick, session=each))
                for each in sessions
            ]
            await sign_in(stores[0])
            for store in stores:
                await store.wait_for(lambda state: state.auth.status == "signed_in", 20)
            server.issuer.expire_access_tokens()
            server.issuer.revoke_all()
            server.api.count.clear()
            await asyncio.gather(*(fetch(store) for store in stores))
            assert [store.state.auth.status for store in stores] == ["signed_out"] * 4
            assert server.api.count["refresh"] == 1


class TestStoppedHolder:
    """One that had the lease was stopped for longer than that, and another refreshed meanwhile."""

    @pytest.mark.parametrize("answer", ["tokens", "refusal"])
    async def test_it_takes_up_the_newer_tokens(self, two: tuple[SessionStorage, SessionStorage], answer: str) -> None:
        """What it got does not replace them, and its refusal does not count."""
        stopped, other = (StorageSession(each) for each in two)
        await other.sign_in(TOKENS)
        newer = TokenSet(access_token="newer", refresh_token="newer-refresh")

        async def refreshed(tokens: TokenSet) -> TokenSet:
            return newer

        async def ask(tokens: TokenSet) -> TokenSet:
            await two[1].write(StoredSession(2, 1, newer), after=1)
            if answer == "refusal":
                raise ApiCallError(describe("session_expired"), Meaning.SIGN_OUT)
            return TokenSet(access_token="late", refresh_token="late-refresh")

        await stopped.begin()
        assert stopped.news() == (StoredSession(1, 1, TOKENS), False)
        assert await stopped.refresh(ask) == newer
        assert await two[0].read() == StoredSession(2, 1, newer)
        await stopped.end()

    async def test_a_refusal_for_good_is_stored(self, two: tuple[SessionStorage, SessionStorage]) -> None:
        """As a session without tokens."""
        one = StorageSession(two[0])
        await one.sign_in(TOKENS)

        async def refuse(tokens: TokenSet) -> TokenSet:
            raise ApiCallError(describe("session_expired"), Meaning.SIGN_OUT)

        for _ in range(2):
            with pytest.raises(ApiCallError):
                await one.refresh(refuse)
        assert await two[1].read() == StoredSession(2, 1, None)


@pytest.mark.slow
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP])
async def test_a_process_that_dies_with_the_lease(
    server: Any, quick: Any, private_redis: RedisServer, number: int
) -> None:
    """kill -9, or SIGSTOP for longer than the lease: another goes on when it has ended."""
    session = SharedSession(storage=RedisSessions(private_redis.url, "x", secret=KEY, lease=2.0))
    async with create_api_store(server.url, policy=quick, session=session) as store:
        await sign_in(store)
        holder = start("hold-redis", private_redis.url, KEY.decode())
        assert await asyncio.to_thread(hear, holder) == "locked"
        holder.send_signal(number)
        server.issuer.expire_access_tokens()
        assert (await fetch(store)).status == "success"
        holder.kill()
        holder.communicate(timeout=20)
    assert server.api.count["refresh"] == 1


class TestEngineGone:
    @pytest.mark.parametrize("how", ["killed", pytest.param("stopped", marks=pytest.mark.slow)])
    async def test_no_refresh_without_the_lease(
        self, server: Any, process: Open, private_redis: RedisServer, how: str
    ) -> None:
        """A passing failure in words soon (the limits make it three seconds), tokens kept; what lives goes on; back, one call does."""
        one = await process(RedisSessions(private_redis.url, "x", secret=KEY))
        other = await process(RedisSessions(private_redis.url, "x", secret=KEY))
        await sign_in(one)
        await other.wait_for(lambda state: state.auth.status == "signed_in", 20)
        if how == "killed":
            private_redis.stop()
        else:
            private_redis.signal(signal.SIGSTOP)
        assert (await fetch(one)).status == "success"
        server.issuer.expire_access_tokens()
        failures: list[RefreshFailure] = []
        one.actions.subscribe(lambda action: failures.append(action) if isinstance(action, RefreshFailure) else None)
        started = time.monotonic()
        assert (await fetch(one)).status == "failure"
        assert time.monotonic() - started < 15
        [failure] = failures
        assert (failure.permanent, failure.error.kind) == (False, "network")
        assert (one.state.auth.status, one.state.auth.tokens is not None) == ("signed_in", True)
        assert server.api.count["refresh"] == 0
        if how == "killed":
            private_redis.start()
        else:
            private_redis.signal(signal.SIGCONT)
        deadline = time.monotonic() + 20
        while (await fetch(one)).status != "success":
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
        await other.wait_for(lambda state: state.auth.refreshes == 1, 20)
        assert (await fetch(other)).status == "success"
        assert server.api.count["refresh"] == 1

    async def test_an_engine_that_forgot(self, server: Any, process: Open, private_redis: RedisServer) -> None:
        """Nobody is signed out: who knows the newest tokens stores them again."""
        one = await process(RedisSessions(private_redis.url, "x", secret=KEY))
        other = await process(RedisSessions(private_redis.url, "x", secret=KEY))
        await sign_in(one)
        await other.wait_for(lambda state: state.auth.status == "signed_in", 20)
        private_redis.restart(lose=True)
        storage = RedisSessions(private_redis.url, "x", secret=KEY)
        deadline = time.monotonic() + 20
        while await storage.read() is None:
            assert time.monotonic() < deadline
            await asyncio.sleep(0.05)
        await storage.close()
        late = await process(RedisSessions(private_redis.url, "x", secret=KEY))
        assert [each.state.auth.status for each in (one, other, late)] == ["signed_in"] * 3
        server.issuer.expire_access_tokens()
        assert [(await fetch(each)).status for each in (late, other, one)] == ["success"] * 3
        assert server.api.count["refresh"] == 1

    async def test_an_engine_that_went_back_in_time(
        self, server: Any, process: Open, redis_server: RedisServer, tmp_path: Path
    ) -> None:
        """Newer tokens are not replaced by older ones: the older serial does not count."""
        name = name_of(tmp_path)
        one = await process(RedisSessions(redis_server.url, name, secret=KEY))
        other = await process(RedisSessions(redis_server.url, name, secret=KEY))
        await sign_in(one)
        client = Redis.from_url(redis_server.url)
        try:
            before = await client.hgetall(name)
            server.issuer.expire_access_tokens()
            await fetch(one)
            await other.wait_for(lambda state: state.auth.refreshes == 1, 20)
            newest = await client.hgetall(name)
            await client.hset(name, mapping=before)
            deadline = time.monotonic() + 20
            while (await client.hget(name, "serial")) != newest[b"serial"]:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
            for each in (one, other):
                assert (await fetch(each)).status == "success"
                assert each.state.auth.refreshes == 1
        finally:
            await client.aclose()

    async def test_no_token_is_seen_on_the_wire(self, process: Open, redis_server: RedisServer, tmp_path: Path) -> None:
        """Not by `MONITOR`, not in a key, not in what is stored."""
        client = Redis.from_url(redis_server.url)
        seen: list[str] = []
        async with client.monitor() as monitor:
            watching = asyncio.create_task(_collect(monitor, seen))
            store = await process(RedisSessions(redis_server.url, name_of(tmp_path), secret=KEY))
            await sign_in(store)
            tokens = store.state.auth.tokens
            await asyncio.sleep(0.2)
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)
        assert any("session" in line for line in seen)
        for token in (tokens.access_token.get_secret_value(), tokens.refresh_token.get_secret_value()):
            assert not any(token in line for line in seen)
        await client.aclose()

    async def test_a_storage_that_is_not_there_at_the_start(self, server: Any, quick: Any) -> None:
        """The store begins signed out, and works; that is said once."""
        storage = RedisSessions("redis://127.0.0.1:1/0", "x", secret=KEY)
        with pytest.raises(SessionStorageUnavailable, match="does not answer"):
            await storage.read()
        async with create_api_store(server.url, policy=quick, session=SharedSession(storage=storage)) as store:
            assert store.state.auth.status == "signed_out"
            await sign_in(store)
            assert (await fetch(store)).status == "success"


async def _collect(monitor: Any, seen: list[str]) -> None:
    async for command in monitor.listen():
        seen.append(str(command))
