"""Persistence: a state that survives its process."""

from .persist import Persistor, persist
from .storage import FileStorage, KeyringStorage, MemoryStorage, PersistError, Storage

__all__ = ["FileStorage", "KeyringStorage", "MemoryStorage", "PersistError", "Persistor", "Storage", "persist"]
