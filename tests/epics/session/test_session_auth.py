"""SessionAuth: any httpx code shares the store's session and its one refresh."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest

from rxdux import BodyNotReplayableError, FetchData, FetchSuccess, Logout, SessionAuth, StoreClosedError, TokenAccepted


async def test_plain_requests_and_fetches_share_one_refresh(server: Any, open_session: Any) -> None:
    """Ten of each with an expired token: one refresh."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        async with httpx.AsyncClient(base_url=server.url, auth=SessionAuth(session.store)) as client:
            requests = [client.get("/me") for _ in range(10)]
            for n in range(10):
                session.store.dispatch(FetchData(key=f"people {n}", path="/people"))
            answers = await asyncio.gather(*requests)
        await session.settle()
        assert [answer.json() for answer in answers] == [{"name": "ada"}] * 10
        assert session.count(FetchSuccess) == 10
        assert server.api.count["refresh"] == 1
        assert session.count(TokenAccepted) == 1


async def test_synchronous_clients_in_threads_share_it_as_well(server: Any, open_session: Any) -> None:
    """They block their own threads only."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        auth = SessionAuth(session.store)

        def get() -> int:
            with httpx.Client(base_url=server.url, auth=auth) as client:
                return client.get("/me").status_code

        statuses = await asyncio.gather(*(asyncio.to_thread(get) for _ in range(8)))
        assert statuses == [200] * 8
        assert server.api.count["refresh"] == 1


async def test_a_synchronous_client_on_the_stores_loop_is_refused(server: Any, open_session: Any) -> None:
    """It would wait for itself."""
    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        with (
            httpx.Client(base_url=server.url, auth=SessionAuth(session.store)) as client,
            pytest.raises(RuntimeError, match="Use httpx.AsyncClient"),
        ):
            client.get("/me")
        await session.settle()


async def test_the_caller_gets_the_401_when_there_is_no_new_token(server: Any, open_session: Any) -> None:
    """After a permanent refusal, after a logout, and signed out."""
    async with (
        open_session(server) as session,
        httpx.AsyncClient(base_url=server.url, auth=SessionAuth(session.store)) as client,
    ):
        server.issuer.revoke_all()
        server.issuer.expire_access_tokens()
        assert (await client.get("/me")).status_code == 401
        assert session.store.state.auth.status == "signed_out"
        assert (await client.get("/me")).status_code == 401
        await session.sign_in()
        server.issuer.expire_access_tokens()
        server.api.trouble.token_delay = 0.2
        waiting = asyncio.ensure_future(client.get("/me"))
        await session.store.wait_for(lambda state: state.auth.status == "refreshing", 20)
        session.store.dispatch(Logout())
        assert (await waiting).status_code == 401
        await session.settle()


async def test_an_endless_loop_is_ended(server: Any, open_session: Any) -> None:
    """Three refreshes, four requests, signed out."""
    async with (
        open_session(server) as session,
        httpx.AsyncClient(base_url=server.url, auth=SessionAuth(session.store)) as client,
    ):
        server.api.trouble.refuse_all = True
        assert (await client.get("/me")).status_code == 401
        await session.settle()
        assert (server.api.count["api"], server.api.count["refresh"]) == (4, 3)
        assert session.store.state.auth.status == "signed_out"


async def test_a_body_is_sent_again_or_not_at_all(server: Any, open_session: Any) -> None:
    """Bytes and JSON are replayed; a consumed generator is an error, never an empty body."""

    async def chunks() -> AsyncIterator[bytes]:
        yield b'{"text": "hello"}'

    async with (
        open_session(server) as session,
        httpx.AsyncClient(base_url=server.url, auth=SessionAuth(session.store)) as client,
    ):
        for body in ({"json": {"text": "hello"}}, {"content": b'{"text": "hello"}'}):
            server.issuer.expire_access_tokens()
            assert (await client.post("/notes", **body)).json() == {"text": "hello"}
        assert (await client.post("/notes", content=chunks())).json() == {"text": "hello"}
        server.issuer.expire_access_tokens()
        with pytest.raises(BodyNotReplayableError, match="POST /notes met a 401.*as bytes"):
            await client.post("/notes", content=chunks())


async def test_a_generator_of_a_synchronous_client_is_an_error_too(server: Any, open_session: Any) -> None:
    """The same rule."""

    def chunks() -> Iterator[bytes]:
        yield b"{}"

    def post() -> None:
        with httpx.Client(base_url=server.url, auth=auth) as client:
            client.post("/notes", content=chunks())

    async with open_session(server) as session:
        auth = SessionAuth(session.store)
        server.issuer.expire_access_tokens()
        with pytest.raises(BodyNotReplayableError):
            await asyncio.to_thread(post)


async def test_the_bearer_stays_with_its_origin(server: Any, open_session: Any) -> None:
    """Neither a request to another origin carries it, nor does a 401 from there cause a refresh."""
    from rxdux.demo.server import DemoServer

    with DemoServer() as stranger:
        async with (
            open_session(server) as session,
            httpx.AsyncClient(auth=SessionAuth(session.store)) as client,
        ):
            answer = await client.get(f"{stranger.url}/me")
            assert answer.status_code == 401
            assert "Authorization" not in answer.request.headers
            assert server.api.count["refresh"] == 0
            assert (await client.get(f"{server.url}/me")).status_code == 200


async def test_closing_the_store_ends_the_wait(server: Any, open_session: Any) -> None:
    """A thread does not wait for a session that is gone, and is told so: before its first send, and after a 401."""
    ended: list[Exception] = []

    def get(auth: SessionAuth) -> None:
        try:
            with httpx.Client(base_url=server.url, auth=auth) as client:
                client.get("/me")
        except StoreClosedError as error:
            ended.append(error)

    async with open_session(server) as session:
        server.issuer.expire_access_tokens()
        server.api.trouble.token_delay = 2.0
        auth = SessionAuth(session.store)
        threads = [threading.Thread(target=get, args=(auth,)) for _ in range(2)]
        threads[0].start()
        await session.store.wait_for(lambda state: state.auth.status == "refreshing", 20)
        threads[1].start()
        await asyncio.sleep(0.1)  # it waits, if it is ever going to
        session.store.close()
    for thread in threads:
        await asyncio.to_thread(thread.join, 5)
    assert [str(error) for error in ended] == ["The store was closed while a request waited for a new token."] * 2
