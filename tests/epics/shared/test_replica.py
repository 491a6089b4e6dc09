"""What a node makes of the log, without a log: pure decisions, and random programs against a model."""

import random
from typing import Any

import pytest

from rxdux import Action, Reducer, Slice
from rxdux.epics.shared.entries import Entry, decode, encode, write_action
from rxdux.epics.shared.replica import AUTHORS, Applied, Replica
from rxdux.epics.shared.rules import InvalidEntryError, OutdatedError, Rules

words = Slice[tuple[str, ...]]("replica-words", initial=())
tally = Slice[int]("replica-tally", initial=0)


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
    return (state * 2 + plus) % 1_000_003


@tally.on(say)
def _(state: int, action: Action) -> int:
    return state + 1


PARTS = {"words": words, "tally": tally}


def rules(version: int = 1, **upcast: Any) -> Rules:
    return Rules(PARTS, version, {int(name[1:]): function for name, function in upcast.items()})


def replica(name: str = "me") -> Replica:
    return Replica(name, rules(), {"words": (), "tally": 0})


def dispatch(node: Replica, action: Action) -> None:
    """As a store does it: reduced on what is shown, then taken."""
    changes = node.rules.reduce(node.shown, action)
    node.add(action, write_action(action.serialize()), {**node.shown, **changes})


def entry(author: str, count: int, action: Action, version: int = 1) -> bytes:
    return encode(author, count, 1, version, write_action(action.serialize()))


def feed(node: Replica, *contents: bytes) -> list[Applied]:
    return [node.apply(node.position + 1, content) for content in contents]


class TestOrder:
    def test_an_own_action_is_shown_at_once_and_confirmed_without_being_reduced_again(self) -> None:
        """Where nobody else's came between, the slices keep their identity."""
        node = replica()
        dispatch(node, say("milk"))
        shown = node.shown["words"]
        [sent] = node.send(10)
        assert (shown, node.confirmed["words"], len(node.pending)) == (("milk",), (), 1)
        [applied] = feed(node, sent)
        assert applied.own is not None
        assert node.rebase()["words"] is shown is node.confirmed["words"]
        assert not node.pending

    def test_others_come_first_where_the_log_has_them_first(self) -> None:
        """The own one is reduced anew on top, and again where it stands in the log."""
        node = replica()
        dispatch(node, say("mine"))
        [sent] = node.send(10)
        feed(node, entry("other", 1, say("theirs")))
        assert node.confirmed["words"] == ("theirs",)
        assert node.rebase()["words"] == ("theirs", "mine")
        feed(node, sent)
        assert node.rebase() == node.confirmed == {"words": ("theirs", "mine"), "tally": 2}

    def test_a_slice_that_others_did_not_touch_is_not_reduced_again(self) -> None:
        """Pending actions of it keep what they made."""
        node = replica()
        dispatch(node, say("a" * 3))
        mine = node.shown["words"]
        feed(node, entry("other", 1, double(plus=1)))
        node.rebase()
        assert node.shown["words"] == mine
        assert node.shown["tally"] == 2

    def test_what_is_not_the_next_of_its_author_counts_as_not_there(self) -> None:
        """Twice, too early, or of an author who begins with another number than 1."""
        node = replica()
        applied = feed(
            node,
            entry("a", 1, say("1")), entry("a", 1, say("1")), entry("a", 3, say("3")), entry("a", 2, say("2")),
            entry("b", 2, say("no")), entry("a", 3, say("3")),
        )  # fmt: skip
        assert node.confirmed["words"] == ("1", "2", "3")
        assert [each.is_news for each in applied] == [True, False, False, True, False, True]
        assert node.position == 6

    def test_a_reducer_that_raises_changes_nothing(self) -> None:
        """No slice of them; the entry counts, and the error is told."""
        node = replica()
        [_, applied] = feed(node, entry("a", 1, say_once("x")), entry("a", 2, say_once("x")))
        assert isinstance(applied.error, ValueError)
        assert node.authors == {"a": 2}
        assert node.confirmed["words"] == ("x",)

    def test_a_pending_action_that_raises_on_top_of_others(self) -> None:
        """It shows no change, and is told when it stands in the log."""
        node = replica()
        dispatch(node, say_once("x"))
        [sent] = node.send(1)
        feed(node, entry("a", 1, say_once("x")))
        assert node.rebase()["words"] == ("x",)
        [applied] = feed(node, sent)
        assert isinstance(applied.error, ValueError)
        assert applied.own is not None

    def test_the_author_who_wrote_least_recently_is_forgotten(self) -> None:
        """Past a thousand; a node that is forgotten goes on as another author."""
        node = replica()
        dispatch(node, say("mine"))
        feed(node, *node.send(1))
        dispatch(node, say("late"))
        late = node.send(1)
        feed(node, *(entry(f"n{number}", 1, double()) for number in range(AUTHORS)))
        assert len(node.authors) == AUTHORS
        assert "me" not in node.authors
        feed(node, *late)
        assert node.confirmed["words"] == ("mine",)
        feed(node, *node.send(1))
        assert node.confirmed["words"] == ("mine", "late")


