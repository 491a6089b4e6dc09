"""What an app has many of, in bytes: no noise, and so a bound that is close."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parents[2]))  # behind the package: at the root lie second copies of its parts

from benchmarks.memory import CASES

OTHER_PYTHON = 1.0 if sys.version_info[:2] == (3, 11) else 1.3  # its objects have other sizes


@pytest.mark.parametrize(
    ("what", "bound"),
    [("a listener", 600), ("a selection", 1_200), ("an epic", 3_000), ("a fetch that waits for a refresh", 6_700)],
)
def test_each_of_many_takes_no_more_bytes_than_it_did(what: str, bound: int) -> None:
    """Whoever adds to one of them sees by how much, on any machine."""
    assert CASES[what]() <= bound * OTHER_PYTHON
