"""What a store does that shares slices: over a log in memory, each promise by itself."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import pytest
from pydantic import SecretStr
from reactivex import operators as ops

import rxdux
from rxdux import (
    Action,
    ActionStream,
    History,
    MemoryStorage,
    Reducer,
    Slice,
    State,
    StateStream,
    Store,
    StoreError,
    combine_reducers,
    persist,
)
from rxdux.epics.shared.entries import encode, write_action
from rxdux.shared import LogRefused, LogUnavailable, MemoryLog, Shared, SharedError, share

words = Slice[tuple[str, ...]]("share-words", initial=())
tally = Slice[int]("share-tally", initial=0)
seen = Slice[int]("share-seen", initial=0)


@words.action
def say(state: tuple[str, ...], text: str) -> tuple[str, ...]:
    return (*state, text)


@words.action
def say_once(state: tuple[str, ...], text: str) -> tuple[str, ...]:
    if text in state:
        raise ValueError(text)
    return (*state, text)


@tally.action
def double(state: int, plus: int = 0) -> int:
    return state * 2 + plus


@seen.on(say)
def _(state: int, action: Action) -> int:
    return state + 1


@seen.action
def look(state: int) -> int:
    return state + 100


class Board(State):
    words: tuple[str, ...] = ()
    tally: int = 0
    seen: int = 0


class BreakableLog(MemoryLog):
    """One whose engine can be gone, or full."""

    is_gone = False
    is_full = False

    def _check(self) -> None:
        if self.is_gone:
            msg = "the engine is gone"
            raise LogUnavailable(msg)

    async def append(self, entries: Any) -> None:
        self._check()
        if self.is_full:
            msg = "the engine is full"
            raise LogUnavailable(msg)
        await super().append(entries)

    async def append_of_another(self, text: str) -> None:
        await super().append([encode("another", 1, 1, 1, write_action(say(text).serialize()))])

    async def read(self, after: int, limit: int, wait: float) -> Any:
        self._check()
        found = await super().read(after, limit, min(wait, 0.05))
        self._check()
        return found

    async def last(self) -> int:
        self._check()
        return await super().last()

    async def snapshot(self) -> Any:
        self._check()
        return await super().snapshot()

    async def beat(self, node: str, words: bytes | None, life: float) -> dict[str, bytes]:
        self._check()
        return await super().beat(node, words, life)


class Process:
    """A store that shares, and what it was told."""

    def __init__(
        self, log: Any, state: Board | None = None, *, slices: Any = ("words", "tally"), **options: Any
    ) -> None:
        self.errors: list[StoreError] = []
        epics = options.pop("epics", ())
        self.store: Store[Board] = Store(
            combine_reducers(Board, words=words, tally=tally, seen=seen),
            state,
            on_error=self.errors.append,
            epics=epics,
        )
        self.before = options.pop("before", lambda store: None)(self.store)
        self.shared: Shared[Board] = share(self.store, log, slices=slices, **options)

    async def until(self, predicate: Callable[[Board], object]) -> Board:
        return await self.store.wait_for(predicate, 20)

    async def until_told(self, part: str) -> StoreError:
        return await until(lambda: next((each for each in self.errors if part in str(each)), None))


async def until(found: Callable[[], Any]) -> Any:
    deadline = time.monotonic() + 20
    while not (result := found()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    return result


Start = Callable[..., Any]


@pytest.fixture
async def start() -> AsyncIterator[Start]:
    """Makes one more process on a log, and waits until it is ready. All end with the test."""
    async with AsyncExitStack() as stack:

        async def make(log: Any, state: Board | None = None, *, ready: bool = True, **options: Any) -> Process:
            process = Process(log, state, **options)
            stack.push_async_callback(process.shared.close)
            stack.callback(process.store.close)
            if ready:
                await process.shared.ready(20)
            return process

        yield make


async def together(*processes: Process) -> None:
    """Until all have read all, and nothing is pending."""
    for each in processes:
        await each.shared.settled(timeout=20)
    end = max(each.shared.position for each in processes)
    for each in processes:
        await until(lambda each=each: each.shared.position >= end)


class TestOrder:
    async def test_an_action_is_the_same_everywhere(self, start: Start) -> None:
        """At the same position with nothing pending the slices are equal."""
        log = MemoryLog()
        one, other = await start(log), await start(log)
        for number in range(50):
            one.store.dispatch(say(f"a{number}"))
            other.store.dispatch(double(plus=number))
            other.store.dispatch(say(f"b{number}"))
        await together(one, other)
        assert one.shared.position == other.shared.position == 150
        assert one.store.state.replace(seen=0) == other.store.state.replace(seen=0)
        assert [word for word in one.store.state.words if word.startswith("a")] == [f"a{n}" for n in range(50)]

    async def test_dispatch_returns_with_the_own_state_changed(self, start: Start) -> None:
        """Before the log has it, and without being reduced again when it has: the slices keep their identity."""
        one = await start(MemoryLog())
        one.store.dispatch(say("milk"))
        mine = one.store.state.words
        assert (mine, one.shared.pending) == (("milk",), 1)
        await one.shared.settled(timeout=20)
        assert (one.store.state.words is mine, one.shared.pending, one.shared.position) == (True, 0, 1)

    async def test_others_come_first_where_the_log_has_them_first(self, start: Start) -> None:
        """The own one that was pending is reduced anew on top."""
        log = BreakableLog()
        one, other = await start(log), await start(log)
        log.is_gone = True
        await until(lambda: one.shared.status == other.shared.status == "offline")
        one.store.dispatch(say("mine"))
        other.store.dispatch(say("theirs"))
        assert (one.store.state.words, other.store.state.words) == (("mine",), ("theirs",))
        log.is_gone = False
        await together(one, other)
        assert one.store.state.words == other.store.state.words
        assert sorted(one.store.state.words) == ["mine", "theirs"]

    async def test_confirm_gives_the_state_right_after_the_action(self, start: Start) -> None:
        """In the log's order, with nothing pending on top; a reducer that refuses it there is raised."""
        log = MemoryLog()
        one, other = await start(log), await start(log)
        confirming = asyncio.ensure_future(one.shared.confirm(say_once("seat"), 10))
        late = asyncio.ensure_future(other.shared.confirm(say_once("seat"), 10))
        await asyncio.sleep(0)
        one.store.dispatch(say("later"))
        results = await asyncio.gather(confirming, late, return_exceptions=True)
        winners = [each for each in results if isinstance(each, Board)]
        assert [each.words for each in winners] == [("seat",)]
        assert sorted(type(each).__name__ for each in results) == ["Board", "ValueError"]

    async def test_what_confirm_cannot_wait_for(self, start: Start) -> None:
        """A local action, one whose reducer refuses it at the dispatch, an engine that is gone."""
        log = BreakableLog()
        one = await start(log)
        with pytest.raises(SharedError, match="no|is none"):
            await one.shared.confirm(look(), 1)
        one.store.dispatch(say_once("x"))
        with pytest.raises(ValueError, match="x"):
            await one.shared.confirm(say_once("x"), 1)
        log.is_gone = True
        with pytest.raises(TimeoutError):
            await one.shared.confirm(say("kept"), 0.2)
        assert "kept" in one.store.state.words
        log.is_gone = False
        await one.shared.settled(timeout=20)


