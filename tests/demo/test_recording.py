"""The pictures that the documentation shows, and the film of the demo: the same frames as an SVG that moves and as a cast."""

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style

from rxdux.demo.pictures import SCENES, film, take_devtools
from rxdux.demo.recording import Frame, Line, cast_of, distinct, svg_of

DOCS = Path(__file__).parents[2] / "docs"
RED = Style(color="#ff0000", bgcolor="#000000", bold=True)
SVG = "{http://www.w3.org/2000/svg}"


def line(text: str) -> Line:
    return (Segment(text, RED),)


FRAMES = [
    Frame(0.0, (line("one  "), line("same "))),
    Frame(0.5, (line("one  "), line("same "))),
    Frame(1.0, (line("<two>"), line("same "))),
]


def played(cast: str) -> list[str]:
    """What is on the screen in the end."""
    screen: dict[int, str] = {}
    for event in cast.splitlines()[1:]:
        _, kind, text = json.loads(event)
        assert kind == "o"
        for row, content in re.findall(r"\x1b\[(\d+);1H(.*?)(?=\x1b\[\d+;1H|$)", text, re.DOTALL):
            screen[int(row)] = re.sub(r"\x1b\[[\d;]*m", "", content)
    return [screen[row] for row in sorted(screen)]


def test_what_does_not_change_is_no_frame() -> None:
    """The first of equal ones stays."""
    assert [frame.at for frame in distinct(FRAMES)] == [0.0, 1.0]


def test_a_cast_repaints_the_lines_that_changed() -> None:
    """In version 2, with its size, and colours for any terminal."""
    cast = cast_of(distinct(FRAMES), "A film")
    header, first, second = (json.loads(each) for each in cast.splitlines())
    assert header == {"version": 2, "width": 5, "height": 2, "title": "A film"}
    assert first[0] == 0.0
    assert second == [1.0, "o", "\x1b[1;1H\x1b[1;38;2;255;0;0;48;2;0;0;0m<two>\x1b[0m"]
    assert played(cast) == ["<two>", "same "]


def test_an_svg_draws_each_line_once() -> None:
    """However many frames show it; and it says what it shows, and stands still for those who want no motion."""
    text = svg_of(distinct(FRAMES), 4.0, "A film & more")
    root = ET.fromstring(text)
    assert [each.text for each in root.iter(f"{SVG}text")] == ["one  ", "same ", "<two>"]
    assert len([*root.iter(f"{SVG}use")]) == 4
    assert root.findtext(f"{SVG}title") == "A film & more"
    assert "25.00%{transform:translateY(-54px)}" in text
    assert "prefers-reduced-motion" in text


def test_the_film_in_the_documentation_shows_the_scenes() -> None:
    """In both themes, and as a cast: an expired token, fifty at once, one refresh."""
    cast = (DOCS / "recording.cast").read_text()
    assert "The access token is expired now." in cast
    for name in ("recording-dark.svg", "recording-light.svg"):
        root = ET.fromstring((DOCS / name).read_text())
        words = " ".join(each.text or "" for each in root.iter(f"{SVG}text"))
        assert all(said in words for _, said, _ in SCENES)
        assert "50 requests, 1 refresh" in words
        assert "http" not in re.sub(r"http://www\.w3\.org/2000/svg", "", (DOCS / name).read_text())
    assert "50 requests, 1 refresh" in "\n".join(played(cast))


@pytest.mark.slow
async def test_the_film_is_made_from_what_happens() -> None:
    """Against the real server; its frames follow one another."""
    frames, seconds = await film("textual-dark")
    assert [frame.at for frame in frames] == sorted(frame.at for frame in frames)
    assert frames[-1].at < seconds
    assert "50 requests, 1 refresh" in "\n".join(played(cast_of(frames, "")))


@pytest.mark.parametrize("picture", sorted(DOCS.glob("*.svg")), ids=lambda path: path.name)
def test_a_picture_asks_no_other_host(picture: Path) -> None:
    """Neither for a font nor for anything else, wherever it is looked at."""
    assert re.findall(r"""(?:url\(|href=)["']?https?:[^"')]*""", picture.read_text(encoding="utf-8")) == []


REFRESH = ("REQUEST_REJECTED", "REFRESH_TOKEN", "REFRESH_SUCCESS", "REQUEST_REPLAYED", "esc Close")


def words_in(picture: Path) -> str:
    words = (each.text or "" for each in ET.parse(picture).iter(f"{SVG}text"))
    return " ".join(" ".join(words).split())


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_the_pictures_in_the_documentation_show_a_refresh(theme: str) -> None:
    """In the Inspector, and in the terminal of the DevTools; with all their keys."""
    for name, more in (("inspector", ("x Test",)), ("devtools", ("MAKE_TROUBLE", "generation: 1 → 2", "n Next app"))):
        words = words_in(DOCS / f"{name}-{theme}.svg")
        assert [each for each in (*REFRESH, *more) if each not in words] == []


@pytest.mark.slow
async def test_the_picture_of_the_devtools_is_taken_of_a_real_app(tmp_path: Path) -> None:
    """In both themes; its token expired, and it is connected."""
    for picture in await take_devtools(tmp_path):
        assert "url(" not in re.sub(r"url\(#", "", picture.read_text(encoding="utf-8"))
        words = words_in(picture)
        assert [each for each in (*REFRESH, "The access") if each not in words] == []
