"""One rotating refresh token, many processes, at servers that others wrote."""

import asyncio
import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from rxdux import FetchData, SharedSession

from .places import Place, until
from .running import HERE

pytestmark = pytest.mark.slow


class Worker:
    """A process that shares the session, ready to fetch."""

    def __init__(self, place: Place, path: Path) -> None:
        command = [
            sys.executable,
            HERE / "worker.py",
            place.server.url,
            path,
            json.dumps([place.dialect, place.options, place.backend_options]),
        ]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def hear(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def tell(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write("\n")
        self.process.stdin.flush()


@contextmanager
def workers(number: int, place: Place, path: Path) -> Iterator[list[Worker]]:
    started = [Worker(place, path) for _ in range(number)]
    try:
        assert [worker.hear() for worker in started] == ["ready"] * number
        yield started
    finally:
        for worker in started:
            with worker.process:
                worker.process.kill()


async def sign_in(place: Place, path: Path) -> None:
    async with place.session(session=SharedSession(path, keyring=None)):
        pass


async def test_eight_processes_refresh_once(place: Place, tmp_path: Path) -> None:
    """Eighty fetches in eight processes meet an expired token at once: one refresh call, all succeed, twice over."""
    path = tmp_path / "session.json"
    await sign_in(place, path)
    with workers(8, place, path) as started:
        place.server.expire()
        for worker in started:
            worker.tell()
        said = await asyncio.gather(*(asyncio.to_thread(worker.hear) for worker in started))
    assert said == ["10 signed_in"] * 8
    assert place.server.counts["refresh"] == 1


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_process_is_killed_in_its_refresh(place: Place, tmp_path: Path, when: str) -> None:
    """kill -9 before the server has rotated costs nothing. After it, the session goes on at a server with leeway, and
    ends in words at one without: the used token is sent once, and no client could know better."""
    path = tmp_path / "session.json"
    await sign_in(place, path)
    with workers(1, place, path) as (worker,):
        place.server.expire()
        place.server.hold(when)
        worker.tell()
        await until(lambda: place.server.counts.get("held") == 1)
        if when == "after":
            await until(lambda: place.server.counts.get("refresh") == 1)
        worker.process.kill()
        worker.process.wait()
        place.server.release()
    async with place.session(session=SharedSession(path, keyring=None)) as session:
        session.store.dispatch(FetchData(key="people", path="/people"))
        await session.settle()
        assert place.server.counts["refresh"] == 1
        auth, resource = session.store.state.auth, session.store.state.data["people"]
        if when == "before" or place.has_leeway:
            assert (auth.status, resource.status) == ("signed_in", "success")
        else:
            assert (auth.status, auth.error) == ("signed_out", "Your session has ended. Please sign in again.")
            assert resource.error.kind == "session_expired"
