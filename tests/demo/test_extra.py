"""The demo without its extra."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

HIDE = """
import importlib.util, runpy, sys
find = importlib.util.find_spec
importlib.util.find_spec = lambda name, package=None: None if name in {hidden} else find(name, package)
sys.argv = ["rxdux-demo", "--help"]
{start}
"""
STARTS = [
    'runpy.run_module("rxdux.demo", run_name="__main__")',
    f'runpy.run_path({str(ROOT / "demo_app.py")!r}, run_name="__main__")',
    "from rxdux.demo.start import main; main()",
]


@pytest.mark.parametrize("start", STARTS)
def test_what_is_missing_is_said_with_what_to_install(start: str) -> None:
    """No traceback, and nothing on the way there that needs it."""
    program = HIDE.format(hidden=("textual", "jwt"), start=start)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert (
        done.stderr
        == "The demo needs textual, jwt: pip install 'rxdux[demo]', or in a checkout pip install '.[demo]'.\n"
    )
    assert done.returncode == 1


def test_with_all_of_it_the_demo_runs() -> None:
    """As far as its help."""
    done = subprocess.run(
        [sys.executable, "-c", HIDE.format(hidden=(), start=STARTS[0])], capture_output=True, text=True, check=False
    )
    assert (done.returncode, "--script" in done.stdout) == (0, True)
