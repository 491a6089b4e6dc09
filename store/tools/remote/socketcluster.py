"""The words of SocketCluster, the protocol under that of the DevTools: packets of JSON, without any input or output.

See https://github.com/SocketCluster/socketcluster/blob/master/socketcluster-protocol.md
"""

import json
from typing import Any, cast
from urllib.parse import urlsplit

PATH = "/socketcluster/"
PING = PONG = ""
PING_EVERY = 8.0  # seconds between two pings of a server
PING_TIMEOUT = 30.0  # seconds without one, after which the other side takes the connection for lost


def address_of(url: str) -> str:
    """Where a DevTools server listens at this URL.

    Raises:
        ValueError: for what is no URL of a WebSocket.

    Examples:
        >>> address_of("ws://127.0.0.1:8000")
        'ws://127.0.0.1:8000/socketcluster/'
    """
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("ws", "wss") and bool(parts.hostname) and parts.port != 0
    except (AttributeError, TypeError, ValueError):
        is_one = False
        parts = urlsplit("")
    if not is_one:
        shown = url if isinstance(url, str) and "@" not in url else f"a {type(url).__name__} with more in it"  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f'connect takes the URL of a DevTools server, as in connect(store, "ws://127.0.0.1:8000"), not {shown!r:.100}.'
        raise ValueError(msg)
    path = PATH if parts.path in ("", "/") else parts.path
    return parts._replace(path=path, fragment="").geturl()


def call(event: str, data: Any, number: int) -> str:
    """A call that is answered under its number."""
    return json.dumps({"event": event, "data": data, "cid": number})


def transmit(event: str, data: Any) -> str:
    """A message that nobody answers."""
    return json.dumps({"event": event, "data": data}, ensure_ascii=False, allow_nan=False)


def reply(number: int, data: Any = None) -> str:
    """The answer to the call of this number."""
    return json.dumps({"rid": number} if data is None else {"rid": number, "data": data})


def refusal(number: int, words: str) -> str:
    """The answer to a call that cannot be done."""
    return json.dumps({"rid": number, "error": {"name": "RefusedError", "message": words}})


def publication(channel: str, data: Any) -> str:
    """A message to all who follow a channel."""
    return json.dumps({"event": "#publish", "data": {"channel": channel, "data": data}})


def packets_of(frame: str | bytes) -> list[dict[str, Any]]:
    """The packets in a frame.

    Raises:
        ValueError: for rubbish.
    """
    try:
        content = json.loads(frame)
    except RecursionError:
        content = None
    except ValueError:
        content = None
    packets = cast("list[Any]", content if isinstance(content, list) else [content])
    if not all(isinstance(packet, dict) for packet in packets):
        msg = f"what came ({len(frame)} long) is no packet of SocketCluster"
        raise ValueError(msg)
    return packets


def published(packet: dict[str, Any]) -> dict[str, Any] | None:
    """What somebody has published on a channel that we follow, if the packet is that and has a meaning."""
    match packet:
        case {"event": "#publish", "data": {"data": dict()}}:
            return cast("dict[str, Any]", packet["data"]["data"])
        case _:
            return None
