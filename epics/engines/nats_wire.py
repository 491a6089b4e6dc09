"""How NATS is reached: by nats-py, which does the wire."""

import asyncio
import re
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from .failure import Failure

if TYPE_CHECKING:
    from nats.aio.client import Client

WITHOUT_JETSTREAM = (None, 10039, 10076)  # nobody there, not for this account, not on this server


def check_name(who: str, name: str) -> None:
    """Refuse a name that cannot be a part of a subject, a stream and a bucket.

    Raises:
        ValueError: saying what came, and to whom.
    """
    if not re.fullmatch(r"[A-Za-z0-9_-]+", name):
        msg = f"{who}(name=...) takes letters, digits, '-' and '_', not {name!r}."
        raise ValueError(msg)


async def connected(urls: Sequence[str], within: float, cut: Callable[[], Awaitable[None]] | None = None) -> "Client":
    """A client that never connects anew by itself; where this is given up half-way, nothing stays open.

    Args:
        urls: of the servers.
        within: so many seconds.
        cut: called when the connection ends.
    """
    from nats.aio.client import Client  # noqa: PLC0415 -- an extra

    client = Client()
    try:
        await client.connect(
            list(urls),
            allow_reconnect=False,
            connect_timeout=round(within),
            error_cb=quietly,
            closed_cb=cut,
            disconnected_cb=cut,
            name="rxdux",
        )
    except BaseException:
        await end(client, within)
        raise
    return client


async def end(client: "Client", within: float) -> None:
    """Close a client, however often this is cancelled: nats-py leaves open what it was kept from closing.

    Args:
        client: that nobody uses any more.
        within: so many seconds. It is gone already then, or as good as.
    """

    async def close() -> None:
        with suppress(Exception):
            async with asyncio.timeout(within):
                await client.close()

    closing = asyncio.ensure_future(close())
    while not closing.done():
        with suppress(asyncio.CancelledError):
            await asyncio.wait({closing})


async def quietly(_: Exception) -> None:
    """What is wrong shows in the next request; nats-py would log it, each time."""


def failure_of(error: Exception, who: str) -> Failure | None:
    """What an exception of nats-py says; None for one that is a mistake in the program."""
    from nats import errors as nats  # noqa: PLC0415 -- an extra
    from nats.js import errors as jetstream  # noqa: PLC0415

    words = (str(error) or type(error).__name__).removeprefix("nats: ").rstrip(".")
    if "authorization" in words.lower() or isinstance(
        error, nats.AuthorizationError | nats.InvalidUserCredentialsError
    ):
        return Failure(f"{who} does not let us in: {words}. Look at the user and the password.", passes=False)
    if isinstance(error, jetstream.ServiceUnavailableError) and error.err_code not in WITHOUT_JETSTREAM:
        return Failure(f"{who} takes nothing just now: {error.description or words}.", passes=True)
    if isinstance(error, nats.NoRespondersError | jetstream.ServiceUnavailableError):
        return Failure(f"{who} has no JetStream, or not yet: start nats-server with -js ({words}).", passes=False)
    if isinstance(error, jetstream.APIError):
        passing = (getattr(error, "code", None) or 0) >= 500 or isinstance(error, jetstream.NotFoundError)
        return Failure(f"{who} refuses: {error.description or words}.", passes=passing)
    if isinstance(error, nats.Error | OSError | TimeoutError | asyncio.InvalidStateError):
        return Failure(f"{who} does not answer: {words}.", passes=True)
    return None


def without_password(url: str) -> str:
    scheme, mark, rest = url.partition("://")
    _, at, place = rest.rpartition("@")  # a token stands where a user would
    return f"{scheme}{mark}{'***' if at else ''}{at}{place}"
