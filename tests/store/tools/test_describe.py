"""What is said of a value and of an action in one line."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import pytest
from pydantic import BaseModel, Field

from rxdux import Action, EntityAdapter, FetchData, Login, LoginSuccess, State, TokenSet
from rxdux.store.tools.describe import describe, one_line
from rxdux.store.tools.parts import items_of, pieces_of, words_of


class Thing(State):
    id: int
    size: int = 0


@dataclass
class Point:
    x: int
    hidden: str = field(default="s3cret", repr=False)


@dataclass
class Vault:
    key: str

    def __repr__(self) -> str:
        return "Vault(***)"


class Safe(BaseModel):
    key: str

    def __repr__(self) -> str:
        return "Safe(***)"


class Unsayable:
    def __repr__(self) -> str:
        raise ZeroDivisionError


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"a": [1, (2,)], 3: {4}}, "{'a': [1, (2)], 3: {4}}"),
        (Thing(id=7), "Thing(id=7, size=0)"),
        (
            EntityAdapter[int, Thing]().add_one(EntityAdapter[int, Thing]().empty(), Thing(id=1)),
            "{1: Thing(id=1, size=0)}",
        ),
        (Point(1), "Point(x=1)"),
        ([Vault("s3cret"), Safe(key="s3cret")], "[Vault(***), Safe(***)]"),
        (TokenSet(access_token="s3cret").access_token, "SecretStr('**********')"),
        ([10**5000], "[<an int of 16610 bits>]"),
        (Unsayable(), "<Unsayable, whose repr fails: ZeroDivisionError>"),
        ("it's [red]", '"it\'s [red]"'),
        ("", "''"),
    ],
)
def test_a_value_is_told_as_its_repr(value: Any, words: str) -> None:
    """As far as that goes: whoever hides something in it is heeded."""
    assert words_of(value) == words


def test_a_large_value_costs_what_is_told_of_it() -> None:
    """Of 50 MB no more is looked at than fits the line."""

    class Counted(Mapping[int, str]):
        looked_at = 0
        __repr__ = dict.__repr__  # pyright: ignore[reportAssignmentType]

        def __getitem__(self, key: int) -> str:
            self.looked_at += 1
            return "x" * 500

        def __iter__(self) -> Iterator[int]:
            return iter(range(100_000))

        def __len__(self) -> int:
            return 100_000

    state = Counted()
    assert len(words_of(state)) == 120
    assert state.looked_at <= 2
    assert words_of("x" * 50_000_000, 10) == "'xxxxxxxx…"


def test_what_is_nested_for_ever_ends() -> None:
    """A list that holds itself is told as far as the line goes."""
    round_and_round: list[Any] = []
    round_and_round.append(round_and_round)
    assert words_of(round_and_round).startswith("[[[[")


def test_a_long_text_is_all_there_in_pieces() -> None:
    """Nothing is cut: the pieces put together are the text."""
    text = "".join(map(chr, range(32, 1000)))
    pieces = pieces_of(text, 120)
    assert pieces is not None
    assert "".join(eval(repr(pieces.at(place)[1])) for place in range(pieces.size)) == text
    assert pieces_of("short", 120) is None
    assert pieces_of(list(range(5)), 10) is not None
    assert items_of("short") is None


class Noted(Action):
    text: str
    kind: str = "plain"
    noise: float = Field(default=0.0, repr=False)
    rest: Any = None


@pytest.mark.parametrize(
    ("action", "words"),
    [
        (Noted(text="milk"), "text='milk'"),
        (Noted(text="x" * 100, kind="loud", noise=1.5, rest=[1]), f"text='{'x' * 38}… kind='loud' rest=[1]"),
        (FetchData(key="k", path="/p", params={"page": 1}), "key='k' path='/p' params={'page': 1}"),
        (Login(username="ada", password="lovelace"), "username='ada' password=SecretStr('**********')"),
        ({"type": "todos/added", "text": "milk"}, "type='todos/added' text='milk'"),
        (object(), ""),
    ],
)
def test_an_action_is_described_by_what_it_says(action: Any, words: str) -> None:
    """Its fields but for defaults and noise, each shortened."""
    assert describe(action) == words


def test_no_token_is_in_a_description() -> None:
    """Secrets are stars."""
    assert "s3cret" not in describe(LoginSuccess(tokens=TokenSet(access_token="s3cret", refresh_token="s3cret2")))


def test_a_line_harms_no_screen() -> None:
    """Escape sequences and line breaks are dots; brackets are brackets."""
    assert one_line("\x1b]0;title\x07[b]a\nb\u202e") == "·]0;title·[b]a·b·"
