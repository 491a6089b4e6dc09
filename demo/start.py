"""Starts the demo, or says what has to be installed for it."""

import gc
import sys
from collections.abc import Callable
from importlib.util import find_spec

NEEDED = ("textual", "textual_serve", "uvicorn", "starlette", "jwt", "authlib", "joserfc", "h11", "qrcode")


def main() -> None:
    """The command `rxdux-demo`."""
    missing = [name for name in NEEDED if find_spec(name) is None]
    if missing:
        sys.exit(
            f"The demo needs {', '.join(missing)}: pip install 'rxdux[demo]', or in a checkout pip install '.[demo]'."
        )
    load()()


def load() -> Callable[[], None]:
    """Load what runs the demo. What is loaded stays: to look for garbage among it takes a tenth of the time to the first frame."""
    gc.disable()
    try:
        from .cli import main as run  # noqa: PLC0415 -- it needs what `main` looks for

        return run
    finally:
        gc.freeze()
        gc.enable()
