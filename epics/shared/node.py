"""The replica in its store: takes own actions as they are reduced, and applies the log's in the store's turn. No I/O."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, NamedTuple, TypeVar, cast

from ...actions import Action
from ...reducers import ReducerFn
from ...reducers.containers import with_slices
from ...store.engine.core import Core
from ...store.engine.replace import put
from ...store.engine.work import REDUCING
from .admission import check_action_class, formats_of_shared, parts_of, too_many
from .entries import LARGEST, write_action
from .errors import SharedError
from .remote import NodesActed
from .replica import Applied, Pending, Replica
from .rules import OutdatedError, Rules, Slices, Upcast

S = TypeVar("S")

APPLYING_TIME = 0.005  # seconds that entries are applied before others have their turn on the loop


class Confirmation(Generic[S]):
    """Somebody waits for what the log makes of an action."""

    def __init__(self, done: Callable[[S | None, BaseException | None], object]) -> None:
        self.done = done
        self.is_taken = False


class Mark(NamedTuple):
    """The shared slices right after an entry of which a snapshot is due."""

    number: int
    entry: bytes
    authors: Sequence[tuple[str, int]]
    slices: Slices


class Report(NamedTuple):
    """What `on_error` is to be told."""

    error: BaseException
    message: str
    action: Action | None = None


@dataclass
class Outcome:
    """What came of entries.

    Attributes:
        count: so many were applied.
        is_gap: the next one that there is is not the next one: the log was cut.
        outdated: this program cannot read the next one.
        due: the last entry of them that this node is to save a snapshot of.
        settle: what to tell those who wait, when the store is done.
    """

    count: int = 0
    is_gap: bool = False
    outdated: OutdatedError | None = None
    due: Mark | None = None
    reports: list[Report] = field(default_factory=list[Report])
    settle: list[Callable[[], object]] = field(default_factory=list[Callable[[], object]])


class Node(Generic[S]):
    """One node's share of the state. What it does beside `around` and the checks, it does in the store's role.

    Attributes:
        is_live: whether the log takes what is sent.
        has_joined: whether the slices were ever those of the log: what came before that is no news.
        refusal: why shared actions are refused; None while they are not.
        wake: told that there is something to send.
        marks: the states after the last entries of which a snapshot was due.
    """

    def __init__(
        self,
        core: Core[S],
        name: str,
        slices: Sequence[str],
        *,
        version: int,
        upcast: Mapping[int, Upcast],
        max_pending: int,
        snapshot_every: int,
    ) -> None:
        self.core = core
        self.names = tuple(slices)
        self._reducer: ReducerFn[S] = core.reducer
        rules = Rules(parts_of(core.reducer, slices), version, upcast)
        self.formats = formats_of_shared(core.reducer, core.state, slices)
        for action_class in rules.known_classes():
            check_action_class(action_class)
        self.initial: Slices = {}
        self.replica = Replica(name, rules, self.initial)
        self._local = Rules({}, version, {})
        self._max_pending = max_pending
        self._snapshot_every = snapshot_every
        self.wake: Callable[[], object] = _nobody
        self.is_live = False
        self.has_joined = False
        self.refusal: str | None = None
        self.marks: list[Mark] = []
        self.expected: dict[int, Confirmation[S]] = {}  # by the identity of the action
        self._awaited: dict[Pending, Confirmation[S]] = {}
        self._is_counted = False

    def start(self) -> None:
        """From here on this node sees its actions. Its slices are as they are now."""
        read = _reader(self.core.state)
        self.initial = {each: read(each) for each in self.names}
        self.replica.confirmed, self.replica.shown = dict(self.initial), dict(self.initial)

    # --- what the engine asks its keepers --------------------------------------------------------

    def around(self, action_class: type[Action], reduce: ReducerFn[S] | None) -> ReducerFn[S] | None:
        self.look_at_reducer()
        if reduce is None or not self.replica.rules.steps(action_class):
            return reduce
        check_action_class(action_class)
        reduce_alone = reduce

        def reduce_shared(state: S, action: Action) -> S:
            body = self._admit(action)
            after = reduce_alone(state, action)
            if after is not None:
                self._take(action, body, state, after)
            return after

        return reduce_shared

    def check_reducer(self, reducer: ReducerFn[Any]) -> None:
        try:
            parts_of(reducer, self.names)
        except (TypeError, ValueError) as error:
            msg = f"This reducer cannot take over, for it takes a shared slice away. {error}"
            raise SharedError(msg) from None

    def check_rewrite(self, what: str) -> None:
        msg = (
            f"{what} would rewrite a past that others share ({', '.join(self.names)}). Looking at it is free: "
            "jump, undo and redo; and so is recording anew: commit."
        )
        raise SharedError(msg)

    def look_at_reducer(self, *, anew: bool = False) -> None:
        """Go by the reducer that the store has now. Slices that are shared otherwise are nobody's to change here."""
        reducer = self.core.reducer
        if reducer is self._reducer and not anew:
            return
        self._reducer = reducer
        self.replica.rules.use(parts_of(reducer, self.names))
        shared = {name for keeper in self.core.keepers if isinstance(keeper, Node) for name in keeper.names}
        parts: dict[str, ReducerFn[Any]] = getattr(reducer, "parts", {})
        self._local.use({name: part for name, part in parts.items() if name not in shared})

    # --- own actions -----------------------------------------------------------------------------

    def _admit(self, action: Action) -> bytes:
        """The action as it is sent.

        Raises:
            SharedError: where it cannot be.
        """
        if self.refusal is not None:
            msg = f"{action.type} was not dispatched: {self.refusal}"
            raise SharedError(msg)
        if len(self.replica.pending) >= self._max_pending:
            raise too_many(len(self.replica.pending))
        try:
            body = write_action(action.serialize())
        except (ValueError, TypeError) as error:
            msg = f"{action.type} cannot be sent: it has no JSON form ({type(error).__name__})."
            raise SharedError(msg) from None
        if len(body) > LARGEST:
            msg = f"{action.type} cannot be sent: it has {len(body)} bytes, and {LARGEST} go into an entry."
            raise SharedError(msg)
        return body

    def _take(self, action: Action, body: bytes, before: S, after: S) -> None:
        replica = self.replica
        names = replica.rules.names(type(action))
        had, read = _reader(before), _reader(after)
        lost = [name for name in names if had(name) is not replica.shown[name]]
        pending = replica.add(action, body, {name: read(name) for name in names})
        if lost:  # an interrupt came between an own action and its state: all is reduced anew, when this one is sent
            replica.distrust(lost)
        if self.expected and (confirmation := self.expected.pop(id(action), None)) is not None:
            confirmation.is_taken = True
            self._awaited[pending] = confirmation
        self.count_work()
        self.wake()

    def count_work(self) -> None:
        """Let the store not be at rest while own actions are on their way to an engine that takes them."""
        quiet = self.core.quiet
        if self.is_live and self.replica.pending:
            self._is_counted = True
            quiet.begin(self)
        elif self._is_counted:
            self._is_counted = False
            quiet.end(self)
            self.core.look_for_rest()

    # --- the log ---------------------------------------------------------------------------------

    def apply(self, entries: Sequence[tuple[int, bytes]]) -> Outcome:
        """Apply some entries, the first ones: as many as there is time for. Listeners are told once."""
        self.look_at_reducer()
        core, replica = self.core, self.replica
        outcome, news = Outcome(), list[tuple[Action, S, str]]()
        state, deadline = core.state, time.perf_counter() + APPLYING_TIME
        phase, core.phase = core.phase, REDUCING
        try:
            for number, content in entries:
                if number != replica.position + 1:
                    outcome.is_gap = True
                    break
                try:
                    applied = replica.apply(number, content)
                except OutdatedError as error:
                    outcome.outdated = error
                    break
                outcome.count += 1
                state = self._note(state, applied, outcome, news)
                if time.perf_counter() > deadline:
                    break
            replica.rebase()
        finally:
            core.phase = phase
        self._show(state, news)
        self.count_work()
        return outcome

    def _note(self, state: S, applied: Applied, outcome: Outcome, news: list[tuple[Action, S, str]]) -> S:
        """What an entry means beside the shared slices."""
        replica, action = self.replica, applied.action
        if replica.position % self._snapshot_every == 0:
            mark = Mark(replica.position, replica.entry, replica.authors_in_order(), dict(replica.confirmed))
            self.marks = [*self.marks[-1:], mark]
            if applied.own is not None:
                outcome.due = mark
        if applied.problem is not None:
            problem = f"Entry {replica.position} of the log was skipped: {applied.problem}."
            outcome.reports.append(Report(SharedError(problem), problem))
        if applied.error is not None:
            who = "this node" if replica.is_own(applied.author) else f"node {node_of(applied.author)}"
            failed = f"A reducer failed on an action of {who}, and nothing changed: {applied.error!r}"
            outcome.reports.append(Report(applied.error, failed, action))
        elif applied.is_news and action is not None and self.has_joined:
            state = self._reduce_locally(state, action, outcome)
            state = self._with_confirmed(state, replica.rules.names(type(action)))
            news.append((action, state, f"shared:{node_of(applied.author)}"))
        if applied.own is not None and (waiting := self._awaited.pop(applied.own, None)) is not None:
            done, error = waiting.done, applied.error
            after = self._with_confirmed(state, self.names)
            outcome.settle.append(lambda: done(after, error))
        return state

    def _reduce_locally(self, state: S, action: Action, outcome: Outcome) -> S:
        """What others do reaches the slices that are not shared too."""
        steps = self._local.steps(type(action))
        if not steps:
            return state
        read = _reader(state)
        try:
            changes = self._local.reduce({name: read(name) for name, _ in steps}, action)
        except Exception as error:
            failed = f"A reducer failed on another node's action, and its slices did not change: {error!r}"
            outcome.reports.append(Report(error, failed, action))
            return state
        return with_slices(state, changes) if changes else state

    def _with_confirmed(self, state: S, names: Iterable[str]) -> S:
        read, confirmed = _reader(state), self.replica.confirmed
        changes = {name: confirmed[name] for name in names if read(name) is not confirmed[name]}
        return with_slices(state, changes) if changes else state

    def _show(self, state: S, news: list[tuple[Action, S, str]]) -> None:
        read, shown = _reader(state), self.replica.shown
        changes = {name: shown[name] for name in self.names if read(name) is not shown[name]}
        if changes:
            state = with_slices(state, changes)
        if news:
            action, _, source = news[-1]
            news[-1] = (action, state, source)
        elif state is self.core.state:
            return
        put(self.core, state, NodesActed(entries=tuple(news), node=self.replica.node))

    def to_send(self, at_most: int) -> list[bytes]:
        """The entries that are to be sent now."""
        replica = self.replica
        if replica.is_distrusted:
            replica.rebase()
            self._show(self.core.state, [])
        return replica.send(at_most)

    # --- joining ---------------------------------------------------------------------------------

    def take_over(self, slices: Slices, authors: Sequence[tuple[str, int]], position: int, entry: bytes) -> Outcome:
        """Take over a snapshot."""
        self.look_at_reducer()
        outcome = Outcome()
        contained = self.replica.join(slices, authors, position, entry)
        self.replica.rebase()
        self.marks.clear()
        self._show(self.core.state, [])
        state = self._with_confirmed(self.core.state, self.names)
        for own in contained:
            if (waiting := self._awaited.pop(own, None)) is not None:
                done = waiting.done
                outcome.settle.append(lambda done=done: done(state, None))
        self.count_work()
        return outcome

    def joined(self) -> None:
        """The log was read to its end."""
        self.replica.joined()
        self.has_joined = True

    def take_leave(self, why: str) -> list[Confirmation[S]]:
        """Refuse shared actions from now on; who waits still."""
        self.refusal = why
        left = [*self._awaited.values(), *self.expected.values()]
        self._awaited.clear()
        self.expected.clear()
        return left


def node_of(author: str) -> str:
    """The node that an author is, in one of its lives.

    Examples:
        >>> node_of("f00d.2"), node_of("f00d")
        ('f00d', 'f00d')
    """
    return author.partition(".")[0]


def _nobody() -> None:
    pass


def _reader(state: Any) -> Callable[[str], Any]:
    if isinstance(state, Mapping):
        slices = cast("Mapping[str, Any]", state)
        return slices.__getitem__
    return lambda name: getattr(state, name)
