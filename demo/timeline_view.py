"""The timeline on the screen: one lane per request, drawn to scale."""

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.reactive import reactive
from textual.widgets import Static

from .timeline import Kind, Lane, Timeline

SIGNS: dict[Kind, tuple[str, str]] = {
    "request": ("▸", "bold"),
    "rejected": ("✗", "bold red"),
    "refresh": ("R", "bold yellow"),
    "replay": ("↻", "bold cyan"),
    "success": ("✓", "bold green"),
    "failure": ("!", "bold red"),
    "cancelled": ("∅", "dim"),
}
LINES: dict[Kind, tuple[str, str]] = {
    "request": ("─", "dim"),
    "rejected": ("┄", "yellow"),
    "refresh": ("┄", "yellow"),
    "replay": ("━", "cyan"),
}
LEGEND = Text.assemble(
    ("▸", "bold"), "request ", ("✗", "bold red"), "401 ", ("┄", "yellow"), "wait ", ("↻", "bold cyan"), "replay ",
    ("✓", "bold green"), "rows",
)  # fmt: skip
NAME, TOOK = 10, 7  # cells of a lane's name, and of what it took


class TimelineView(VerticalScroll, can_focus=False):
    """Shows what happened to each request: request, 401, the wait for one refresh, replay, success."""

    timeline: reactive[Timeline] = reactive(Timeline(), init=False)

    def compose(self) -> ComposeResult:
        yield Static(LEGEND, id="lanes", markup=False)

    def on_mount(self) -> None:
        self.border_title = "Timeline"

    def on_resize(self) -> None:
        self._draw()

    def watch_timeline(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = max(10, self.scrollable_content_region.width - NAME - TOOK - 1)
        self.query_one("#lanes", Static).update(draw(self.timeline, width))
        count = len(self.timeline.refreshes)
        lanes = len(self.timeline.lanes)
        words = [f"{lanes} request{'' if lanes == 1 else 's'}", f"{count} refresh{'' if count == 1 else 'es'}"]
        self.border_title = ", ".join(["Timeline", *words]) if lanes else "Timeline"


def draw(timeline: Timeline, width: int) -> Text:
    """The timeline as text, its lanes of so many cells."""
    if not timeline.lanes:
        return Text.assemble(LEGEND, "\n\nNo request yet. Sign in with s, then fetch with f.")
    lines = [LEGEND, _refreshes(timeline, width)]
    return Text("\n").join([*lines, *(_lane(lane, timeline, width) for lane in timeline.lanes)])


def _place(timeline: Timeline, at: float, width: int) -> int:
    span = max(timeline.end - timeline.start, 0.001)
    return max(0, min(width - 1, round((width - 1) * (at - timeline.start) / span)))


def _refreshes(timeline: Timeline, width: int) -> Text:
    if not timeline.refreshes:
        return Text(f"{'refresh':<{NAME}}", "dim")
    cells = [" "] * width
    for refresh in timeline.refreshes:
        first = _place(timeline, refresh.start, width)
        last = _place(timeline, timeline.end if refresh.end is None else refresh.end, width)
        cells[first : last + 1] = "█" * (last + 1 - first)
    one = len(timeline.refreshes) == 1
    return Text.assemble(
        (f"{'refresh':<{NAME}}", "bold"), ("".join(cells), "cyan" if one else "red"), f" {len(timeline.refreshes)}x"
    )


def _lane(lane: Lane, timeline: Timeline, width: int) -> Text:
    text = Text(f"{lane.name[: NAME - 1]:<{NAME}}")
    places: list[int] = []
    for mark in lane.marks:  # each mark gets a cell of its own, where there is room
        places.append(max(_place(timeline, mark.at, width), places[-1] + 1 if places else 0))
    for back, at in enumerate(reversed(range(len(places)))):
        places[at] = min(places[at], width - 1 - back)
    text.append(" " * places[0])
    for at, mark in enumerate(lane.marks):
        text.append(*SIGNS[mark.kind])
        until = places[at + 1] if at + 1 < len(places) else width if lane.is_open else places[at] + 1
        sign, style = LINES.get(mark.kind, (" ", ""))
        text.append(sign * max(0, until - places[at] - 1), style)
    text.append(" " * (width - places[-1] - 1 if not lane.is_open else 0))
    took = f"{lane.seconds * 1000:.0f} ms" if not lane.is_open else "…"
    text.append(f"{took:>{TOOK}}", "dim")
    return text
