"""The actions of data that an API gives: fetch, success, failure, cancel.

Their validators are built when they are first used: an import does not wait for them (`defer_build`).
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from .api_error import ApiError
from .auth import SessionAction

Expect = Literal["json", "text", "bytes"]


class FetchData(SessionAction, defer_build=True):
    """Fetch `path` into the resource `key`. A newer fetch for the same key cancels the older.

    Attributes:
        key: under which `state.data` will hold the answer.
        path: below the base URL, with or without a leading slash.
        params: added to the query that the path has.
        body: sent as JSON.
        headers: of this request, such as Idempotency-Key or Accept-Language.
        timeout: for this request in seconds, from its start to the end of the answer; None for that of the policy.
        expect: what the answer is: parsed JSON, text, or bytes.
        session: in whose name; that of a `Session`, or `auth`.
    """

    key: str
    path: str
    method: str = "GET"
    params: dict[str, Any] | None = None
    body: Any = None
    headers: dict[str, str] | None = None
    timeout: Annotated[float, Field(gt=0, allow_inf_nan=False)] | None = None
    expect: Expect = "json"


class FetchSuccess(SessionAction, defer_build=True):
    """The answer to a fetch: what it was expected to be; None when it had no content."""

    key: str
    data: Any


class FetchFailure(SessionAction, defer_build=True):
    """A fetch that cannot give its data."""

    key: str
    error: ApiError


class CancelFetch(SessionAction, defer_build=True):
    """Stop fetching `key`; the resource is as it was before."""

    key: str
