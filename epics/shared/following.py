"""Follows the log for a node: joins, reads, sends, looks whether it is still the same, and joins again. All I/O is here."""

import asyncio
import contextlib
import random
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from threading import get_ident
from typing import Any, Literal, TypeAlias, TypeVar

from ..engines.ending import ended
from .errors import LogRefused, LogUnavailable, SharedError
from .log import Log, StoredSnapshot
from .node import Mark, Node, Outcome
from .presence import BEAT, LIFE, Digests, Presence
from .rules import OutdatedError, Slices
from .snapshots import (
    Migration,
    Snapshot,
    decode_snapshot,
    different,
    digest,
    digests,
    dump_slices,
    encode_snapshot,
    load_slices,
    new_history,
)

T = TypeVar("T")

Status: TypeAlias = Literal["joining", "live", "offline", "outdated", "closed"]

READ_AT_MOST = 500  # entries
SEND_AT_MOST = 200  # entries
WAIT = 1.0  # seconds that a read waits for entries
LOOK = 2.0  # seconds between two looks whether the log is still the same
FIRST_PAUSE, LAST_PAUSE = 0.05, 1.0  # seconds between two tries to reach the engine, with jitter
LEAVING = 2.0  # seconds that the word of leaving may take


class RejoinError(Exception):
    """The place in the log is lost. With words, where somebody should know why."""


