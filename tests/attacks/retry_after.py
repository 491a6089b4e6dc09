"""Attacks Retry-After and Date: whatever a server sends is a wait within bounds, or none (RFC 9110, section 10.2.3).

python -m tests.attacks.retry_after 60 1
"""

import math
import random
import string
import sys
import time
from email.utils import formatdate

from rxdux import RefreshPolicy
from rxdux.epics.session.answers import backoff, error_of_status

from .diced import attack_by_dice

DAYS = ("Mon", "Thu", "Sun", "Xyz", "")
MONTHS = ("Jan", "Feb", "Dec", "Foo", "0")
ZONES = ("GMT", "+0000", "-9999", "+999999", "EST", "", "+99999999999999999999", "-0001")
POLICY = RefreshPolicy()


def header(dice: random.Random) -> str:
    return dice.choice((_number, _date, _odd_date, _garbage))(dice)


def _number(dice: random.Random) -> str:
    number = dice.choice((0, 1, -1, 3.5, 1e308, 10**400, "1e999", "nan", "-inf", "0x10", "1_000", "٣", " 7 "))
    return f"{dice.choice(('', '+', '-'))}{number}"


def _date(dice: random.Random) -> str:
    return formatdate(dice.uniform(-(2**33), 2**35), usegmt=dice.random() < 0.8)


def _odd_date(dice: random.Random) -> str:
    year = dice.choice((0, 1, 70, 1970, 9_999, 10_000, 99_999_999, -5))
    clock = f"{dice.randrange(-1, 30)}:{dice.randrange(70)}:{dice.randrange(70)}"
    return f"{dice.choice(DAYS)}, {dice.randrange(-1, 40)} {dice.choice(MONTHS)} {year} {clock} {dice.choice(ZONES)}"


def _garbage(dice: random.Random) -> str:
    return "".join(dice.choices(string.printable + "é\x00\u202e", k=dice.randrange(60)))


def wait_for(headers: dict[str, str], now: float) -> None:
    error = error_of_status(503, headers, now)
    assert error is not None
    asked = error.retry_after
    assert asked is None or (math.isfinite(asked) and asked >= 0.0), asked
    for attempt in (1, 2, 30, 1_000):
        assert 0.0 <= backoff(attempt, asked, POLICY) <= max(POLICY.retry_after_max, POLICY.backoff_max)


def any_headers(dice: random.Random) -> None:
    headers = {"retry-after": header(dice)} | ({"date": header(dice)} if dice.random() < 0.5 else {})
    try:
        wait_for(headers, dice.choice((0.0, time.time(), 1e12, -1e12)))
    except Exception as error:
        error.add_note(repr(headers))
        raise


def attack(seconds: float, seed: int) -> tuple[int, int]:
    """Attack for so long; how many were tried, and how many survived."""
    return attack_by_dice([any_headers], seconds, seed)


if __name__ == "__main__":
    print(*attack(float(sys.argv[1]), int(sys.argv[2])))
