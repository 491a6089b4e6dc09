"""The pages of the documentation, and the blocks of code in them."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md"))

_FENCE = re.compile(r"^```(\w*)(?: (.*))?\n(.*?)^```$", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language, the title of the file that it is, its first line and its text."""

    language: str
    title: str | None
    line: int
    text: str


def blocks_of(page: Path) -> list[Block]:
    source = page.read_text()
    return [
        Block(
            match[1],
            title[1] if (title := re.search(r'title="(.*?)"', match[2] or "")) else None,
            source[: match.start()].count("\n") + 1,
            match[3],
        )
        for match in _FENCE.finditer(source)
    ]


def name_of(page: Path) -> str:
    return str(page.relative_to(DOCS))
