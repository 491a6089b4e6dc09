"""A socket to listen on, before there is a server: requests wait until there is."""

import socket


def listen(port: int = 0) -> socket.socket:
    """A socket of the protocol TCP by name: only for that asyncio switches Nagle's delay off, 40 ms an answer."""
    listening = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listening.bind(("127.0.0.1", port))
    listening.listen(2048)
    return listening


def url_of(listening: socket.socket) -> str:
    return f"http://127.0.0.1:{listening.getsockname()[1]}"
