"""A process that shares a state: told what to do by lines on its input, it says how it stands by lines on its output."""

import asyncio
import hashlib
import json
import sys
from typing import Any

from rxdux import Slice, State, Store, StoreError, combine_reducers
from rxdux.shared import Log, NatsLog, RedisLog, Shared, SqliteLog, share

said = Slice[tuple[str, ...]]("chaos-said", initial=())
tally = Slice[int]("chaos-tally", initial=0)


@said.action
def say(state: tuple[str, ...], text: str) -> tuple[str, ...]:
    return (*state, text)


@tally.on(say)
def _(state: int, action: Any) -> int:
    return (state * 31 + sum(action.text.encode())) % 1_000_000_007  # tells one order from another


class Said(State):
    said: tuple[str, ...] = ()
    tally: int = 0


def log_of(engine: str, where: str, name: str) -> Log:
    match engine:
        case "redis":
            return RedisLog(where, name)
        case "nats":
            return NatsLog(where, name)
        case _:
            return SqliteLog(where)


def stand(store: Store[Said], shared: Shared[Said], count: int, errors: list[str], remote: list[str]) -> dict[str, Any]:
    words = store.state.said
    return {
        "node": shared.node,
        "status": shared.status,
        "position": shared.position,
        "pending": shared.pending,
        "dispatched": count,
        "digest": hashlib.sha256(json.dumps([words, store.state.tally]).encode()).hexdigest(),
        "mine": [word for word in words if word.startswith(shared.node)],
        "count": len(words),
        "distinct": len(set(words)),
        "heard": len(remote),
        "heard_distinct": len(set(remote)),
        "errors": errors[-5:],
    }


async def main(engine: str, where: str, name: str) -> None:
    errors: list[str] = []

    def note(error: StoreError) -> None:
        errors.append(str(error))

    lines = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(lines), sys.stdin)
    async with Store(combine_reducers(Said, said=said, tally=tally), on_error=note) as store:
        shared = share(store, log_of(engine, where, name), slices=["said", "tally"], snapshot_every=100)
        remote: list[str] = []
        shared.remote.subscribe(lambda action: remote.append(getattr(action, "text", "")))
        count = 0
        while line := (await lines.readline()).decode().split():
            match line:
                case ["say", many]:
                    for _ in range(int(many)):
                        if shared.pending < 900:
                            count += 1
                            store.dispatch(say(f"{shared.node}-{count}"))
                case ["stand"]:
                    sys.stdout.write(json.dumps(stand(store, shared, count, errors, remote)) + "\n")
                    sys.stdout.flush()
                case _:
                    return


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
