"""What README and docs say of speed is in benchmarks/claims.toml, and was so when it was measured last."""

import json
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
sys.path.append(str(ROOT))  # behind the package: at the root lie second copies of its parts

from benchmarks.claims import Claim, read_claims  # noqa: E402
from benchmarks.turns import Spread, in_turn, ratio  # noqa: E402

RATIO = re.compile(r"(\d[\d,]*(?:\.\d+)?) times\b")
PAGES = ("README.md", "docs/speed.md")

CLAIM = Claim(what="dispatch", ours="dispatch", whose="pydux", at_least=0.8, page="README.md", says="0.8 times")


@pytest.mark.parametrize("claim", read_claims(), ids=lambda claim: claim.what)
def test_a_claim_stands_on_its_page_in_the_words_and_the_number_that_are_checked(claim: Claim) -> None:
    """Who changes one of the two has to change the other."""
    bound = claim.at_least if claim.at_least is not None else claim.at_most
    assert claim.says in (ROOT / claim.page).read_text().replace("\n  ", " ").replace("\n", " ")
    assert f"{bound:,g} times" in claim.says


@pytest.mark.parametrize("page", PAGES)
def test_no_page_says_a_ratio_that_is_not_checked(page: str) -> None:
    """A number of times that stands nowhere else would grow old unseen."""
    text = (ROOT / page).read_text().replace("\n  ", " ").replace("\n", " ")
    for claim in read_claims():
        text = text.replace(claim.says, "")
    assert RATIO.findall(text) == []


def test_each_claim_held_in_the_results_that_are_kept() -> None:
    """They are from one run on one machine; what had no peer there is told as not measured."""
    kept = json.loads((ROOT / "benchmarks" / "results" / "results.json").read_text())["claims"]
    claims = read_claims()
    assert set(kept) == {claim.what for claim in claims}
    for claim in claims:
        found = kept[claim.what]
        assert found is None or claim.holds(Spread(**found)), claim.what


def test_a_claim_that_does_not_hold_any_more_says_so() -> None:
    """What cannot be measured says why, and breaks nothing."""
    slow = CLAIM.reached({"dispatch": {"rxdux": [2.0, 2.0], "pydux": [1.0, 1.0]}})
    assert isinstance(slow, Spread)
    assert not CLAIM.holds(slow)
    assert CLAIM.row(slow) == "| dispatch | pydux | at least 0.8 |  | does not hold: 0.5 (0.5 to 0.5) |"
    missing = CLAIM.reached({"dispatch": {"rxdux": [2.0], "pydux": "cannot be installed"}})
    assert CLAIM.row(missing) == "| dispatch | pydux | at least 0.8 |  | cannot be installed |"


def test_contestants_are_timed_in_turn() -> None:
    """So that what disturbs the machine for a while is in no ratio: A B, B A."""
    order: list[str] = []

    def timed(name: str, seconds: float) -> float:
        order.append(name)
        return seconds * len(order)  # the machine gets slower and slower

    found = in_turn({"a": lambda: timed("a", 1.0), "b": lambda: timed("b", 2.0)}, 4)
    assert order == ["a", "b", "b", "a", "a", "b", "b", "a"]
    assert isinstance(found["a"], list)
    assert isinstance(found["b"], list)
    assert ratio(found["b"], found["a"]).middle == pytest.approx(2.0, rel=0.4)


def test_no_turn_is_begun_when_there_is_no_time_left() -> None:
    """The first one always is."""
    assert in_turn({"a": lambda: 1.0}, 3, patience=0.0) == {"a": [1.0]}
    assert in_turn({"a": lambda: 1.0}, 3, patience=60.0) == {"a": [1.0, 1.0, 1.0]}
