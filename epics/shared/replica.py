"""One node's copy of the shared slices: what the log has made of them, and its own actions on top. It does no I/O.

It applies entries in the log's order. Two replicas that have applied the same log up to the same number
have the same slices, whatever each had pending meanwhile.
"""

from asyncio import CancelledError
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ...actions import Action
from .entries import Entry, decode, encode
from .rules import InvalidEntryError, Rules, Slices

AUTHORS = 1_000  # so many authors are known, those that wrote last: each snapshot carries them
SEND_SIZE = 1_000_000  # bytes that are sent at once: a request has its time
RECENT = 1_000  # so many own actions are kept after they are in the log: it may come back without them


@dataclass(eq=False)
class Pending:
    """An own action that is not in the log yet, as far as this node has read it.

    Attributes:
        count: that it is so manieth of its author.
        body: the action as JSON.
        changes: the slices that it changed, when it was last reduced on top of what comes before it.
        error: what a reducer raised then; `changes` are empty.
    """

    count: int
    action: Action
    body: bytes
    changes: Slices = field(default_factory=dict[str, Any])
    error: BaseException | None = None


class Applied(NamedTuple):
    """What came of an entry.

    Attributes:
        action: the action that was applied; None for an entry that counts as not there.
        author: who dispatched it.
        own: the pending one that it was, where it was this node's.
        is_news: whether this node sees it for the first time, and it is another's.
        error: what a reducer raised: nothing changed.
        problem: why the entry is invalid, where it is.
    """

    action: Action | None = None
    author: str = ""
    own: Pending | None = None
    is_news: bool = False
    error: BaseException | None = None
    problem: str | None = None


NOT_THERE = Applied()


