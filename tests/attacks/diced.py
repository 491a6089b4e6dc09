"""Attacks that are made by dice, again and again."""

import random
import sys
import time
import traceback
from collections.abc import Callable, Sequence


def attack_by_dice(attacks: Sequence[Callable[[random.Random], object]], seconds: float, seed: int) -> tuple[int, int]:
    """Make each in turn, for so long. What does not survive is printed, with the seed that does it again.

    Returns:
        How many were tried, and how many survived.
    """
    end = time.monotonic() + seconds
    tried = survived = 0
    while time.monotonic() < end:
        for each in attacks:
            tried += 1
            try:
                each(random.Random(f"{seed} {tried}"))
                survived += 1
            except Exception:
                print(f"{each.__name__} with Random('{seed} {tried}'):\n{traceback.format_exc()}", file=sys.stderr)
    return tried, survived