class Following:
    """One node's life at the log, on one event loop.

    Attributes:
        status: how it stands with the log.
        refusal: why the engine refused last, until it takes this node in.
    """

    def __init__(
        self,
        node: Node[Any],
        log: Log,
        presence: Presence,
        *,
        version: int,
        migrations: Mapping[int, Migration],
        snapshot_every: int,
        changed: Callable[[], object],
    ) -> None:
        self._node = node
        self._log = log
        self._presence = presence
        self._version = version
        self._migrations = migrations
        self._snapshot_every = snapshot_every
        self._changed = changed
        self._loop = asyncio.get_running_loop()
        self._thread = get_ident()
        self._unsent = asyncio.Event()
        self._beat_now = asyncio.Event()
        self._saving: set[asyncio.Task[None]] = set()
        self._history = ""
        self._beginning = b""  # the snapshot that a log without entries began with
        self._must_take_snapshot = False
        self._compared = 0
        self._told: str | None = None  # the outage that was reported
        self.status: Status = "joining"
        self.refusal: SharedError | None = None

    def wake(self) -> None:
        """There is something to send. From any thread."""
        if self._unsent.is_set():
            return
        if get_ident() == self._thread:
            self._unsent.set()  # without waking a loop that is awake
        else:
            with contextlib.suppress(RuntimeError):  # the loop is closed
                self._loop.call_soon_threadsafe(self._unsent.set)

    def beat_now(self) -> None:
        """There is something to say."""
        self._beat_now.set()

    # --- the life --------------------------------------------------------------------------------

    async def run(self) -> None:
        """Until it is cancelled, or this program is outdated."""
        pause = FIRST_PAUSE
        try:
            while True:
                try:
                    await _first_to_fail(self._join())
                    pause = FIRST_PAUSE
                    self._told = self.refusal = None
                    self._become("live")
                    await _first_to_fail(self._read(), self._send(), self._look(), self._beat())
                except RejoinError as lost:
                    if lost.args:
                        self._report(SharedError(str(lost)))
                    self._become("joining")
                except OutdatedError:
                    raise
                except Exception as error:  # a mistake in the program or in a log is told, and tried again too
                    self._go_offline(error)
                    await asyncio.sleep(pause * random.uniform(0.5, 1))
                    pause = min(LAST_PAUSE, pause * 2)
        except OutdatedError as error:
            await self._become_outdated(error)
        finally:
            await ended(*self._saving)

    async def leave(self) -> None:
        """Say so, and end the connections."""
        with contextlib.suppress(LogUnavailable, LogRefused, TimeoutError):
            if self.status in ("live", "outdated"):
                async with asyncio.timeout(LEAVING):
                    await self._log.beat(self._node.replica.node, None, LIFE)
        with contextlib.suppress(LogUnavailable, LogRefused):
            await self._log.close()
        self._become("closed")

    def _become(self, status: Status) -> None:
        self.status = status
        self._node.is_live = status == "live"
        self._node.count_work()
        self._changed()

    def _go_offline(self, error: Exception) -> None:
        """Say once what is wrong, until it is another thing."""
        self.refusal = error if isinstance(error, LogRefused) else None
        kind = "unavailable" if isinstance(error, LogUnavailable) else repr(error)
        if self._told != kind:
            self._told = kind
            self._report(error)
        self._become("offline")

    async def _become_outdated(self, error: OutdatedError) -> None:
        """Stop here. What is pending can still be read by those who are newer."""
        self._node.refusal = str(error)
        self.refusal = error
        self._report(error)
        if self.status == "live":
            with contextlib.suppress(LogUnavailable, LogRefused):
                await _first_to_fail(self._send_all())
        self._become("outdated")

    def _report(self, error: Exception) -> None:
        self._node.core.report(error, "shared", str(error))

    # --- joining ---------------------------------------------------------------------------------

    async def _join(self) -> None:
        """Find the place in the log, or take over its snapshot; read to its end; then send and speak, as an engine may take neither."""
        while True:
            if not await self._is_in_place():
                await self._take_over_or_begin()
            if await self._read_to_end():
                break
        await self._in_turn(self._node.joined)
        await self._send_all()
        await self._say()

    async def _is_in_place(self) -> bool:
        node = self._node
        if not node.has_joined or self._must_take_snapshot:
            return False
        try:
            await self._check_place()
        except RejoinError as lost:
            if lost.args:
                self._report(SharedError(str(lost)))
            return False
        return True

    async def _check_place(self) -> None:
        """Compare the last entry with the log's.

        Raises:
            RejoinError: when it is another, or none; without words when it was cut away.
        """
        replica = self._node.replica
        position, entry = replica.position, replica.entry
        if position == 0:
            stored = await self._log.snapshot()
            if replica.position or (stored is not None and stored.content == self._beginning):
                return
            if stored is not None and stored.number:
                raise RejoinError
            self._lost(0, 0)
        found = await self._log.at(position)
        if found == entry:
            return
        last = await self._log.last()
        if found is not None or last < position:
            self._lost(position, last)
        if replica.position == position:  # else it was read on meanwhile, and cut behind
            raise RejoinError

    @staticmethod
    def _lost(position: int, last: int) -> None:
        msg = (
            f"The log is not the one that it was: this node had read {position} entries, and it ends with {last}, or has others. "
            "Its engine has lost what it acknowledged. What counts is the log; own actions are sent again."
        )
        raise RejoinError(msg)

    async def _take_over_or_begin(self) -> None:
        stored = await self._log.snapshot()
        if stored is None:
            await self._begin()
            return
        snapshot, slices = await asyncio.to_thread(self._load, stored)
        if stored.number and await self._log.last() < stored.number:
            msg = f"{self._log!r} has a snapshot of entry {stored.number}, and not that entry. Restore both, or give another name."
            raise LogRefused(msg)
        await self._settle_in(snapshot, slices, stored)

    def _load(self, stored: StoredSnapshot) -> tuple[Snapshot, Slices]:
        snapshot = decode_snapshot(stored.content, self._version, self._migrations)
        return snapshot, load_slices(self._node.formats, snapshot.slices, self._node.initial)

    async def _settle_in(self, snapshot: Snapshot, slices: Slices, stored: StoredSnapshot) -> None:
        node = self._node
        outcome = await self._in_turn(lambda: node.take_over(slices, snapshot.authors, stored.number, snapshot.entry))
        self._history = snapshot.history
        self._beginning = b"" if stored.number else stored.content
        self._must_take_snapshot = False
        self._tell(outcome)

    async def _begin(self) -> None:
        """Begin an empty log with the slices of this node, if no other does at the same time."""
        replica = self._node.replica
        if await self._log.last():
            msg = f"{self._log!r} has entries and no beginning: it is another application's, or damaged. Give another name."
            raise LogRefused(msg)
        slices, authors = await self._in_turn(lambda: (dict(replica.confirmed), replica.authors_in_order()))
        data = await asyncio.to_thread(dump_slices, self._node.formats, slices)
        snapshot = Snapshot(new_history(), self._version, authors, b"", data)
        content = await asyncio.to_thread(encode_snapshot, snapshot)
        if await self._log.begin(content):
            await self._settle_in(snapshot, slices, StoredSnapshot(0, content))
        else:
            await self._take_over_or_begin()

    async def _read_to_end(self) -> bool:
        """Read all that is there. False where the next entry is not: it was cut away meanwhile."""
        replica = self._node.replica
        end = await self._log.last()
        while replica.position < end:
            entries = await self._log.read(replica.position, READ_AT_MOST, WAIT)
            if not entries and await self._log.last() < end:
                return False
            try:
                await self._apply(entries)
            except RejoinError:
                self._must_take_snapshot = True
                return False
        return True

    # --- being live ------------------------------------------------------------------------------

    async def _read(self) -> None:
        while True:
            await self._apply(await self._log.read(self._node.replica.position, READ_AT_MOST, WAIT))

    async def _apply(self, entries: Sequence[tuple[int, bytes]]) -> None:
        while entries:
            outcome = await self._in_turn(partial(self._node.apply, entries))
            self._tell(outcome)
            if outcome.due is not None:
                self._save(outcome.due)
            if outcome.outdated is not None:
                raise outcome.outdated
            if outcome.is_gap:
                self._must_take_snapshot = True
                raise RejoinError
            entries = entries[outcome.count :]
            if entries:
                await asyncio.sleep(0)

    async def _send(self) -> None:
        while True:
            await self._unsent.wait()
            self._unsent.clear()
            await self._send_all()

    async def _send_all(self) -> None:
        while entries := await self._in_turn(lambda: self._node.to_send(SEND_AT_MOST)):
            await self._log.append(entries)

    async def _look(self) -> None:
        while True:
            # a log that is still at its beginning is compared as a whole: the larger, the rarer
            await asyncio.sleep(LOOK * (1 + len(self._beginning) / 1_000_000 if not self._node.replica.position else 1))
            await self._check_place()

    async def _beat(self) -> None:
        while True:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(BEAT):
                    await self._beat_now.wait()
            await self._say()

    async def _say(self) -> None:
        self._beat_now.clear()
        said = await self._log.beat(self._node.replica.node, self._presence.words(), LIFE)
        for each in self._presence.hear(said):
            await self._compare(each)

    # --- snapshots -------------------------------------------------------------------------------

    def _save(self, mark: Mark) -> None:
        task = self._loop.create_task(self._save_snapshot(mark))
        self._saving.add(task)
        task.add_done_callback(self._saving.discard)

    async def _save_snapshot(self, mark: Mark) -> None:
        try:
            data = await asyncio.to_thread(dump_slices, self._node.formats, mark.slices)
            snapshot = Snapshot(self._history, self._version, mark.authors, mark.entry, data)
            content = await asyncio.to_thread(encode_snapshot, snapshot)
            if await self._log.save_snapshot(mark.number, mark.entry, content, self._snapshot_every):
                slices = await asyncio.to_thread(digests, data)
                self._presence.digests = Digests(mark.number, digest(mark.entry), slices)
                self._beat_now.set()
        except LogUnavailable:
            return  # the next one is another's, or later
        except Exception as error:
            self._node.core.report(error, "shared", f"No snapshot was saved after entry {mark.number}: {error}")

    async def _compare(self, theirs: Digests) -> None:
        """Compare what another has saved with what this node had after the same entry.

        Raises:
            RejoinError: when they differ, naming the slices: the snapshot counts.
        """
        mark = self._mark(theirs.number)
        if mark is None or theirs.number <= self._compared or digest(mark.entry) != theirs.entry:
            return
        self._compared = theirs.number
        formats = self._node.formats
        mine = await asyncio.to_thread(dump_slices, formats, mark.slices)
        if await asyncio.to_thread(digests, mine) == theirs.slices:
            return
        stored = await self._log.snapshot()
        saved = None if stored is None else self._mark(stored.number)
        if stored is None or saved is None:
            return
        snapshot = await asyncio.to_thread(decode_snapshot, stored.content, self._version, self._migrations)
        mine = await asyncio.to_thread(dump_slices, formats, saved.slices)
        names = await asyncio.to_thread(different, formats, mine, snapshot.slices)
        if names:
            self._must_take_snapshot = True
            msg = (
                f"This node has made something else of the log than others have, up to entry {stored.number}: "
                f"{', '.join(map(repr, names))}. The snapshot counts. A reducer must be pure: what it takes of the time, of chance "
                "or of a uuid belongs in the action."
            )
            raise RejoinError(msg)

    def _mark(self, number: int) -> Mark | None:
        return next((mark for mark in self._node.marks if mark.number == number), None)

    # --- the store's turn ------------------------------------------------------------------------

    def _tell(self, outcome: Outcome) -> None:
        for error, message, action in outcome.reports:
            self._node.core.report(error, "shared", message, action)
        for settle in outcome.settle:
            settle()
        self._changed()

    async def _in_turn(self, work: Callable[[], T]) -> T:
        """Do it when no other thread is at work in the store: now, most of the time."""
        answer: asyncio.Future[T] = self._loop.create_future()

        def run(_: object) -> None:
            try:
                settle = partial(answer.set_result, work())
            except Exception as error:
                settle = partial(answer.set_exception, error)
            if get_ident() == self._thread:
                settle()
            else:
                with contextlib.suppress(RuntimeError):  # the loop is closed
                    self._loop.call_soon_threadsafe(lambda: answer.done() or settle())

        self._node.core.in_role(run)
        return await answer


async def _first_to_fail(*coroutines: Coroutine[Any, Any, None]) -> None:
    """Run them all, until one raises: end the others, and raise it."""
    tasks = [asyncio.ensure_future(each) for each in coroutines]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_EXCEPTION)
    finally:
        await ended(*tasks)
    for task in tasks:
        if not task.cancelled() and (error := task.exception()) is not None:
            raise error
