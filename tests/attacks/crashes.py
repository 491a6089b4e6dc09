"""Attacks a save: SIGKILL before, in the middle of and after each call of the operating system that it makes.

Whatever was done: the file holds the text of before, or the new one, whole; what could not be used is kept beside it; the
next start loses nothing; and no file of others is touched.

python -m tests.attacks.crashes 60 1
"""

import builtins
import io
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from rxdux import FileStorage, Slice, State, Store, StoreError, combine_reducers, persist

CALLS = (
    "open",
    "fdopen",
    "fsync",
    "replace",
    "rename",
    "unlink",
    "scandir",
    "mkdir",
    "stat",
    "lstat",
    "link",
    "chmod",
    "utime",
)
OTHERS = {".app.json.local": "not ours", "app.json.bak": "not ours", ".app.json.0123456789abcdef": "not ours"}


class Kept(State):
    number: int = 0
    weight: str = ""


part = Slice[Kept]("attacks-kept", initial=Kept())
other = Slice("attacks-count", initial=0)
app = combine_reducers({"part": part, "other": other})


@part.action
def put(state: Kept, number: int, weight: str) -> Kept:
    return Kept(number=number, weight=weight)


@other.action
def count(state: int) -> int:
    return state + 1


class Killer:
    """Kills this process at the n-th call: `before` it, `after` it, or with `half` of what it writes written."""

    def __init__(self, number: int, moment: str) -> None:
        self.left, self.moment = number, moment

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def killing(*args: Any, **options: Any) -> Any:
            self.left -= 1
            if self.left == 0 and self.moment != "after":
                self.die()
            result = call(*args, **options)
            if self.left == 0:
                self.die()
            return result

        return killing

    def writing(self, write: Callable[[str], int], flush: Callable[[], None]) -> Callable[[str], int]:
        def killing(text: str) -> int:
            self.left -= 1
            if self.left == 0:
                write(text[: {"before": 0, "half": len(text) // 2, "after": len(text)}[self.moment]])
                flush()
                self.die()
            return write(text)

        return killing

    def die(self) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    def take_over(self) -> None:
        for name in CALLS:
            setattr(os, name, self.around(getattr(os, name)))
        fdopen = os.fdopen

        def opened(*args: Any, **options: Any) -> Any:
            file = fdopen(*args, **options)
            return Watched(file, self)

        os.fdopen = opened  # pyright: ignore
        io.open = builtins.open = self.around(builtins.open)  # pyright: ignore


class Watched:
    """A file whose writes are counted."""

    def __init__(self, file: Any, killer: Killer) -> None:
        self._file = file
        self.write = killer.writing(file.write, file.flush)
        self.flush = killer.around(file.flush)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._file, name)

    def __enter__(self) -> "Watched":
        return self

    def __exit__(self, *exception: object) -> None:
        self._file.close()


def save(path: Path, number: int, weight: str) -> None:
    with Store(app, on_error=lambda error: None) as store:
        persist(store, FileStorage(path), key="attacks", throttle=60.0)
        store.dispatch(put(number, weight))


def purge(path: Path, number: int, weight: str) -> None:
    with Store(app, on_error=lambda error: None) as store:
        persist(store, FileStorage(path), key="attacks", throttle=60.0).purge()


def run_killed(work: Callable[[Path, int, str], None], path: Path, weight: str, number: int, moment: str) -> bool:
    """Whether the process was killed before it was done."""
    child = os.fork()
    if child == 0:
        status = 1
        try:
            Killer(number, moment).take_over()
            work(path, 2, weight)
            status = 0
        finally:
            os._exit(status)
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status) or os.WEXITSTATUS(status) == 0, "it failed without being killed"
    return os.WIFSIGNALED(status)


def start_again(path: Path) -> tuple[Kept, int, list[StoreError]]:
    told = list[StoreError]()
    with Store(app, on_error=told.append) as store:
        persist(store, FileStorage(path), key="attacks")
        return store.state["part"], store.state["other"], told


def check_others(folder: Path) -> None:
    for name, text in OTHERS.items():
        assert (folder / name).read_text() == text, f"{name} was touched"


def prepare(folder: Path, *, linked: bool) -> tuple[Path, Path]:
    """The path of the file as the app knows it, and of the file itself."""
    real = folder / "real" / "app.json"
    real.parent.mkdir()
    for name, text in OTHERS.items():
        (real.parent / name).write_text(text)
    if not linked:
        return real, real
    link = folder / "app.json"
    link.symlink_to(real)
    return link, real


def a_save_leaves_the_old_text_or_the_new(dice: random.Random, folder: Path, number: int, moment: str) -> bool:
    linked, old, weight = dice.random() < 0.5, dice.random() < 0.8, "x" * dice.choice((0, 10, 100_000))
    path, real = prepare(folder, linked=linked)
    if old:
        save(path, 1, weight[::2])
    before = real.read_text() if old else None
    killed = run_killed(save, path, weight, number, moment)
    text = real.read_text() if real.exists() else None
    if text != before:
        assert json.loads(text or "")["slices"]["part"] == {"number": 2, "weight": weight}, (
            "it is neither the old nor the new"
        )
    assert path.is_symlink() == linked
    part, _, told = start_again(path)
    assert part in ((Kept(number=1, weight=weight[::2]) if old else Kept()), Kept(number=2, weight=weight))
    assert killed or part.number == 2
    assert not told
    check_others(real.parent)
    return killed


def what_cannot_be_used_is_never_lost(dice: random.Random, folder: Path, number: int, moment: str) -> bool:
    """A broken text, or a slice that does not fit, is there or kept aside; the other slice goes on."""
    path, real = prepare(folder, linked=dice.random() < 0.5)
    save(path, 1, "x")
    whole = dice.random() < 0.5
    spoilt = real.read_text()[:-9] if whole else real.read_text().replace('"number": 1', '"number": "one"')
    real.write_text(spoilt.replace('"other": 0', '"other": 7'))
    spoilt = real.read_text()
    killed = run_killed(save, path, "y", number, moment)
    there = [
        each.read_text()
        for each in real.parent.iterdir()
        if each.name.startswith("app.json") and each.name != "app.json.bak"
    ]
    assert spoilt in there, "it is lost"
    _, other, _ = start_again(path)
    assert whole or other == 7, "the slice that fits is lost"
    check_others(real.parent)
    return killed


def a_purge_is_done_or_not(dice: random.Random, folder: Path, number: int, moment: str) -> bool:
    path, real = prepare(folder, linked=dice.random() < 0.5)
    save(path, 1, "x")
    before = real.read_text()
    killed = run_killed(purge, path, "", number, moment)
    assert not real.exists() or real.read_text() == before
    assert not start_again(path)[2]
    check_others(real.parent)
    return killed


ATTACKS = [a_save_leaves_the_old_text_or_the_new, what_cannot_be_used_is_never_lost, a_purge_is_done_or_not]


def every_call(seconds: float, seed: int) -> tuple[int, int]:
    """Each attack at each call in turn, until it gets through; then anew, with other dice."""
    end = time.monotonic() + seconds
    tried = survived = turn = 0
    while time.monotonic() < end:
        turn += 1
        for each in ATTACKS:
            for moment in ("before", "half", "after"):
                number, killed = 0, True
                while killed and time.monotonic() < end:
                    number += 1
                    tried += 1
                    with tempfile.TemporaryDirectory() as folder:
                        try:
                            killed = each(random.Random(f"{seed} {turn} {each.__name__}"), Path(folder), number, moment)
                            survived += 1
                        except Exception:
                            print(
                                f"{each.__name__}, {seed} {turn}, {moment} call {number}:\n{traceback.format_exc()}",
                                file=sys.stderr,
                            )
    return tried, survived


def attack(seconds: float, seed: int) -> tuple[int, int]:
    """Attack for so long, in a process without threads; how many were tried, and how many survived."""
    result = subprocess.run(
        [sys.executable, "-m", "tests.attacks.crashes", str(seconds), str(seed)],
        stdout=subprocess.PIPE,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    tried, survived = result.stdout.split()
    return int(tried), int(survived)


if __name__ == "__main__":
    print(*every_call(float(sys.argv[1]), int(sys.argv[2])))