class TestEffects:
    async def test_epics_and_middleware_see_own_actions_only(self, start: Start) -> None:
        """Others' reach the reducers of all slices, listeners, `select`, the state streams and `remote`; a local slice once."""
        acted: list[Action] = []
        states: list[int] = []

        def epic(actions: ActionStream, state: StateStream[Board]) -> Any:
            actions.subscribe(acted.append)
            state.pipe(ops.map(lambda each: len(each.words)), ops.distinct_until_changed()).subscribe(states.append)
            return actions.pipe(ops.filter(lambda _: False))

        log = MemoryLog()
        one, other = await start(log), await start(log, epics=[epic])
        remote: list[Action] = []
        other.shared.remote.subscribe(remote.append)
        of_class: list[Any] = []
        other.shared.remote.pipe(rxdux.of_type(say)).subscribe(of_class.append)
        selected: list[int] = []
        other.store.select(lambda state: state.seen).subscribe(selected.append)
        one.store.dispatch(say("theirs"))
        one.store.dispatch(double(plus=1))
        await other.until(lambda state: state.tally == 1)
        other.store.dispatch(say("mine"))
        await together(one, other)
        assert acted == [say("mine")]
        assert remote == [say("theirs"), double(plus=1)]
        assert of_class == [say("theirs")]
        assert (states[0], states[-1], selected) == (0, 2, [0, 1, 2])
        assert (one.store.state.seen, other.store.state.seen) == (2, 2)

    async def test_a_rebase_repeats_nothing_but_the_shared_reducers(self, start: Start) -> None:
        """A local slice has each action once, however often it is reduced anew."""
        log = BreakableLog()
        one, other = await start(log), await start(log)
        log.is_gone = True
        await until(lambda: one.shared.status == other.shared.status == "offline")
        for number in range(20):
            one.store.dispatch(say(f"a{number}"))
            other.store.dispatch(say(f"b{number}"))
        log.is_gone = False
        await together(one, other)
        assert one.store.state.seen == other.store.state.seen == 40

    async def test_listeners_run_once_per_batch(self, start: Start) -> None:
        """And what others do does not hold the loop."""
        log = MemoryLog()
        one, other = await start(log), await start(log)
        told: list[int] = []
        other.store.subscribe(lambda state: told.append(len(state.words)))
        for number in range(300):
            one.store.dispatch(double(plus=number % 2))
            one.store.dispatch(say("x"))
        await together(one, other)
        assert told[-1] == 300
        assert len(told) < 100

    async def test_idle_waits_for_sends_on_a_live_engine_only(self, start: Start) -> None:
        """What is pending offline is no work under way."""
        log = BreakableLog()
        one = await start(log)
        one.store.dispatch(say("a"))
        await one.store.idle(20)
        assert one.shared.pending == 0
        log.is_gone = True
        await until(lambda: one.shared.status == "offline")
        one.store.dispatch(say("b"))
        await one.store.idle(20)
        assert one.shared.pending == 1
        log.is_gone = False


