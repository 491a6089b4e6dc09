"""The state of an api: what is known of its queries and mutations, as plain values."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

import immutables

from ...actions import ApiError
from ...reducers.persistent_map import PersistentMap
from ...reducers.state import change_of
from .query import Query
from .result import IDLE, Result, ResultStatus, Run

Session = Literal["unknown", "signing_in", "open", "ended"]
Keys = immutables.Map[str, None]

NO_KEYS: Keys = immutables.Map()


def _new_map() -> "immutables.Map[str, Any]":
    return immutables.Map()


class Record(NamedTuple):
    """What stands behind an entry.

    Attributes:
        base: the server's last answer, under optimistic patches.
        request: the latest call; an answer of another shows nowhere.
        since: how many invalidations there had been when it started.
        before: status and error before it.
        was_invalidated: whether something changed while the last call was under way.
        failures: in a row.
        tags: the keys of what the answer is about.
    """

    query: Query[Any]
    base: Any = None
    request: int = 0
    since: int = 0
    before: tuple[ResultStatus, ApiError | None] = ("idle", None)
    was_invalidated: bool = False
    failures: int = 0
    tags: tuple[str, ...] = ()


class Layer(NamedTuple):
    """That a mutation has patched an entry. `until`: answers to this request and to older ones do not have it yet."""

    run_id: str
    until: int | None = None


@dataclass(frozen=True)
class QueryState:
    """What is known of an api's queries and mutations.

    Attributes:
        entries: a result for each query, by its `cache_key`.
        mutations: those under way or waiting, and the last of each endpoint, by their `run_id`.
        online: False from `Offline()` to `Online()`.
        focused: False from `Blurred()` to `Focused()`.

    The others are its own, and may change: `api` is the name; `records` stand behind the entries; `about`
    says which entries are about a tag; `layers` are the optimistic patches of an entry; `invalidations`
    counts, `news` says for each tag which one was the last while calls were under way; `dropped` counts
    ended sessions, `restorations` how often a storage has brought the state.
    """

    api: str = "api"
    entries: PersistentMap[str, Result[Any]] = field(default_factory=PersistentMap[str, Result[Any]])
    mutations: "immutables.Map[str, Run[Any]]" = field(default_factory=_new_map)
    online: bool = True
    focused: bool = True
    records: "immutables.Map[str, Record]" = field(default_factory=_new_map, repr=False)
    about: "immutables.Map[str, Keys]" = field(default_factory=_new_map, repr=False)
    layers: "immutables.Map[str, tuple[Layer, ...]]" = field(default_factory=_new_map, repr=False)
    latest: "immutables.Map[str, str]" = field(default_factory=_new_map, repr=False)
    runs: int = field(default=0, repr=False)
    under_way: int = field(default=0, repr=False)
    invalidations: int = field(default=0, repr=False)
    news: "immutables.Map[str, int]" = field(default_factory=_new_map, repr=False)
    all_news: int = field(default=0, repr=False)
    session: Session = field(default="unknown", repr=False)
    dropped: int = field(default=0, repr=False)
    restorations: int = field(default=0, repr=False)

    def replace(self, **changes: Any) -> "QueryState":
        """A copy with these fields changed; no change gives the same object."""
        return change_of(QueryState)(self, changes)

    def result(self, key: str) -> Result[Any]:
        return self.entries.get(key, IDLE)

    def has_data(self, key: str) -> bool:
        return self.result(key).fetched_at is not None

    def is_fetching(self, key: str) -> bool:
        return self.result(key).fetching

    def keys_about(self, tags: Iterable[str]) -> "dict[str, None]":
        """The entries that are about one of these tags."""
        return {key: None for tag in tags for key in self.about.get(tag, NO_KEYS)}

    def restored(self) -> "QueryState":
        """The state after a restart: nothing is under way, all data are old, and there may be a network again."""
        entries = {
            key: result.replace(status="success", error=None, fetching=False, invalidated=True)
            for key, result in self.entries.items()
            if result.fetched_at is not None
        }
        records = {key: record for key, record in self.records.items() if key in entries}
        return self.replace(
            entries=PersistentMap(entries),
            records=immutables.Map(records),
            online=True,
            focused=True,
            under_way=0,
            restorations=self.restorations + 1,
        )
