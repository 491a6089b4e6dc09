"""Files for their owner's eyes only, written so that a crash leaves the old one or the new one."""

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ABANDONED = 60.0  # seconds after which what a killed process left behind is removed; a write takes milliseconds


def replace_file(path: Path, text: str) -> None:
    """Write a file of mode 0600 at once: a reader sees all that was there before, or all of `text`.

    Raises:
        OSError: for a full disk and its like. The file is as it was then.
    """
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=_prefix(path))  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise


def put_aside(path: Path) -> Path:
    """Rename a file that is of no use, to a name that is free."""
    aside = path.with_name(free_name(path.name, lambda name: path.with_name(name).exists()))
    path.replace(aside)
    return aside


def free_name(name: str, is_taken: Callable[[str], bool]) -> str:
    """A name for what is put aside: `.broken`, or with a number where there is one already."""
    number, aside = 1, f"{name}.broken"
    while is_taken(aside):
        number += 1
        aside = f"{name}.broken-{number}"
    return aside


def remove_abandoned(path: Path) -> None:
    """Remove what writers left behind that were killed in the middle of `replace_file`."""
    for left in path.parent.glob(f"{_prefix(path)}*"):
        try:
            if time.time() - left.stat().st_mtime > ABANDONED:
                left.unlink()
        except FileNotFoundError:
            pass  # another process was quicker


def _prefix(path: Path) -> str:
    return f".{path.name}."
