"""Time travel, and the JSON that the Redux DevTools export and import: `History.export()` and `History.load(text)`."""

from .store import Entry, History

__all__ = ["Entry", "History"]
