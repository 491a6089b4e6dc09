"""What an engine's failure means to who asked it."""

from typing import NamedTuple


class Failure(NamedTuple):
    """In words, without any password; `passes` says whether it may pass by itself."""

    words: str
    passes: bool


class EngineFailedError(Exception):
    """An engine has not done what it was asked to."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.words)
        self.failure = failure