class TestJoining:
    async def test_the_first_begins_the_log_with_its_slices(self, start: Start) -> None:
        """All others take those over, whatever they were made with; their own pending ones stay on top."""
        log = MemoryLog()
        first = await start(log, Board(words=("first",), seen=5))
        second = await start(log, Board(words=("second",), tally=9, seen=7), ready=False)
        second.store.dispatch(say("mine"))
        await second.shared.ready(20)
        await together(first, second)
        assert first.store.state == Board(words=("first", "mine"), seen=6)
        assert second.store.state == Board(words=("first", "mine"), seen=8)

    async def test_of_many_who_begin_at_once_one_does(self, start: Start) -> None:
        """And all have its slices."""
        log = MemoryLog()
        many = [await start(log, Board(words=(f"n{number}",)), ready=False) for number in range(5)]
        for each in many:
            await each.shared.ready(20)
        assert len({each.store.state.words for each in many}) == 1

    async def test_a_late_joiner_takes_a_snapshot_and_the_rest(self, start: Start) -> None:
        """The log is cut; what was before it joined is no news to it."""
        log = MemoryLog()
        one = await start(log, snapshot_every=20)
        for number in range(95):
            one.store.dispatch(say(f"{number}"))
            await one.shared.settled(timeout=20)
        await until(lambda: log._snapshot is not None and log._snapshot.number == 80)
        assert await log.at(50) is None
        late = await start(log, snapshot_every=20)
        assert late.store.state == Board(words=one.store.state.words, seen=0)
        assert late.shared.position == 95

    async def test_a_node_whose_place_was_cut_away(self, start: Start) -> None:
        """It takes the snapshot, and its pending actions stay."""
        shared_log, way = MemoryLog(), {"open": True}

        class Way(MemoryLog):
            """To the same log, and it can be blocked."""

            def __getattribute__(self, name: str) -> Any:
                if name in {"append", "read", "last", "at", "begin", "snapshot", "save_snapshot", "beat"}:
                    if not way["open"]:
                        msg = "blocked"
                        raise LogUnavailable(msg)
                    return getattr(shared_log, name)
                return super().__getattribute__(name)

        one, other = await start(shared_log, snapshot_every=10), await start(Way(), snapshot_every=10)
        way["open"] = False
        await until(lambda: other.shared.status == "offline")
        other.store.dispatch(say("mine"))
        for number in range(60):
            one.store.dispatch(say(f"{number}"))
            await one.shared.settled(timeout=20)
        await until(lambda: shared_log._snapshot is not None and shared_log._snapshot.number == 60)
        way["open"] = True
        await together(one, other)
        assert one.store.state.words == other.store.state.words == (*(f"{number}" for number in range(60)), "mine")
        assert [each for each in other.errors if "not the one" in str(each)] == []


