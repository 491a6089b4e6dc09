"""The front of a shared state: `share` joins slices of a store to a log."""

import asyncio
import secrets
from collections.abc import Callable, Collection, Mapping
from typing import Any, Generic, TypeVar

import reactivex as rx
from reactivex import Observable
from reactivex import operators as ops
from reactivex.subject import BehaviorSubject

from ...actions import Action
from ...store import ActionStream, Store
from ...store.slice_owners import SHARE, claim, release
from .admission import check_options, check_positive
from .errors import LogRefused, SharedError
from .following import Following, Status
from .log import Log
from .node import Confirmation, Node
from .presence import Presence, Present
from .remote import NodesActed, Remote
from .rules import OutdatedError, Upcast
from .snapshots import Migration

S = TypeVar("S")
T = TypeVar("T")

SENDING = 5.0  # seconds that close() takes at most to send what is pending


class Shared(Generic[S]):
    """Slices of a store that are the same in all processes which share them. `share` makes it."""

    def __init__(self, store: Store[S], log: Log, make: Callable[["Shared[S]"], tuple[Node[S], Following]]) -> None:
        self._store = store
        self._core = store.core
        self._log = log
        self._loop = asyncio.get_running_loop()
        self._waiting: set[asyncio.Future[None]] = set()
        self._closing: asyncio.Task[None] | None = None
        self._statuses: BehaviorSubject[Status] = BehaviorSubject("joining")
        self._presence_subject: BehaviorSubject[Present] = BehaviorSubject({})
        self.talk = Presence(lambda present: self._emit(self._presence_subject, present))
        self._node, self._following = make(self)
        self._remote = Remote(self._node.replica.node, self._core.app)
        self._others = store.actions.of_classes(NodesActed).subscribe(self._remote.show)
        self._epic = store.add_epic(self._until_closed)
        self._life = self._loop.create_task(self._following.run(), name="rxdux shared")

    # --- how it stands ---------------------------------------------------------------------------

    @property
    def status(self) -> Status:
        """`joining`, `live`, `offline`, `outdated` or `closed`."""
        return self._following.status

    @property
    def statuses(self) -> Observable[Status]:
        """The present status, then each new one; it completes when the sharing ends."""
        return self._statuses.pipe(ops.distinct_until_changed())

    @property
    def node(self) -> str:
        """Who this node is among the others."""
        return self._node.replica.node

    @property
    def position(self) -> int:
        """The number of the last entry of the log that is applied."""
        return self._node.replica.position

    @property
    def pending(self) -> int:
        """So many own actions are not in the log yet."""
        return len(self._node.replica.pending)

    @property
    def remote(self) -> ActionStream:
        """The others' actions, in the log's order, each after the reducers. What was before this node joined is not among them."""
        return self._remote.stream

    # --- waiting ---------------------------------------------------------------------------------

    async def ready(self, timeout: float | None = None) -> None:
        """Wait until the slices are those of the log.

        Args:
            timeout: in seconds; None waits for ever.

        Raises:
            TimeoutError: after `timeout`, for example without an engine.
            SharedError: when the engine refuses (`LogRefused`), this program is outdated, or the sharing has ended.
        """
        await self._until(lambda: self._node.has_joined and self.status != "joining", timeout, refused=True)

    async def settled(self, at_most: int = 0, timeout: float | None = None) -> None:
        """Wait until no more than so many own actions are not yet in the log.

        Args:
            at_most: so many may be left; a producer waits with a number below `max_pending`.
            timeout: in seconds; None waits for ever.

        Raises:
            TimeoutError: after `timeout`.
            SharedError: when this program is outdated, or the sharing has ended.
        """
        await self._until(lambda: self.pending <= at_most, timeout)

    async def confirm(self, action: Action, timeout: float | None = None) -> S:
        """Dispatch an action, and wait until it stands in the log.

        Args:
            action: one that a shared slice handles.
            timeout: in seconds; None waits for ever. What was dispatched is sent all the same.

        Returns:
            The state right after it, in the log's order: with nothing of what is pending on top.

        Raises:
            TimeoutError: after `timeout`.
            SharedError: when no shared slice handles it, a middleware did not pass it on, or the sharing has ended.
            Exception: what a reducer raised, at the dispatch or where the action stands in the log.
        """
        if not self._node.replica.rules.steps(type(action)):
            msg = f"confirm takes an action that a shared slice handles; {action.type} is none. Dispatch it."
            raise SharedError(msg)
        future: asyncio.Future[S] = self._loop.create_future()

        def done(state: S | None, error: BaseException | None) -> None:
            if not future.done():
                if error is not None:
                    future.set_exception(error)
                elif state is not None:
                    future.set_result(state)

        def check(_: object) -> None:
            self._loop.call_soon_threadsafe(self._check_taken, confirmation, action)

        confirmation = Confirmation[S](done)
        expected = self._node.expected
        expected[id(action)] = confirmation
        try:
            self._store.dispatch(action)
            self._core.in_role(check)  # behind it, where another thread is at work
            async with asyncio.timeout(timeout):
                return await future
        finally:
            expected.pop(id(action), None)

    @staticmethod
    def _check_taken(confirmation: "Confirmation[S]", action: Action) -> None:
        if not confirmation.is_taken:
            msg = f"{action.type} was not applied: a middleware did not pass it on, or a reducer refused it."
            confirmation.done(None, SharedError(msg))

    async def _until(self, is_so: Callable[[], bool], timeout: float | None, *, refused: bool = False) -> None:
        async with asyncio.timeout(timeout):
            while not is_so():
                refusal = self._following.refusal
                if isinstance(refusal, OutdatedError) or (refused and isinstance(refusal, LogRefused)):
                    raise refusal
                if self.status == "closed":
                    msg = "The sharing has ended."
                    raise SharedError(msg)
                change: asyncio.Future[None] = self._loop.create_future()
                self._waiting.add(change)
                try:
                    await change
                finally:
                    self._waiting.discard(change)

    def changed(self) -> None:
        """Something may be as somebody waits for. On the loop."""
        for each in self._waiting:
            if not each.done():
                each.set_result(None)
        if self.status != self._statuses.value:
            self._emit(self._statuses, self.status)

    def _emit(self, subject: "BehaviorSubject[T]", value: T) -> None:
        try:
            subject.on_next(value)
        except Exception as error:
            self._core.report(error, "shared", f"A subscriber of a shared state failed: {error!r}")

    # --- who is there ----------------------------------------------------------------------------

    def announce(self, words: Mapping[str, Any]) -> None:
        """Say something of this node to the others, again and again until the next announcement.

        Args:
            words: what JSON can say. All who share the log can read it.

        Raises:
            TypeError: for what has no JSON form.
        """
        self.talk.announce(words)
        self._loop.call_soon_threadsafe(self._following.beat_now)

    @property
    def present(self) -> Present:
        """What each node has announced that was there in the last 10 seconds; this one is among them."""
        return self.talk.present

    @property
    def presence(self) -> Observable[Present]:
        """What `present` is now, then each time that it changes."""
        return self._presence_subject

    # --- the end ---------------------------------------------------------------------------------

    async def close(self) -> None:
        """Send what is pending, for 5 seconds at most, and leave. Shared actions are refused from here on.

        A second call waits for the first.
        """
        await asyncio.shield(self._close())

    def _close(self) -> "asyncio.Task[None]":
        if self._closing is None:
            self._closing = self._loop.create_task(self._end(), name="rxdux shared: leaving")
        return self._closing

    async def _end(self) -> None:
        node = self._node
        left = node.take_leave("the sharing has ended.") if node.refusal is None else node.take_leave(node.refusal)
        try:
            await self._until(lambda: not self.pending or self._life.done(), SENDING)
        except (TimeoutError, SharedError):
            pass
        finally:
            self._life.cancel()
            await asyncio.gather(self._life, return_exceptions=True)
            await self._following.leave()
        if self.pending:
            lost = SharedError(f"{self.pending} own actions could not be sent before the sharing ended. They are lost.")
            self._core.report(lost, "shared", str(lost))
        for confirmation in left:
            confirmation.done(None, SharedError("The sharing has ended before the action stood in the log."))
        self._epic.unsubscribe()
        self._others.dispose()
        release(self._core, node.names)
        for subject in (self._statuses, self._presence_subject):
            subject.on_completed()
        self._remote.complete()

    def _until_closed(self, _: ActionStream) -> Observable[Action]:
        """An epic that emits nothing, and ends with the store."""
        never: Observable[Action] = rx.never()
        return never.pipe(ops.finally_action(self._store_closed))

    def _store_closed(self) -> None:
        if self._closing is not None or not self._core.closed:
            return
        self._core.quiet.begin(self)  # `async with` waits for it
        try:
            self._loop.call_soon_threadsafe(self._end_with_store)
        except RuntimeError:  # the loop is closed, and has cancelled its tasks
            self._store_left()

    def _end_with_store(self) -> None:
        self._close().add_done_callback(lambda _: self._store_left())

    def _store_left(self) -> None:
        self._core.quiet.end(self)
        self._core.look_for_rest()

    def __repr__(self) -> str:
        return f"<Shared {', '.join(self._node.names)} on {self._log!r}: {self.status}, at {self.position}, {self.pending} pending>"


