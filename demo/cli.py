"""The command line of the demo."""

import argparse
import asyncio
import contextlib
import shlex
import sys
from collections.abc import Callable, Generator
from importlib import import_module
from pathlib import Path
from threading import Thread

from rxdux import History, Store, StoreError

from .app import DemoApp
from .listen import listen, url_of
from .state import DemoDependencies, DemoState, demo_reducer

LIMIT = 2_000  # entries of the history
SCRIPT_TOKEN_LIFE = 1.5  # seconds: the script waits for the expiry


async def run_app(url: str, start: Callable[[], None], record: Path | None = None, *, inspect: bool = False) -> None:
    """Run the app on a server, started with its first frame; what goes wrong where nobody is told is printed afterwards."""
    errors: list[StoreError] = []
    async with Store(demo_reducer, dependencies=DemoDependencies(), on_error=errors.append) as store:
        with History(store, LIMIT) as history:
            async with contextlib.AsyncExitStack() as session:

                async def connect() -> None:
                    start()
                    sessions = await asyncio.to_thread(
                        import_module, ".open_store", __package__
                    )  # httpx takes its time
                    await session.enter_async_context(sessions.connected(store, url))

                app = DemoApp(store, history, connect=connect)
                if inspect:
                    app.call_later(app.action_inspect)
                await app.run_async()
            if record is not None:
                _write(record, history.export())
                print(f"{len(history.entries)} actions are recorded in {record}.")
    if app.under_way:
        print(f"{app.under_way} fetches were under way, and are cancelled.")
    for error in errors:  # not on the screen while it was the app's
        print(error, file=sys.stderr)


async def replay(file: Path) -> None:
    """Show a recording. There is no server behind it.

    Raises:
        ValueError: for a file that is no recording.
    """
    with Store(demo_reducer) as store, History[DemoState](store, LIMIT) as history:
        history.load(_read(file))
        history.jump(len(history.entries) - 1)
        await DemoApp(store, history, is_recording=True).run_async()


def _write(file: Path, text: str) -> None:
    file.write_text(text, encoding="utf-8")


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except OSError as error:
        msg = f"{file} cannot be read: {error.strerror}."
        raise ValueError(msg) from None
    except UnicodeDecodeError:
        msg = f"{file} is no recording: it is not even text."
        raise ValueError(msg) from None


class OwnServer:
    """The demo's server. It listens at once, and is loaded and started when the screen is there."""

    def __init__(self, token_life: float) -> None:
        self._life = token_life
        self._socket = listen()
        self.url = url_of(self._socket)
        self._starting = Thread(target=self._start, name="demo-server-start")
        self._end: Callable[[], None] = self._socket.close

    def start(self) -> None:
        self._starting.start()

    def _start(self) -> None:
        from .server import DemoServer  # noqa: PLC0415 -- a third of the demo's start

        self._end = DemoServer(token_life=self._life, listening=self._socket).start().close

    def close(self) -> None:
        if self._starting.ident is not None:
            self._starting.join()
        self._end()


@contextlib.contextmanager
def server_at(url: str | None, token_life: float) -> Generator[tuple[str, Callable[[], None]]]:
    """The URL of a server, the given one or that of one of our own, and what starts it."""
    if url is not None:
        yield url, lambda: None
        return
    with contextlib.closing(OwnServer(token_life)) as server:
        yield server.url, server.start


def serve(arguments: argparse.Namespace) -> None:
    """Serve the demo to browsers, each with an app of its own. The page is ours: it fetches nothing from other hosts."""
    from textual_serve.server import Server  # noqa: PLC0415 -- only for this mode

    command = [sys.executable, "-m", "rxdux.demo", *(["--url", arguments.url] if arguments.url else [])]
    page = Path(__file__).with_name("web")
    Server(shlex.join(command), port=arguments.port, title="rxdux", templates_path=page).serve()


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description="rxdux's token refresh at work, against a real server.")
    parser.add_argument("--url", help="a server to use instead of starting one")
    modes = parser.add_mutually_exclusive_group()
    modes.add_argument("--script", action="store_true", help="run without a screen, print the action log, check it")
    modes.add_argument(
        "--record", metavar="FILE", type=Path, help="write what happens to a file, for the Redux DevTools"
    )
    modes.add_argument("--replay", metavar="FILE", type=Path, help="look at such a file, and travel in it")
    modes.add_argument("--serve", action="store_true", help="serve the demo to browsers")
    modes.add_argument("--inspect", action="store_true", help="begin with the inspector")
    parser.add_argument("--port", type=int, default=8000, help="for --serve (default: 8000)")
    arguments = parser.parse_args()
    try:
        if arguments.serve:
            serve(arguments)
        elif arguments.replay is not None:
            asyncio.run(replay(arguments.replay))
        else:
            _run_on_server(arguments)
    except (ValueError, OSError) as error:
        sys.exit(f"{parser.prog}: {error}")
    except KeyboardInterrupt:
        sys.exit(130)


def _run_on_server(arguments: argparse.Namespace) -> None:
    with server_at(arguments.url, SCRIPT_TOKEN_LIFE if arguments.script else 15.0) as (url, start):
        if arguments.script:
            from .script import run_script  # noqa: PLC0415 -- only for this mode

            start()
            sys.exit(0 if asyncio.run(run_script(url)) else 1)
        asyncio.run(run_app(url, start, arguments.record, inspect=arguments.inspect))
