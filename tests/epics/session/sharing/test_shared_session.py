"""One rotating refresh token, many processes."""

import asyncio
import json
import logging
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from rxdux import FetchData, Login, LoginSuccess, Logout, RefreshSuccess, SharedSession, create_api_store
from rxdux.epics.session.sharing.file_session import FileSession

WORKER = Path(__file__).parent / "shared_worker.py"


class Vault:
    """A keyring in memory; `locked` makes it refuse."""

    def __init__(self) -> None:
        self.secrets: dict[tuple[str, str], str] = {}
        self.locked = False

    def get_password(self, service_name: str, username: str) -> str | None:
        if self.locked:
            raise PermissionError("locked")
        return self.secrets.get((service_name, username))

    def set_password(self, service_name: str, username: str, password: str) -> None:
        if self.locked:
            raise PermissionError("locked")
        self.secrets[service_name, username] = password


async def sign_in(store: Any, username: str = "ada", password: str = "lovelace") -> None:
    store.dispatch(Login(username=username, password=password))
    await store.wait_for(lambda state: state.auth.status == "signed_in", 20)
    await store.idle(20)


async def fetch(store: Any, key: str = "people") -> Any:
    store.dispatch(FetchData(key=key, path="/me"))
    await store.idle(20)
    return store.state.data[key]


def start(*arguments: str) -> "subprocess.Popen[str]":
    command = [sys.executable, str(WORKER), *arguments]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def tell(process: "subprocess.Popen[str]") -> None:
    assert process.stdin is not None
    process.stdin.write("\n")
    process.stdin.flush()


def hear(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


async def test_a_session_is_there_again_after_a_restart(server: Any, quick: Any, tmp_path: Path) -> None:
    """Signed in at once, without a call; in a file that only its owner reads."""
    path = tmp_path / "app" / "session.json"
    async with create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=None)) as store:
        await sign_in(store)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    async with create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=None)) as store:
        assert store.state.auth.status == "signed_in"
        assert (await fetch(store)).data == {"name": "ada"}
        store.dispatch(Logout())
        await store.idle(20)
    async with create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=None)) as store:
        assert store.state.auth.status == "signed_out"
    assert json.loads(path.read_text())["tokens"] is None


async def test_two_stores_refresh_once(server: Any, quick: Any, tmp_path: Path) -> None:
    """The second adopts what the first got, at its own 401 or before."""
    path = tmp_path / "session.json"
    async with (
        create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=None)) as one,
        create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=None)) as other,
    ):
        await sign_in(one)
        await other.wait_for(lambda state: state.auth.status == "signed_in", 20)
        for _ in range(3):
            server.issuer.expire_access_tokens()
            one.dispatch(FetchData(key="me", path="/me"))
            other.dispatch(FetchData(key="me", path="/me"))
            await one.idle(20)
            await other.idle(20)
            assert one.state.data["me"].status == other.state.data["me"].status == "success"
        assert server.api.count["refresh"] == 3
        assert server.issuer.reuse_detected == 0


async def test_a_refresh_of_one_becomes_refresh_success_in_the_others(server: Any, quick: Any, tmp_path: Path) -> None:
    """Without a call of theirs; so do a logout and another user's login."""
    path = tmp_path / "session.json"
    async with (
        create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=None)) as one,
        create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=None)) as other,
    ):
        seen: list[Any] = []
        other.actions.subscribe(seen.append)
        await sign_in(one)
        await other.wait_for(lambda state: state.auth.status == "signed_in", 20)
        await fetch(other)
        server.issuer.expire_access_tokens()
        await fetch(one)
        await other.wait_for(lambda state: state.auth.refreshes == 1, 20)
        await sign_in(one, "grace", "hopper")
        await other.wait_for(lambda state: len(state.data) == 0, 20)
        assert (await fetch(other)).data == {"name": "grace"}
        one.dispatch(Logout())
        await other.wait_for(lambda state: state.auth.status == "signed_out", 20)
        assert other.state.auth.error == "You signed out elsewhere."
        kinds = (LoginSuccess, RefreshSuccess, Logout)
        assert [action.type for action in seen if isinstance(action, kinds)] == [
            "LOGIN_SUCCESS", "REFRESH_SUCCESS", "LOGIN_SUCCESS", "LOGOUT",
        ]  # fmt: skip
        assert server.api.count["refresh"] == 1


