"""Why a token request gets no tokens."""

from typing import NamedTuple


class Refusal(NamedTuple):
    """An error code (RFC 6749, section 5.2; RFC 8628, section 3.5), and words for who writes the program."""

    error: str
    description: str
