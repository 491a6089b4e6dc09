"""A command that keeps its cache between runs: the second run shows at once what the first one knew, then what is new.

python examples/query_command.py cache.json
"""

import asyncio
import sys
from pathlib import Path

from rxdux import FileStorage, State, Store, combine_reducers, persist
from rxdux.query import Api, Call, QueryState


class AppState(State):
    files: QueryState


files = Api("files")


@files.query()
async def count_lines(call: Call, path: str) -> int:
    """A file is a source like any other."""
    return len((await asyncio.to_thread(Path(path).read_text)).splitlines())


async def main(cache: str) -> None:
    async with Store(combine_reducers(AppState, files=files), epics=[files.epic]) as store:
        persist(store, FileStorage(Path(cache)), key="lines", include=["files"])
        with count_lines(__file__).watch(store) as lines:
            before = lines.result.data
            print("nothing known yet" if before is None else f"last time: {before} lines")
            print(f"now: {await lines.answer()} lines")


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
