"""The operators that epics are made of: those that reactivex lacks, or does differently."""

from .catch_error import catch_error
from .combine_epics import combine_epics
from .flatten import concat_map, exhaust_map, merge_map, switch_map
from .from_async import from_async
from .of_type import of_type

__all__ = [
    "catch_error",
    "combine_epics",
    "concat_map",
    "exhaust_map",
    "from_async",
    "merge_map",
    "of_type",
    "switch_map",
]
