"""Times the cases of one contestant with pyperf. Runs in the contestant's own environment, so it imports nothing of ours."""

import time

import pyperf


def run(cases):
    """Time each case: a name, and a function that sets up and returns what is to be timed.

    Every case has a name of the form `case` or `case|size`.
    """
    runner = pyperf.Runner()
    for name, prepare in cases.items():
        runner.bench_time_func(name, _timed(prepare))


def _timed(prepare):
    prepared = []

    def seconds(loops):
        if not prepared:
            prepared.append(prepare())
        operation = prepared[0]
        rounds = range(loops)
        started = time.perf_counter()
        for _ in rounds:
            operation()
        return time.perf_counter() - started

    return seconds
