"""Files for their owner's eyes only, written so that a crash leaves the old one or the new one."""

import os
import re
import secrets
import shutil
import stat
import time
from collections.abc import Callable
from pathlib import Path

ABANDONED = 60.0  # seconds after which what a killed process left behind is removed; a write takes milliseconds
ENDING = ".rxdux-tmp"  # of the files that are not whole yet, and of no others


def replace_file(path: Path, text: str) -> None:
    """Write a file of mode 0600 at once: a reader sees all that was there before, or all of `text`.

    A link stays a link: the file that it leads to is replaced.

    Raises:
        OSError: for a full disk and its like. The file is as it was then.
    """
    path = Path(os.path.realpath(path))
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{ENDING}")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def put_aside(path: Path) -> Path:
    """Rename a file that is of no use, to a name that is free. A link stays: it leads nowhere until a file is written."""
    path = Path(os.path.realpath(path))
    aside = _free_path(path)
    path.replace(aside)
    return aside


def copy_aside(path: Path) -> Path:
    """Keep a copy of a file under a name that is free."""
    path = Path(os.path.realpath(path))
    aside = _free_path(path)
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(8)}{ENDING}")
    shutil.copy2(path, temporary)
    temporary.replace(aside)
    return aside


def _free_path(path: Path) -> Path:
    return path.with_name(free_name(path.name, lambda name: os.path.lexists(path.with_name(name))))


def free_name(name: str, is_taken: Callable[[str], bool]) -> str:
    """A name for what is put aside: `.broken`, or with a number where there is one already."""
    number, aside = 1, f"{name}.broken"
    while is_taken(aside):
        number += 1
        aside = f"{name}.broken-{number}"
    return aside


def remove_abandoned(path: Path) -> None:
    """Remove what writers left behind that were killed in the middle of `replace_file`; nothing else is ever removed."""
    path = Path(os.path.realpath(path))
    ours = re.compile(rf"\.{re.escape(path.name)}\.[0-9a-f]{{16}}{re.escape(ENDING)}")
    try:
        with os.scandir(path.parent) as entries:
            left = [each for each in entries if ours.fullmatch(each.name)]
        for each in left:
            found = each.stat(follow_symlinks=False)
            if stat.S_ISREG(found.st_mode) and time.time() - found.st_mtime > ABANDONED:
                os.unlink(each.path)
    except OSError:
        pass  # another process was quicker, or may not: it is there the next time