class TestEngineGone:
    async def test_it_is_told_once_and_tried_again(self, start: Start) -> None:
        """Own actions pend, and go in order when it is back, each once."""
        log = BreakableLog()
        one, other = await start(log), await start(log)
        statuses: list[str] = []
        one.shared.statuses.subscribe(statuses.append)
        log.is_gone = True
        await until(lambda: one.shared.status == "offline")
        for number in range(10):
            one.store.dispatch(say(f"{number}"))
        assert one.shared.pending == 10
        await asyncio.sleep(0.5)
        log.is_gone = False
        await together(one, other)
        assert other.store.state.words == tuple(f"{number}" for number in range(10))
        assert statuses == ["live", "offline", "live"]
        assert len(one.errors) == 1
        assert isinstance(one.errors[0].__cause__, SharedError)

    async def test_it_is_full(self, start: Start) -> None:
        """It answers and takes nothing: offline all the while, told once, and all goes when there is room."""
        log = BreakableLog()
        one, other = await start(log), await start(log)
        statuses: list[str] = []
        one.shared.statuses.subscribe(statuses.append)
        log.is_full = True
        one.store.dispatch(say("kept"))
        await until(lambda: one.shared.status == "offline")
        await log.append_of_another("theirs")
        await one.until(lambda state: state.words == ("theirs", "kept"))
        await asyncio.sleep(0.3)
        log.is_full = False
        await together(one, other)
        assert other.store.state.words == ("theirs", "kept")
        assert statuses == ["live", "offline", "live"]
        assert len(one.errors) == 1

    async def test_no_more_than_so_many_pend(self, start: Start) -> None:
        """Then dispatch refuses, and changes nothing; `settled` is how a producer waits."""
        log = BreakableLog()
        one = await start(log, max_pending=3)
        log.is_gone = True
        await until(lambda: one.shared.status == "offline")
        for number in range(3):
            one.store.dispatch(say(f"{number}"))
        with pytest.raises(SharedError, match="settled"):
            one.store.dispatch(say("too much"))
        one.store.dispatch(look())
        assert one.store.state.words == ("0", "1", "2")
        with pytest.raises(TimeoutError):
            await one.shared.settled(at_most=2, timeout=0.1)
        log.is_gone = False
        await one.shared.settled(at_most=2, timeout=20)
        one.store.dispatch(say("now"))

    async def test_an_engine_that_lost_everything(self, start: Start) -> None:
        """A survivor begins it again; nothing of a living node is lost or doubled, and it is told."""
        log = BreakableLog()
        one, other = await start(log), await start(log)
        for number in range(10):
            one.store.dispatch(say(f"a{number}"))
            other.store.dispatch(say(f"b{number}"))
        await together(one, other)
        log.is_gone = True
        await until(lambda: one.shared.status == other.shared.status == "offline")
        one.store.dispatch(say("meanwhile"))
        log._numbers, log._entries, log._last, log._snapshot = [], [], 0, None
        log.is_gone = False
        await until(lambda: one.shared.status == other.shared.status == "live")
        await until(lambda: one.shared.position == other.shared.position and len(one.store.state.words) == 21)
        await together(one, other)
        assert one.store.state.words == other.store.state.words
        assert sorted(one.store.state.words) == sorted([*(f"{who}{n}" for who in "ab" for n in range(10)), "meanwhile"])
        assert any("lost what it acknowledged" in str(each) for each in one.errors)

    async def test_an_engine_that_lost_its_end(self, start: Start) -> None:
        """While connections live: the log's history counts, and own actions that it lost go again, in order."""
        log = MemoryLog()
        one, other = await start(log), await start(log)
        for number in range(10):
            one.store.dispatch(say(f"a{number}"))
            await together(one, other)
        log._numbers, log._entries, log._last = log._numbers[:4], log._entries[:4], 4
        await one.until_told("lost what it acknowledged")
        await together(one, other)
        await until(lambda: one.shared.position == other.shared.position)
        assert one.store.state.words == other.store.state.words == tuple(f"a{number}" for number in range(10))


