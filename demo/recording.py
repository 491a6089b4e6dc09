"""A short film of a terminal: as an SVG that moves by itself, and as a cast for asciinema. Pure.

See https://docs.asciinema.org/manual/asciicast/v2/
"""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

CELL = 8.4  # pixels, the advance of a letter of 14 pixels in most monospaced fonts
LINE = 18  # pixels
MARGIN = 8  # pixels
FONT = "ui-monospace, 'DejaVu Sans Mono', Menlo, Consolas, monospace"

Line = tuple[Segment, ...]


class Frame(NamedTuple):
    """What the terminal shows, from so many seconds on."""

    at: float
    lines: tuple[Line, ...]


def distinct(frames: Iterable[Frame]) -> list[Frame]:
    """Without those that show what was there already."""
    kept: list[Frame] = []
    for frame in frames:
        if not kept or kept[-1].lines != frame.lines:
            kept.append(frame)
    return kept


def cast_of(frames: Sequence[Frame], title: str) -> str:
    """The film as an asciicast, version 2: `asciinema play` shows it."""
    height = len(frames[0].lines)
    width = sum(segment.cell_length for segment in frames[0].lines[0])
    header = {"version": 2, "width": width, "height": height, "title": title}
    events = [json.dumps(header)]
    shown: tuple[Line, ...] = ()
    for frame in frames:
        changed = [
            f"\x1b[{row + 1};1H{_ansi(line)}"
            for row, line in enumerate(frame.lines)
            if row >= len(shown) or shown[row] != line
        ]
        hide = "\x1b[?25l" if not shown else ""
        events.append(json.dumps([round(frame.at, 3), "o", hide + "".join(changed)], ensure_ascii=False))
        shown = frame.lines
    return "\n".join(events) + "\n"


def svg_of(frames: Sequence[Frame], seconds: float, title: str) -> str:
    """The film as an SVG: one frame above the other, moved past a window. Each line is drawn once, however often it is shown.

    Args:
        seconds: how long it takes until it begins anew.
        title: for those who do not see it. Who wants no motion sees the last frame.
    """
    height = len(frames[0].lines) * LINE
    width = max(sum(segment.cell_length for segment in line) for line in frames[0].lines) * CELL
    pitch = height + LINE  # a gap, for what a browser rounds over the edge
    drawn: dict[Line, int] = {}
    styles: dict[str, str] = {}
    film: list[str] = []
    for number, frame in enumerate(frames):
        for row, line in enumerate(frame.lines):
            name = drawn.setdefault(line, len(drawn))
            film.append(f'<use href="#l{name}" y="{number * pitch + row * LINE}"/>')
    lines = [f'<g id="l{name}">{_drawn(line, styles)}</g>' for line, name in drawn.items()]
    stops = "".join(
        f"{100 * frame.at / seconds:.2f}%{{transform:translateY({-number * pitch}px)}}"
        for number, frame in enumerate(frames)
    )
    last = f"transform:translateY({-(len(frames) - 1) * pitch}px)"
    style = "".join(
        [
            "rect{shape-rendering:crispEdges}",
            f"text{{font:14px {FONT};white-space:pre}}",
            *(f".{name}{{{rules}}}" for rules, name in styles.items()),
            f"@keyframes film{{{stops}}}",
            f".film{{animation:film {seconds}s step-end infinite}}",
            f"@media(prefers-reduced-motion:reduce){{.film{{animation:none;{last}}}}}",
        ]
    )
    outer = (width + 2 * MARGIN, height + 2 * MARGIN)
    back = _commonest_back(frames[0])
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {outer[0]:.0f} {outer[1]}" role="img">',
            f"<title>{escape(title)}</title>",
            f"<style>{style}</style>",
            f"<defs>{''.join(lines)}</defs>",
            f'<rect width="100%" height="100%" rx="6" fill="{back}"/>',
            f'<svg x="{MARGIN}" y="{MARGIN}" width="{width:.0f}" height="{height}"><g class="film">{"".join(film)}</g></svg>',
            "</svg>\n",
        ]
    )


def _drawn(line: Line, styles: dict[str, str]) -> str:
    parts: list[str] = []
    column = 0
    for segment in line:
        cells = cell_len(segment.text)
        x, wide = column * CELL, cells * CELL
        column += cells
        back = styles.setdefault(f"fill:{_hex(segment.style, of_back=True)}", f"s{len(styles)}")
        parts.append(f'<rect x="{x:.1f}" width="{wide + 0.3:.1f}" height="{LINE}.3" class="{back}"/>')
        if segment.text.strip():
            bold = ";font-weight:bold" if segment.style and segment.style.bold else ""
            front = styles.setdefault(f"fill:{_hex(segment.style)}{bold}", f"s{len(styles)}")
            parts.append(
                f'<text x="{x:.1f}" y="13.5" textLength="{wide:.1f}" class="{front}">{escape(segment.text, quote=False)}</text>'
            )
    return "".join(parts)


def _commonest_back(frame: Frame) -> str:
    cells: Counter[str] = Counter()
    for segment in (segment for line in frame.lines for segment in line):
        cells[_hex(segment.style, of_back=True)] += segment.cell_length
    return cells.most_common(1)[0][0]


def _hex(style: Style | None, *, of_back: bool = False) -> str:
    color = None if style is None else style.bgcolor if of_back != bool(style.reverse) else style.color
    return color.get_truecolor().hex if color else ("#121212" if of_back else "#e0e0e0")


def _ansi(line: Line) -> str:
    """The line with its colours, whatever the terminal at hand can do."""
    parts: list[str] = []
    for segment in line:
        codes = ["1"] if segment.style and segment.style.bold else []
        for kind, of_back in (("38", False), ("48", True)):
            red, green, blue = (int(_hex(segment.style, of_back=of_back)[at : at + 2], 16) for at in (1, 3, 5))
            codes.append(f"{kind};2;{red};{green};{blue}")
        parts.append(f"\x1b[{';'.join(codes)}m{segment.text}")
    return "".join(parts) + "\x1b[0m"
