"""The cases of what rxdux stands on, in its own environment: asyncio, and reactivex's own operator."""

import reactivex as rx
from measure import loop, run
from reactivex import Subject
from reactivex import operators as ops


async def answer():
    return 1


def task():
    """What asyncio itself takes for a call that can be cancelled: a task, made and awaited."""

    async def call():
        return await loop.create_task(answer())

    return call


def flattening():
    source = Subject()
    source.pipe(ops.flat_map(rx.just)).subscribe(lambda value: None)
    return lambda: source.on_next(1)


if __name__ == "__main__":
    run(
        {
            "epic of a coroutine, there and back": task,
            "from_async, awaited": task,
            "flattening of a ready value": flattening,
        }
    )
