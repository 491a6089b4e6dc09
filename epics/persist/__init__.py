"""Persistence: a state that survives its process."""

from typing import TYPE_CHECKING

from ...lazy_names import hand_on

if TYPE_CHECKING:
    from .persist import Persistor, persist
    from .storage import FileStorage, KeyringStorage, MemoryStorage, PersistError, Storage

__all__ = ["FileStorage", "KeyringStorage", "MemoryStorage", "PersistError", "Persistor", "Storage", "persist"]

hand_on(
    __name__,
    {
        ".persist": "Persistor persist",
        ".storage": "FileStorage KeyringStorage MemoryStorage PersistError Storage",
    },
)
