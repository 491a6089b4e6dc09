"""What README and docs say of speed, in one place: `claims.toml`. A run checks it, and a test checks the pages."""

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from .turns import Spread, Turns, ratio

CLAIMS = Path(__file__).with_name("claims.toml")


@dataclass(frozen=True)
class Claim:
    """A ratio that a page says of us.

    Attributes:
        what: in words.
        ours: the case.
        against: the case that it is compared with.
        whose: by which contestant that is.
        at_least: so many times as quick as that, or
        at_most: so many times its time.
        wanted: what it was to be, where that was not reached.
        page: where it is said.
        says: the words in which it is said.
    """

    what: str
    ours: str
    whose: str
    page: str
    says: str
    against: str = ""
    at_least: float | None = None
    at_most: float | None = None
    wanted: float | None = None

    def reached(self, table: Turns) -> Spread | str:
        """The ratio, or why there is none."""
        ours = table.get(self.ours, {}).get("rxdux", "not measured")
        other = table.get(self.against or self.ours, {}).get(self.whose, "not measured")
        if isinstance(ours, str):
            return ours
        if isinstance(other, str):
            return other
        return ratio(ours, other) if self.at_least is None else ratio(other, ours)

    def holds(self, found: Spread) -> bool:
        """Whether it is true, as far as this run can tell: the better end of what it found decides."""
        return found.high >= self.at_least if self.at_least is not None else found.low <= (self.at_most or 0)

    def row(self, found: Spread | str) -> str:
        """As a row of Markdown."""
        bound = f"at least {self.at_least:,g}" if self.at_least is not None else f"at most {self.at_most:,g}"
        wanted = "" if self.wanted is None else f"{self.wanted:,g}"
        if isinstance(found, str):
            reached = found
        else:
            missed = "" if self.holds(found) else "does not hold: "
            reached = f"{missed}{found.middle:,.3g} ({found.low:,.3g} to {found.high:,.3g})"
        return f"| {self.what} | {self.whose} | {bound} | {wanted} | {reached} |"

    @classmethod
    def parse(cls, entry: dict[str, Any]) -> Self:
        claim = cls(**entry)
        if (claim.at_least is None) == (claim.at_most is None):
            msg = f"The claim {claim.what!r} has at_least or at_most, one of the two."
            raise ValueError(msg)
        return claim


def read_claims() -> list[Claim]:
    """All that is claimed."""
    return [Claim.parse(entry) for entry in tomllib.loads(CLAIMS.read_text())["claims"]]
