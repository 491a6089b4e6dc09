"""What is begun and ended leaves nothing behind."""

import pytest

from . import leaks


@pytest.mark.parametrize("name", leaks.ROUNDS)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_some_rounds_leave_nothing(name: str) -> None:
    """Beside what is kept on purpose, and does not grow."""
    _, _, allowed = leaks.ROUNDS[name]
    assert leaks.bytes_a_round(name, 300) <= max(allowed, 120) * (4 if "made now" in name else 1)


@pytest.mark.slow
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", leaks.ROUNDS)
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_it_is_flat_over_a_hundred_thousand(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Or over fewer, where one takes long."""
    _, rounds, allowed = leaks.ROUNDS[name]
    left = leaks.bytes_a_round(name, rounds)
    with capsys.disabled():
        print(f"\n{name}: {left:.1f} bytes a round over {rounds:,}")
    assert left <= allowed
