"""Queries: the server's data as state, fetched once, shared, kept while somebody looks."""

from .actions import (
    Blurred,
    Cancelled,
    Failed,
    Focused,
    Invalidate,
    MutationFailed,
    MutationPaused,
    MutationResumed,
    MutationSucceeded,
    Offline,
    Online,
    Released,
    Removed,
    Seeded,
    Started,
    Streamed,
    Succeeded,
    Watched,
)
from .api import Api
from .call import Call
from .endpoint import InfiniteEndpoint, MutationEndpoint, QueryEndpoint
from .mutation import Mutation, Patch
from .query import InfiniteQuery, More, Query, Refetch
from .result import Pages, Result, Run
from .state import QueryState
from .tag import Tag
from .watch import Watch

__all__ = [
    "Api",
    "Blurred",
    "Call",
    "Cancelled",
    "Failed",
    "Focused",
    "InfiniteEndpoint",
    "InfiniteQuery",
    "Invalidate",
    "More",
    "Mutation",
    "MutationEndpoint",
    "MutationFailed",
    "MutationPaused",
    "MutationResumed",
    "MutationSucceeded",
    "Offline",
    "Online",
    "Pages",
    "Patch",
    "Query",
    "QueryEndpoint",
    "QueryState",
    "Refetch",
    "Released",
    "Removed",
    "Result",
    "Run",
    "Seeded",
    "Started",
    "Streamed",
    "Succeeded",
    "Tag",
    "Watch",
    "Watched",
]
