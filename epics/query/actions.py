"""What happens to queries and mutations, as actions."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from ...actions import Action, ApiError
from .mutation import MutationAction
from .query import QueryAction
from .tag import Tag, check_tag


class Started(QueryAction, type="query/started"):
    """A call was started. `request` tells it from others, `at` is when, in seconds since 1970."""

    request: int
    at: float


class Succeeded(QueryAction, type="query/succeeded"):
    """A call was answered. `tags` are what the answer is about; `is_partial`: it holds older pages as well."""

    request: int
    data: Any
    at: float
    tags: tuple[str, ...] = ()
    is_partial: bool = False


class Failed(QueryAction, type="query/failed"):
    """A call failed."""

    request: int
    error: ApiError


class Cancelled(QueryAction, type="query/cancelled"):
    """Nobody wanted the answer any more; the entry is as before."""

    request: int


class Watched(QueryAction, type="query/watched"):
    """The first watcher came."""


class Released(QueryAction, type="query/released"):
    """The last watcher went."""


class Removed(QueryAction, type="query/removed"):
    """Nobody came back for `keep_unused` seconds; the entry is gone."""


class Streamed(QueryAction, type="query/streamed"):
    """A stream has changed the data."""

    data: Any
    at: float
    tags: tuple[str, ...] = ()


class Seeded(QueryAction, type="query/seeded"):
    """Data were put in place that no server has sent, such as in a test."""

    data: Any
    at: float
    tags: tuple[str, ...] = ()


class Invalidate(Action, type="query/invalidate", defer_build=True):
    """What is about one of these tags is old: fetched anew where it is watched, else when it is next asked for.

    Raises:
        TypeError: for what is no tag.

    See https://redux-toolkit.js.org/rtk-query/api/created-api/api-slice-utils#invalidatetags

    Examples:
        >>> USER = Tag[int]("user")
        >>> Invalidate(USER[7]).serialize()
        {'type': 'query/invalidate', 'tags': ['user:7']}
    """

    tags: tuple[str, ...]

    if TYPE_CHECKING:

        def __init__(self, *tags: Tag[Any]) -> None: ...

    else:

        def __init__(self, *found: Tag[Any], tags: Iterable[str] | None = None) -> None:
            for each in found:
                check_tag("Invalidate", each)
            if not found and tags is None:
                msg = "Invalidate takes one tag at least: Invalidate(USER[7])."
                raise TypeError(msg)
            super().__init__(tags=(*(each.key for each in found), *(tags or ())))


def invalidate_keys(keys: tuple[str, ...]) -> Invalidate:
    """The action for tags that are known by their keys."""
    return Invalidate.model_validate({"tags": keys})


class MutationSucceeded(MutationAction, type="query/mutation_succeeded"):
    """The server has done it. `at` is when it said so, in seconds since 1970."""

    data: Any
    at: float


class MutationFailed(MutationAction, type="query/mutation_failed"):
    """The server has not done it, or nobody knows."""

    error: ApiError


class MutationPaused(MutationAction, type="query/mutation_paused"):
    """It waits to be online."""


class MutationResumed(MutationAction, type="query/mutation_resumed"):
    """It is sent, now that there is a server again."""


class Online(Action, type="query/online", defer_build=True):
    """There is a network: what waits is sent, and what is watched and not fresh is fetched."""


class Offline(Action, type="query/offline", defer_build=True):
    """There is no network: queries wait, and so do mutations that may."""


class Focused(Action, type="query/focused", defer_build=True):
    """The user looks again: what is watched and not fresh is fetched."""


class Blurred(Action, type="query/blurred", defer_build=True):
    """The user looks elsewhere: nothing is polled."""
