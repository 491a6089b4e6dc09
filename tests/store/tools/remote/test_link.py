"""The link where no DevTools are, or others than expected."""

import json
import logging
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from websockets.sync.server import ServerConnection, serve

from rxdux import Slice, Store, StoreClosedError
from rxdux.devtools import connect

steps = Slice("link-steps", initial=0)


@steps.action
def walk(state: int, far: int) -> int:
    return state + far


def until(is_so: Callable[[], object]) -> None:
    deadline = time.monotonic() + 20
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)


@contextmanager
def serving(answer: Callable[[ServerConnection], None]) -> Iterator[str]:
    """A server that treats each connection so."""
    with serve(answer, "127.0.0.1", 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"ws://127.0.0.1:{server.socket.getsockname()[1]}"
        finally:
            server.shutdown()
            thread.join()


def odd_replies(*replies: str | bytes) -> Callable[[ServerConnection], None]:
    def answer(connection: ServerConnection) -> None:
        for reply in replies:
            connection.recv()
            connection.send(reply)
        for _ in connection:
            pass

    return answer


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:8000", "127.0.0.1:8000", "", "ws://", "ws://host:99999", "ws://:0", None, 8000]
)
def test_what_is_no_url_is_refused(url: Any) -> None:
    """It says what came."""
    with (
        Store(steps) as store,
        pytest.raises(ValueError, match=r"URL of a DevTools server, as in connect\(store, .ws:"),
    ):
        connect(store, url)


def test_a_password_in_a_url_is_not_said() -> None:
    """Not even where the URL is refused."""
    with Store(steps) as store, pytest.raises(ValueError, match="not") as refused:
        connect(store, "http://ada:s3cret@host")
    assert "s3cret" not in str(refused.value)


def test_without_the_extra_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    """And only then: time travel needs none."""
    monkeypatch.setitem(sys.modules, "websockets.sync.client", None)
    monkeypatch.setitem(sys.modules, "websockets", None)
    with Store(steps) as store, pytest.raises(ImportError, match=r"pip install 'rxdux\[devtools\]'"):
        connect(store, "ws://127.0.0.1:1")


def test_a_closed_store_has_no_link() -> None:
    """As it takes nothing else."""
    store = Store(steps)
    store.close()
    with pytest.raises(StoreClosedError):
        connect(store, "ws://127.0.0.1:1")


def test_devtools_that_are_not_there_are_said_once(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """However often they are looked for; the store goes on, and closing does not wait for them."""
    monkeypatch.setattr("rxdux.store.tools.remote.link.FIRST_PAUSE", 0.01)
    monkeypatch.setattr("rxdux.store.tools.remote.link.LAST_PAUSE", 0.02)
    caplog.set_level(logging.WARNING, "rxdux")
    tries: list[float] = []

    def refuse(connection: ServerConnection) -> None:
        tries.append(time.monotonic())

    with serving(refuse) as url, Store(steps) as store, connect(store, url) as link:
        until(lambda: len(tries) > 5)
        store.dispatch(walk(3))
        assert (store.state, link.is_watched) == (3, False)
    assert len(caplog.records) == 1
    assert "The Redux DevTools are not there" in caplog.text


@pytest.mark.parametrize(
    "replies",
    [
        ["rubbish"],
        [b"\xff\x00"],
        ["[" * 100_000],
        ['{"rid": 1}'],
        ['{"rid": 1, "data": {"id": 5}}'],
        ['{"rid": 1, "error": {"message": "no"}}'],
        ['{"rid": 1, "data": {"id": "a"}}', '{"rid": 2, "data": null}'],
    ],
)
def test_what_is_no_server_of_the_devtools(replies: list[Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is given up, or waited for, and nothing breaks; the store closes at once."""
    monkeypatch.setattr("rxdux.store.tools.remote.link.OPEN_TIMEOUT", 0.3)
    with serving(odd_replies(*replies)) as url:
        with Store(steps) as store, connect(store, url) as link:
            store.dispatch(walk(1))
            assert (store.state, link.is_connected) == (1, False)
        assert not any(thread.is_alive() for thread in link._threads)


def test_rubbish_after_the_login_is_passed_over(caplog: pytest.LogCaptureFixture) -> None:
    """It is said in the log."""
    heard: list[str] = []

    def answer(connection: ServerConnection) -> None:
        for frame in connection:
            heard.append(str(frame))
            number = json.loads(frame).get("cid") if frame else None
            if number is not None:
                data = {1: {"id": "me"}, 2: "respond"}.get(number)
                connection.send(json.dumps({"rid": number, "data": data}))
            if number == 4:
                for rubbish in ("rubbish", b"\xff", "[[]]", '{"event": "#publish", "data": 5}', ""):
                    connection.send(rubbish)

    with serving(answer) as url, Store(steps) as store, connect(store, url) as link:
        until(lambda: heard[-1:] == [""])
        assert link.is_connected
    assert caplog.text.count("were not understood") == 3
