"""Words of a server that may be shown."""

import pytest
from pydantic import SecretStr

from rxdux.epics.session.shown_text import cleaned


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("\x00\x1b]0;title\x07a\r\nb\u2028c", "]0;title a b c"),
        ("right\u202eleft\u200b", "right left"),
        ("x" * 1000, "x" * 200 + "..."),
        (None, ""),
        ({"a": 1}, ""),
        ("\ud800", ""),
    ],
)
def test_what_a_terminal_would_obey_is_left_out(text: object, shown: str) -> None:
    """Control characters of any kind, line breaks, turns of direction; at most 200 characters."""
    assert cleaned(text) == shown


def test_a_short_secret_does_not_eat_the_words() -> None:
    """It would be in every word."""
    assert cleaned("a code", [SecretStr("a")]) == "a code"
