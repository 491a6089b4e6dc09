"""The actions of data that an API gives: fetch, success, failure, cancel.

Their validators are built when they are first used: an import does not wait for them (`defer_build`).
"""

from typing import Any

from .action import Action
from .api_error import ApiError


class FetchData(Action, defer_build=True):
    """Fetch `path` into the resource `key`. A newer fetch for the same key cancels the older.

    Attributes:
        key: under which `state.data` will hold the answer.
        path: below the base URL, with or without a leading slash.
        params: the query.
        body: sent as JSON.
    """

    key: str
    path: str
    method: str = "GET"
    params: dict[str, Any] | None = None
    body: Any = None


class FetchSuccess(Action, defer_build=True):
    """The answer to a fetch: parsed JSON, None when it had no content."""

    key: str
    data: Any


class FetchFailure(Action, defer_build=True):
    """A fetch that cannot give its data."""

    key: str
    error: ApiError


class CancelFetch(Action, defer_build=True):
    """Stop fetching `key`; the resource is as it was before."""

    key: str