def share(
    store: Store[S],
    log: Log,
    *,
    slices: Collection[str],
    version: int = 1,
    upcast: Mapping[int, Upcast] | None = None,
    migrations: Mapping[int, Migration] | None = None,
    max_pending: int = 1000,
    snapshot_every: int = 1000,
) -> Shared[S]:
    """Share slices of a store with all processes that share them through the same log.

    An action that a shared slice handles is applied at once, and sent behind it. The log's order is the only
    order: where others' actions came first, the own ones that are not in the log yet are reduced anew on top.
    Middleware and epics see own actions only, at their dispatch; others' reach the reducers, the listeners and
    `remote`. Call it on the event loop that is to do the work.

    Args:
        store: one whose reducer was made with `combine_reducers`.
        log: `RedisLog`, `SqliteLog`, `NatsLog`, `MemoryLog`, or an object with their methods; for this node alone.
        slices: the names of the slices to share, made of `Reducer`s or `Slice`s. All nodes name the same.
        version: of the shape of these slices and their actions, from 1.
        upcast: for each older version a function that makes the next one's serialised action out of one of its.
        migrations: for each older version a function that makes the next one's slices, as JSON, out of its slices.
        max_pending: so many own actions may wait to be in the log; further ones are refused.
        snapshot_every: after so many entries a snapshot is saved, and the log is cut to as many before it.

    Returns:
        A `Shared`: await its `ready()` for the slices to be those of the log.

    Raises:
        RuntimeError: where no event loop runs.
        TypeError: for a state without slices, a plain function as slice, what is no log, a slice without a JSON form.
        ValueError: for a slice that there is not, that holds secrets or handles actions which do, or that has an
            owner already: `persist`, or another `share`; for numbers that cannot be.

    Examples:
        >>> import asyncio
        >>> from rxdux import Slice, Store, combine_reducers
        >>> from rxdux.shared import MemoryLog, share
        >>> votes = Slice("votes_shared", initial=0)
        >>> @votes.action
        ... def vote(state: int) -> int:
        ...     return state + 1
        >>> async def main():
        ...     log = MemoryLog()
        ...     async with Store(combine_reducers({"votes": votes})) as here, Store(combine_reducers({"votes": votes})) as there:
        ...         first, second = share(here, log, slices=["votes"]), share(there, log, slices=["votes"])
        ...         await second.ready(5)
        ...         _ = here.dispatch(vote())
        ...         state = await there.wait_for(lambda state: state["votes"] == 1, 5)
        ...         return state["votes"], (await second.confirm(vote(), 5))["votes"]
        >>> asyncio.run(main())
        (1, 2)
    """
    if not isinstance(log, Log):  # pyright: ignore[reportUnnecessaryIsInstance]
        msg = f"share needs a log, such as RedisLog(url, key), not {log!r:.100}."
        raise TypeError(msg)
    check_options(slices, version, upcast or {}, migrations or {})
    check_positive(max_pending=max_pending, snapshot_every=snapshot_every)
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        msg = "share was called where no event loop runs. Call it in a coroutine, on the loop that is to do the work."
        raise RuntimeError(msg) from None
    store.core.check_open("share")
    names = list(dict.fromkeys(slices))

    def make(shared: Shared[S]) -> tuple[Node[S], Following]:
        node = Node(
            store.core,
            secrets.token_hex(6),
            names,
            version=version,
            upcast=upcast or {},
            max_pending=max_pending,
            snapshot_every=snapshot_every,
        )
        claim(store.core, names, SHARE)
        following = Following(
            node,
            log,
            shared.talk,
            version=version,
            migrations=migrations or {},
            snapshot_every=snapshot_every,
            changed=shared.changed,
        )
        node.wake = following.wake
        _install(store, node)
        return node, following

    return Shared(store, log, make)


def _install(store: Store[S], node: Node[S]) -> None:
    """Let the node see its actions from here on. One that left, and shared the same slices, goes."""
    core, names = store.core, set(node.names)

    def install(_: object) -> None:
        left: set[Node[Any]] = {
            each for each in core.keepers if isinstance(each, Node) and not names.isdisjoint(each.names)
        }
        core.keepers = (*(each for each in core.keepers if each not in left), node)
        node.start()
        for each in core.keepers:
            if isinstance(each, Node):
                each.look_at_reducer(anew=True)
        core.routes_changed()

    core.in_role(install)