class TestMistakes:
    async def test_a_reducer_that_is_not_pure_is_found_out(self, start: Start) -> None:
        """By the snapshot's digest: told by the slice, and the snapshot counts."""
        chance = iter(range(1000))
        impure = Slice[tuple[int, ...]]("share-impure", initial=())

        @impure.action
        def draw(state: tuple[int, ...]) -> tuple[int, ...]:
            return (*state, next(chance))

        class Drawn(State):
            impure: tuple[int, ...] = ()

        log, errors = MemoryLog(), list[StoreError]()
        async with AsyncExitStack() as stack:
            stores = [Store(combine_reducers(Drawn, impure=impure), on_error=errors.append) for _ in range(2)]
            nodes = [share(store, log, slices=["impure"], snapshot_every=5) for store in stores]
            for store, node in zip(stores, nodes, strict=True):
                stack.push_async_callback(node.close)
                stack.callback(store.close)
                await node.ready(20)
            for _ in range(5):
                stores[0].dispatch(draw())
            told = await until(lambda: next(iter(errors), None))
            assert isinstance(told.__cause__, SharedError)
            assert "'impure'" in str(told)
            await until(lambda: stores[0].state == stores[1].state)

    async def test_a_reducer_that_raises_on_an_entry(self, start: Start) -> None:
        """No change on any node, and a report; own ones are raised at the dispatch, and nothing is sent."""
        log = BreakableLog()
        one, other = await start(log), await start(log)
        log.is_gone = True
        await until(lambda: one.shared.status == other.shared.status == "offline")
        one.store.dispatch(say_once("x"))
        with pytest.raises(ValueError, match="x"):
            one.store.dispatch(say_once("x"))
        assert one.shared.pending == 1
        other.store.dispatch(say_once("x"))
        log.is_gone = False
        await together(one, other)
        assert one.store.state.words == other.store.state.words == ("x",)
        for each in (one, other):
            told = await each.until_told("nothing changed")
            assert isinstance(told.__cause__, ValueError)

    @pytest.mark.parametrize(
        "entry",
        [b"hello, s3cret", encode("f00d", 1, 1, 1, b'{"type":"share-words/say","text":["s3cret"]}')],
    )
    async def test_what_is_not_ours_or_not_valid_is_skipped(self, start: Start, entry: bytes) -> None:
        """By all alike, and told without its content."""
        log = MemoryLog()
        one, other = await start(log), await start(log)
        await log.append([entry])
        one.store.dispatch(say("next"))
        await together(one, other)
        assert one.store.state.words == other.store.state.words == ("next",)
        for each in (one, other):
            told = await each.until_told("was skipped")
            assert "s3cret" not in f"{told}{told.__cause__}"

    @pytest.mark.parametrize(("text", "problem"), [("\ud800", "no JSON form"), ("x" * 900_001, "900000")])
    async def test_what_cannot_be_sent_is_refused(self, start: Start, text: str, problem: str) -> None:
        """At the dispatch, which changes nothing: text that is no Unicode, and what is larger than an entry may be."""
        log = MemoryLog()
        one, other = await start(log), await start(log)
        with pytest.raises(SharedError, match=problem):
            one.store.dispatch(say(text))
        one.store.dispatch(say("next"))
        await together(one, other)
        assert one.store.state.words == other.store.state.words == ("next",)

    async def test_a_log_of_another_application(self, start: Start) -> None:
        """`ready` says so, and so does `on_error`, once."""
        log = MemoryLog()
        await log.begin(b"something else")
        one = await start(log, ready=False)
        with pytest.raises(LogRefused, match="another application"):
            await one.shared.ready(20)
        await asyncio.sleep(0.3)
        assert len(one.errors) == 1

    async def test_a_snapshot_cut_off(self, start: Start) -> None:
        """Who is there goes on; who comes is told."""
        log = MemoryLog()
        one = await start(log, snapshot_every=5)
        one.store.dispatch(say("x"))
        await one.shared.settled(timeout=20)
        stored = await log.snapshot()
        assert stored is not None
        log._snapshot = stored._replace(content=stored.content[:30])
        late = await start(log, ready=False)
        with pytest.raises(LogRefused, match="cut off"):
            await late.shared.ready(20)
        for number in range(4):
            one.store.dispatch(say(f"{number}"))
        await late.until(lambda state: len(state.words) == 5)
        await late.shared.ready(20)


