"""Text of a server as it may be shown: on one line, not too long, and without the secrets that it was sent."""

import base64
import binascii
import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote, quote_plus, unquote_plus

from pydantic import BaseModel, SecretStr

from ...actions import TokenSet

Hide = Callable[[Any], Any]
"""Takes what is secret out of a text, or of what a server sent; the rest stays as it is."""

LONGEST = 200  # characters
LONGEST_WORDS = 1000  # characters, of ours and the server's together
_SECRET_NAME = re.compile(
    r"token(?!_type)|secret|cookie|csrf|xsrf|password|assertion|jwt|session|api_?key", re.IGNORECASE
)


def cleaned(text: object, secrets: Iterable[SecretStr] = (), longest: int = LONGEST) -> str:
    """Text of a server on one line: no control characters, which a terminal would obey, no secret, and not too long.

    Args:
        secrets: what was sent, should the server repeat it.
        longest: characters that are kept.

    Examples:
        >>> cleaned("no\\x1b[2J such\\n\\tcode: Ab12", [SecretStr("Ab12")])
        'no [2J such code: ***'
    """
    if not isinstance(text, str):
        return ""
    text = masked(text, secrets)
    visible = "".join(" " if unicodedata.category(each)[0] in "CZ" else each for each in text[: 10 * longest])
    line = " ".join(visible.split())
    return line if len(line) <= longest else f"{line[:longest]}..."


def masked(text: str, secrets: Iterable[SecretStr]) -> str:
    """The text without the secrets, in each form that they have."""
    return without(text, forms_of(secrets))


def without(value: Any, forms: Iterable[str]) -> Any:
    """What a server sent, at any depth of objects and lists, without these.

    Args:
        forms: as `forms_of` gives them.

    Examples:
        >>> without({"headers": ["Bearer t-1234"], "size": 3}, forms_of([SecretStr("t-1234")]))
        {'headers': ['Bearer ***'], 'size': 3}
    """
    match value:
        case str():
            for form in forms:
                value = value.replace(form, "***")
            return value
        case dict():
            return {without(name, forms): without(each, forms) for name, each in value.items()}  # pyright: ignore[reportUnknownVariableType] -- JSON
        case list():
            return [without(each, forms) for each in value]  # pyright: ignore[reportUnknownVariableType] -- JSON
        case _:
            return value


def forms_of(secrets: Iterable[SecretStr]) -> list[str]:
    """How texts have these secrets: as they are, in a form, in a URL, in JSON within JSON; the longest first."""
    return longest_first({form for secret in secrets for form in _forms(secret.get_secret_value())})


def longest_first(forms: Iterable[str]) -> list[str]:
    """In the order in which they are looked for: one may be a part of another."""
    return sorted(forms, key=len, reverse=True)


def secrets_in(value: Any) -> Iterator[SecretStr]:
    """What is secret in a value: at any depth of models, dicts and lists, and in an Authorization header."""
    match value:
        case SecretStr():
            yield value
            yield from _credentials(value.get_secret_value())
        case TokenSet():
            yield from (value.access_token, *_given(value.refresh_token), *value.others.values())
            yield from _credentials_among(value.extra)
        case BaseModel():
            for name in (*type(value).model_fields, *(value.model_extra or ())):
                yield from secrets_in(getattr(value, name))
        case Mapping():
            for each in value.values():  # pyright: ignore[reportUnknownVariableType] -- JSON
                yield from secrets_in(each)
        case list() | tuple():
            for each in value:  # pyright: ignore[reportUnknownVariableType] -- JSON
                yield from secrets_in(each)
        case _:
            return


def _given(secret: SecretStr | None) -> Iterator[SecretStr]:
    if secret is not None:
        yield secret


def _credentials_among(content: Any, name: str = "") -> Iterator[SecretStr]:
    """What is secret of what came beside the tokens: by its name. The user's own name is no secret."""
    match content:
        case str() if _SECRET_NAME.search(name):
            yield SecretStr(content)
        case Mapping():
            for inner, each in content.items():  # pyright: ignore[reportUnknownVariableType] -- JSON
                yield from _credentials_among(each, str(inner))  # pyright: ignore[reportUnknownArgumentType]
        case list():
            for each in content:  # pyright: ignore[reportUnknownVariableType] -- JSON
                yield from _credentials_among(each, name)
        case _:
            return


def _forms(secret: str) -> Iterator[str]:
    if len(secret) > 3:  # a shorter one is in every word
        yield from (secret, quote(secret, safe="", errors="replace"), quote_plus(secret, errors="replace"))
        yield json.dumps(secret)[1:-1]


def _credentials(header: str) -> Iterator[SecretStr]:
    """What an Authorization header holds in another form (RFC 7617; RFC 6749, section 2.3.1)."""
    scheme, _, rest = header.partition(" ")
    if not rest:
        return
    if scheme.lower() == "bearer":
        yield SecretStr(rest)
    if scheme.lower() == "basic":
        yield SecretStr(rest)
        try:
            word = base64.b64decode(rest, validate=True).decode().partition(":")[2]
        except (binascii.Error, UnicodeDecodeError):
            return
        yield from (SecretStr(word), SecretStr(unquote_plus(word)))
