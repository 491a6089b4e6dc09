"""The trouble that a server makes when it is asked to, and the count of what came in."""

import time
from collections import Counter


class Trouble:
    """What goes wrong at the moment. Times are in seconds."""

    def __init__(self) -> None:
        self._failing_until = 0.0
        self._status = 503
        self.token_answer: str | None = None  # a body that the token endpoint gives instead of its own
        self.refuse_all = False  # every API request is answered with 401
        self.refuse_next = False  # the next change is answered with 409
        self.delay = 0.0  # before each answer of the API
        self.token_delay = 0.0  # before each answer of the token endpoint

    def fail(self, seconds: float, status: int = 503) -> None:
        """Answer the API with this status, for so long; 0 ends it."""
        self._failing_until = time.monotonic() + seconds
        self._status = status

    def refuses(self) -> bool:
        """Whether this change is refused. It holds for one."""
        refused, self.refuse_next = self.refuse_next, False
        return refused

    @property
    def status(self) -> int | None:
        """The status to fail with now, None when all is well."""
        return self._status if time.monotonic() < self._failing_until else None


class Count(Counter[str]):
    """How often what came in: `api`, `unauthorized`, `login`, `refresh`, `revoke`, `device`, `poll`."""
