"""Runs all attacks for as long as wanted, each for its share of the time.

python -m tests.attacks --minutes 5 [--seed 1]
"""

import argparse
import importlib
import random
import sys
import time
from pathlib import Path

ATTACKS = sorted(
    path.stem
    for path in Path(__file__).parent.glob("*.py")
    if "def attack(" in path.read_text() and path.stem != "__main__"
)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.attacks", description=__doc__)
    parser.add_argument("--minutes", type=float, default=1.0, help="for how long, in all")
    parser.add_argument("--seed", type=int, default=random.randrange(10**6), help="makes a run happen again")
    parser.add_argument("names", nargs="*", default=ATTACKS, help=f"which attacks: {', '.join(ATTACKS)}")
    given = parser.parse_args()
    print(f"Seed {given.seed}. Again: python -m tests.attacks --minutes {given.minutes:g} --seed {given.seed}")
    share = given.minutes * 60 / len(given.names)
    lost = 0
    for name in given.names:
        began = time.monotonic()
        tried, survived = importlib.import_module(f"{__package__}.{name}").attack(share, given.seed)
        lost += tried - survived
        print(f"{name:20} tried {tried:9,}   survived {survived:9,}   {time.monotonic() - began:6.1f} s", flush=True)
    return 1 if lost else 0


if __name__ == "__main__":
    sys.exit(main())
