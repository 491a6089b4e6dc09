"""The reducers that all Python contestants get alike, so that a difference is the library's own."""


def counter(state, action):
    return 0 if state is None else state + 1


def idle(state, action):
    return 0 if state is None else state
