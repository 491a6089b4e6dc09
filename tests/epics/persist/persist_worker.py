"""A process that saves a counter as fast as it can; run by the tests of `persist`.

python persist_worker.py FILE             counts until it is killed
python persist_worker.py FILE kill N      starts itself N times, and kills each at another moment
python persist_worker.py FILE full        has no room for a file of more than 100 bytes
"""

import os
import random
import resource
import signal
import sys
import time
from pathlib import Path

from rxdux import FileStorage, Slice, State, Store, persist


class Counted(State):
    count: int = 0
    weight: str = "x" * 20_000  # so that a write takes its time


counted = Slice[Counted]("counted", initial=Counted())


@counted.action
def add(state: Counted, weight: str | None = None) -> Counted:
    return state.replace(count=state.count + 1, weight=state.weight if weight is None else weight)


def count_for_ever(path: Path) -> None:
    with Store(counted) as store:
        persist(store, FileStorage(path), key="counted", throttle=0.0)
        while True:
            store.dispatch(add())
            time.sleep(0.0005)


def read(path: Path) -> tuple[int, list[str]]:
    errors: list[str] = []
    with Store(counted, on_error=lambda error: errors.append(str(error))) as store:
        persist(store, FileStorage(path), key="counted")
        return store.state.count, errors


def file_of(path: Path) -> int | None:
    """Each save puts another file in place."""
    return path.stat().st_mtime_ns if path.exists() else None


def kill_again_and_again(path: Path, times: int) -> None:
    """Print the count that each life left behind."""
    for _ in range(times):
        before = file_of(path)
        child = os.fork()
        if child == 0:
            count_for_ever(path)
        while file_of(path) == before:  # however slow the machine is, each life saves
            time.sleep(0.0005)
        time.sleep(random.uniform(0, 0.03))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        print(*read(path))


def fill_the_disk(path: Path) -> None:
    """Save a small state, then one for which there is no room; print the errors."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))
    with Store(counted, on_error=print) as store:
        persistor = persist(store, FileStorage(path), key="counted", throttle=0.0)
        store.dispatch(add(weight="small"))
        persistor.flush()
        store.dispatch(add(weight="x" * 20_000))


if __name__ == "__main__":
    match sys.argv[1:]:
        case [path]:
            count_for_ever(Path(path))
        case [path, "kill", times]:
            kill_again_and_again(Path(path), int(times))
        case [path, "full"]:
            fill_the_disk(Path(path))
        case unknown:
            raise SystemExit(unknown)
