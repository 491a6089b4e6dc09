"""The tokens that a session has had: whatever a server repeats or an error says, none of them is shown."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property

from pydantic import SecretStr

from ...actions import TokenSet
from .shown_text import Hide, forms_of, longest_first, secrets_in, without

KEPT = 50  # sets of tokens; at one an hour, those of two days


@dataclass
class _Seen:
    tokens: TokenSet

    @cached_property
    def forms(self) -> list[str]:
        """Worked out when the first error is shown: it takes 0.2 ms."""
        return forms_of(secrets_in(self.tokens))


class KnownSecrets:
    """The tokens of a session, the older ones as well: a server may repeat one long after it was replaced."""

    def __init__(self) -> None:
        self._seen: deque[_Seen] = deque(maxlen=KEPT)
        self._found: list[str] | None = []

    def note(self, tokens: TokenSet | None) -> None:
        """Remember these. They are compared by identity: it is done for each request."""
        if tokens is None or (self._seen and self._seen[-1].tokens is tokens):
            return
        if not any(tokens is each.tokens for each in self._seen):
            self._seen.append(_Seen(tokens))
            self._found = None

    def hiding(self, beside: Iterable[SecretStr] = ()) -> Hide:
        """How to take them out of a text, or of what a server sent.

        Args:
            beside: what else is secret, such as what the request carried.
        """
        forms = self._forms(beside)
        return lambda value: without(value, forms)

    def secrets(self) -> list[SecretStr]:
        """All of them."""
        return [secret for each in self._seen for secret in secrets_in(each.tokens)]

    def _forms(self, beside: Iterable[SecretStr]) -> Iterable[str]:
        if self._found is None:
            self._found = longest_first({form for each in self._seen for form in each.forms})
        more = forms_of(beside)
        return longest_first({*self._found, *more}) if more else self._found
