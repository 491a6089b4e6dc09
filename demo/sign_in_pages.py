"""The pages on which a user signs in with a browser. Pure; all that comes from outside is escaped."""

from collections.abc import Mapping
from html import escape

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
"""Sent along: nobody may frame the page, and nothing of its address goes elsewhere."""

STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:24rem;margin:4rem auto;padding:0 1rem}"
    "label{display:block;margin:.5rem 0}input{display:block;width:100%;font:inherit;box-sizing:border-box}"
    "button{font:inherit;margin:.5rem .5rem 0 0}"
)


def page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style></head><body><h1>{escape(title)}</h1>{body}</body></html>"
    )


def words_page(title: str, words: str) -> str:
    """A page that says something."""
    return page(title, f"<p>{escape(words)}</p>")


def device_page(user_code: str, words: str = "") -> str:
    """Asks for the code that the program shows, and for who approves (RFC 8628, section 3.3)."""
    return page("Sign in on a device", _form(_input("user_code", "Code", user_code), words))


def approval_page(fields: Mapping[str, str], words: str = "") -> str:
    """Asks for who approves a program on this machine.

    Args:
        fields: the authorization request, which the form carries on.
    """
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in fields.items()
    )
    return page("Sign in to the rxdux demo", _form(hidden, words))


def _form(fields: str, words: str) -> str:
    said = f'<p role="alert">{escape(words)}</p>' if words else ""
    return (
        f'{said}<p>The rxdux demo wants to read the people. Is it you who asks?</p><form method="post">{fields}'
        f"{_input('username', 'Name', 'ada')}{_input('password', 'Password', '', kind='password')}"
        '<button name="decision" value="approve">Approve</button><button name="decision" value="deny">Deny</button>'
        "</form><p>Users: ada/lovelace, grace/hopper</p>"
    )


def _input(name: str, words: str, value: str, kind: str = "text") -> str:
    return f'<label>{words} <input name="{name}" type="{kind}" value="{escape(value)}" autocomplete="off"></label>'
