"""What is typed into the DevTools' dispatcher: read as an object, and never run."""

import json
import math
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as some

from rxdux.store.tools.remote.action_text import read_object

JSON = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False) | some.text(),
    lambda inner: some.lists(inner) | some.dictionaries(some.text(), inner),
    max_leaves=20,
)


@settings(max_examples=25, deadline=None)
@given(some.dictionaries(some.text(), JSON), some.booleans())
def test_any_object_of_json_is_read_as_json_does(value: dict[str, Any], is_ascii: bool) -> None:
    """Words of JavaScript in its texts are text."""
    assert read_object(json.dumps(value, ensure_ascii=is_ascii)) == value


@settings(max_examples=200, deadline=None)
@given(some.text(alphabet="{}[]():,'\"`\\u$0x1e+-. \nab/*"))
def test_any_text_is_read_or_refused(text: str) -> None:
    """Nothing else is ever raised."""
    try:
        read_object(text)
    except ValueError as error:
        said = str(error)
    else:
        said = "This is no object such as"
    assert "This is no object such as" in said


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("{}", {}),
        ("({ type: 'a/b', payload: 1000, })", {"type": "a/b", "payload": 1000}),
        (
            "{ 'true': \"null, false\", `x`: [1, -2.5e3, .5, 0xFF, 10n, 1_000] }",
            {"true": "null, false", "x": [1, -2500.0, 0.5, 255, 10, 1000]},
        ),
        (
            "{ a: true, b: null, c: undefined, d: -Infinity, 1: None }",
            {"a": True, "b": None, "c": None, "d": -math.inf, "1": None},
        ),
        (r"{ a: 'it\'s \u{1F600} \x41 \n' }", {"a": "it's \U0001f600 A \n"}),
        ("// a comment\n{ a: /* here */ 1 }", {"a": 1}),
    ],
)
def test_literals_of_javascript_are_read(text: str, value: dict[str, Any]) -> None:
    """As a person types them."""
    assert read_object(text) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("process.exit(1)", "'process' at character 1 is code, which is never run"),
        ("{ type: __import__('os').system('id') }", "'__import__' at character 9 is code"),
        ("{ a: `${secret}` }", "'`' at character 6 is unexpected"),
        ("{ a: 1 + 1 }", "'+' at character 8 is unexpected|stands where"),
        ("{ a: 1 } b", "'b' at character 10 is unexpected"),
        ("{ a: ", "it ends too early"),
        ("{ a: [1 2] }", "'2' at character 9 stands where ']' is expected"),
        ("{ ...rest }", "'.' at character 3 is unexpected"),
        ("{ a: " + "[" * 5000, "nested deeper than 100"),
        ("{ a: " + "9" * 5000 + " }", "the number at character 6 cannot be read"),
        ("[1]", "it is a list"),
        ("'type'", "it is a str"),
        ("", "it ends too early"),
        ("{ a: '" + "x" * 1_000_000 + "' }", "it has 1000009 characters"),
    ],
)
def test_anything_else_is_refused_in_words(text: str, words: str) -> None:
    """Saying where."""
    with pytest.raises(ValueError, match=words.replace("(", r"\(").replace("$", r"\$")):
        read_object(text)