class TestVersions:
    async def test_an_entry_of_a_newer_version(self, start: Start) -> None:
        """The node stops before it, shows what it has, and refuses; a newer one reads on where it stopped."""
        log = MemoryLog()
        old = await start(log)
        old.store.dispatch(say("old"))
        await old.shared.settled(timeout=20)
        await log.append([encode("newer", 1, 1, 2, b'{"type":"share-words/shout","text":"new"}')])
        await until(lambda: old.shared.status == "outdated")
        assert (old.store.state.words, old.shared.position) == (("old",), 1)
        with pytest.raises(SharedError, match="Update"):
            old.store.dispatch(say("more"))
        old.store.dispatch(look())
        assert old.store.state.words == ("old",)
        with pytest.raises(SharedError):
            await old.shared.settled(-1, timeout=20)

        newer = await start(
            log,
            version=3,
            upcast={2: lambda data: {**data, "type": "share-words/say"}},
            migrations={1: lambda slices: {**slices, "words": [*slices["words"], "migrated"]}},
        )
        assert newer.store.state.words == ("migrated", "old", "new")

    async def test_a_type_unknown_here(self, start: Start) -> None:
        """Never guessed at: outdated, also for an action that is known and not shared."""
        log = MemoryLog()
        old = await start(log)
        await log.append([encode("newer", 1, 1, 1, b'{"type":"share-seen/look"}')])
        await old.until_told("Update")
        assert old.shared.status == "outdated"

    async def test_a_snapshot_of_a_newer_version(self, start: Start) -> None:
        """`ready` says so."""
        log = MemoryLog()
        await start(log, version=2)
        old = await start(log, ready=False)
        with pytest.raises(SharedError, match="version 2"):
            await old.shared.ready(20)
        assert old.shared.status == "outdated"


class WithSecret(Action, type="share/with-secret"):
    key: SecretStr


