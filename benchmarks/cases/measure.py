"""Times the cases of one contestant, one turn at a time, as it is told to on stdin.

It runs in the contestant's own environment, so it imports nothing of ours, and nothing else.
"""

import asyncio
import gc
import inspect
import json
import os
import sys
import time

TURN = 0.03  # seconds that a turn takes, at least: of the processor, whatever else the machine does meanwhile

loop = asyncio.new_event_loop()
"""The loop on which coroutine functions are timed, and stores made that need one."""


def run(cases):
    """Serve until stdin ends: name the cases; set one up and say so; give the seconds of one operation; forget all.

    Every case has a name of the form `case` or `case|size`, and a function that sets up and returns what is to be
    timed, which is a function or a coroutine function.

    With a case and a number as arguments it does that so often, and nothing else, for who counts instructions.
    """
    if len(sys.argv) > 1:
        name, loops = sys.argv[1:]
        _timed(cases[name]())(int(loops))
        return
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)  # what libraries print is no answer
    ready = {}

    def tell(answer):
        answers.write(json.dumps(answer) + "\n")
        answers.flush()

    tell(list(cases))
    for line in sys.stdin:
        what, _, name = line.strip().partition(" ")
        if what == "prepare":
            timed = _timed(cases[name]())
            ready[name] = timed, _loops(timed)
            tell(True)
        elif what == "time":
            timed, loops = ready[name]
            tell(timed(loops) / loops)
        else:
            ready.clear()
            gc.collect()
            tell(True)
    os._exit(0)  # threads of a library would keep the process alive


def _timed(operation):
    if inspect.iscoroutinefunction(operation):

        async def seconds_of(loops):
            started = time.process_time()
            for _ in range(loops):
                await operation()
            return time.process_time() - started

        return lambda loops: loop.run_until_complete(seconds_of(loops))

    def seconds(loops):
        rounds = range(loops)
        started = time.process_time()
        for _ in rounds:
            operation()
        return time.process_time() - started

    return seconds


def _loops(timed):
    """How many operations make a turn."""
    loops = 1
    while timed(loops) < TURN:
        loops *= 2
    return loops
