"""The timeline on the screen: one lane per request, drawn to scale."""

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.reactive import reactive
from textual.widgets import Static

from .timeline import Kind, Lane, Refresh, Timeline

Part = str | tuple[str, str]  # a text, and its style

SIGNS: dict[Kind, tuple[str, str]] = {
    "request": ("▸", "bold"),
    "rejected": ("✗", "bold $text-error"),
    "refresh": ("R", "bold $text-warning"),
    "replay": ("↻", "bold $text-primary"),
    "paused": ("‖", "bold $text-warning"),
    "success": ("✓", "bold $text-success"),
    "failure": ("!", "bold $text-error"),
    "cancelled": ("∅", "dim"),
}
LINES: dict[Kind, tuple[str, str]] = {
    "request": ("─", "dim"),
    "rejected": ("┄", "$text-warning"),
    "refresh": ("┄", "$text-warning"),
    "replay": ("━", "$text-primary"),
    "paused": ("┈", "dim"),
}
MEANINGS: dict[Kind, str] = {
    "request": "request",
    "rejected": "401",
    "refresh": "refresh",
    "replay": "replay",
    "paused": "offline",
    "success": "answer",
    "failure": "failed",
    "cancelled": "cancelled",
}
NAME, TOOK = 10, 7  # cells of a lane's name, and of what it took
MOST_ROWS = 3  # of the refreshes, where each has a cell of its own


class Lanes(VerticalScroll, can_focus=True):
    """What scrolls: one line for each request."""

    ALLOW_MAXIMIZE = True

    def compose(self) -> ComposeResult:
        yield Static(id="lanes", markup=False)


class TimelineView(Vertical):
    """Shows what happened to each request: request, 401, the wait for one refresh, replay, success.

    The legend and the refreshes stay while the lanes scroll.
    """

    ALLOW_MAXIMIZE = True

    DEFAULT_CSS = """
    TimelineView #head { height: auto; }
    TimelineView Lanes { height: 1fr; scrollbar-size-vertical: 1; }
    """

    timeline: reactive[Timeline] = reactive(Timeline(), init=False)

    def compose(self) -> ComposeResult:
        yield Static(legend(), id="head", markup=False)
        yield Lanes()

    def on_mount(self) -> None:
        self.border_title = "Timeline"

    def on_resize(self) -> None:
        self._draw()

    def watch_timeline(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width = max(10, self.content_size.width - NAME - TOOK - 1)  # one for the bar to scroll with
        head, lanes = draw(self.timeline, width)
        self.query_one("#head", Static).update(head)
        self.query_one("#lanes", Static).update(lanes)
        self.border_title = _counted(self.timeline)


def _counted(timeline: Timeline) -> str:
    if not timeline.lanes:
        return "Timeline"
    lanes, count = len(timeline.lanes), len(timeline.refreshes)
    return f"{lanes} request{'' if lanes == 1 else 's'}, {count} refresh{'' if count == 1 else 'es'}"


def legend() -> Content:
    """Every sign and every line, and what it means."""
    words: list[Part] = []
    for kind, meaning in MEANINGS.items():
        words += [SIGNS[kind], f"{meaning} "]
        if kind == "rejected":
            words += [LINES[kind], "wait "]
    return Content.assemble(*words)


def draw(timeline: Timeline, width: int) -> tuple[Content, Content]:
    """The legend with the refreshes, and the lanes, drawn on so many cells."""
    if not timeline.lanes:
        return legend(), Content("No request yet. Sign in with s.")
    lanes = (_lane(lane, timeline, width) for lane in timeline.lanes)
    return Content("\n").join([legend(), *_refreshes(timeline, width)]), Content("\n").join(lanes)


def _place(timeline: Timeline, at: float, width: int) -> int:
    span = max(timeline.end - timeline.start, 0.001)
    return max(0, min(width - 1, round((width - 1) * (at - timeline.start) / span)))


def _refreshes(timeline: Timeline, width: int) -> list[Content]:
    """Every refresh has a sign of its own: fifty are seen as fifty. There is a line as long as it took where there is room."""
    if not timeline.refreshes:
        return [Content.styled(f"{'refresh':<{NAME}}none", "dim")]
    places = [_place(timeline, refresh.start, width) for refresh in timeline.refreshes]
    rows = min(MOST_ROWS, -(-len(places) // max(1, width - places[0])))
    first = max(0, min(places[0], width - -(-len(places) // rows)))
    drawn: list[Content] = []
    left = list(zip(timeline.refreshes, places, strict=True))
    while left:
        taken, left = left[: width - first], left[width - first :]
        name, count = ("refresh", f"{len(places)}x") if not drawn else ("", "")
        cells = _row_of_refreshes(taken, timeline, first, width)
        drawn.append(Content.assemble((f"{name:<{NAME}}", "bold"), *cells, (f"{count:>{TOOK}}", "bold")))
    return drawn


def _row_of_refreshes(refreshes: list[tuple[Refresh, int]], timeline: Timeline, first: int, width: int) -> list[Part]:
    cells: list[Part] = [" "] * width
    least = first
    for number, (refresh, place) in enumerate(refreshes):
        at = min(max(place, least), width - (len(refreshes) - number))
        least = at + 1
        end = _place(timeline, timeline.end if refresh.end is None else refresh.end, width)
        cells[at] = SIGNS["refresh"]
        cells[at + 1 : end + 1] = [LINES["refresh"]] * (end - at)
    return cells


def _lane(lane: Lane, timeline: Timeline, width: int) -> Content:
    places: list[int] = []
    for mark in lane.marks:  # each mark gets a cell of its own, where there is room
        places.append(max(_place(timeline, mark.at, width), places[-1] + 1 if places else 0))
    for back, at in enumerate(reversed(range(len(places)))):
        places[at] = min(places[at], width - 1 - back)
    parts: list[Part] = [f"{lane.name[: NAME - 1]:<{NAME}}", " " * places[0]]
    for at, mark in enumerate(lane.marks):
        until = places[at + 1] if at + 1 < len(places) else width if lane.is_open else places[at] + 1
        sign, style = LINES.get(mark.kind, (" ", ""))
        parts += [SIGNS[mark.kind], (sign * max(0, until - places[at] - 1), style)]
    parts.append(" " * (width - places[-1] - 1 if not lane.is_open else 0))
    took = f"{lane.seconds * 1000:.0f} ms" if not lane.is_open else "…"
    return Content.assemble(*parts, (f"{took:>{TOOK}}", "dim"))