class TestReading:
    @pytest.mark.parametrize(
        "content",
        [b"", b"\xff", b"null", b"[]", b'{"by":1}', b'{"by":"a","n":1,"v":1,"do":{"type":5}}', b"[" * 100_000,
         b'{"by":"a","n":1.0,"v":1,"do":{"type":"replica-words/say"}}', b'{"by":"a","n":1,"v":1,"do":"x"}'],
    )  # fmt: skip
    def test_what_is_none_of_ours_is_passed_over(self, content: bytes) -> None:
        """By all alike, and told without its content."""
        node = replica()
        [applied] = feed(node, content)
        assert applied.problem == "something that is none of ours"
        assert (node.position, node.confirmed["words"]) == (1, ())

    def test_what_json_can_say_is_read(self) -> None:
        """Also what is nested deep, and text that no UTF-8 stands for."""
        deep = b"[" * 300 + b'"\\ud800"' + b"]" * 300
        found = decode(b'{"by":"a","n":1,"t":1,"v":1,"do":{"type":"x","deep":%b}}' % deep)
        assert found is not None
        inner = found.action["deep"]
        for _ in range(300):
            [inner] = inner
        assert inner == "\ud800"

    def test_fields_that_do_not_fit(self) -> None:
        """The entry counts for its author, and does nothing."""
        node = replica()
        body = b'{"type":"replica-words/say","text":["s3cret"]}'
        [applied, then] = feed(node, encode("a", 1, 1, 1, body), entry("a", 2, say("next")))
        assert applied.problem is not None
        assert "s3cret" not in applied.problem
        assert then.is_news

    @pytest.mark.parametrize(("kind", "version"), [("replica-words/say", 2), ("nobody/knows", 1), ("FETCH_DATA", 1)])
    def test_what_is_newer_than_this_program_stops_it(self, kind: str, version: int) -> None:
        """Before the entry, with nothing changed; also a known action that no shared slice handles."""
        node = replica()
        feed(node, entry("a", 1, say("old")))
        with pytest.raises(OutdatedError, match="Update"):
            node.apply(2, encode("a", 2, 1, version, b'{"type":"%b","text":"x","key":"k","path":"p"}' % kind.encode()))
        assert (node.position, node.authors, node.confirmed["words"]) == (1, {"a": 1}, ("old",))

    def test_older_entries_are_brought_up_version_by_version(self) -> None:
        """A version without a function changed nothing."""
        three = rules(
            4,
            _1=lambda data: {**data, "type": "replica-words/say"},
            _3=lambda data: {"type": data["type"], "text": data["words"]},
        )
        assert three.read(Entry("a", 1, 1, {"type": "talk", "words": "hi"})) == say("hi")
        with pytest.raises(InvalidEntryError, match=r"upcast\[3\]"):
            three.read(Entry("a", 1, 2, {"type": "replica-words/say"}))

    def test_a_base_class_that_is_handled_takes_its_subclasses(self) -> None:
        """They are shared actions too."""

        class Base(Action):
            pass

        class Below(Base, type="replica/below"):
            pass

        part = Reducer(0)
        part.on(Base)(lambda state, action: state + 1)
        both = Rules({"n": part}, 1, {})
        assert both.read(Entry("a", 1, 1, {"type": "replica/below"})) == Below()

    def test_a_handler_added_later_counts(self) -> None:
        """From then on."""

        class Later(Action, type="replica/later"):
            pass

        part = Reducer(0)
        known = Rules({"n": part}, 1, {})
        with pytest.raises(OutdatedError):
            known.read(Entry("a", 1, 1, {"type": "replica/later"}))
        part.on(Later)(lambda state, action: state + 1)
        assert known.reduce({"n": 1}, known.read(Entry("a", 1, 1, {"type": "replica/later"}))) == {"n": 2}

    def test_bytes_of_two_attempts_differ(self) -> None:
        """They are what tells one history from another."""
        node = replica()
        dispatch(node, say("x"))
        first = node.send(1)
        node.send_again()
        second = node.send(1)
        assert first != second
        assert [decode(each) for each in first] == [decode(each) for each in second]


