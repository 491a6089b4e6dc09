"""Keys, laid out where there is little room for them. Pure."""

from collections.abc import Sequence
from typing import NamedTuple


class Key(NamedTuple):
    """A key as it is shown: the key that it presses, how that is written, and a word for it."""

    key: str
    display: str
    words: str

    @property
    def cells(self) -> int:
        return len(self.display) + 1 + len(self.words)


Rows = list[list[Key]]
GAP = 1  # cells between two keys
MORE = "full_stop"  # turns the page


def pages_of(keys: Sequence[Key], width: int, rows: int) -> list[Rows]:
    """The keys on pages of so many rows of so many cells. Where they need more than one, each ends with the key to turn it.

    Examples:
        >>> keys = [Key("a", "a", "Add"), Key("b", "b", "Buy"), Key("c", "c", "Cut")]
        >>> [[[each.key for each in row] for row in page] for page in pages_of(keys, 20, 1)]
        [[['a', 'b', 'c']]]
        >>> [[[each.key for each in row] for row in page] for page in pages_of(keys, 16, 1)]
        [[['a', 'full_stop']], [['b', 'full_stop']], [['c', 'full_stop']]]
    """
    filled = _fill(keys, width)
    if len(filled) <= rows:
        return [filled]
    turn = Key(MORE, ".", f"More {len(keys)}/{len(keys)}")  # as wide as it gets
    pages: list[Rows] = []
    left = list(keys)
    while left:
        page: Rows = []
        for row in range(rows):
            is_last = row == rows - 1
            taken = _fit(left, width - (turn.cells + GAP if is_last else 0))
            page.append(left[:taken])
            left = left[taken:]
        pages.append(page)
    for number, page in enumerate(pages, start=1):
        page[-1].append(Key(MORE, ".", f"More {number}/{len(pages)}"))
    return pages


def _fill(keys: Sequence[Key], width: int) -> Rows:
    left = list(keys)
    rows: Rows = []
    while left or not rows:
        taken = _fit(left, width)
        rows.append(left[:taken])
        left = left[taken:]
    return rows


def _fit(keys: Sequence[Key], width: int) -> int:
    """How many of the keys fit; one does, however narrow it is."""
    used = 0
    for number, key in enumerate(keys):
        used += key.cells + (GAP if number else 0)
        if used > width:
            return max(1, number)
    return len(keys)
