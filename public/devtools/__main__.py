"""`python -m rxdux.devtools`: the Redux DevTools in a terminal."""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import AsyncExitStack
from importlib import import_module
from urllib.parse import urlsplit

from ..store.tools.monitor.apps import Apps
from ..store.tools.monitor.serving import serving

HOST, PORT = "127.0.0.1", 8000


def main(arguments: Sequence[str] | None = None) -> None:
    """Listen for apps, and show them, until the user leaves."""
    parser = argparse.ArgumentParser(
        prog="python -m rxdux.devtools",
        description="Shows the apps of Redux that connect to it, in Python or JavaScript, and steers them.",
    )
    parser.add_argument("--host", default=HOST, help="the address to listen at; %(default)s is for this machine alone")
    parser.add_argument("--port", default=PORT, type=_port, help="%(default)s by default; 0 for any that is free")
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        type=_origin,
        help="let a page of this origin connect, such as http://localhost:3000; may be given more than once",
    )
    given = parser.parse_args(arguments)
    try:
        for extra in ("textual", "websockets"):
            import_module(extra)
    except ModuleNotFoundError as error:
        parser.error(f"{error.name} is not installed. Install the extras: pip install 'rxdux[devtools,textual]'")
    sys.exit(asyncio.run(_run(parser, given.host, given.port, given.origin)))


async def _run(parser: argparse.ArgumentParser, host: str, port: int, origins: Sequence[str]) -> int:
    from .terminal import Terminal  # noqa: PLC0415 -- an extra

    apps = Apps()
    async with AsyncExitStack() as listening:
        try:
            url = await listening.enter_async_context(serving(apps, host, port, origins))
        except (OSError, UnicodeError) as error:
            parser.error(f"nobody can listen at {host}, port {port}: {error}. Choose others: --host, --port.")
        terminal = Terminal(apps, url)
        await terminal.run_async()
        return terminal.return_code or 0


def _port(text: str) -> int:
    try:
        port = int(text)
    except ValueError:
        port = -1
    if not 0 <= port <= 65535:
        msg = f"a port is a number from 0 to 65535, not {text!r}"
        raise argparse.ArgumentTypeError(msg)
    return port


def _origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or f"{parts.scheme}://{parts.netloc}" != text:
        msg = f"an origin is a scheme, a host and a port, as in http://localhost:3000, not {text!r}"
        raise argparse.ArgumentTypeError(msg)
    return text


if __name__ == "__main__":
    main(sys.argv[1:])
