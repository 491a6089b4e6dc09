"""Random recipes against plain mutation of a deep copy: the same ones each time. `python -m tests.reducers.drafts.scripts` has others."""

import pytest

from .scripts import run


def test_random_recipes_agree_with_plain_mutation() -> None:
    """Same result class by class, the original untouched, no draft inside; the seed is in the failure."""
    assert run(500) == []


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_twenty_thousand_random_recipes_agree_with_plain_mutation() -> None:
    """None of them is wrong."""
    assert run(20_000, 500) == []
