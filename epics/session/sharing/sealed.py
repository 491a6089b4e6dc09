"""The bytes that a stored session is: encrypted with Fernet, by the package cryptography; in clear only where that is said."""

import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TypeAlias

from ....actions import TokenSet
from .stored_session import SharedSessionError, StoredSession, reveal

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

Secret: TypeAlias = str | bytes | Sequence[str | bytes] | None
"""A Fernet key, several of them, the newest first, or None: in clear."""


class Seal:
    """Seals with the newest key, and opens with any.

    Args:
        secret: the keys, as `cryptography.fernet.Fernet.generate_key()` makes them.
        who: whom errors name.

    Raises:
        SharedSessionError: without the package cryptography.
        ValueError: for what is no Fernet key. It is not shown.
    """

    def __init__(self, secret: Secret, who: str) -> None:
        self._who = who
        self._fernet = None if secret is None else _fernet(secret, who)

    def close(self, session: StoredSession) -> bytes:
        tokens = None if session.tokens is None else reveal(session.tokens)
        content = json.dumps({"serial": session.serial, "login": session.login, "tokens": tokens}).encode()
        return content if self._fernet is None else self._fernet.encrypt(content)

    def open(self, content: bytes) -> StoredSession:
        """The session that these bytes are.

        Raises:
            SharedSessionError: for bytes that no key opens, or that are no session. It shows nothing of them.
        """
        found = content if self._fernet is None else self._opened(content, self._fernet)
        try:
            data: Any = json.loads(found)
            tokens = data["tokens"]
            return StoredSession(
                int(data["serial"]), int(data["login"]), None if tokens is None else TokenSet.model_validate(tokens)
            )
        except (ValueError, KeyError, TypeError):
            msg = f"What is stored under the name of {self._who} is no session, or is encrypted. Give another name, or its secret."
        raise SharedSessionError(msg)

    def _opened(self, content: bytes, fernet: "MultiFernet") -> bytes:
        from cryptography.fernet import InvalidToken  # noqa: PLC0415 -- an extra

        try:
            return fernet.decrypt(content)
        except InvalidToken:
            msg = f"What is stored under the name of {self._who} was encrypted with another key. Add that key behind the new one."
        raise SharedSessionError(msg)


def _fernet(secret: str | bytes | Sequence[str | bytes], who: str) -> "MultiFernet":
    try:
        from cryptography.fernet import Fernet, MultiFernet  # noqa: PLC0415 -- an extra
    except ImportError as error:
        msg = f"{who} encrypts tokens with the package cryptography. Install it: pip install 'rxdux[shared]'."
        raise SharedSessionError(msg) from error
    try:
        keys = [secret] if isinstance(secret, str | bytes) else list(secret)
        return MultiFernet([Fernet(key) for key in keys])
    except (ValueError, TypeError):
        msg = f"{who}: secret=... takes a key of Fernet.generate_key(), or a list of them, the newest first; or None, for tokens in clear."
    raise ValueError(msg)


def check_lease(who: str, lease: float) -> None:
    if lease < 1:
        msg = f"{who}: lease={lease!r} must be 1 or more, in seconds."
        raise ValueError(msg)
