"""What is written comes back, what is read is used or refused, and a save survives a crash: the quick amount of each attack."""

from types import ModuleType

import pytest
from hypothesis import HealthCheck, given, settings

from . import crashes, round_trips, texts
from .properties import Property

QUICK = settings(max_examples=20, deadline=None, database=None, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize(
    "attacked", [*round_trips.PROPERTIES, *texts.PROPERTIES], ids=lambda attacked: attacked[0].__name__
)
def test_random_values_and_texts_are_survived(attacked: Property) -> None:
    """Hypothesis makes them, and the smallest that is not survived."""
    check, strategy = attacked
    QUICK(given(strategy)(check))()


def test_a_crash_at_some_calls_of_a_save_is_survived() -> None:
    """SIGKILL before, in, and after a call of the operating system."""
    tried, survived = crashes.attack(1.0, 1)
    assert tried == survived > 0


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("attacked", [crashes, round_trips, texts], ids=["crashes", "round_trips", "texts"])
def test_it_is_survived_for_longer(attacked: ModuleType) -> None:
    """Each of what there is to crash, to write and to read."""
    tried, survived = attacked.attack(8.0, 1)
    print(tried, "tried,", survived, "survived")
    assert tried == survived > 0