class Engine:
    """A log with a snapshot that may lose its end, or everything."""

    def __init__(self) -> None:
        self.entries: list[tuple[int, bytes]] = []
        self.snapshots: list[tuple[int, bytes, Any, Any]] = []

    def append(self, content: bytes) -> None:
        self.entries.append((self.last() + 1, content))

    def last(self) -> int:
        return self.entries[-1][0] if self.entries else 0

    def at(self, number: int) -> bytes | None:
        return dict(self.entries).get(number)

    def save(self, node: Replica) -> None:
        if self.at(node.position) == node.entry:
            self.snapshots.append((node.position, node.entry, dict(node.confirmed), node.authors_in_order()))
            cut = node.position - 5
            self.entries = [each for each in self.entries if each[0] >= cut]

    def lose(self, count: int) -> None:
        """The end of what was acknowledged, snapshots of it included; more than the log holds would need a snapshot."""
        kept = max(self.last() - count, self.snapshots[0][0])
        usable = [each for each in self.snapshots if each[0] <= kept]
        oldest = self.entries[0][0] if self.entries else 0
        if usable[-1][0] + 1 < oldest and kept >= oldest:
            return  # such a cut comes after its snapshot: both are lost, or none
        if usable[-1][0] + 1 < oldest:
            return
        self.snapshots = usable
        self.entries = [each for each in self.entries if each[0] <= kept]


class Node:
    """Drives a replica as the network part does, one step at a time."""

    def __init__(self, name: str, engine: Engine) -> None:
        self.engine = engine
        self.name = name
        self.replica = replica(name)
        self.in_flight: list[bytes] = []
        self.said = 0
        self.joined = False
        self.news: list[str] = []

    def say(self) -> None:
        self.said += 1
        dispatch(self.replica, say(f"{self.name}{self.said}"))

    def check(self) -> None:
        node = self.replica
        is_same = self.joined and (node.position == 0 or self.engine.at(node.position) == node.entry)
        if node.position == 0 and self.joined:
            is_same = self.engine.snapshots[0][0] == 0
        if not is_same:
            number, content, slices, authors = self.engine.snapshots[-1]
            node.join(slices, authors, number, content)
        self.read(self.engine.last())
        if node.position < self.engine.last():
            return  # cut away meanwhile: the next check joins
        node.joined()
        self.joined = True

    def read(self, upto: int) -> None:
        node = self.replica
        for number, content in list(self.engine.entries):
            if node.position < number <= upto:
                if number != node.position + 1:
                    self.joined = False
                    return
                applied = node.apply(number, content)
                if applied.is_news and self.joined and applied.action is not None:
                    self.news.append(applied.action.text)  # type: ignore[attr-defined]
        node.rebase()

    def send(self, count: int) -> None:
        self.in_flight.extend(self.replica.send(count))

    def arrive(self, count: int) -> None:
        for content in self.in_flight[:count]:
            self.engine.append(content)
        del self.in_flight[:count]


def converge(engine: Engine, nodes: list[Node]) -> None:
    for node in nodes:
        node.in_flight.clear()
    for _ in range(200):
        for node in nodes:
            node.check()
            node.send(50)
            node.arrive(50)
        if not any(node.replica.pending for node in nodes):
            break
    for node in nodes:
        node.check()


@pytest.mark.parametrize("seed", range(200))
def test_random_programs_converge(seed: int) -> None:
    """Whatever is sent twice, cut off, killed, stopped or forgotten: equal slices, each living node's actions once, in order."""
    chance = random.Random(seed)
    engine = Engine()
    engine.snapshots.append((0, b"", {"words": (), "tally": 0}, []))
    nodes = [Node(f"n{number}-", engine) for number in range(3)]
    born = 3
    for _ in range(chance.randrange(20, 300)):
        node = chance.choice(nodes)
        match chance.randrange(14):
            case 0 | 1 | 2 | 3:
                node.say()
            case 4 | 5 | 6 if node.joined:
                node.send(chance.randrange(1, 4))
            case 7 | 8 | 9:
                node.arrive(chance.randrange(1, 4))
            case 10 if node.joined and engine.at(node.replica.position) == node.replica.entry:
                node.read(node.replica.position + chance.randrange(1, 10))
            case 11:
                if chance.random() < 0.5:
                    node.in_flight.clear()  # the connection broke
                node.check()
                if node.joined and chance.random() < 0.3:
                    engine.save(node.replica)
            case 12 if chance.random() < 0.3:
                engine.lose(chance.randrange(1, 8))
            case 13 if chance.random() < 0.2:
                nodes.remove(node)
                nodes.append(Node(f"n{born}-", engine))
                born += 1
            case _:
                node.check()
    converge(engine, nodes)

    first = nodes[0].replica
    for node in nodes:
        assert node.replica.position == engine.last()
        assert node.replica.confirmed == node.replica.shown == first.confirmed
        mine = [text for text in first.confirmed["words"] if text.startswith(node.name)]
        assert mine == [f"{node.name}{count}" for count in range(1, node.said + 1)]
        assert len(node.news) == len(set(node.news))
    assert len(set(first.confirmed["words"])) == len(first.confirmed["words"])
