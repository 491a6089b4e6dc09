"""Where `persist` keeps a state: in memory, in a file, in the keyring of the operating system."""

import os
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from ...actions import RxduxError
from ..private_file import copy_aside, free_name, put_aside, remove_abandoned, replace_file


class PersistError(RxduxError):
    """A state cannot be saved, or what was saved cannot be used. It names the place, never a value."""


@runtime_checkable
class Storage(Protocol):
    """What `persist` asks of a storage; any object with these will do.

    Attributes:
        for_secrets: whether it is made for secrets. Others never get any.
    """

    @property
    def for_secrets(self) -> bool: ...
    def read(self, key: str) -> str | None:
        """What was written under the key; None for nothing."""
        ...

    def write(self, key: str, text: str) -> None:
        """Put the text in place of what is there, whole or not at all."""
        ...

    def set_aside(self, key: str) -> str:
        """Keep what is there where it is in nobody's way, and say where."""
        ...


@runtime_checkable
class CanCopy(Protocol):
    """A storage that keeps a copy aside, and leaves what is there: for the sake of one slice that cannot be used."""

    def copy_aside(self, key: str) -> str:
        """Keep a copy of what is there, and say where."""
        ...


@runtime_checkable
class CanRemove(Protocol):
    """A storage that lets go of what is there: for a purge."""

    def remove(self, key: str) -> None:
        """Let go of what was written under the key."""
        ...


class MemoryStorage:
    """Keeps texts as long as the process lives: for tests, and for a store that is made anew.

    Examples:
        >>> storage = MemoryStorage()
        >>> storage.write("app", "{}")
        >>> storage.read("app"), storage.read("other")
        ('{}', None)
    """

    for_secrets = False

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}

    def read(self, key: str) -> str | None:
        return self.texts.get(key)

    def write(self, key: str, text: str) -> None:
        self.texts[key] = text

    def set_aside(self, key: str) -> str:
        aside = free_name(key, self.texts.__contains__)
        self.texts[aside] = self.texts.pop(key)
        return f"the key {aside!r}"

    def copy_aside(self, key: str) -> str:
        aside = free_name(key, self.texts.__contains__)
        self.texts[aside] = self.texts[key]
        return f"the key {aside!r}"

    def remove(self, key: str) -> None:
        self.texts.pop(key, None)

    def __repr__(self) -> str:
        return f"MemoryStorage({sorted(self.texts)})"


class FileStorage:
    """Keeps one state in one file that only its owner can read (mode 0600).

    A write is atomic: kill -9, a full disk or two processes that write leave one whole state. A link stays a link.
    Nothing is ever removed but the file itself, and what a killed write left behind: `.NAME.<16 hex digits>.rxdux-tmp`.

    Args:
        path: of the file; its folder is made when it is missing.

    Raises:
        ValueError: for a path that is a folder.
    """

    for_secrets = False

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = Path(path).expanduser().absolute()
        if self.path.is_dir():
            msg = f"FileStorage takes the path of a file, and {self.path} is a folder. Name a file in it."
            raise ValueError(msg)

    def read(self, key: str) -> str | None:
        remove_abandoned(self.path)
        try:
            return self.path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return None

    def write(self, key: str, text: str) -> None:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(self.path, text)

    def set_aside(self, key: str) -> str:
        return str(put_aside(self.path))

    def copy_aside(self, key: str) -> str:
        return str(copy_aside(self.path))

    def remove(self, key: str) -> None:
        Path(os.path.realpath(self.path)).unlink(missing_ok=True)

    def __repr__(self) -> str:
        return f"FileStorage({str(self.path)!r})"


class KeyringStorage:
    """Keeps states in the keyring of the operating system, which is made for secrets. Needs the extra `keyring`.

    Args:
        service: under which the keyring shows the entries, such as the name of the app.

    Raises:
        PersistError: without the extra.
    """

    for_secrets = True

    def __init__(self, service: str) -> None:
        try:
            import keyring  # noqa: PLC0415 -- an extra
        except ImportError as error:
            msg = "KeyringStorage needs the package keyring. Install it: pip install 'rxdux[keyring]'."
            raise PersistError(msg) from error
        self._keyring: Any = keyring
        self.service = service

    def read(self, key: str) -> str | None:
        return self._keyring.get_password(self.service, key)

    def write(self, key: str, text: str) -> None:
        self._keyring.set_password(self.service, key, text)

    def set_aside(self, key: str) -> str:
        place = self.copy_aside(key)
        self.remove(key)
        return place

    def copy_aside(self, key: str) -> str:
        aside = free_name(key, lambda name: self.read(name) is not None)
        self.write(aside, self.read(key) or "")
        return f"the entry {aside!r} of the keyring"

    def remove(self, key: str) -> None:
        if self.read(key) is not None:
            self._keyring.delete_password(self.service, key)

    def __repr__(self) -> str:
        return f"KeyringStorage({self.service!r})"
