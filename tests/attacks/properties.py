"""Runs properties of Hypothesis for a time, and counts."""

import sys
import time
import traceback
from collections.abc import Callable
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

Property = tuple[Callable[..., None], Any]
"""A function that raises what is wrong, and the strategy of its argument."""

AT_ONCE = 100


def attack_properties(properties: list[Property], seconds: float, number: int) -> tuple[int, int]:
    """Try each in turn with random values, for so long. What does not survive is printed, with its value.

    Returns:
        How many were tried, and how many survived.
    """
    counted = _Counted(time.monotonic() + seconds)
    turn = 0
    while time.monotonic() < counted.end:
        for check, strategy in properties:
            turn += 1
            run = settings(
                max_examples=AT_ONCE,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )(given(strategy)(counted.counting(check)))
            seed(f"{number} {turn}")(run)()
    return counted.tried, counted.survived


class _Counted:
    def __init__(self, end: float) -> None:
        self.end = end
        self.tried = self.survived = 0

    def counting(self, check: Callable[..., None]) -> Callable[[Any], None]:
        def count(value: Any) -> None:
            if time.monotonic() > self.end:
                return
            self.tried += 1
            try:
                check(value)
                self.survived += 1
            except Exception:
                print(f"{check.__name__} with {value!r:.2000}:\n{traceback.format_exc()}", file=sys.stderr)

        return count
