"""The programs that may ask for a sign-in, and where a browser may go from it."""

from urllib.parse import urlsplit

CLIENT_ID = "rxdux-demo"
"""The one that the server knows: a public client, without a secret."""

CALLBACK = "/callback"


def may_redirect_to(address: str) -> bool:
    """Whether a browser may take a code there: to a loopback address, at any port (RFC 8252, section 7.3).

    Examples:
        >>> may_redirect_to("http://127.0.0.1:51004/callback"), may_redirect_to("http://127.0.0.1.example.com/callback")
        (True, False)
    """
    try:
        parts = urlsplit(address)
        is_loopback = parts.netloc in (f"127.0.0.1:{parts.port}", f"[::1]:{parts.port}", "127.0.0.1", "[::1]")
    except ValueError:
        return False
    return (parts.scheme, parts.path, parts.query, parts.fragment) == ("http", CALLBACK, "", "") and is_loopback
