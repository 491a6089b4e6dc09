"""Who may connect to a server on this machine: apps, and no page that a browser happens to show."""

from collections.abc import Collection
from ipaddress import ip_address
from urllib.parse import urlsplit

LOCAL = "localhost"


def refusal_of(origin: str | None, host: str | None, allowed: Collection[str], name: str = LOCAL) -> str | None:
    """Why a connection is refused; None where it is let in.

    A browser says which page opens a connection; whoever says nothing is no page. A page that comes from this
    server's own address is let in, by number or by its own name alone: another name may have been made to lead here.

    Args:
        origin: the header `Origin`.
        host: the header `Host`.
        allowed: origins of pages that may connect as well.
        name: under which this server is known, besides its numbers.

    See https://www.rfc-editor.org/rfc/rfc6455#section-10.2

    Examples:
        >>> refusal_of(None, "127.0.0.1:8000", ())
        >>> refusal_of("http://localhost:3000", "localhost:8000", {"http://localhost:3000"})
        >>> refusal_of("http://localhost:8000", "localhost:8000", ())
        >>> refusal_of("https://evil.example", "localhost:8000", ())
        'a page of https://evil.example wanted to connect'
        >>> refusal_of("http://evil.example:8000", "evil.example:8000", ())
        'a page of http://evil.example:8000 wanted to connect'
    """
    if origin is None or origin in allowed:
        return None
    try:
        page, here = urlsplit(origin), urlsplit(f"//{host}")
        is_own = page.scheme in ("http", "https") and bool(here.netloc) and page.netloc == here.netloc
        if is_own and (here.hostname in (LOCAL, name) or _is_number(here.hostname or "")):
            return None
    except ValueError:
        pass  # no address at all
    shown = origin if origin.isprintable() else repr(origin)
    return f"a page of {shown[:100]} wanted to connect"


def _is_number(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return False
    return True
