"""Time travel, the JSON that the Redux DevTools export and import, and a link to them.

`connect` needs the extra `devtools`. `python -m rxdux.devtools` is a terminal that any Redux app can connect to;
it needs the extra `textual` as well.
"""

from ..store.tools.history import Entry, History
from ..store.tools.remote import Link, connect

__all__ = ["Entry", "History", "Link", "connect"]
