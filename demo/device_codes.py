"""Sign-ins that wait for their user on another device (RFC 8628)."""

import math
import secrets
import time
from dataclasses import dataclass

from .refusal import Refusal

GRANT = "urn:ietf:params:oauth:grant-type:device_code"
LETTERS = "BCDFGHJKLMNPQRSTVWXZ"  # no vowels: no words, and nothing that looks like a digit (section 6.1)
EARLY = 0.9  # of the interval: clocks and networks are not exact


@dataclass
class DeviceCode:
    """One of them.

    Attributes:
        device_code: what the program asks with.
        user_code: what the user types.
        client_id: of the program.
        ends_at: in seconds of `time.monotonic()`.
        interval: seconds that the program has to wait between two questions.
        asked_at: when it asked last.
        user: who has approved.
        is_denied: whether the user said no.
    """

    device_code: str
    user_code: str
    client_id: str
    ends_at: float
    interval: float
    asked_at: float = -math.inf
    user: str | None = None
    is_denied: bool = False

    @property
    def is_over(self) -> bool:
        return self.ends_at <= time.monotonic()


class DeviceCodes:
    """All of them, in memory.

    Attributes:
        life: of a code, in seconds.
        interval: seconds between two questions of a program.
    """

    def __init__(self) -> None:
        self.life = 120.0
        self.interval = 1.0
        self._by_device_code: dict[str, DeviceCode] = {}

    def issue(self, client_id: str) -> DeviceCode:
        """A code for a program. Those that were over long ago are forgotten."""
        now = time.monotonic()
        kept = {name: each for name, each in self._by_device_code.items() if each.ends_at + self.life > now}
        letters = "".join(secrets.choice(LETTERS) for _ in range(8))
        code = DeviceCode(
            secrets.token_urlsafe(32), f"{letters[:4]}-{letters[4:]}", client_id, now + self.life, self.interval
        )
        self._by_device_code = {**kept, code.device_code: code}
        return code

    def waiting(self, user_code: str) -> DeviceCode | None:
        """The one that a user has typed, in whatever case and with whatever between; None when none waits under it."""
        typed = plain(user_code)
        return next(
            (each for each in self._by_device_code.values() if _waits(each) and plain(each.user_code) == typed), None
        )

    def redeem(self, device_code: str, client_id: str) -> str | Refusal:
        """Who has approved; or what the program is told instead (section 3.5)."""
        code = self._by_device_code.get(device_code)
        if code is None or code.client_id != client_id:
            return Refusal("invalid_grant", "Unknown device code.")
        if code.is_denied:
            return Refusal("access_denied", "The user said no.")
        if code.is_over:
            return Refusal("expired_token", "The device code has expired.")
        now = time.monotonic()
        is_early = now - code.asked_at < code.interval * EARLY
        code.asked_at = now
        if is_early:
            code.interval += 5.0
            return Refusal("slow_down", "The program asks too often.")
        if code.user is None:
            return Refusal("authorization_pending", "The user is not done yet.")
        del self._by_device_code[device_code]  # good for one use
        return code.user


def plain(user_code: str) -> str:
    """A user code as it is compared (section 6.1).

    Examples:
        >>> plain("wdjb mjht") == plain("WDJB-MJHT")
        True
    """
    return "".join(letter for letter in user_code.upper() if letter in LETTERS)


def _waits(code: DeviceCode) -> bool:
    return not code.is_over and code.user is None and not code.is_denied
