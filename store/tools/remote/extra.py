"""What is said where the extra of the DevTools is not installed."""

from collections.abc import Generator
from contextlib import contextmanager


@contextmanager
def importing_websockets(who: str) -> Generator[None]:
    """Around an import of websockets.

    Raises:
        ImportError: where it is not installed: who needs it, and what to do.
    """
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "websockets":
            raise
        msg = f"{who} needs websockets, which is not installed. Install the extra: pip install 'rxdux[devtools]'"
        raise ImportError(msg, name=error.name) from error
