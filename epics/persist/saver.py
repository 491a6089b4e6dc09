"""Keeps a storage up to date with the slices of a state, each by itself."""

import json
from collections.abc import Callable, Collection, Mapping
from threading import RLock
from typing import Any

from ...actions.codec import CannotWriteError, FormatError, Secrets
from ...store.slice_format import Format, slices_of
from .saved_state import Migration, SavedSlice, decode, encode, saved_slice
from .storage import CanCopy, CanRemove, PersistError, Storage

Report = Callable[[Exception, str], None]
"""Tells of an error that no caller can be told of, with a sentence about it."""

_NOTHING: Any = object()


class Saver:
    """What is in a storage, and what is to be written.

    It knows no store, so that a store that is dropped is let go; what that came to is saved all the same.

    Attributes:
        formats: of the slices that are saved, by name.
        state: the state as it was seen last.
    """

    def __init__(
        self, storage: Storage, key: str, version: int, migrations: Mapping[int, Migration], report: Report
    ) -> None:
        self.formats: dict[str, Format] = {}
        self.state: Any = None
        self._storage = storage
        self._key = key
        self._version = version
        self._migrations = migrations
        self._report = report
        self._may_write = True
        self._failed = False  # the last time; then the next change tries again
        self._kept: dict[str, SavedSlice] = {}  # what the storage holds, that of others included
        self._saved: dict[str, Any] = {}  # the values whose text that is
        self._refused: dict[str, Any] = {}  # values that cannot be written; told once
        self._text: str | None = None  # the whole text, as far as it is known
        self._migrated = False
        self._lock = RLock()

    @property
    def secrets(self) -> Secrets:
        return "revealed" if self._storage.for_secrets else "refused"

    # --- loading ---------------------------------------------------------------------------------

    def load(self, names: Collection[str]) -> dict[str, Any]:
        """What is saved of these slices. What cannot be used is kept aside and reported, each slice by itself.

        Raises:
            ValueError: for a state that another key has saved in the storage.
        """
        with self._lock:
            try:
                self._look()
            except ValueError:
                raise
            except Exception as error:
                self._may_write = False
                self._report(
                    error,
                    f"The saved state cannot be read from {self._storage!r}, and nothing will be saved: {error!r}",
                )
                return {}
            values: dict[str, Any] = {}
            for name in names:
                if name in self._kept:
                    try:
                        saved = self._kept[name]
                        values[name] = _restored(self.formats[name].load(json.loads(saved.text), saved.types))
                    except Exception as error:
                        self._set_slice_aside(name, error)
            return values

    def loaded(self, slices: Mapping[str, Any]) -> None:
        """Note that these values are those in the storage."""
        if not self._migrated:
            self._saved.update(slices)

    def _look(self) -> None:
        """See what is in the storage, if that is not known. Text of no use is put aside, and reported.

        Raises:
            ValueError: for the state of another key.
            Exception: what the storage raised.
        """
        try:
            text = self._storage.read(self._key)
            if text is None or text == self._text:
                return
            found, self._migrated = decode(text, self._key, self._version, self._migrations)
            others = {name: saved_slice(each) for name, each in found.items() if name not in self._saved}
        except PersistError as error:
            self._set_aside(error)
        except UnicodeDecodeError:
            self._set_aside(PersistError("it is no text"))
        else:
            self._kept = {**others, **{name: each for name, each in self._kept.items() if name in self._saved}}
            self._text = text

    def _set_aside(self, error: PersistError) -> None:
        try:
            place = self._storage.set_aside(self._key)
        except Exception as failure:
            self._may_write = False
            place = f"its place, since moving it failed ({type(failure).__name__}); nothing will be saved over it"
        self._report(
            error,
            f"The saved state in {self._storage!r} cannot be used: {error}. It is kept as {place}; the app starts anew.",
        )

    def _set_slice_aside(self, name: str, error: Exception) -> None:
        """Keep the whole text as it was, for this slice; the others are used."""
        what = str(error) if isinstance(error, FormatError) else f"its type failed on it ({type(error).__name__})"
        reason = PersistError(what)
        del self._kept[name]
        try:
            if isinstance(self._storage, CanCopy):
                place = self._storage.copy_aside(self._key)
            else:
                place = self._storage.set_aside(self._key)
                self._write(self._kept)
        except Exception as failure:
            self._may_write = False
            place = f"its place, since copying it failed ({type(failure).__name__}); nothing will be saved over it"
        self._report(
            reason,
            f"The slice {name!r} of the saved state in {self._storage!r} cannot be used: {reason}. "
            f"All is kept as {place} too; the slice starts anew.",
        )

    # --- saving ----------------------------------------------------------------------------------

    def is_due(self) -> bool:
        """Whether something changed that is not saved, and there is hope to save it."""
        return self._may_write and not self._failed and bool(self._news(self._slices()))

    def save(self, *, insist: bool = False) -> list[CannotWriteError]:
        """Write what has changed; what cannot be written is given back, and its last good text stays.

        Args:
            insist: whether values that were refused before are tried again.

        Raises:
            Exception: what the storage raised, such as OSError for a full disk.
        """
        with self._lock:
            if insist:
                self._refused.clear()
            news = self._news(self._slices()) if self._may_write else {}
            if not news:
                return []
            self._look()
            written: dict[str, SavedSlice] = {}
            refused: list[CannotWriteError] = []
            for name, value in news.items():
                try:
                    written[name] = saved_slice(self.formats[name].dump(value, self.secrets))
                except Exception as error:
                    self._refused[name] = value
                    refused.append(_refusal(name, error))
            if written and self._may_write:
                self._write({**self._kept, **written})
                self._saved.update({name: news[name] for name in written})
            return refused

    def save_or_report(self) -> None:
        try:
            self._failed = True
            refused = self.save()
            self._failed = False
        except Exception as error:
            self._report(error, f"The state was not saved in {self._storage!r}: {error}. The next change tries again.")
            return
        for error in refused:
            self._report(error, f"{error} What was saved of it last stays in {self._storage!r}.")

    def forget(self, name: str) -> None:
        """Save a slice no more; its text stays."""
        for each in (self.formats, self._saved, self._refused):
            each.pop(name, None)

    def purge(self) -> None:
        """Take these slices out of the storage. What others have there stays.

        Raises:
            Exception: what the storage raised.
        """
        with self._lock:
            self._look()
            kept = {name: each for name, each in self._kept.items() if name not in self.formats}
            if kept or not isinstance(self._storage, CanRemove):
                self._write(kept)
            else:
                self._storage.remove(self._key)
                self._kept, self._text = {}, None
            self._saved = self._slices()

    def _write(self, slices: dict[str, SavedSlice]) -> None:
        text = encode(self._key, self._version, slices)
        self._storage.write(self._key, text)
        self._kept, self._text, self._migrated = slices, text, False

    def _slices(self) -> dict[str, Any]:
        slices = slices_of(self.state)
        return {name: slices[name] for name in self.formats if name in slices}

    def _news(self, slices: dict[str, Any]) -> dict[str, Any]:
        return {
            name: value
            for name, value in slices.items()
            if self._saved.get(name, _NOTHING) is not value and self._refused.get(name, _NOTHING) is not value
        }


def _restored(value: Any) -> Any:
    restored = getattr(value, "restored", None)
    return restored() if callable(restored) else value


def _refusal(name: str, error: Exception) -> CannotWriteError:
    what = str(error) if isinstance(error, FormatError) else f"writing it failed with {error!r:.200}"
    refusal = CannotWriteError(f"The slice {name!r} cannot be written as JSON: {what}")
    refusal.__cause__ = error
    return refusal
