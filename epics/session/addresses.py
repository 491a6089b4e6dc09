"""Where requests go: a base URL, and the paths below it. What would take a token elsewhere is refused."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

import httpx

from .origin import same_origin

_ABSOLUTE = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]*://")


def absolute(base_url: str) -> httpx.URL:
    """A base URL, checked.

    Examples:
        >>> absolute("https://ada:secret@api.test")
        Traceback (most recent call last):
            ...
        ValueError: base_url must not hold a user or a password: they would go in place of the session's token. Leave them out: 'https://api.test'.
    """
    try:
        url = httpx.URL(base_url)
    except (httpx.InvalidURL, TypeError):
        url = None
    if url is None or url.scheme not in ("http", "https") or not url.host:
        shown = re.sub(r"""[^/@'"]*@""", "***@", repr(base_url))
        msg = f"base_url must be absolute, such as 'https://api.example.com', not {shown}. Put http:// or https:// in front."
        raise ValueError(msg)
    bare = url.copy_with(username=None, password=None, query=None, fragment=None)
    if url.userinfo:
        msg = (
            "base_url must not hold a user or a password: they would go in place of the session's token. "
            f"Leave them out: '{bare}'."
        )
        raise ValueError(msg)
    if url.query or url.fragment or "?" in str(base_url) or "#" in str(base_url):
        msg = f"base_url must hold neither query nor fragment: paths are put behind it. Give params with each request, and '{bare}' here."
        raise ValueError(msg)
    return url


def place_below(base_url: httpx.URL, path: str) -> tuple[str, bool]:
    """The URL of a path, and whether it is of the origin of the base URL: only there the session's token goes.

    Raises:
        ValueError: for a path that leaves the base path, or one with a user in it.
    """
    base = str(base_url).rstrip("/")
    if not _ABSOLUTE.match(path):
        _check_stays_below(path)
    url = httpx.URL(path if _ABSOLUTE.match(path) else f"{base}/{path.lstrip('/')}")
    if url.userinfo:
        msg = (
            "A path must not hold a user or a password: they would go in place of the session's token. Leave them out."
        )
        raise ValueError(msg)
    return str(url), same_origin(url, base_url)


def with_params(url: str, params: Mapping[str, Any] | None) -> str:
    """The URL with params added to the query that it has."""
    if not params:
        return url
    before, _, fragment = url.partition("#")
    added = str(httpx.QueryParams(dict(params)))
    joint = "" if before.endswith(("?", "&")) else "&" if "?" in before else "?"
    return f"{before}{joint}{added}" + (f"#{fragment}" if fragment else "")


def _check_stays_below(path: str) -> None:
    """A path with too many '..' would take the token to what is not the API."""
    depth = 0
    for segment in re.split(r"[/\\]", unquote(re.split(r"[?#]", path, maxsplit=1)[0])):
        depth += {"": 0, ".": 0, "..": -1}.get(segment, 1)
        if depth < 0:
            msg = (
                f"The path {path!r} leaves the base path. Give a base_url that is above all paths, or an absolute URL."
            )
            raise ValueError(msg)
