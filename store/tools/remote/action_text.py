"""Reads what somebody types into the DevTools' dispatcher: the text of a JavaScript object. Nothing is evaluated."""

import math
import re
from collections.abc import Iterator
from typing import Any, NamedTuple

DEEPEST = 100  # lists and objects in each other
LONGEST = 1_000_000  # characters

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*|/\*.*?\*/)
    |(?P<number>[+-]?(?:0[xX][0-9a-fA-F]+|(?:\d+(?:_\d+)*\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)n?(?![\w$]))
    |(?P<infinity>[+-]Infinity\b)
    |(?P<text>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\$]|\\.|\$(?!\{))*`)
    |(?P<name>[A-Za-z_$][\w$]*)
    |(?P<sign>[{}\[\](),:])""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(u\{[0-9a-fA-F]{1,6}\}|u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|\r\n|.)", re.DOTALL)
_ESCAPED = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "0": "\0", "\n": "", "\r\n": ""}
_WORDS: dict[str, Any] = {
    "true": True,
    "false": False,
    "null": None,
    "undefined": None,
    "True": True,
    "False": False,
    "None": None,
    "NaN": math.nan,
    "Infinity": math.inf,
}


class _Token(NamedTuple):
    kind: str
    text: str
    place: int


class _RefusedError(ValueError):
    pass


def read_object(text: str) -> dict[str, Any]:
    """The object that a text of JSON, or of a JavaScript literal, stands for.

    Raises:
        ValueError: for anything else, such as code, saying where.

    Examples:
        >>> read_object("{ type: 'todos/added', id: 0x10, tags: ['a', \\"b\\",], done: false }")
        {'type': 'todos/added', 'id': 16, 'tags': ['a', 'b'], 'done': False}
        >>> read_object("{ type: alert() }")
        Traceback (most recent call last):
            ...
        ValueError: This is no object such as { type: 'todos/added', text: 'milk' }: 'alert' at character 9 is code, which is never run.
    """
    try:
        if len(text) > LONGEST:
            reason = f"it has {len(text)} characters, more than {LONGEST}"
            raise _RefusedError(reason)
        reader = _Reader(text)
        value = reader.value(0)
        reader.end()
        if not isinstance(value, dict):
            reason = f"it is a {type(value).__name__}"
            raise _RefusedError(reason)
    except _RefusedError as refusal:
        msg = f"This is no object such as {{ type: 'todos/added', text: 'milk' }}: {refusal}."
        raise ValueError(msg) from None
    return value  # pyright: ignore[reportUnknownVariableType] -- its keys are texts, its values anything


class _Reader:
    def __init__(self, text: str) -> None:
        self._length = len(text)
        self._tokens = _tokens(text)
        self._token = next(self._tokens)

    def value(self, depth: int) -> Any:
        kind, text, place = self._take()
        match kind, text:
            case "sign", "{" | "[" | "(" if depth >= DEEPEST:
                reason = f"at character {place} it is nested deeper than {DEEPEST}"
                raise _RefusedError(reason)
            case "sign", "{":
                return self._members(depth + 1)
            case "sign", "[":
                return self._items(depth + 1)
            case "sign", "(":
                inner = self.value(depth + 1)
                self._take(")")
                return inner
            case "number", _:
                return _number(text, place)
            case "infinity", _:
                return -math.inf if text[0] == "-" else math.inf
            case "text", _:
                return _text(text, place)
            case "name", _ if text in _WORDS:
                return _WORDS[text]
            case "name", _:
                reason = f"{text[:40]!r} at character {place} is code, which is never run"
                raise _RefusedError(reason)
            case _:
                raise _unexpected(text, place)

    def end(self) -> None:
        if self._token.kind != "end":
            raise _unexpected(self._token.text, self._token.place)

    def _members(self, depth: int) -> dict[str, Any]:
        members: dict[str, Any] = {}
        while not self._has("}"):
            kind, text, place = self._take()
            match kind:
                case "name":
                    key = text
                case "text":
                    key = _text(text, place)
                case "number":
                    key = str(_number(text, place))
                case _:
                    raise _unexpected(text, place)
            self._take(":")
            members[key] = self.value(depth)
            if not self._has(","):
                self._take("}")
                break
        return members

    def _items(self, depth: int) -> list[Any]:
        items: list[Any] = []
        while not self._has("]"):
            items.append(self.value(depth))
            if not self._has(","):
                self._take("]")
                break
        return items

    def _take(self, sign: str | None = None) -> _Token:
        token = self._token
        if sign is not None and (token.kind, token.text) != ("sign", sign):
            if token.kind == "end":
                raise _unexpected("", token.place)
            reason = f"{token.text[:40]!r} at character {token.place} stands where {sign!r} is expected"
            raise _RefusedError(reason)
        if token.kind != "end":
            self._token = next(self._tokens)
        return token

    def _has(self, sign: str) -> bool:
        if (self._token.kind, self._token.text) != ("sign", sign):
            return False
        self._take()
        return True


def _tokens(text: str) -> Iterator[_Token]:
    place = 0
    while place < len(text):
        found = _TOKEN.match(text, place)
        if found is None:
            yield _Token("odd", text[place], place + 1)
            break
        kind = str(found.lastgroup)
        if kind != "space":
            yield _Token(kind, found.group(), place + 1)
        place = found.end()
    yield _Token("end", "", len(text) + 1)


def _unexpected(text: str, place: int) -> _RefusedError:
    return _RefusedError(f"{text[:40]!r} at character {place} is unexpected" if text else "it ends too early")


def _number(text: str, place: int) -> int | float:
    plain = text.removesuffix("n").replace("_", "")
    try:
        if "x" in plain.lower():
            return int(plain, 16)
        return int(plain) if re.fullmatch(r"[+-]?\d+", plain) else float(plain)
    except ValueError:  # more digits than Python reads
        reason = f"the number at character {place} cannot be read"
        raise _RefusedError(reason) from None


def _text(text: str, place: int) -> str:
    try:
        return _ESCAPE.sub(_unescaped, text[1:-1]).encode("utf-16", "surrogatepass").decode("utf-16")
    except (ValueError, OverflowError):
        reason = f"the text at character {place} is damaged"
        raise _RefusedError(reason) from None


def _unescaped(escape: re.Match[str]) -> str:
    word = escape[1]
    if len(word) > 1 and word[0] in "ux":
        return chr(int(word[1:].strip("{}"), 16))
    return _ESCAPED.get(word, word)
