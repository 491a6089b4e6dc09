"""The site of the documentation, in a real browser: links, console, search, colours, signatures."""

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any, get_overloads
from urllib.parse import unquote, urldefrag, urljoin

import pytest

from rxdux import merge_map

from .pages import ROOT

pytestmark = pytest.mark.slow

WIDTHS = (1280, 400)  # a desk, a telephone


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder, with its page for what is not there."""

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        body = (Path(self.directory) / "404.html").read_bytes()
        self.send_response(code)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built as CI builds it."""
    package, folder = tmp_path_factory.mktemp("package"), tmp_path_factory.mktemp("site")
    folders = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-dir"]
    for name, source in folders.items():
        shutil.copytree(ROOT / source, package.joinpath(*name.split(".")), dirs_exist_ok=True)
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", str(folder)]
    environment = {**os.environ, "DOCUMENTED_PACKAGE": str(package), "NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture(scope="module")
def url(site: Path) -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(site)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def open_page() -> Iterator[Callable[..., Any]]:
    """Opens a page of a browser, of a width, in light or dark."""
    from playwright.sync_api import sync_playwright

    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    assert chromium, "chromium is not installed"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])

        def opened(width: int = 1280, scheme: str = "light") -> Any:
            return browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)

        yield opened
        browser.close()


def addresses(site: Path) -> list[str]:
    pages = (page.relative_to(site).as_posix() for page in sorted(site.rglob("index.html")))
    return ["/" + page.removesuffix("index.html") for page in pages]


@pytest.mark.timeout(240)
def test_no_page_complains_and_none_asks_another_host(site: Path, url: str, open_page: Callable[..., Any]) -> None:
    """Nor is any wider than its window, nor any signature cut off."""
    for width in WIDTHS:
        page = open_page(width)
        found = complaints_of(page, url)
        for address in addresses(site):
            page.goto(url + address, wait_until="load")
            found += [f"{each} is cut off" for each in page.evaluate(CUT_OFF)]
            assert found == [], (address, width)
        page.close()


CUT_OFF = """() => [
    ...[document.documentElement].filter(page => page.scrollWidth > window.innerWidth).map(() => "the page"),
    ...[...document.querySelectorAll(".doc-signature code")]
        .filter(code => code.scrollWidth > code.clientWidth + 1).map(code => code.textContent),
]"""


def complaints_of(page: Any, url: str) -> list[str]:
    """What goes wrong on a page, as it comes; and what it asks of other hosts."""
    found: list[str] = []
    own = (url, "data:", "blob:")
    page.on("console", lambda message: found.append(message.text) if message.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: found.append(str(error)))
    page.on("request", lambda request: None if request.url.startswith(own) else found.append(request.url))
    return found


def test_every_link_leads_to_a_place_that_is_there(site: Path, url: str) -> None:
    """Within the site, with its anchors; links out of it are not followed."""
    pages = {address: (site / address.lstrip("/") / "index.html").read_text() for address in addresses(site)}
    pages["/404.html"] = (site / "404.html").read_text()
    places = {address: {*re.findall(r'\bid="([^"]+)"', text)} for address, text in pages.items()}
    lost: list[str] = []
    for address, text in pages.items():
        for link in re.findall(r'(?:href|src)="([^"]+)"', text):
            target, anchor = urldefrag(urljoin(url + address, link.replace("&amp;", "&")))
            if not target.startswith(url):
                continue
            path = unquote(target.removeprefix(url)) or "/"
            if not (site / path.lstrip("/")).exists() or (anchor and unquote(anchor) not in places.get(path, {""})):
                lost.append(f"{address}: {link}")
    assert [each for each in lost if not each.endswith(("#", "#only-dark", "#only-light"))] == []


def test_a_long_signature_has_a_parameter_a_line(site: Path) -> None:
    """And of overloads each is shown, but not what stands behind them."""
    store, epics = (
        re.sub(r"<[^>]+>", "", (site / f"reference/{page}/index.html").read_text()) for page in ("store", "epics")
    )
    assert re.search(r"Store\(\n +reducer: [^\n]+,\n +state: [^\n]+,\n +\*,\n +epics: [^\n]+,\n", store)
    overloads = re.findall(r"merge_map\(\s*project: (\w+)", epics)
    assert len(overloads) == len(get_overloads(merge_map))
    assert "Any" not in overloads


def test_the_search_finds(url: str, open_page: Callable[..., Any]) -> None:
    """A word of the reference, and goes there."""
    page = open_page()
    page.goto(url)
    page.click(".md-search__input")
    page.keyboard.type("refresh_on_unauthorized")
    page.wait_for_selector(".md-search-result__link >> text=refresh_on_unauthorized")
    page.click(".md-search-result__link >> text=refresh_on_unauthorized >> nth=0")
    page.wait_for_url("**/*refresh_on_unauthorized*")
    page.close()


@pytest.mark.parametrize(("scheme", "wanted"), [("light", "default"), ("dark", "slate")])
def test_the_colours_are_those_of_the_desktop(
    url: str, open_page: Callable[..., Any], scheme: str, wanted: str
) -> None:
    """And a switch turns them, with a picture for each."""
    page = open_page(scheme=scheme)
    page.goto(url)
    assert page.get_attribute("body", "data-md-color-scheme") == wanted
    page.click("label[for^=__palette]:visible")
    assert page.get_attribute("body", "data-md-color-scheme") != wanted
    page.close()


def test_diagrams_are_drawn(url: str, open_page: Callable[..., Any]) -> None:
    """By a script of the site itself."""
    page = open_page()
    page.goto(url + "/architecture/")
    page.wait_for_selector("div.mermaid >> nth=1")
    page.wait_for_function("[...document.querySelectorAll('div.mermaid')].every(each => each.clientHeight > 100)")
    page.close()


def test_what_is_not_there_has_a_page_that_helps(url: str, open_page: Callable[..., Any]) -> None:
    """In words, from any depth."""
    page = open_page()
    assert page.goto(url + "/reference/no/such/page").status == 404
    assert "There is no such page" in page.inner_text("article")
    page.click("article >> text=Tutorial")
    assert "from nothing to the refresh flow" in page.inner_text("h1")
    page.close()
