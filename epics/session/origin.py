"""Where a URL leads: a bearer token stays with the origin that it was issued for."""

import httpx


def same_origin(one: httpx.URL, other: httpx.URL) -> bool:
    """Whether scheme, host and port are the same (RFC 6454, section 5).

    Examples:
        >>> same_origin(httpx.URL("https://a.test/x"), httpx.URL("https://a.test:443/y"))
        True
    """
    return (one.scheme, one.host, _port(one)) == (other.scheme, other.host, _port(other))


def _port(url: httpx.URL) -> int | None:
    return url.port or {"http": 80, "https": 443}.get(url.scheme)
