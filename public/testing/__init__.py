"""Marble tests: an epic in virtual time, its input and its output drawn as text.

For tests with a real store, the fixture `store_factory` of the pytest plugin (`rxdux.pytest_plugin`) is
there wherever rxdux is installed.
"""

from typing import TYPE_CHECKING

from ..lazy_names import hand_on
from .marbles import Marbles
from .run_epic import EpicOutput, EpicWarning, run_epic

if TYPE_CHECKING:
    from ..store.tools.thread_as_test import thread_as_test
    from .cache import seed
    from .recorded import Answer, answering, state_of, steady

__all__ = [
    "Answer",
    "EpicOutput",
    "EpicWarning",
    "Marbles",
    "answering",
    "run_epic",
    "seed",
    "state_of",
    "steady",
    "thread_as_test",
]

pytest_plugins = ("rxdux.pytest_plugin",)  # for who loads this module as a plugin

# What is for queries and for recordings: others do without.
hand_on(
    __name__,
    {
        ".cache": "seed",
        ".recorded": "Answer answering state_of steady",
        "..store.tools.thread_as_test": "thread_as_test",
    },
)
