"""A program of threads, without an event loop: the store starts one for its epics, when they need it."""

import asyncio
import time
from threading import Thread

from reactivex import Observable

from rxdux import Action, ActionStream, Slice, Store, merge_map, of_type


class Download(Action):
    name: str


downloads = Slice[tuple[str, ...]]("downloads", initial=())


@downloads.action
def finished(names: tuple[str, ...], name: str) -> tuple[str, ...]:
    return (*names, name)


async def download(action: Download) -> Action:
    """Blocking code belongs in a thread of its own; a coroutine would do without one."""
    await asyncio.to_thread(time.sleep, 0.05)
    return finished(action.name)


def download_epic(actions: ActionStream) -> Observable[Action]:
    return actions.pipe(of_type(Download), merge_map(download))


def main() -> None:
    with Store(downloads, epics=[download_epic]) as store:

        def work(worker: int) -> None:
            for number in range(5):
                store.dispatch(Download(name=f"file {worker}.{number}"))

        threads = [Thread(target=work, args=(worker,)) for worker in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        store.wait_idle(timeout=10)
        print(len(store.state), "downloads,", len(set(store.state)), "different")


if __name__ == "__main__":
    main()