class TestRefusals:
    @pytest.mark.parametrize(
        ("slices", "error", "words"),
        [
            (["nothing"], ValueError, "'nothing'"), ([], ValueError, "no slice"), ("words", TypeError, "list"),
            (["plain"], TypeError, "'plain'"), (["nested"], TypeError, "nested.inner"), (["secret"], ValueError, "'secret'"),
            (["handler"], ValueError, "WithSecret"),
        ],
    )  # fmt: skip
    async def test_what_cannot_be_shared_is_named(self, slices: Any, error: type[Exception], words: str) -> None:
        """No such slice, a plain function, a secret at any depth in a slice or in an action that it handles."""

        def plain(state: int | None, action: Action) -> int:
            return state or 0

        class Deep(State):
            keys: tuple[SecretStr, ...] = ()

        handler = Reducer(0)
        handler.on(WithSecret)(lambda state, action: state)
        reducer = combine_reducers(
            {
                "plain": plain,
                "nested": combine_reducers({"inner": plain}),
                "secret": Reducer(Deep()),
                "handler": handler,
            }
        )
        with Store(reducer) as store, pytest.raises(error, match=words):
            share(store, MemoryLog(), slices=slices)

    async def test_a_state_without_slices(self) -> None:
        """A TypeError; as for what is no log."""
        with Store(Reducer(0)) as store, pytest.raises(TypeError, match="combine_reducers"):
            share(store, MemoryLog(), slices=["x"])
        with Store(combine_reducers({"n": Reducer(0)})) as store, pytest.raises(TypeError, match="RedisLog"):
            share(store, "redis://host", slices=["n"])  # type: ignore[arg-type]

    async def test_a_slice_has_one_owner(self, start: Start) -> None:
        """`persist` or one `share`; what was left may be shared again."""
        one = await start(MemoryLog(), slices=["words"])
        with pytest.raises(ValueError, match="'words' has an owner"):
            share(one.store, MemoryLog(), slices=["tally", "words"])
        with pytest.raises(ValueError, match="'words' has an owner"):
            persist(one.store, MemoryStorage(), key="a")
        persist(one.store, MemoryStorage(), key="a", include=["tally"])
        with pytest.raises(ValueError, match="'tally' has an owner"):
            share(one.store, MemoryLog(), slices=["tally"])
        await one.shared.close()
        with pytest.raises(SharedError, match="ended"):
            one.store.dispatch(say("x"))
        again = share(one.store, MemoryLog(), slices=["words"])
        await again.ready(20)
        one.store.dispatch(say("x"))
        await again.settled(timeout=20)
        await again.close()

    async def test_two_logs_in_one_store(self, start: Start) -> None:
        """Each slice has its own; an action that both handle goes into both, and is applied once in each."""
        first, second = MemoryLog(), MemoryLog()
        one, other = await start(first, slices=["words"]), await start(first, slices=["words"])
        for each in (one, other):
            node = share(each.store, second, slices=["seen"])
            await node.ready(20)
            each.second = node
        remotes: list[list[Action]] = [[], []]
        one.shared.remote.subscribe(remotes[0].append)
        one.second.remote.subscribe(remotes[1].append)
        one.store.dispatch(say("x"))
        other.store.dispatch(say("y"))
        await together(one, other)
        await until(lambda: one.second.position == other.second.position == 2)
        assert remotes == [[say("y")], [say("y")]]
        assert one.store.state.seen == other.store.state.seen == 2
        for each in (one, other):
            await each.second.close()

    async def test_a_handler_added_later_counts(self, start: Start) -> None:
        """Its action is shared from then on; one with a secret is refused at its dispatch."""
        later = Reducer(0)
        log = MemoryLog()
        stores = [Store(combine_reducers({"later": later})) for _ in range(2)]
        nodes = [share(store, log, slices=["later"]) for store in stores]
        await asyncio.gather(*(node.ready(20) for node in nodes))

        class Late(Action, type="share/late"):
            pass

        later.on(Late)(lambda state, action: state + 1)
        stores[0].dispatch(Late())
        await stores[1].wait_for(lambda state: state["later"] == 1, 20)
        later.on(WithSecret)(lambda state, action: state + 1)
        with pytest.raises(ValueError, match="WithSecret"):
            stores[0].dispatch(WithSecret(key=SecretStr("x")))
        assert stores[0].state["later"] == 1
        for node, store in zip(nodes, stores, strict=True):
            await node.close()
            store.close()

    async def test_a_reducer_that_takes_a_shared_slice_away(self, start: Start) -> None:
        """It is refused, and the old one stays; one that keeps them takes over."""
        log = MemoryLog()
        one, other = await start(log), await start(log)
        with pytest.raises(SharedError, match="words"):
            one.store.replace_reducer(combine_reducers({"tally": tally}))
        one.store.replace_reducer(combine_reducers(Board, words=words, tally=tally, seen=Reducer(0)))
        other.store.dispatch(say("x"))
        await one.until(lambda state: state.words == ("x",))
        one.store.dispatch(say("y"))
        await together(one, other)
        assert other.store.state.words == ("x", "y")

    async def test_time_travel_shows(self, start: Start) -> None:
        """`jump`, `undo`, `redo` work, and others do not disturb what is shown; what would rewrite the past is refused."""
        log = MemoryLog()
        one, other = await start(log), await start(log)
        history = History(one.store)
        one.store.dispatch(say("a"))
        await one.shared.settled(timeout=20)
        history.undo()
        other.store.dispatch(say("b"))
        await until(lambda: len(history.entries) == 2)
        assert one.store.state.words == ()
        assert [each.source for each in history.entries] == [None, f"shared:{other.shared.node}"]
        history.redo()
        history.redo()
        assert one.store.state.words == ("a", "b")
        for rewriting in (lambda: history.toggle(0), lambda: history.rollback(), lambda: history.load("[]")):
            with pytest.raises(SharedError, match="rewrite"):
                rewriting()


