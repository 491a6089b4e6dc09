"""How many instructions an operation takes: a number that no other load on the machine disturbs.

python -m benchmarks.instructions "dispatch, 1 reducer"         of the processor, by `perf` or by valgrind

Where there is neither, or for a bound that a quick test keeps, the instructions of Python's own machine are counted.
"""

import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import Any

CASES = Path(__file__).parent / "cases" / "rxdux_cases.py"
FEW, MANY = 200, 1200  # so often the operation is done: what they differ by is its own


def of_processor(case: str, few: int = FEW, many: int = MANY) -> float | None:
    """Instructions of one operation of a case; None where nothing on this machine can count them."""
    count = next((each for each in (_by_perf, _by_valgrind) if each(["true"]) is not None), None)
    if count is None:
        return None
    first, last = (count([sys.executable, str(CASES), case, str(loops)]) for loops in (few, many))
    return None if first is None or last is None else (last - first) / (many - few)


def of_python(operation: Callable[[], Any]) -> int:
    """Instructions of Python's machine in one operation, in this thread. C code counts for nothing."""
    count = 0

    def trace(frame: FrameType, event: str, _: Any) -> Any:
        nonlocal count
        frame.f_trace_opcodes, frame.f_trace_lines = True, False
        count += event == "opcode"
        return trace

    before = sys.gettrace()
    here = inspect.currentframe()
    if here is not None:
        here.f_trace_opcodes = True  # before `settrace`: else Python 3.12 tells of none the first time
    sys.settrace(trace)
    try:
        operation()
    finally:
        sys.settrace(before)
    return count


def _by_perf(command: list[str]) -> int | None:
    return _counted(["perf", "stat", "-x,", "-e", "instructions:u", *command], r"^(\d+),")


def _by_valgrind(command: list[str]) -> int | None:
    tool = ["valgrind", "--tool=cachegrind", "--cache-sim=no", "--cachegrind-out-file=/dev/null", *command]
    return _counted(tool, r"refs:\s+([\d,]+)")


def _counted(command: list[str], pattern: str) -> int | None:
    if shutil.which(command[0]) is None:
        return None
    fixed = {**os.environ, "PYTHONHASHSEED": "0"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=CASES.parent, env=fixed)
    found = re.search(pattern, done.stderr, re.MULTILINE)
    return None if found is None else int(found[1].replace(",", ""))


def main() -> None:
    for case in sys.argv[1:]:
        found = of_processor(case)
        print(f"{case:50} {'cannot be counted here' if found is None else f'{found:12,.0f} instructions'}")


if __name__ == "__main__":
    main()