@pytest.mark.slow
@pytest.mark.parametrize("processes", [2, 8])
async def test_processes_refresh_once(server: Any, quick: Any, tmp_path: Path, processes: int) -> None:
    """Expired at once in all of them: one refresh call, no reuse detected, every request succeeds."""
    path = str(tmp_path / "session.json")
    async with create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=None)) as store:
        await sign_in(store)
    workers = [start(server.url, path, "10") for _ in range(processes)]
    assert [await asyncio.to_thread(hear, worker) for worker in workers] == ["ready"] * processes
    server.issuer.expire_access_tokens()
    server.api.count.clear()
    for worker in workers:
        tell(worker)
    assert [await asyncio.to_thread(hear, worker) for worker in workers] == ["10 signed_in"] * processes
    for worker in workers:
        worker.communicate("\n", timeout=30)
    assert server.api.count["refresh"] == 1
    assert server.issuer.reuse_detected == 0


@pytest.mark.slow
async def test_a_killed_process_frees_the_lock(server: Any, quick: Any, tmp_path: Path) -> None:
    """kill -9 while it holds the lock: the others go on."""
    path = str(tmp_path / "session.json")
    async with create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=None)) as store:
        await sign_in(store)
        holder = start("hold", path)
        assert await asyncio.to_thread(hear, holder) == "locked"
        server.issuer.expire_access_tokens()
        store.dispatch(FetchData(key="me", path="/me"))
        with pytest.raises(TimeoutError):
            await store.idle(0.3)
        holder.kill()
        holder.communicate(timeout=20)
        await store.idle(20)
        assert store.state.data["me"].status == "success"


async def test_a_lock_that_is_held_too_long(
    server: Any, quick: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The fetch fails in words; the session is kept."""
    monkeypatch.setattr("rxdux.epics.session.sharing.file_session.LOCK_TIMEOUT", 0.1)
    path = tmp_path / "session.json"
    async with create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=None)) as store:
        await sign_in(store)
        server.issuer.expire_access_tokens()
        async with FileSession(path, keyring=None).locked():
            failed = await fetch(store)
        assert failed.error.kind == "timeout"
        assert "another process" in failed.error.message
        assert store.state.auth.status == "signed_in"


async def test_tokens_go_to_the_keyring(server: Any, quick: Any, tmp_path: Path) -> None:
    """Then the file holds none."""
    path, vault = tmp_path / "session.json", Vault()
    async with create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=vault)) as store:
        await sign_in(store)
    assert json.loads(path.read_text())["tokens"] == "keyring"
    assert "access_token" in next(iter(vault.secrets.values()))
    async with create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=vault)) as store:
        assert (await fetch(store)).data == {"name": "ada"}


async def test_a_keyring_that_does_not_work(
    server: Any, quick: Any, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """The session works for this run; that is said once, and no token is written elsewhere."""
    caplog.set_level(logging.WARNING, logger="rxdux")
    path, vault = tmp_path / "session.json", Vault()
    vault.locked = True
    async with create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=vault)) as store:
        await sign_in(store)
        for _ in range(2):
            server.issuer.expire_access_tokens()
            assert (await fetch(store)).status == "success"
    warnings = [record.getMessage() for record in caplog.records if record.name == "rxdux"]
    assert warnings == ["The keyring does not work (PermissionError). The session is kept for this run only."]
    assert not path.exists()


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"serial": 1}', '{"serial": "x", "login": 1, "tokens": null}', "\x00"]
)
async def test_a_broken_file_is_put_aside(
    server: Any, quick: Any, tmp_path: Path, content: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is reported, and the user signs in anew."""
    path = tmp_path / "session.json"
    path.write_text(content)
    async with create_api_store(server.url, policy=quick, session=SharedSession(path, keyring=None)) as store:
        assert store.state.auth.status == "signed_out"
        assert "put aside" in caplog.text
        await sign_in(store)
    assert (tmp_path / "session.json.broken").read_text() == content
