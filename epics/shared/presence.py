"""Who is there, and what each says of itself."""

import json
import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeAlias

Present: TypeAlias = dict[str, Any]
"""What each node has announced, by its name."""

LIFE = 10.0  # seconds after its last word that a node counts as there
BEAT = 1.0  # seconds between two words


class Digests(NamedTuple):
    """What a node has made of the log, as others may compare.

    Attributes:
        number: of the entry after which it was taken.
        entry: the digest of the entry's bytes.
        slices: the digest of each slice.
    """

    number: int
    entry: str
    slices: dict[str, str]


def write_words(announced: Any, digests: Digests | None) -> bytes:
    """What a node says.

    Examples:
        >>> read_words(write_words({"name": "Ada"}, Digests(1000, "e", {"todos": "d"})))
        ({'name': 'Ada'}, Digests(number=1000, entry='e', slices={'todos': 'd'}))
    """
    return json.dumps({"says": announced, "has": digests}, ensure_ascii=False, separators=(",", ":")).encode()


def read_words(words: bytes) -> tuple[Any, Digests | None] | None:
    """What a node has announced, and what it has made of the log; None for what is none of ours.

    Examples:
        >>> read_words(b"hello"), read_words(b'{"says": {}, "has": [1]}')
        (None, None)
    """
    try:
        found = json.loads(words)
        has = found["has"]
        digests = None
        if has is not None:
            number, entry, slices = has
            digests = Digests(int(number), str(entry), {str(name): str(each) for name, each in slices.items()})
        return found["says"], digests
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None


class Presence:
    """What this node says, and what it has last heard of all.

    Attributes:
        digests: those of the last snapshot that this node has saved.
    """

    def __init__(self, changed: Callable[[Present], object]) -> None:
        self._changed = changed
        self._announced: Any = {}
        self._heard: Present = {}
        self._heard_at = -LIFE
        self.digests: Digests | None = None

    def announce(self, words: Any) -> None:
        """Say this of oneself from now on.

        Raises:
            TypeError: for what has no JSON form.
        """
        try:
            self._announced = json.loads(json.dumps(words, allow_nan=False))
        except (TypeError, ValueError) as error:
            msg = f"announce takes what JSON can say, such as {{'name': 'Ada'}}: {error}."
            raise TypeError(msg) from None

    def words(self) -> bytes:
        return write_words(self._announced, self.digests)

    def hear(self, said: dict[str, bytes]) -> list[Digests]:
        """Take up what all have said, and give what they have made of the log."""
        found = {node: read for node, words in said.items() if (read := read_words(words)) is not None}
        self._heard_at = time.monotonic()
        self._take({node: announced for node, (announced, _) in sorted(found.items())})
        return [digests for _, digests in found.values() if digests is not None]

    @property
    def present(self) -> Present:
        """What was announced by those who were there in the last seconds; nobody, where that cannot be known."""
        if time.monotonic() - self._heard_at > LIFE:
            self._take({})
        return dict(self._heard)

    def _take(self, heard: Present) -> None:
        if heard != self._heard:
            self._heard = heard
            self._changed(dict(heard))