class Replica:
    """The shared slices of one node.

    Attributes:
        confirmed: the slices as the log has them.
        shown: the slices with the pending actions on top.
        position: the number of the last entry applied.
        entry: its bytes.
        authors: how many actions of each author are applied, the one who wrote last at the end.
        pending: own actions that are not in the log yet.
    """

    def __init__(self, node: str, rules: Rules, slices: Slices) -> None:
        self.node = node
        self.rules = rules
        self.confirmed = dict(slices)
        self.shown = dict(slices)
        self.position = 0
        self.entry = b""
        self.authors: dict[str, int] = {}
        self.pending: deque[Pending] = deque()
        self._recent: deque[Pending] = deque(maxlen=RECENT)
        self._author = node
        self._lives = 1
        self._count = 0
        self._attempt = 0
        self._sent = 0  # so many of the pending ones, from the first, are on their way
        self._dirty: set[str] = set()  # slices that the log changed otherwise than the pending actions expect
        self._seen: dict[str, int] = {}  # what was applied before the place was lost

    # --- own actions -----------------------------------------------------------------------------

    def add(self, action: Action, body: bytes, slices: Mapping[str, Any]) -> Pending:
        """Take an own action that was just reduced, and the shared slices after it."""
        shown = self.shown
        names = self.rules.names(type(action))
        changes = {name: slices[name] for name in names if slices[name] is not shown[name]}
        shown.update(changes)
        self._count += 1
        pending = Pending(self._count, action, body, changes)
        self.pending.append(pending)
        return pending

    def send(self, at_most: int) -> list[bytes]:
        """The entries that are to be sent now. They count as sent."""
        entries: list[bytes] = []
        size = 0
        for place in range(self._sent, min(len(self.pending), self._sent + at_most)):
            each = self.pending[place]
            size += len(each.body)
            if entries and size > SEND_SIZE:
                break
            self._attempt += 1
            entries.append(encode(self._author, each.count, self._attempt, self.rules.version, each.body))
        self._sent += len(entries)
        return entries

    @property
    def has_unsent(self) -> bool:
        return self._sent < len(self.pending)

    def send_again(self) -> None:
        """Whether what was sent has arrived is not known, and the log is read to its end: what is not in it goes again."""
        self._sent = 0

    def is_own(self, author: str) -> bool:
        return author.partition(".")[0] == self.node

    # --- the log ---------------------------------------------------------------------------------

    def apply(self, number: int, content: bytes) -> Applied:
        """Apply the next entry of the log. What comes of it is shown after `rebase`.

        Raises:
            OutdatedError: for one that this program cannot read. Nothing has changed then.
        """
        entry = decode(content)
        applied = NOT_THERE
        if entry is None:
            applied = Applied(problem="something that is none of ours")
        elif entry.nth == self.authors.get(entry.author, 0) + 1:
            applied = self._apply(entry)
        self.position, self.entry = number, content
        return applied

    def _apply(self, entry: Entry) -> Applied:
        """Reduce first, then count: what breaks off in a reducer, such as a signal, leaves all as it was."""
        if entry.author == self._author and self.pending and self.pending[0].count == entry.nth:
            return self._confirm(entry)
        try:
            action = self.rules.read(entry)
        except InvalidEntryError as error:
            self._note(entry)
            return Applied(problem=str(error))
        changes, error = self._reduce(self.confirmed, action)
        self._note(entry)
        self.confirmed.update(changes)
        self._dirty.update(changes)
        is_news = not self.is_own(entry.author) and entry.nth > self._seen.get(entry.author, 0)
        return Applied(action, entry.author, is_news=is_news, error=error)

    def _confirm(self, entry: Entry) -> Applied:
        """The next own action is in the log. Where it stands there as it did here, nothing is reduced again."""
        own = self.pending[0]
        if self._touches_dirty(own):
            own.changes, own.error = self._reduce(self.confirmed, own.action)
            self._dirty |= self.rules.names(type(own.action))
        self.pending.popleft()
        self._recent.append(own)
        self._sent = max(0, self._sent - 1)
        self._note(entry)
        self.confirmed.update(own.changes)
        return Applied(own.action, self._author, own=own, error=own.error)

    def _note(self, entry: Entry) -> None:
        """Count it, and forget who has not written for longest, if there are too many. All nodes forget the same."""
        authors = self.authors
        authors.pop(entry.author, None)
        authors[entry.author] = entry.nth
        if len(authors) > AUTHORS:
            forgotten = next(iter(authors))
            del authors[forgotten]
            if forgotten == self._author:
                self._recent.clear()
                self._begin_new_life()

    def _begin_new_life(self) -> None:
        """Go on as another author, whose first action is the first that is pending."""
        self._lives += 1
        self._author = f"{self.node}.{self._lives}"
        for count, each in enumerate(self.pending, 1):
            each.count = count
        self._count = len(self.pending)
        self._sent = 0

    def _reduce(self, slices: Slices, action: Action) -> tuple[Slices, BaseException | None]:
        try:
            return self.rules.reduce(slices, action), None
        except (Exception, CancelledError) as error:
            return {}, error

    def _touches_dirty(self, own: Pending) -> bool:
        return not self._dirty.isdisjoint(self.rules.names(type(own.action)))

    def rebase(self) -> Slices:
        """The slices to be shown: pending actions that stood on what is otherwise now are reduced anew."""
        if self._dirty:
            current, dirty, names_of = dict(self.confirmed), self._dirty, self.rules.names
            for each in self.pending:  # by the thousand: nothing is done here that need not be
                names = names_of(type(each.action))
                if not dirty.isdisjoint(names):
                    each.changes, each.error = self._reduce(current, each.action)
                    dirty |= names
                current.update(each.changes)
            self._dirty.clear()
            self.shown = current
        return self.shown

    def distrust(self, names: Iterable[str]) -> None:
        """What is shown of these slices is not what the pending actions make of them: the next `rebase` reduces them anew."""
        self._dirty.update(names)

    @property
    def is_distrusted(self) -> bool:
        return bool(self._dirty)

    # --- joining ---------------------------------------------------------------------------------

    def join(self, slices: Slices, authors: Iterable[tuple[str, int]], position: int, entry: bytes) -> list[Pending]:
        """Take over a snapshot: at the start, or where the place in the log was lost.

        Own actions that it has not are pending again, the recent ones too.

        Returns:
            Those that it has, and that were pending.
        """
        for author, count in self.authors.items():
            self._seen[author] = max(count, self._seen.get(author, 0))
        self.authors = dict(authors)
        self.confirmed, self.position, self.entry = dict(slices), position, entry
        self._dirty.update(slices)
        was_pending = set(self.pending)
        self.pending.extendleft(reversed(self._recent))
        self._recent.clear()
        contained: list[Pending] = []
        while self.pending and self.pending[0].count <= self.authors.get(self._author, 0):
            own = self.pending.popleft()
            self._recent.append(own)
            if own in was_pending:
                contained.append(own)
        self._sent = 0
        return contained

    def joined(self) -> None:
        """The log was read to its end. Own actions go on where it has them, or in a new life where too many are lost."""
        if self.pending and self.pending[0].count != self.authors.get(self._author, 0) + 1:
            self._recent.clear()
            self._begin_new_life()
        self.send_again()

    def authors_in_order(self) -> Sequence[tuple[str, int]]:
        return list(self.authors.items())