class TestPresence:
    async def test_each_says_something_of_itself(self, start: Start) -> None:
        """All hear it soon; who leaves is no longer there."""
        log = MemoryLog()
        one, other = await start(log), await start(log)
        heard: list[Any] = []
        one.shared.presence.subscribe(heard.append)
        other.shared.announce({"name": "Ada"})
        await until(lambda: one.shared.present.get(other.shared.node) == {"name": "Ada"})
        assert one.shared.node in one.shared.present
        await other.shared.close()
        await until(lambda: list(one.shared.present) == [one.shared.node])
        assert {other.shared.node: {"name": "Ada"}}.items() <= heard[-2].items()
        with pytest.raises(TypeError, match="JSON"):
            one.shared.announce({"name": object()})


class TestTheEnd:
    async def test_close_sends_what_is_pending(self, start: Start) -> None:
        """And so does the end of the store; nothing is left behind."""
        log = MemoryLog()
        before = asyncio.all_tasks()
        async with Store(combine_reducers(Board, words=words, tally=tally, seen=seen)) as store:
            node = share(store, log, slices=["words"])
            await node.ready(20)
            statuses: list[str] = []
            node.statuses.subscribe(statuses.append, on_completed=lambda: statuses.append("completed"))
            for number in range(100):
                store.dispatch(say(f"{number}"))
        assert await log.last() == 100
        assert statuses == ["live", "closed", "completed"]
        assert asyncio.all_tasks() == before
        with pytest.raises(SharedError, match="ended"):
            await node.settled(-1, 1)
        await node.close()

    async def test_what_cannot_be_sent_is_told(self, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
        """Nothing is lost in silence."""
        monkeypatch.setattr(sys.modules["rxdux.epics.shared.share"], "SENDING", 0.3)
        log = BreakableLog()
        one = await start(log)
        log.is_gone = True
        await until(lambda: one.shared.status == "offline")
        one.store.dispatch(say("lost"))
        confirming = asyncio.ensure_future(one.shared.confirm(say("too"), 20))
        await asyncio.sleep(0)
        await one.shared.close()
        await one.until_told("2 own actions could not be sent")
        with pytest.raises(SharedError, match="ended"):
            await confirming

    def test_it_needs_a_loop(self) -> None:
        """It says so where none runs."""
        with Store(combine_reducers({"words": words})) as store, pytest.raises(RuntimeError, match="coroutine"):
            share(store, MemoryLog(), slices=["words"])

    async def test_an_interrupt_between_an_action_and_its_state(self, start: Start) -> None:
        """It may count or not, and is the same everywhere."""
        log = MemoryLog()
        one, other = await start(log), await start(log)
        one.store.dispatch(double(plus=1))
        node = one.shared._node
        take = node.replica.add

        def interrupt(*arguments: Any) -> Any:
            take(*arguments)
            raise KeyboardInterrupt

        node.replica.add = interrupt
        with pytest.raises(KeyboardInterrupt):
            one.store.dispatch(double(plus=1))
        node.replica.add = take
        one.store.dispatch(double(plus=1))
        await together(one, other)
        await until(lambda: one.store.state == other.store.state)
        assert one.store.state.tally == 7

    async def test_dispatches_of_other_threads(self, start: Start) -> None:
        """From anywhere: none is lost, each node has them in one order."""
        log = MemoryLog()
        one, other = await start(log, max_pending=5000), await start(log, max_pending=5000)

        def dispatch(store: Store[Board], name: str) -> None:
            for number in range(200):
                store.dispatch(say(f"{name}{number}"))

        await asyncio.gather(
            *(asyncio.to_thread(dispatch, each.store, name) for each, name in ((one, "a"), (one, "b"), (other, "c")))
        )
        await until(lambda: one.shared.position == other.shared.position == 600)
        await together(one, other)
        assert one.store.state.words == other.store.state.words
        assert sorted(one.store.state.words) == sorted(f"{name}{number}" for name in "abc" for number in range(200))
