"""A session that the processes of one machine share, in a file: the lock is the operating system's.

A refresh takes a lock across processes, reads the stored session again, and goes to the server only
if no other process was there before; what comes is written before the lock is released. The lock is
free when the process that holds it dies.
"""

import asyncio
import json
import logging
import os
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

from ....actions import TokenSet
from ...private_file import put_aside, replace_file
from ..answers import Meaning, describe
from ..errors import ApiCallError
from ..json_answers import parse_json
from .stored_session import SharedSessionError, StoredSession, reveal

LOCK_TIMEOUT = 10.0  # seconds
LOCK_PAUSE = 0.02  # seconds between two tries to get the lock

log = logging.getLogger("rxdux")


class SecretStore(Protocol):
    """A place made for secrets, such as the keyring of the operating system."""

    def get_password(self, service_name: str, username: str) -> str | None: ...
    def set_password(self, service_name: str, username: str, password: str) -> None: ...


class FileSession:
    """A session in a file, and its tokens in the keyring of the operating system where there is one.

    Args:
        path: of the file.
        keyring: by default that of the operating system, if the package `keyring` finds one; None for none.

    Raises:
        SharedSessionError: without the extra `shared`.
    """

    def __init__(self, path: str | os.PathLike[str], *, keyring: "SecretStore | str | None" = "system") -> None:
        try:
            from filelock import FileLock  # noqa: PLC0415 -- an extra
        except ImportError as error:
            msg = "SharedSession needs a lock across processes. Install it: pip install 'rxdux[shared]'."
            raise SharedSessionError(msg) from error
        self.path = Path(path).absolute()
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self._lock_path = f"{self.path}.lock"
        self._new_lock: Callable[[str], Any] = FileLock
        self._keyring = _system_keyring() if isinstance(keyring, str) else keyring
        self._memory: StoredSession | None = None  # where the keyring does not work
        self._memory_since: int | None = None  # the serial that was in the file then
        self._has_warned = False
        self._known = StoredSession()

    # --- as the store begins and ends with it ----------------------------------------------------

    async def begin(self) -> None:
        """There is nothing to connect to."""

    async def end(self) -> None:
        pass

    def on_push(self, tell: Callable[[], object]) -> Callable[[], object]:
        """A file tells nobody: it is looked at."""
        return lambda: None

    def __repr__(self) -> str:
        return repr(str(self.path))

    # --- reading and writing ---------------------------------------------------------------------

    def read(self) -> StoredSession:
        """What is stored; nothing, where the file is missing. A broken file is put aside, and reported."""
        if self._memory is not None and self._serial_in_file() == self._memory_since:
            return self._memory
        self._memory = None  # somebody has stored since
        try:
            content: Any = parse_json(self.path.read_bytes())
            serial, login, tokens = int(content["serial"]), int(content["login"]), content["tokens"]
            if tokens == "keyring":
                tokens = self._from_keyring()
            if self._memory is not None:
                return self._memory
            return StoredSession(serial, login, None if tokens is None else TokenSet.model_validate(tokens))
        except FileNotFoundError:
            return StoredSession()
        except (ValueError, KeyError, TypeError, OverflowError):
            aside = put_aside(self.path)
            log.warning(
                "The session in %s cannot be read. It was put aside as %s; please sign in again.", self.path, aside
            )
            return StoredSession()

    def write(self, tokens: TokenSet | None, *, is_login: bool = False) -> None:
        """Store another set of tokens, atomically. The caller holds the lock."""
        before = self.read()
        stored = StoredSession(before.serial + 1, before.login + is_login, tokens)
        revealed = None if tokens is None else reveal(tokens)
        place = self._to_keyring(revealed)
        if place == "memory":
            self._memory = stored
        else:
            replace_file(
                self.path,
                json.dumps(
                    {
                        "serial": stored.serial,
                        "login": stored.login,
                        "tokens": "keyring" if place == "keyring" else revealed,
                    }
                ),
            )
        self._known = stored

    def news(self) -> tuple[StoredSession, bool] | None:
        """What another process has stored since this one last looked, and whether it is of the same login.

        A file that cannot be read now is looked at again the next time.
        """
        try:
            stored, known = self.read(), self._known
        except OSError as error:
            log.debug("The session in %s cannot be read now: %s", self.path, type(error).__name__)
            return None
        if stored.serial == known.serial:
            return None
        self._known = stored
        return stored, stored.login == known.login

    # --- under the lock --------------------------------------------------------------------------

    async def sign_in(self, tokens: TokenSet) -> None:
        """Store the tokens of a new session."""
        async with self.locked():
            self.write(tokens, is_login=True)

    async def sign_out(self) -> None:
        """End the session for all processes, if it is still this one's."""
        async with self.locked():
            if self.read().serial == self._known.serial:
                self.write(None)

    async def refresh(self, ask: Callable[[TokenSet], Awaitable[TokenSet]]) -> TokenSet:
        """New tokens: those that another process got, or those that `ask` gets with the stored refresh token.

        Raises:
            ApiCallError: when there are none.
        """
        async with self.locked():
            stored = self.read()
            if stored.tokens is None or stored.login != self._known.login:
                raise ApiCallError(describe("session_expired"), Meaning.SIGN_OUT)
            if stored.serial != self._known.serial:
                self._known = stored
                return stored.tokens
            try:
                tokens = await ask(stored.tokens)
            except ApiCallError as error:
                if error.meaning is Meaning.SIGN_OUT:
                    self.write(None)  # so that a dead token is sent once, and not by each process
                raise
            if tokens.refresh_token is None:  # RFC 6749 section 6: the old one stays valid
                tokens = tokens.model_copy(update={"refresh_token": stored.tokens.refresh_token})
            self.write(tokens)
            return tokens

    @asynccontextmanager
    async def locked(self) -> "AsyncGenerator[None]":
        """Hold the lock across processes. Waiting for it does not block the loop, and can be cancelled.

        Raises:
            ApiCallError: when another process holds it for too long.
        """
        lock = self._new_lock(self._lock_path)
        deadline = time.monotonic() + LOCK_TIMEOUT
        while not _try(lock):
            if time.monotonic() > deadline:
                raise ApiCallError(describe("timeout", detail="(another process does not finish its token refresh)"))
            await asyncio.sleep(LOCK_PAUSE)
        try:
            yield
        finally:
            lock.release()

    # --- the keyring -----------------------------------------------------------------------------

    def _from_keyring(self) -> Any:
        if self._keyring is None:
            log.warning("The session in %s is kept in a keyring, and there is none. Please sign in again.", self.path)
            return None
        try:
            content = self._keyring.get_password("rxdux", str(self.path))
        except Exception as error:
            self._give_up_keyring(error)
            return None
        return None if content is None else parse_json(content.encode())

    def _to_keyring(self, revealed: dict[str, Any] | None) -> str:
        if self._memory is not None:
            return "memory"
        if self._keyring is None:
            return "file"
        try:
            self._keyring.set_password("rxdux", str(self.path), json.dumps(revealed))
        except Exception as error:
            self._give_up_keyring(error)
            return "memory"
        return "keyring"

    def _give_up_keyring(self, error: Exception) -> None:
        """Go on without: for this run, in memory. Said once."""
        if not self._has_warned:
            log.warning("The keyring does not work (%s). The session is kept for this run only.", type(error).__name__)
        self._has_warned = True
        self._memory, self._memory_since = self._known, self._serial_in_file()

    def _serial_in_file(self) -> int | None:
        """What tells whether another process has stored, or signed out, since: it needs no keyring."""
        try:
            content: Any = parse_json(self.path.read_bytes())
            return int(content["serial"])
        except (OSError, ValueError, KeyError, TypeError, OverflowError):
            return None


def _system_keyring() -> "SecretStore | None":
    try:
        import keyring  # noqa: PLC0415 -- an extra
    except ImportError:
        return None
    found: Any = keyring.get_keyring()
    return found if found.priority >= 1 else None


def _try(lock: Any) -> bool:
    from filelock import Timeout  # noqa: PLC0415 -- an extra

    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    return True
